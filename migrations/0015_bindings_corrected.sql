-- Under which version of its bindings (as in 0014) the rows of a device were last brought to the vehicles it was in, and
-- whether that was done once more, behind those who still remembered others.
create table telemetry_bound (
  tenant  text collate "C" not null,
  ident   text collate "C" not null,
  version bigint not null,
  settled boolean not null,
  done_at timestamptz not null,
  primary key (tenant, ident)
);

-- The stand-in under which rows of a tenant lie whose device was in no vehicle at their time. It is no vehicle of anybody.
create function no_vehicle(p_tenant text) returns uuid language sql immutable parallel safe
  return md5('no vehicle of ' || p_tenant)::uuid;

-- What is known by now of vehicles of a tenant, out of the rows that are there. Nobody may change it meanwhile.
create function refold_vehicle_now(p_tenant text, p_vehicles uuid[]) returns void language plpgsql volatile as $$
begin
  delete from vehicle_now n
   using (select vehicle from vehicle_now
           where tenant = p_tenant and vehicle = any (p_vehicles) order by vehicle for update) as held
   where n.tenant = p_tenant and n.vehicle = held.vehicle;
  perform update_vehicle_now(array(
    select row(p_tenant, v.vehicle, seen.ident, seen.at, seen.received_at, fix.at, fix.lat, fix.lon, fix.altitude_m,
               fix.course_deg, speed.at, speed.speed_kmh, ignition.at, ignition.ignition)::vehicle_now
      from (select distinct unnest(p_vehicles) as vehicle order by 1) as v
     cross join lateral (
       select t.ident, t.received_at, least(t.device_time, t.received_at) as at
         from telemetry_devices d join telemetry_rows t on t.ident = d.ident and t.vehicle = d.vehicle
        where d.vehicle = v.vehicle and d.tenant = p_tenant order by 3 desc limit 1) as seen
      left join lateral (
       select t.lat, t.lon, t.altitude_m, t.course_deg, least(t.device_time, t.received_at) as at
         from telemetry_devices d join telemetry_rows t on t.ident = d.ident and t.vehicle = d.vehicle
        where d.vehicle = v.vehicle and d.tenant = p_tenant and t.lat is not null and t.valid is distinct from false
          and not coalesce(t.flags && array['fix_outdated', 'position_jump'], false)
        order by 5 desc limit 1) as fix on true
      left join lateral (
       select t.speed_kmh, least(t.device_time, t.received_at) as at
         from telemetry_devices d join telemetry_rows t on t.ident = d.ident and t.vehicle = d.vehicle
        where d.vehicle = v.vehicle and d.tenant = p_tenant and t.speed_kmh is not null
        order by 2 desc limit 1) as speed on true
      left join lateral (
       select t.ignition, least(t.device_time, t.received_at) as at
         from telemetry_devices d join telemetry_rows t on t.ident = d.ident and t.vehicle = d.vehicle
        where d.vehicle = v.vehicle and d.tenant = p_tenant and t.ignition is not null
        order by 2 desc limit 1) as ignition on true
     order by v.vehicle));
end
$$;

-- Brings the rows of a device to the vehicles it was in: `p_vehicles`, from when to when. Rows that lie right stay as they
-- are; rows of the same ident that another tenant told are none of its business. Rolls up again what it touched, and sees
-- to what is known by now. Answers how many rows it moved.
create function bind_telemetry(
  p_tenant text, p_ident text, p_vehicles uuid[], p_from timestamptz[], p_to timestamptz[]) returns bigint
language plpgsql volatile as $$
declare
  nobody uuid := no_vehicle(p_tenant);
  moved bigint;
  befores uuid[];
  afters uuid[];
  stretches timestamptz[];
begin
  -- No roll-up meanwhile: it would bring back what is taken out here.
  perform pg_advisory_xact_lock(4913620851);
  with spans as (
    select * from unnest(p_vehicles, p_from, p_to) as s(vehicle, from_at, to_at)
  ), wrong as (
    select t.device_time, t.fingerprint, t.vehicle as before, coalesce(s.vehicle, nobody) as after
      from telemetry_devices d
      join telemetry_rows t on t.ident = d.ident and t.vehicle = d.vehicle
      left join spans s on t.device_time >= s.from_at and t.device_time < s.to_at
     where d.ident = p_ident and d.tenant = p_tenant and t.vehicle <> coalesce(s.vehicle, nobody)
  ), main as (
    update telemetry t set vehicle = w.after from wrong w
     where t.ident = p_ident and t.device_time = w.device_time and t.fingerprint = w.fingerprint
    returning w.before, w.after, t.device_time
  ), late as (
    update telemetry_late t set vehicle = w.after from wrong w
     where t.ident = p_ident and t.device_time = w.device_time and t.fingerprint = w.fingerprint
    returning w.before, w.after, t.device_time
  ), touched as (
    select before, after, date_bin('10 minutes', device_time, 'epoch') as stretch, count(*) as rows
      from (select * from main union all select * from late) as both_tables group by 1, 2, 3
  )
  select array_agg(t.before), array_agg(t.after), array_agg(t.stretch), coalesce(sum(t.rows), 0)
    into befores, afters, stretches, moved from touched t;
  if moved = 0 then return 0; end if;
  -- Detectors look anew at what each vehicle has now.
  perform mark_detection(array(
    select row(p_tenant, g.vehicle, p_ident, min(g.stretch), now())::detection_marks
      from unnest(befores || afters, stretches || stretches) as g(vehicle, stretch)
     where g.vehicle <> nobody group by g.vehicle order by g.vehicle));
  insert into telemetry_devices
  select distinct a.vehicle, p_ident, p_tenant from unnest(afters) as a(vehicle) order by 1 on conflict do nothing;
  perform refold_vehicle_now(p_tenant, array_remove(befores || afters, nobody));
  if exists (select from pg_class where oid = 'telemetry_1m'::regclass and relkind = 'p') then
    delete from telemetry_1m m using unnest(befores, stretches) as g(vehicle, stretch)
     where m.vehicle = g.vehicle and m.bucket >= g.stretch and m.bucket < g.stretch + interval '10 minutes';
    delete from telemetry_1h h using unnest(befores, stretches) as g(vehicle, stretch)
     where h.vehicle = g.vehicle and h.bucket = date_bin('1 hour', g.stretch, 'epoch');
    perform touch_telemetry(array(
      select distinct row(g.vehicle, g.stretch)::telemetry_touched
        from unnest(befores || afters, stretches || stretches) as g(vehicle, stretch)
       order by 1));
  end if;
  return moved;
end
$$;
