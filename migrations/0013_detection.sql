-- What detectors remember, so that they go on where they were. A watch is a device in a vehicle, as long as it tells
-- about it. `since`: the earliest device time that became known since it was last looked at, `heard` when that came;
-- `marks` counts how often that was. `look`: when it is to be looked at, `looked`: when it was. `base`: the states of the detectors after the
-- last row that is settled, in the segment that began at `segment_from` (-1: before the first row).
create table detection_watches (
  tenant       text collate "C" not null,
  vehicle      uuid not null,
  ident        text collate "C" not null,
  revision     bigint not null default 0,
  marks        bigint not null default 0,
  since        timestamptz,
  heard        timestamptz,
  look         timestamptz,
  looked       timestamptz not null default '-infinity',
  leased_until timestamptz,
  segment_from bigint not null default -1,
  base         jsonb,
  primary key (vehicle, ident)
) with (fillfactor = 70);
create index detection_watches_look on detection_watches (look) where look is not null;

-- Where a fold over late rows can begin again: the base at the beginning of each segment, and until when its rows are
-- sure to be kept (microseconds since 1970; null: it has none yet).
create table detection_segments (
  vehicle       uuid not null,
  ident         text collate "C" not null,
  segment_from  bigint not null,
  kept_until_us bigint,
  base          jsonb not null,
  primary key (vehicle, ident, segment_from)
);

-- What was concluded. `id`: under which it is known for ever; `called`: what the fold calls it now, which late rows can
-- change. `told`: the time of the row that said it last; null: it is not settled. `published`: as the ledger knows it.
-- `pending`: the ledger is to be told, from `retry` on. `outcome`: what became of the last telling.
create table detection_conclusions (
  id           uuid primary key,
  tenant       text collate "C" not null,
  vehicle      uuid not null,
  ident        text collate "C" not null,
  called       uuid not null,
  told         timestamptz,
  content      jsonb not null,
  withdrawn    boolean not null,
  pending      boolean not null,
  published    jsonb,
  publications int not null default 0,
  attempts     int not null default 0,
  retry        timestamptz not null default '-infinity',
  outcome      text,
  evidence     text,
  touched      timestamptz not null
) with (fillfactor = 80);
create index detection_conclusions_watch on detection_conclusions (vehicle, ident, told);
create index detection_conclusions_called on detection_conclusions (vehicle, ident, called);
create index detection_conclusions_pending on detection_conclusions (retry) where pending;

-- The readings that a conclusion rests on, packed, by the digest that the event names.
create table evidence_clips (
  tenant     text collate "C" not null,
  digest     text collate "C" not null,
  vehicle    uuid not null,
  kept_until timestamptz not null,
  bytes      bytea not null,
  primary key (tenant, digest)
);
create index evidence_clips_kept_until on evidence_clips (kept_until);

-- Marks of writers: about which watch something came, of which time at the earliest. They are taken over into the
-- watches by a job, which alone touches those, so that writers wait for nobody.
create table detection_marks (
  tenant  text collate "C" not null,
  vehicle uuid not null,
  ident   text collate "C" not null,
  since   timestamptz not null,
  heard   timestamptz not null,
  primary key (vehicle, ident)
) with (fillfactor = 50);

-- The lock, shared by writers until they commit, lets the job wait for those whose readings it could not see yet.
create function mark_detection(p_marks detection_marks[]) returns void language plpgsql volatile as $$
begin
  if cardinality(p_marks) = 0 then return; end if;
  perform pg_advisory_xact_lock_shared(4913620853);
  insert into detection_marks select m.* from unnest(p_marks) as m on conflict do nothing;
  -- In one order, so that writers do not wait for each other crosswise.
  perform from detection_marks d join unnest(p_marks) as m on d.vehicle = m.vehicle and d.ident = m.ident
    where d.since > m.since order by d.vehicle, d.ident for update of d;
  update detection_marks d set since = least(d.since, m.since), heard = least(d.heard, m.heard)
    from unnest(p_marks) as m
   where d.vehicle = m.vehicle and d.ident = m.ident and d.since > m.since;
end
$$;

-- A watch is looked at again no sooner than after p_rest.
create function take_over_marks(p_now timestamptz, p_rest interval) returns void language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock(4913620853);
  with taken as (delete from detection_marks returning *)
  insert into detection_watches as w (tenant, vehicle, ident, marks, since, heard, look)
  select t.tenant, t.vehicle, t.ident, 1, t.since, t.heard, p_now from taken t order by t.vehicle, t.ident
  on conflict (vehicle, ident) do update set
    marks = w.marks + 1, since = least(w.since, excluded.since), heard = least(w.heard, excluded.heard),
    look = least(w.look, greatest(excluded.look, w.looked + p_rest));
end
$$;

-- Keeps what a look at a watch came to; false where it was saved by somebody else since. What was marked meanwhile stays
-- to be looked at. A conclusion that the ledger knows, or that changed, is to be told to it.
create function save_watch(
  p_watch jsonb, p_base jsonb, p_segment_from bigint, p_replaced_from bigint, p_segments jsonb, p_changes jsonb,
  p_look_us bigint, p_now_us bigint) returns boolean language plpgsql volatile as $$
declare
  w_vehicle uuid := (p_watch ->> 'vehicle')::uuid;
  w_ident text := p_watch ->> 'ident';
  unmarked boolean;
  c record;
begin
  select w.marks = (p_watch ->> 'marks')::bigint into unmarked from detection_watches w
   where w.vehicle = w_vehicle and w.ident = w_ident and w.revision = (p_watch ->> 'revision')::bigint for update;
  if not found then return false; end if;
  update detection_watches w
     set revision = w.revision + 1, base = p_base, segment_from = p_segment_from, leased_until = null,
         looked = us_time(p_now_us),
         since = case when unmarked then null else w.since end,
         heard = case when unmarked then null else w.heard end,
         look = case when unmarked then us_time(p_look_us) else w.look end
   where w.vehicle = w_vehicle and w.ident = w_ident;
  delete from detection_segments s
   where s.vehicle = w_vehicle and s.ident = w_ident and s.segment_from >= p_replaced_from;
  insert into detection_segments (vehicle, ident, segment_from, kept_until_us, base)
  select w_vehicle, w_ident, s.segment_from, s.kept_until_us, s.base
    from jsonb_to_recordset(p_segments) as s(segment_from bigint, kept_until_us bigint, base jsonb);
  for c in
    select * from jsonb_to_recordset(p_changes) as x(
      id uuid, or_id uuid, is_new boolean, called uuid, told_us bigint, content jsonb, withdrawn boolean)
  loop
    if c.is_new then
      insert into detection_conclusions (
        id, tenant, vehicle, ident, called, told, content, withdrawn, pending, touched)
      values (
        case when exists (select from detection_conclusions d where d.id = c.id) then c.or_id else c.id end,
        p_watch ->> 'tenant', w_vehicle, w_ident, c.called, us_time(c.told_us), c.content, c.withdrawn, true, now());
    else
      update detection_conclusions d
         set called = c.called, told = us_time(c.told_us), content = c.content, withdrawn = c.withdrawn,
             pending = true, retry = '-infinity', attempts = 0, touched = now()
       where d.id = c.id and d.content is distinct from c.content or d.id = c.id and d.withdrawn <> c.withdrawn;
      if not found then
        update detection_conclusions d set called = c.called, told = us_time(c.told_us) where d.id = c.id;
      end if;
    end if;
  end loop;
  return true;
end
$$;
