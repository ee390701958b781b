import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { deriveUuid } from '#commands/identity.ts';
import type { Watches } from '#ingest/detection/ports.ts';
import { unwatched, WatchBase } from '#ingest/detection/watch.ts';
import { conclusionRecords } from './conclusionRecords.ts';
import { detectionAsker, WatchColumns } from './detectionAsker.ts';
import { evidenceClips } from './evidenceClips.ts';
import { us } from './storedRow.ts';
import { watchRows } from './watchRows.ts';

const LEASE_US = 60_000_000;
/** Longer than rows are kept, so that whatever can still be folded again finds what it concluded before. */
const CONCLUSIONS_KEPT_DAYS = 30;
const AT_START = -1;

const DueRow = WatchColumns.extend({
  revision: z.int(),
  marks: z.int(),
  since_us: z.int().nullable(),
  heard_us: z.int().nullable(),
  base: WatchBase.nullable(),
  segment: z.object({ from: WatchBase, kept_until_us: z.int().nullable() }).nullable(),
});
const SegmentRow = z.object({ from: WatchBase, kept_until_us: z.int().nullable() });
const Saved = z.tuple([z.object({ saved: z.boolean() })]);
const Count = z.tuple([z.object({ count: z.coerce.number() })]);

/** Detection's memory in Postgres. */
export const watches = ({ url }: { readonly url: string }): Watches => {
  const asker = detectionAsker(url);
  const { doing, find } = asker;
  return {
    take:
      ({ now_us, limit, rest_us }) =>
      async () => {
        const taken = await doing(
          (sql) => sql`
            select take_over_marks(us_time(${now_us}), ${rest_us} * interval '1 microsecond')`,
        );
        if (isLeft(taken)) return taken;
        const found = await find(
          DueRow,
          (sql) => sql`
          update detection_watches w set leased_until = us_time(${now_us + LEASE_US})
            from (select vehicle, ident from detection_watches
                   where look <= us_time(${now_us})
                     and (leased_until is null or leased_until <= us_time(${now_us}))
                   order by look limit ${limit} for update skip locked) as due
           where w.vehicle = due.vehicle and w.ident = due.ident
          returning w.tenant, w.vehicle, w.ident, w.revision, w.marks, ${sql.unsafe(us('w.since'))} as since_us,
                    ${sql.unsafe(us('w.heard'))} as heard_us, w.base,
                    (select json_build_object('from', s.base, 'kept_until_us', s.kept_until_us)
                       from detection_segments s
                      where s.vehicle = w.vehicle and s.ident = w.ident
                        and s.segment_from = w.segment_from) as segment`,
        );
        if (isLeft(found)) return found;
        return right(
          found.right.map(({ tenant, vehicle, ident, base, segment, ...rest }) => ({
            key: { tenant, vehicle, ident },
            base: base ?? unwatched,
            segment: segment ?? { from: unwatched, kept_until_us: null },
            ...rest,
          })),
        );
      },
    segmentBefore: (key, time_us) => async () => {
      const found = await find(
        SegmentRow,
        (sql) => sql`
          select s.base as "from",
                 (select min(later.kept_until_us) from detection_segments later
                   where later.vehicle = s.vehicle and later.ident = s.ident
                     and later.segment_from >= s.segment_from) as kept_until_us
            from detection_segments s
           where s.vehicle = ${key.vehicle} and s.ident = ${key.ident} and s.segment_from < ${time_us}
           order by s.segment_from desc limit 1`,
      );
      return isLeft(found) ? found : right(found.right[0] ?? null);
    },
    save: (saved) => () =>
      doing(async (sql) => {
        const { due, base, segments, changes, look_us, now_us } = saved;
        const { vehicle, ident } = due.key;
        const json = (value: unknown): string => JSON.stringify(value);
        const first_us = segments[0]?.from.place?.time_us ?? AT_START;
        const last_us = segments.at(-1)?.from.place?.time_us ?? AT_START;
        const told = changes.map(({ id, conclusion, told_us, withdrawn }) => ({
          id: id ?? conclusion.id,
          // Late rows may have given the id to another conclusion, which keeps it.
          or_id: deriveUuid('again', conclusion.id, String(due.revision)),
          is_new: id === null,
          called: conclusion.id,
          told_us,
          content: conclusion,
          withdrawn,
        }));
        const kept = segments.map(({ from, kept_until_us }) => ({
          segment_from: from.place?.time_us ?? AT_START,
          kept_until_us,
          base: from,
        }));
        const rows = await sql`
          select save_watch(
            ${json({ vehicle, ident, revision: due.revision, marks: due.marks, tenant: due.key.tenant })}::text::jsonb,
            ${json(base)}::text::jsonb, ${last_us}::bigint, ${first_us}::bigint, ${json(kept)}::text::jsonb,
            ${json(told)}::text::jsonb, ${look_us}::bigint,
            ${now_us}::bigint) as saved`;
        return Saved.parse(rows)[0].saved;
      }),
    touch:
      ({ tenant, vehicles, since_us }) =>
      () =>
        doing(async (sql) => {
          await sql`
          insert into detection_marks (tenant, vehicle, ident, since, heard)
          select w.tenant, w.vehicle, w.ident, us_time(${since_us}), now() from detection_watches w
           where w.tenant = ${tenant} and w.vehicle = any (${`{${vehicles.join()}}`}::uuid[])
           order by w.vehicle, w.ident
          on conflict (vehicle, ident) do update set since = least(detection_marks.since, excluded.since)`;
          return null;
        }),
    tidy:
      ({ now_us }) =>
      () =>
        doing(async (sql) => {
          const rows = await sql`
          with clips as (delete from evidence_clips where kept_until < us_time(${now_us}) returning 1),
               segments as (
                 delete from detection_segments s using detection_watches w
                  where s.vehicle = w.vehicle and s.ident = w.ident and s.segment_from <> w.segment_from
                    and s.kept_until_us < ${now_us} returning 1),
               settled as (
                 delete from detection_conclusions
                  where not pending and touched < us_time(${now_us}) - ${CONCLUSIONS_KEPT_DAYS} * interval '1 day'
                    and (withdrawn or content ->> 'to_us' is not null) returning 1)
          select (select count(*) from clips) + (select count(*) from segments)
               + (select count(*) from settled) as count`;
          return Count.parse(rows)[0].count;
        }),
    ...watchRows(asker),
    ...conclusionRecords(asker),
    ...evidenceClips(asker),
    close: asker.close,
  };
};
