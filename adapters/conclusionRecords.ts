import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { ConclusionId } from '#domain/kernel/ids.ts';
import type { Watches } from '#ingest/detection/ports.ts';
import { Conclusion } from '#ingest/detectors/conclusion.ts';
import { type DetectionAsker, WatchColumns } from './detectionAsker.ts';
import { us } from './storedRow.ts';

const ConclusionRow = z.object({
  id: ConclusionId,
  conclusion: Conclusion,
  told_us: z.int().nullable(),
});
const UnpublishedRow = WatchColumns.extend({
  id: ConclusionId,
  conclusion: Conclusion,
  withdrawn: z.boolean(),
  published: Conclusion.nullable(),
  publications: z.int(),
  attempts: z.int(),
  trip: ConclusionId.nullable(),
});

/** What was concluded, and what the ledger knows of it. */
export const conclusionRecords = ({
  doing,
  find,
}: DetectionAsker): Pick<Watches, 'concluded' | 'unpublished' | 'published'> => ({
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
      if (isLeft(found)) return found;
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
        await sql`
          update detection_conclusions c
             set pending = c.content <> ${content}::text::jsonb or c.withdrawn <> ${withdrawn}
                           or ${outcome === 'refused'},
                 published = case when ${outcome === 'told'} then ${content}::text::jsonb else c.published end,
                 publications = c.publications + ${outcome === 'told' ? 1 : 0},
                 attempts = case when ${outcome === 'refused'} then c.attempts + 1 else 0 end,
                 retry = us_time(${retry_us}), outcome = ${code}
           where c.id = ${id}`;
        return null;
      }),
});
