-- What devices told. A reading is one row, for ever the same: its key is the device, the device's time and a fingerprint,
-- which is the device's own count where it has one (not negative) and else a hash of what was told (negative).
-- Readings whose time lies outside the window of partitions lie in `telemetry_late`, whatever their time is.
create table telemetry_late (
  device_time    timestamptz not null,
  received_at    timestamptz not null,
  fingerprint    bigint not null,
  lat            float8,
  lon            float8,
  altitude_m     float8,
  speed_kmh      float8,
  limit_kmh      float8,
  course_deg     float8,
  hdop           float8,
  fuel_level_pct float8,
  fuel_l         float8,
  fuel_rate_lph  float8,
  external_v     float8,
  battery_v      float8,
  odometer_m     bigint,
  din            bigint,
  dout           bigint,
  engine_rpm     int,
  satellites     smallint,
  valid          boolean,
  ignition       boolean,
  buffered       boolean not null,
  vehicle        uuid not null,
  ident          text collate "C" not null,
  source         text collate "C" not null,
  dtcs           text[],
  driver_tag     text,
  -- Null where nothing is to be said: no other fields, no remarks.
  rest           jsonb,
  flags          text[],
  primary key (ident, device_time, fingerprint)
);

-- The readings within the window: a hypertable where TimescaleDB is in the database, else a partition per day, which a
-- job creates ahead and drops. There is no other index: readings of a vehicle are found by the devices it had.
do $$
begin
  if exists (select from pg_extension where extname = 'timescaledb') then
    create table telemetry (like telemetry_late including all);
  else
    create table telemetry (like telemetry_late including all) partition by range (device_time);
  end if;
end
$$;

-- Late readings are trimmed by when they came, and asked whether any of them is of a time that is within the window now.
create index telemetry_late_received on telemetry_late (received_at);
create index telemetry_late_time on telemetry_late (device_time);

-- Which devices have told something about a vehicle, and whose it is.
create table telemetry_devices (
  vehicle uuid not null,
  ident   text collate "C" not null,
  tenant  text collate "C" not null,
  primary key (vehicle, ident)
);

-- The same readings by minute and by hour, in columns that can be added up again. `fix` is the last position of the
-- bucket: seconds since 1970, latitude, longitude. On TimescaleDB the two are continuous aggregates of these names.
do $$
begin
  if exists (select from pg_extension where extname = 'timescaledb') then return; end if;
  create table telemetry_1m (
    bucket           timestamptz not null,
    first_at         timestamptz not null,
    last_at          timestamptz not null,
    rows             bigint not null,
    speed_rows       bigint not null,
    speed_sum_kmh    float8,
    speed_max_kmh    float8,
    ignition_rows    bigint not null,
    ignition_on_rows bigint not null,
    odometer_min_m   bigint,
    odometer_max_m   bigint,
    engine_rpm_max   int,
    vehicle          uuid not null,
    fix              float8[],
    primary key (vehicle, bucket)
  ) partition by range (bucket);
  create table telemetry_1h (like telemetry_1m including all) partition by range (bucket);
end
$$;

-- Ten minutes of a vehicle about which something came since they were last rolled up; and those that a job has taken
-- over to roll up. Without TimescaleDB only.
create table telemetry_touched (
  vehicle uuid not null,
  stretch timestamptz not null,
  primary key (vehicle, stretch)
) with (fillfactor = 70);
create table telemetry_due (like telemetry_touched including all);

-- What is known of each vehicle by now. Each group of columns has its own time, and only what is newer takes its place,
-- in whatever order things come. Times of devices whose clock is ahead count as the time of arrival.
create table vehicle_now (
  tenant      text collate "C" not null,
  vehicle     uuid not null,
  ident       text collate "C" not null,
  seen_at     timestamptz not null,
  received_at timestamptz not null,
  fix_at      timestamptz,
  lat         float8,
  lon         float8,
  altitude_m  float8,
  course_deg  float8,
  speed_at    timestamptz,
  speed_kmh   float8,
  ignition_at timestamptz,
  ignition    boolean,
  primary key (tenant, vehicle)
) with (fillfactor = 50);

-- A moment of so many microseconds since 1970.
create function us_time(us bigint) returns timestamptz language sql immutable parallel safe
  return 'epoch'::timestamptz + us * interval '1 microsecond';

-- All readings, wherever they lie.
create view telemetry_rows as select * from telemetry union all select * from telemetry_late;

-- Stores readings: `p_rows` of times within the window, `p_late` of others. Answers the ordinals, from 1 and first those
-- of `p_rows`, of the readings that were there already or that come twice among these. Each list comes in the order of
-- its key, so that writers side by side wait for each other in one order.
create function store_readings(p_rows telemetry_late[], p_late telemetry_late[]) returns int[]
language plpgsql volatile as $$
declare
  -- A reading that was too far ahead of us when it came lies in the other table, and may come again.
  ahead boolean := exists (select from telemetry_late l
                            where l.device_time >= (select min(r.device_time) from unnest(p_rows) as r));
  idents text[];
  times timestamptz[];
  fingerprints bigint[];
  late_idents text[];
  late_times timestamptz[];
  late_fingerprints bigint[];
begin
  with stored as (
    insert into telemetry select r.* from unnest(p_rows) as r
     where not ahead or not exists (
             select from telemetry_late l
              where l.ident = r.ident and l.device_time = r.device_time and l.fingerprint = r.fingerprint)
    on conflict do nothing returning ident, device_time, fingerprint
  )
  select array_agg(ident), array_agg(device_time), array_agg(fingerprint)
    into idents, times, fingerprints from stored;
  if cardinality(p_late) > 0 then
    with stored as (
      insert into telemetry_late select r.* from unnest(p_late) as r
       where not exists (
               select from telemetry t
                where t.ident = r.ident and t.device_time = r.device_time and t.fingerprint = r.fingerprint)
      on conflict do nothing returning ident, device_time, fingerprint
    )
    select array_agg(ident), array_agg(device_time), array_agg(fingerprint)
      into late_idents, late_times, late_fingerprints from stored;
    idents := idents || late_idents;
    times := times || late_times;
    fingerprints := fingerprints || late_fingerprints;
  end if;
  if coalesce(cardinality(idents), 0) = cardinality(p_rows) + cardinality(p_late) then return '{}'; end if;
  return (
    select array_agg(told.ord::int order by told.ord)
      from (select r.ident, r.device_time, r.fingerprint, r.ord,
                   row_number() over (partition by r.ident, r.device_time, r.fingerprint order by r.ord) as nth
              from unnest(p_rows || p_late) with ordinality as r(
                device_time, received_at, fingerprint, lat, lon, altitude_m, speed_kmh, limit_kmh, course_deg, hdop,
                fuel_level_pct, fuel_l, fuel_rate_lph, external_v, battery_v, odometer_m, din, dout, engine_rpm,
                satellites, valid, ignition, buffered, vehicle, ident, source, dtcs, driver_tag, rest, flags, ord)
           ) as told
      left join unnest(idents, times, fingerprints) as stored(ident, device_time, fingerprint)
             on stored.ident = told.ident and stored.device_time = told.device_time
            and stored.fingerprint = told.fingerprint
     where stored.ident is null or told.nth > 1);
end
$$;
alter function store_readings set plan_cache_mode = force_generic_plan;

-- Brings what is known of vehicles up to date. Vehicles come once each, in their order.
create function update_vehicle_now(p_now vehicle_now[]) returns void language sql volatile as $$
  insert into vehicle_now as n select r.* from unnest(p_now) as r
  on conflict (tenant, vehicle) do update set
    ident = case when excluded.seen_at > n.seen_at then excluded.ident else n.ident end,
    received_at = case when excluded.seen_at > n.seen_at then excluded.received_at else n.received_at end,
    seen_at = greatest(excluded.seen_at, n.seen_at),
    lat = case when excluded.fix_at > coalesce(n.fix_at, '-infinity') then excluded.lat else n.lat end,
    lon = case when excluded.fix_at > coalesce(n.fix_at, '-infinity') then excluded.lon else n.lon end,
    altitude_m = case when excluded.fix_at > coalesce(n.fix_at, '-infinity')
                      then excluded.altitude_m else n.altitude_m end,
    course_deg = case when excluded.fix_at > coalesce(n.fix_at, '-infinity')
                      then excluded.course_deg else n.course_deg end,
    fix_at = greatest(excluded.fix_at, n.fix_at),
    speed_kmh = case when excluded.speed_at > coalesce(n.speed_at, '-infinity')
                     then excluded.speed_kmh else n.speed_kmh end,
    speed_at = greatest(excluded.speed_at, n.speed_at),
    ignition = case when excluded.ignition_at > coalesce(n.ignition_at, '-infinity')
                    then excluded.ignition else n.ignition end,
    ignition_at = greatest(excluded.ignition_at, n.ignition_at)
  where excluded.seen_at > n.seen_at
     or excluded.fix_at > coalesce(n.fix_at, '-infinity')
     or excluded.speed_at > coalesce(n.speed_at, '-infinity')
     or excluded.ignition_at > coalesce(n.ignition_at, '-infinity');
$$;

create function remember_devices(p_devices telemetry_devices[]) returns void language sql volatile as $$
  insert into telemetry_devices select d.* from unnest(p_devices) as d on conflict do nothing;
$$;

-- Marks what has to be rolled up. The lock, shared by writers until they commit, lets the job wait for those whose
-- readings it could not see yet.
create function touch_telemetry(p_touched telemetry_touched[]) returns void language plpgsql volatile as $$
begin
  if cardinality(p_touched) = 0 then return; end if;
  perform pg_advisory_xact_lock_shared(4913620849);
  insert into telemetry_touched select t.* from unnest(p_touched) as t on conflict do nothing;
end
$$;

-- Makes a partition for each day from p_first to p_last, `<table>_p<yyyymmdd>`, and drops those of days before p_oldest.
-- Answers how many it dropped. Gives up rather than hold up the writers for long.
create function keep_telemetry_days(p_table text, p_first date, p_last date, p_oldest date) returns int
language plpgsql volatile set lock_timeout = '2s' as $$
declare
  day date;
  name text;
  dropped int := 0;
begin
  perform pg_advisory_xact_lock(4913620852);
  for day in select generate_series(p_first, p_last, interval '1 day')::date loop
    name := p_table || '_p' || to_char(day, 'YYYYMMDD');
    continue when to_regclass(name) is not null;
    execute format('create table %I partition of %I for values from (%L) to (%L)', name, p_table,
                   to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
  end loop;
  for name in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = to_regclass(p_table) and c.relname < p_table || '_p' || to_char(p_oldest, 'YYYYMMDD')
  loop
    execute format('drop table %I', name);
    dropped := dropped + 1;
  end loop;
  return dropped;
end
$$;

-- Takes over what was touched. Once nobody holds the lock any more, every reading that was touched for is visible.
create function take_over_touched() returns void language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(4913620849);
  with taken as (delete from telemetry_touched returning vehicle, stretch)
  insert into telemetry_due select vehicle, stretch from taken on conflict do nothing;
end
$$;

-- Rolls up so many of the stretches that are due, one job at a time. Answers how many there were.
create function roll_up_telemetry(p_stretches_max int) returns bigint language plpgsql volatile
  -- Each stretch is a few pages behind an index; without statistics yet, the planner would read whole days.
  set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
  vehicles uuid[];
  stretches timestamptz[];
begin
  perform pg_advisory_xact_lock(4913620851);
  with taken as (
    delete from telemetry_due d
     using (select vehicle, stretch from telemetry_due order by vehicle, stretch limit p_stretches_max) as first
     where d.vehicle = first.vehicle and d.stretch = first.stretch
    returning d.vehicle, d.stretch
  )
  select array_agg(vehicle), array_agg(stretch) into vehicles, stretches from taken;
  if vehicles is null then return 0; end if;
  insert into telemetry_1m (
    vehicle, bucket, first_at, last_at, rows, speed_rows, speed_sum_kmh, speed_max_kmh, ignition_rows,
    ignition_on_rows, odometer_min_m, odometer_max_m, engine_rpm_max, fix)
  select taken.vehicle, minutes.*
    from unnest(vehicles, stretches) as taken(vehicle, stretch)
   cross join lateral (
     select date_bin('1 minute', t.device_time, 'epoch'), min(t.device_time), max(t.device_time), count(*),
            count(t.speed_kmh), sum(t.speed_kmh), max(t.speed_kmh), count(t.ignition),
            count(*) filter (where t.ignition), min(t.odometer_m), max(t.odometer_m), max(t.engine_rpm),
            max(array[extract(epoch from t.device_time - 'epoch'::timestamptz)::float8, t.lat, t.lon]) filter (
              where t.lat is not null and t.valid is distinct from false
                and not coalesce('position_jump' = any (t.flags), false))
       from telemetry_devices d
       join telemetry t on t.ident = d.ident
      where d.vehicle = taken.vehicle and t.vehicle = taken.vehicle
        and t.device_time >= taken.stretch and t.device_time < taken.stretch + interval '10 minutes'
      group by 1) as minutes
  on conflict (vehicle, bucket) do update set
    first_at = excluded.first_at, last_at = excluded.last_at, rows = excluded.rows,
    speed_rows = excluded.speed_rows, speed_sum_kmh = excluded.speed_sum_kmh,
    speed_max_kmh = excluded.speed_max_kmh, ignition_rows = excluded.ignition_rows,
    ignition_on_rows = excluded.ignition_on_rows, odometer_min_m = excluded.odometer_min_m,
    odometer_max_m = excluded.odometer_max_m, engine_rpm_max = excluded.engine_rpm_max, fix = excluded.fix;
  insert into telemetry_1h (
    vehicle, bucket, first_at, last_at, rows, speed_rows, speed_sum_kmh, speed_max_kmh, ignition_rows,
    ignition_on_rows, odometer_min_m, odometer_max_m, engine_rpm_max, fix)
  select m.vehicle, hours.bucket, min(m.first_at), max(m.last_at), sum(m.rows), sum(m.speed_rows),
         sum(m.speed_sum_kmh), max(m.speed_max_kmh), sum(m.ignition_rows), sum(m.ignition_on_rows),
         min(m.odometer_min_m), max(m.odometer_max_m), max(m.engine_rpm_max), max(m.fix)
    from (select distinct vehicle, date_bin('1 hour', stretch, 'epoch') as bucket
            from unnest(vehicles, stretches) as taken(vehicle, stretch)) as hours
    join telemetry_1m m on m.vehicle = hours.vehicle
                       and m.bucket >= hours.bucket and m.bucket < hours.bucket + interval '1 hour'
   group by 1, 2
  on conflict (vehicle, bucket) do update set
    first_at = excluded.first_at, last_at = excluded.last_at, rows = excluded.rows,
    speed_rows = excluded.speed_rows, speed_sum_kmh = excluded.speed_sum_kmh,
    speed_max_kmh = excluded.speed_max_kmh, ignition_rows = excluded.ignition_rows,
    ignition_on_rows = excluded.ignition_on_rows, odometer_min_m = excluded.odometer_min_m,
    odometer_max_m = excluded.odometer_max_m, engine_rpm_max = excluded.engine_rpm_max, fix = excluded.fix;
  return cardinality(vehicles);
end
$$;

-- What could not be stored, and waits for an operator or for a binding: one row for each reason in a message. `ident`:
-- whose readings it concerns, `sender`: who sent the message; empty where that is not known. `digest`: SHA-256 of the
-- bytes, which are kept once. `elements`: how many of the message, `count`: how often it came. Bounded for each device
-- and in total: beyond that the first ones stay, and what comes later is counted in `telemetry_quarantine_use`.
create table telemetry_quarantine (
  id          bigint primary key generated always as identity,
  tenant      text collate "C" not null,
  ident       text collate "C" not null,
  sender      text collate "C" not null,
  code        text collate "C" not null,
  field       text,
  listener    text collate "C" not null,
  format      text collate "C" not null,
  digest      bytea not null,
  bytes       int not null,
  -- What it counts for in the bounds: its bytes, or nothing where another entry had brought them.
  charged     int not null,
  elements    int not null,
  count       bigint not null,
  received_at timestamptz not null,
  first_seen  timestamptz not null,
  last_seen   timestamptz not null,
  unique (tenant, ident, code, digest)
);
create table telemetry_quarantine_raw (
  tenant text collate "C" not null,
  digest bytea not null,
  raw    bytea not null,
  primary key (tenant, digest)
);
create table telemetry_quarantine_use (
  tenant            text collate "C" not null,
  ident             text collate "C" not null,
  entries           bigint not null default 0,
  bytes             bigint not null default 0,
  turned_away       bigint not null default 0,
  turned_away_bytes bigint not null default 0,
  turned_away_last  timestamptz,
  primary key (tenant, ident)
);

-- Keeps or counts. Whoever keeps comes last in its transaction and takes turns, so nobody waits for another crosswise.
-- `replay`: read again by us, so it did not come once more, and must find room. `p_raws`: bytes by digest.
create function keep_in_quarantine(p_entries jsonb, p_raws jsonb, p_bounds jsonb) returns void
language plpgsql volatile as $$
declare
  e record;
  used record;
  total_bytes bigint;
  e_digest bytea;
  charge int;
begin
  if jsonb_array_length(p_entries) = 0 then return; end if;
  perform pg_advisory_xact_lock(4913620850);
  select coalesce(sum(u.bytes), 0) into total_bytes from telemetry_quarantine_use u;
  for e in
    select * from jsonb_to_recordset(p_entries) as x(
      tenant text, ident text, sender text, code text, field text, listener text, format text, digest text,
      bytes int, elements int, received_us bigint, replay boolean)
  loop
    e_digest := decode(e.digest, 'hex');
    update telemetry_quarantine q
       set count = q.count + case when e.replay then 0 else 1 end, elements = e.elements, field = e.field,
           last_seen = greatest(q.last_seen, us_time(e.received_us))
     where q.tenant = e.tenant and q.ident = e.ident and q.code = e.code and q.digest = e_digest;
    continue when found;
    insert into telemetry_quarantine_use (tenant, ident) values (e.tenant, e.ident) on conflict do nothing;
    select u.entries, u.bytes into used from telemetry_quarantine_use u
     where u.tenant = e.tenant and u.ident = e.ident;
    charge := case when exists (select from telemetry_quarantine_raw r
                                 where r.tenant = e.tenant and r.digest = e_digest) then 0 else e.bytes end;
    if not e.replay and (used.entries >= (p_bounds->>'device_entries_max')::bigint
        or used.bytes + charge > (p_bounds->>'device_bytes_max')::bigint
        or total_bytes + charge > (p_bounds->>'total_bytes_max')::bigint) then
      update telemetry_quarantine_use u
         set turned_away = u.turned_away + 1, turned_away_bytes = u.turned_away_bytes + e.bytes,
             turned_away_last = greatest(u.turned_away_last, us_time(e.received_us))
       where u.tenant = e.tenant and u.ident = e.ident;
      continue;
    end if;
    if charge > 0 then
      insert into telemetry_quarantine_raw (tenant, digest, raw)
      values (e.tenant, e_digest, decode(p_raws->>e.digest, 'base64'));
    end if;
    insert into telemetry_quarantine (
      tenant, ident, sender, code, field, listener, format, digest, bytes, charged, elements, count, received_at,
      first_seen, last_seen)
    values (e.tenant, e.ident, e.sender, e.code, e.field, e.listener, e.format, e_digest, e.bytes, charge,
            e.elements, 1, us_time(e.received_us), us_time(e.received_us), us_time(e.received_us));
    total_bytes := total_bytes + charge;
    update telemetry_quarantine_use u set entries = u.entries + 1, bytes = u.bytes + charge
     where u.tenant = e.tenant and u.ident = e.ident;
  end loop;
end
$$;

-- Lets go of entries, and of bytes that no entry needs any more. Answers how many entries there were.
create function leave_quarantine(p_ids bigint[]) returns bigint language plpgsql volatile as $$
declare
  gone bigint;
begin
  perform pg_advisory_xact_lock(4913620850);
  with left_now as (
    delete from telemetry_quarantine where id = any (p_ids) returning tenant, ident, charged
  ), freed as (
    update telemetry_quarantine_use u set entries = u.entries - l.entries, bytes = u.bytes - l.bytes
      from (select tenant, ident, count(*) as entries, sum(charged) as bytes from left_now group by tenant, ident) as l
     where u.tenant = l.tenant and u.ident = l.ident
  )
  select count(*) into gone from left_now;
  delete from telemetry_quarantine_raw r
   where not exists (select from telemetry_quarantine q where q.tenant = r.tenant and q.digest = r.digest);
  return gone;
end
$$;
