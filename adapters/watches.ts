import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { deriveUuid } from '#commands/identity.ts';
import type { Unavailable } from '#commands/ports.ts';
import { ConclusionId, DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { WATCH_ROWS_MAX, type Watches } from '#ingest/detection/ports.ts';
import { unwatched, WatchBase } from '#ingest/detection/watch.ts';
import { Conclusion } from '#ingest/detectors/conclusion.ts';
import { boundedPool } from './boundedPool.ts';
import { readFailure } from './postgresFailure.ts';
import type { PostgresPool } from './postgresPool.ts';
import { ROW_COLUMNS, StoredRow, us } from './telemetryReads.ts';

const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 4;
const CLOSE_TIMEOUT_S = 5;
const LEASE_US = 60_000_000;
/** Longer than rows are kept, so that whatever can still be folded again finds what it concluded before. */
const CONCLUSIONS_KEPT_DAYS = 30;
const AT_START = -1;

const Found = <Item extends z.ZodType>(item: Item) =>
  z.tuple([z.object({ found: z.array(item).nullable() })]);

const Key = z.object({ tenant: Tenant, vehicle: VehicleId, ident: DeviceIdent });
const DueRow = Key.extend({
  revision: z.int(),
  marks: z.int(),
  since_us: z.int().nullable(),
  heard_us: z.int().nullable(),
  base: WatchBase.nullable(),
  segment: z.object({ from: WatchBase, kept_until_us: z.int().nullable() }).nullable(),
});
const SegmentRow = z.object({ from: WatchBase, kept_until_us: z.int().nullable() });
const ConclusionRow = z.object({
  id: ConclusionId,
  conclusion: Conclusion,
  told_us: z.int().nullable(),
});
const UnpublishedRow = Key.extend({
  id: ConclusionId,
  conclusion: Conclusion,
  withdrawn: z.boolean(),
  published: Conclusion.nullable(),
  publications: z.int(),
  attempts: z.int(),
  trip: ConclusionId.nullable(),
});
const ClipRow = z.object({
  vehicle: VehicleId,
  bytes: z.base64().transform((text) => Buffer.from(text, 'base64')),
});
const Saved = z.tuple([z.object({ saved: z.boolean() })]);
const Count = z.tuple([z.object({ count: z.coerce.number() })]);

/** Detection's memory in Postgres. */
export const watches = ({ url }: { readonly url: string }): Watches => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-detection',
    arrays: false,
  });

  const doing = async <Result>(
    work: (sql: PostgresPool) => Promise<Result>,
  ): Promise<Either<Unavailable, Result>> => {
    try {
      return right(await pool.run(work));
    } catch (error) {
      return left(readFailure(error));
    }
  };

  /** All that a statement answers, as one JSON value, so that dates and numbers come as they are. */
  const find = <Item extends z.ZodType>(
    item: Item,
    select: (sql: PostgresPool) => ReturnType<PostgresPool>,
  ): Promise<Either<Unavailable, readonly z.infer<Item>[]>> =>
    doing(async (sql) => {
      const rows = await sql`
        with each as (${select(sql)}) select (select json_agg(each) from each) as found`;
      return Found(item).parse(rows)[0].found ?? [];
    });

  return {
    take:
      ({ now_us, limit }) =>
      async () => {
        const taken = await doing((sql) => sql`select take_over_marks(us_time(${now_us}))`);
        if (taken._tag === 'Left') return taken;
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
        if (found._tag === 'Left') return found;
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
      return found._tag === 'Left' ? found : right(found.right[0] ?? null);
    },
    rows: (key, after) => () =>
      find(StoredRow, (sql) => {
        const behind = after
          ? sql`t.device_time >= us_time(${after.time_us})
                  and (t.device_time, t.fingerprint)
                      > (us_time(${after.time_us}), ${after.fingerprint}::bigint)`
          : sql`true`;
        return sql`
          select ${sql.unsafe(ROW_COLUMNS)}
            from telemetry_rows t, (select ${key.tenant}::text as tenant) as d
           where t.ident = ${key.ident} and t.vehicle = ${key.vehicle} and ${behind}
           order by t.device_time, t.fingerprint limit ${WATCH_ROWS_MAX}`;
      }),
    rowsBetween:
      (key, { from_us, to_us, limit }) =>
      () =>
        find(
          StoredRow,
          (sql) => sql`
            select ${sql.unsafe(ROW_COLUMNS)}
              from telemetry_rows t, (select ${key.tenant}::text as tenant) as d
             where t.ident = ${key.ident} and t.vehicle = ${key.vehicle}
               and t.device_time >= us_time(${from_us}) and t.device_time <= us_time(${to_us})
             order by t.device_time, t.fingerprint limit ${limit}`,
        ),
    concluded:
      (key, { after_us, ids }) =>
      () =>
        find(
          ConclusionRow,
          (sql) => sql`
            select c.id, c.content as conclusion, ${sql.unsafe(us('c.told'))} as told_us
              from detection_conclusions c
             where c.vehicle = ${key.vehicle} and c.ident = ${key.ident} and not c.withdrawn
               and (c.told is null or c.told > us_time(${after_us ?? 0})
                    or c.called = any (${`{${ids.join()}}`}::uuid[]))
             order by c.content ->> 'from_us', c.id`,
        ),
    save: (saved) => () =>
      doing(async (sql) => {
        const { due, base, segments, changes, look_us } = saved;
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
            ${json(told)}::text::jsonb, ${look_us}::bigint) as saved`;
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
    unpublished:
      ({ now_us, limit }) =>
      async () => {
        const found = await find(
          UnpublishedRow,
          (sql) => sql`
          select c.tenant, c.vehicle, c.ident, c.id, c.content as conclusion, c.withdrawn, c.published,
                 c.publications, c.attempts,
                 (select t.id from detection_conclusions t
                   where t.vehicle = c.vehicle and t.ident = c.ident and t.content ->> 'kind' = 'trip'
                     and not t.withdrawn and (t.content ->> 'from_us')::bigint <= (c.content ->> 'from_us')::bigint
                     and coalesce((t.content ->> 'to_us')::bigint >= (c.content ->> 'from_us')::bigint, true)
                   order by (t.content ->> 'from_us')::bigint desc limit 1) as trip
            from detection_conclusions c
           where c.pending and c.retry <= us_time(${now_us})
           order by not c.withdrawn, c.published is null, c.content ->> 'from_us' limit ${limit}`,
        );
        if (found._tag === 'Left') return found;
        return right(
          found.right.map(({ tenant, vehicle, ident, ...rest }) => ({
            key: { tenant, vehicle, ident },
            ...rest,
          })),
        );
      },
    published:
      ({ id, conclusion, withdrawn }, publication) =>
      () =>
        doing(async (sql) => {
          const content = JSON.stringify(conclusion);
          const { outcome } = publication;
          const code = outcome === 'told' ? outcome : `${outcome}: ${publication.code}`;
          const retry_us = outcome === 'refused' ? publication.retry_us : 0;
          const evidence = outcome === 'told' ? publication.evidence : null;
          await sql`
          update detection_conclusions c
             set pending = c.content <> ${content}::text::jsonb or c.withdrawn <> ${withdrawn}
                           or ${outcome === 'refused'},
                 published = case when ${outcome === 'told'} then ${content}::text::jsonb else c.published end,
                 publications = c.publications + ${outcome === 'told' ? 1 : 0},
                 attempts = case when ${outcome === 'refused'} then c.attempts + 1 else 0 end,
                 retry = us_time(${retry_us}), outcome = ${code},
                 evidence = coalesce(${evidence}, c.evidence)
           where c.id = ${id}`;
          return null;
        }),
    keepClip:
      ({ tenant, vehicle, digest, bytes, kept_until_us }) =>
      () =>
        doing(async (sql) => {
          await sql`
          insert into evidence_clips (tenant, digest, vehicle, kept_until, bytes)
          values (${tenant}, ${digest}, ${vehicle}, us_time(${kept_until_us}),
                  decode(${bytes.toString('base64')}, 'base64'))
          on conflict (tenant, digest) do update
            set kept_until = greatest(evidence_clips.kept_until, excluded.kept_until)`;
          return null;
        }),
    clip:
      ({ tenant, digest }) =>
      async () => {
        const found = await find(
          ClipRow,
          (sql) => sql`
          select vehicle, translate(encode(bytes, 'base64'), E'\n', '') as bytes from evidence_clips
           where tenant = ${tenant} and digest = ${digest}`,
        );
        return found._tag === 'Left' ? found : right(found.right[0] ?? null);
      },
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
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
