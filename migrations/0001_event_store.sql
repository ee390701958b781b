-- The log. Positions are dense and given out under a lock, so whoever has seen position p never later finds an
-- event at or before it. `body` is the canonical text (RFC 8785) and the truth; the other columns serve look-ups.
create table events (
  position   bigint primary key,
  stream     text collate "C" not null,
  revision   bigint not null check (revision >= 0),
  id         uuid not null,
  type       text collate "C" not null,
  raw_ms     bigint not null,
  body       text not null,
  constraint events_stream_revision unique (stream, revision)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the log is append-only' using errcode = 'integrity_constraint_violation';
end
$$;

create trigger events_are_immutable before update or delete or truncate on events
  for each statement execute function refuse_change();

-- For analysts: the same log with its data as jsonb, derived on reading.
create view events_json as
  select position, stream, revision, id, type, to_timestamp(raw_ms / 1000.0) as raw_time, body::jsonb as event
  from events;

-- Appends a group, each append on its own terms. For append i (from 1): its stream is
-- p_streams[p_stream_of[i]], its expected last revision p_expected[i] (-1: no stream), its events those with
-- p_append_of = i, in order. Bodies come as one text, a line each: canonical JSON holds no line break.
-- Answers, an entry per append: the outcome (1 done now, 0 refused, 2 had been done before), the last revision
-- of the append or, where refused, of the stream, and the position of the append's last event.
create function append_events(
  p_streams text[], p_stream_of int[], p_expected bigint[], p_counts int[],
  p_append_of int[], p_ids uuid[], p_types text[], p_bodies text,
  out outcomes int[], out revisions bigint[], out positions bigint[]
) language plpgsql volatile as $$
declare
  last_revisions bigint[];
  first_revisions bigint[];
  first_positions bigint[];
  first_ordinals int[];
  next_position bigint;
  start_position bigint;
  appends int := cardinality(p_expected);
  ordinal int := 1;
  stored_ids uuid[];
  stored_position bigint;
  i int;
begin
  perform pg_advisory_xact_lock(4913620847);
  -- Read committed: each statement below sees what the former holder of the lock committed.
  next_position := coalesce((select position from events order by position desc limit 1), 0) + 1;
  start_position := next_position;
  select array_agg(coalesce((
           select e.revision from events e where e.stream = s.name order by e.revision desc limit 1
         ), -1) order by s.ord)
    into last_revisions
    from unnest(p_streams) with ordinality as s(name, ord);

  outcomes := array_fill(0, array[appends]);
  revisions := array_fill(0::bigint, array[appends]);
  positions := array_fill(0::bigint, array[appends]);
  first_revisions := revisions;
  first_positions := positions;
  first_ordinals := outcomes;
  for i in 1..appends loop
    first_ordinals[i] := ordinal;
    ordinal := ordinal + p_counts[i];
    if last_revisions[p_stream_of[i]] = p_expected[i] then
      first_revisions[i] := p_expected[i] + 1;
      first_positions[i] := next_position;
      next_position := next_position + p_counts[i];
      last_revisions[p_stream_of[i]] := p_expected[i] + p_counts[i];
      outcomes[i] := 1;
      revisions[i] := last_revisions[p_stream_of[i]];
      positions[i] := next_position - 1;
    end if;
  end loop;

  if next_position > start_position then
    insert into events (position, stream, revision, id, type, raw_ms, body)
    select first_positions[e.append] + e.ord - first_ordinals[e.append],
           p_streams[p_stream_of[e.append]],
           first_revisions[e.append] + e.ord - first_ordinals[e.append],
           e.id, e.type, floor(extract(epoch from clock_timestamp()) * 1000), e.body
      from unnest(p_append_of, p_ids, p_types, string_to_array(p_bodies, E'\n'))
           with ordinality as e(append, id, type, body, ord)
     where outcomes[e.append] = 1;
    perform pg_notify('ledger_events', (next_position - 1)::text);
  end if;

  for i in 1..appends loop
    if outcomes[i] = 0 then
      select array_agg(e.id order by e.revision), max(e.position)
        into stored_ids, stored_position
        from events e
       where e.stream = p_streams[p_stream_of[i]]
         and e.revision > p_expected[i] and e.revision <= p_expected[i] + p_counts[i];
      if stored_ids = p_ids[first_ordinals[i] : first_ordinals[i] + p_counts[i] - 1] then
        outcomes[i] := 2;
        revisions[i] := p_expected[i] + p_counts[i];
        positions[i] := stored_position;
      else
        revisions[i] := last_revisions[p_stream_of[i]];
      end if;
    end if;
  end loop;
end
$$;
