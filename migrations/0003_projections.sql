-- Read models, derived from the log and disposable. A generation is one filling of one version from position 0 in a
-- table of its own, `<name>_v<version>_g<generation>`; readers use the view `<name>`, which is switched from one
-- generation to the next in one transaction. Generations are numbered per name and no number is used twice.
create table read_models (
  name        text collate "C" not null check (name ~ '^[a-z][a-z0-9_]{0,47}$'),
  version     int not null check (version between 1 and 999),
  generation  int not null check (generation >= 1),
  table_name  text collate "C" not null unique,
  -- building: filled by a rebuild; scratch: filled by a verification, never read; live: read and kept up to date;
  -- retired: its table is gone or about to be.
  state       text not null check (state in ('building', 'scratch', 'live', 'retired')),
  created_at  timestamptz not null default clock_timestamp(),
  primary key (name, generation)
);
create unique index read_models_one_live on read_models (name) where state = 'live';

-- How far a generation has got, written in the transaction that writes its rows. `stamp` changes with every write,
-- and a write says which stamp it builds on: of two writers that build on the same one, one fails.
-- The account counts deliveries. An event of the log is delivered once per distinct key that the projection finds in
-- it; an event whose type the projection does not handle, or in which it finds no key, is delivered once and ignored.
--   read     deliveries of all events up to `position`
--   handled  folded into a row, changed by it or not
--   ignored  nothing to do, or passed over on an operator's word
--   parked   waiting in read_model_parked_deliveries
-- and always handled + ignored + parked = read.
create table read_model_checkpoints (
  name          text collate "C" not null,
  generation    int not null,
  position      bigint not null default -1,       -- of the last event read; -1: none yet
  recorded_ms   bigint not null default 0,        -- running maximum of the store's clock up to there, since 1970
  digest        text not null default repeat('0', 64),
  handled       bigint not null default 0,
  ignored       bigint not null default 0,
  parked        bigint not null default 0,
  read          bigint not null default 0,
  stamp         uuid not null default gen_random_uuid(),
  progressed_at timestamptz not null default clock_timestamp(),
  halted_reason text,                             -- null: not halted
  halted_since  timestamptz,
  primary key (name, generation),
  foreign key (name, generation) references read_models on delete cascade
) with (fillfactor = 50);

-- Rows that an event could not be folded into: that event and all later ones of the row wait.
create table read_model_parked_keys (
  name         text collate "C" not null,
  generation   int not null,
  tenant       text collate "C" not null,
  key          text collate "C" not null,
  reason       text not null,
  attempts     int not null,
  retry_at     timestamptz not null,
  parked_since timestamptz not null default clock_timestamp(),
  primary key (name, generation, tenant, key),
  foreign key (name, generation) references read_models on delete cascade
);

-- What waits, with the event as it was read, so that a retry needs nothing but this table.
create table read_model_parked_deliveries (
  name         text collate "C" not null,
  generation   int not null,
  tenant       text collate "C" not null,
  key          text collate "C" not null,
  position     bigint not null,
  event        uuid not null,
  type         text collate "C" not null,
  stream       text collate "C" not null,
  revision     bigint not null,
  raw_ms       bigint not null,
  recorded_ms  bigint not null,
  body         text not null,
  primary key (name, generation, tenant, key, position),
  foreign key (name, generation, tenant, key) references read_model_parked_keys on delete cascade
);

-- Events that an operator has a row pass over, should it fail on them; kept for every later filling.
create table read_model_skips (
  name       text collate "C" not null,
  tenant     text collate "C" not null,
  key        text collate "C" not null,
  event      uuid not null,
  skipped_at timestamptz not null default clock_timestamp(),
  primary key (name, tenant, key, event)
);

-- What each view shows, and whether the switch has been told to the log.
create table read_model_views (
  name         text collate "C" primary key,
  generation   int not null,
  version      int not null,
  position     bigint not null,
  digest       text not null,
  switched_at  timestamptz not null default clock_timestamp(),
  announced_at timestamptz                        -- null: no ReadModelSwitched has been appended yet
);

-- Text to a point in time or a day, for generated columns. Postgres holds the casts to depend on the session; for
-- the one spelling that instants and days have in rows they do not.
create function read_model_instant(p_text text) returns timestamptz
  language plpgsql immutable strict parallel safe as $$ begin return p_text::timestamptz; end $$;
create function read_model_date(p_text text) returns date
  language plpgsql immutable strict parallel safe as $$ begin return p_text::date; end $$;

-- Creates the table of a generation. p_columns: [{name, path, type}], look-up columns taken out of the row;
-- p_indexes: [[column, …]]. Each index is led by the tenant and closed by the key, so that it also serves pages.
create function create_read_model_table(p_table text, p_columns jsonb, p_indexes jsonb)
  returns void language plpgsql as $$
declare
  definitions text;
  members text;
begin
  select coalesce(string_agg(format(', %I %s generated always as (%s) stored', c.name,
           case c.type when 'text' then 'text collate "C"' else c.type end,
           case c.type
             when 'text' then format('"row" #>> %L::text[]', c.path)
             when 'bigint' then format('("row" #>> %L::text[])::bigint', c.path)
             when 'timestamptz' then format('read_model_instant("row" #>> %L::text[])', c.path)
             when 'date' then format('read_model_date("row" #>> %L::text[])', c.path)
           end), '' order by c.ord), '')
    into definitions
    from rows from (jsonb_to_recordset(p_columns) as (name text, path text[], type text))
         with ordinality as c(name, path, type, ord);
  execute format(
    'create table %I (tenant text collate "C" not null, key text collate "C" not null, "row" jsonb not null%s, '
    'primary key (tenant, key)) with (fillfactor = 90)', p_table, definitions);
  for members in
    select (select string_agg(format('%I', m.name), ', ' order by m.ord)
              from jsonb_array_elements_text(i.members) with ordinality as m(name, ord)
             where m.name not in ('tenant', 'key'))
      from jsonb_array_elements(p_indexes) as i(members)
  loop
    execute format('create index on %I (tenant, %s, key)', p_table, members);
  end loop;
end
$$;

-- Points the readers' view of a name at a table.
create function show_read_model(p_name text, p_table text) returns void language plpgsql as $$
begin
  execute format('drop view if exists %I', p_name);
  execute format('create view %I as select * from %I', p_name, p_table);
end
$$;

-- Adds a generation with an empty table and answers its number; a live one is shown at once.
create function create_read_model(p_name text, p_version int, p_state text, p_columns jsonb, p_indexes jsonb)
  returns int language plpgsql as $$
declare
  next_generation int;
  table_of_it text;
begin
  perform pg_advisory_xact_lock(hashtext('read_models'), hashtext(p_name));
  select coalesce(max(generation), 0) + 1 into next_generation from read_models where name = p_name;
  table_of_it := format('%s_v%s_g%s', p_name, p_version, next_generation);
  insert into read_models (name, version, generation, table_name, state)
  values (p_name, p_version, next_generation, table_of_it, p_state);
  insert into read_model_checkpoints (name, generation) values (p_name, next_generation);
  perform create_read_model_table(table_of_it, p_columns, p_indexes);
  if p_state = 'live' then
    perform show_read_model(p_name, table_of_it);
  end if;
  return next_generation;
end
$$;

-- Drops the table of a generation and what is parked in it; its number stays used.
create function drop_read_model(p_name text, p_generation int) returns void language plpgsql as $$
declare
  table_of_it text;
begin
  update read_models set state = 'retired' where name = p_name and generation = p_generation
  returning table_name into table_of_it;
  delete from read_model_checkpoints where name = p_name and generation = p_generation;
  delete from read_model_parked_keys where name = p_name and generation = p_generation;
  execute format('drop table if exists %I', table_of_it);
end
$$;

-- Writes rows and checkpoints of some generations, all or none: false where a checkpoint no longer has the stamp
-- that its change builds on. One statement is one transaction and one round trip, and no client library has a
-- transaction open that it could lose. The commit does not wait for the disk: read models can be read again from
-- the log, and rows and checkpoint are lost together.
-- p_changes: [{name, generation, expected, stamp, position, recorded_ms, digest, handled, ignored, parked, read,
-- halted, rows: [{tenant, key, row}], gone: [{tenant, key}], parkedKeys: [{tenant, key, reason, delay_ms}],
-- deliveries: […], retried: {tenant, key, through, reason, attempts, released, delay_ms} or null}]
create function write_read_models(p_changes jsonb) returns boolean language plpgsql as $$
declare
  change record;
  locked int;
begin
  perform set_config('synchronous_commit', 'off', true);
  -- In one order, so that two writers wait for each other and never in a circle.
  select count(*) into locked from (
    select 1 from read_model_checkpoints as c
      join jsonb_to_recordset(p_changes) as n(name text, generation int, expected uuid)
        on c.name = n.name and c.generation = n.generation and c.stamp = n.expected
     order by c.name, c.generation for update of c) as mine;
  if locked <> jsonb_array_length(p_changes) then
    return false;
  end if;
  update read_model_checkpoints as c
     set position = n.position, recorded_ms = n.recorded_ms, digest = n.digest, handled = n.handled,
         ignored = n.ignored, parked = n.parked, read = n.read, stamp = n.stamp,
         progressed_at = clock_timestamp(), halted_reason = n.halted,
         halted_since = case when n.halted is not null then coalesce(c.halted_since, clock_timestamp()) end
    from jsonb_to_recordset(p_changes)
         as n(name text, generation int, stamp uuid, position bigint, recorded_ms bigint, digest text,
              handled bigint, ignored bigint, parked bigint, read bigint, halted text)
   where c.name = n.name and c.generation = n.generation;

  for change in
    select n.*, m.table_name
      from jsonb_to_recordset(p_changes)
           as n(name text, generation int, rows jsonb, gone jsonb, "parkedKeys" jsonb, deliveries jsonb, retried jsonb)
      join read_models as m using (name, generation)
  loop
    if jsonb_array_length(change.rows) > 0 then
      execute format(
        'insert into %I (tenant, key, "row") select r.tenant, r.key, r."row" '
        'from jsonb_to_recordset($1) as r(tenant text, key text, "row" jsonb) '
        'on conflict (tenant, key) do update set "row" = excluded."row"', change.table_name) using change.rows;
    end if;
    if jsonb_array_length(change.gone) > 0 then
      execute format(
        'delete from %I as t using jsonb_to_recordset($1) as g(tenant text, key text) '
        'where t.tenant = g.tenant and t.key = g.key', change.table_name) using change.gone;
    end if;
    if jsonb_array_length(change."parkedKeys") > 0 then
      insert into read_model_parked_keys (name, generation, tenant, key, reason, attempts, retry_at)
      select change.name, change.generation, p.tenant, p.key, p.reason, 0,
             clock_timestamp() + p.delay_ms * interval '1 millisecond'
        from jsonb_to_recordset(change."parkedKeys") as p(tenant text, key text, reason text, delay_ms int);
    end if;
    if jsonb_array_length(change.deliveries) > 0 then
      insert into read_model_parked_deliveries
        (name, generation, tenant, key, event, position, type, stream, revision, raw_ms, recorded_ms, body)
      select change.name, change.generation, d.*
        from jsonb_to_recordset(change.deliveries)
             as d(tenant text, key text, event uuid, position bigint, type text, stream text, revision bigint,
                  raw_ms bigint, recorded_ms bigint, body text);
    end if;
    if jsonb_typeof(change.retried) = 'object' then
      perform write_retried(change.name, change.generation, change.retried);
    end if;
  end loop;
  return true;
end
$$;

-- What became of the deliveries that waited for one row: those done with go, and the row with the last of them.
create function write_retried(p_name text, p_generation int, p_retried jsonb) returns void language plpgsql as $$
declare
  r record;
begin
  select * into r
    from jsonb_to_record(p_retried)
         as r(tenant text, key text, through bigint, reason text, attempts int, released boolean, delay_ms int);
  if r.released then
    delete from read_model_parked_keys as k
     where k.name = p_name and k.generation = p_generation and k.tenant = r.tenant and k.key = r.key;
    return;
  end if;
  delete from read_model_parked_deliveries as d
   where d.name = p_name and d.generation = p_generation and d.tenant = r.tenant and d.key = r.key
     and d.position <= coalesce(r.through, -1);
  update read_model_parked_keys as k
     set reason = coalesce(r.reason, k.reason), attempts = r.attempts,
         retry_at = clock_timestamp() + r.delay_ms * interval '1 millisecond'
   where k.name = p_name and k.generation = p_generation and k.tenant = r.tenant and k.key = r.key;
end
$$;

-- Has a row pass over the event that it is stuck at, in whatever generation it is. False where no row is. The stamps
-- change, so that runners take notice.
create function skip_poison(p_name text, p_tenant text, p_key text, p_event uuid)
  returns boolean language plpgsql as $$
declare
  stuck int[];
begin
  perform 1 from read_model_checkpoints as c where c.name = p_name order by c.generation for update;
  if exists (select 1 from read_model_skips as s
              where s.name = p_name and s.tenant = p_tenant and s.key = p_key and s.event = p_event) then
    return true;
  end if;
  select array_agg(k.generation) into stuck
    from read_model_parked_keys as k
   where k.name = p_name and k.tenant = p_tenant and k.key = p_key
     and p_event = (select d.event from read_model_parked_deliveries as d
                     where d.name = k.name and d.generation = k.generation and d.tenant = k.tenant and d.key = k.key
                     order by d.position limit 1);
  if stuck is null then
    return false;
  end if;
  insert into read_model_skips (name, tenant, key, event) values (p_name, p_tenant, p_key, p_event);
  update read_model_parked_keys as k set retry_at = clock_timestamp()
   where k.name = p_name and k.tenant = p_tenant and k.key = p_key and k.generation = any (stuck);
  update read_model_checkpoints as c set stamp = gen_random_uuid()
   where c.name = p_name and c.generation = any (stuck);
  return true;
end
$$;
