import { z } from 'zod';
import type { LogPosition } from '#domain/features/stored.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { Calendar } from './calendar.ts';
import { discoverSubjects } from './progress.ts';
import { type Connection, intervalsIn } from './readIntervals.ts';
import { markStale } from './stale.ts';

const PAGE_INTERVALS = 2_000;

const Mark = z.object({
  position: z.bigint(),
  cursor: z.bigint(),
  sound: z.bigint(),
  incomplete: z.boolean(),
});
type Mark = z.infer<typeof Mark>;

const NEVER: Mark = { position: -1n, cursor: -1n, sound: -1n, incomplete: false };

/** What is to be scanned: up to `checkpoint`, all of what is known by then if not `incomplete`. */
export interface ScanRequest {
  readonly tenant: Tenant;
  readonly now: Instant;
  readonly checkpoint: LogPosition;
  readonly incomplete: boolean;
}

const readMark = async (sql: Connection, tenant: Tenant): Promise<Mark> =>
  Mark.array().parse(
    await sql`
      select position, cursor_position as cursor, sound_position as sound, incomplete from platform_feature_marks
       where tenant = ${tenant} for update`,
  )[0] ?? NEVER;

const writeMark = (
  sql: Connection,
  tenant: Tenant,
  { position, cursor, sound, incomplete }: Mark,
) => sql`
  insert into platform_feature_marks (tenant, position, cursor_position, sound_position, incomplete)
  values (${tenant}, ${position}, ${cursor}, ${sound}, ${incomplete})
  on conflict (tenant) do update
     set position = excluded.position, cursor_position = excluded.cursor_position,
         sound_position = excluded.sound_position, incomplete = excluded.incomplete`;

/** Windows whose last value was computed while something was missing. */
const markIncomplete = (sql: Connection, tenant: Tenant) => sql`
  insert into platform_feature_stale (tenant, subject, cadence, window_from)
  select distinct ${tenant}, last.subject, case when window_to = window_from + 1 then 'day' else 'month' end,
         last.window_from
    from (select distinct on (name, subject, window_from, window_to) subject, window_from, window_to, incomplete
            from platform_features where tenant = ${tenant}
           order by name, subject, window_from, window_to, as_of desc) as last
   where last.incomplete
  on conflict do nothing`;

/**
 * Looks through a page of the intervals that have changed since the last scan: finds new subjects, and
 * windows that have to be evaluated once more. Answers whether there is more. What was parked comes in behind
 * the mark when it is released, so then everything since the last sound position is looked through again.
 */
export const scanChanges =
  (sql: Connection, calendar: Calendar) =>
  async ({ tenant, now, checkpoint, incomplete }: ScanRequest): Promise<boolean> => {
    const mark = await readMark(sql, tenant);
    const isReleased = mark.incomplete && !incomplete;
    if (isReleased) await markIncomplete(sql, tenant);
    const { position, cursor } = isReleased ? { position: mark.sound, cursor: mark.sound } : mark;
    const intervals = intervalsIn(
      await sql`
        select key, row::text as row from intervals
         where tenant = ${tenant} and last_known > ${cursor} order by last_known, key limit ${PAGE_INTERVALS}`,
    );
    await discoverSubjects(sql, calendar)(tenant, intervals);
    const known = position < 0n ? null : position.toString();
    await markStale(sql, calendar)({ tenant, intervals, mark: known, now });
    const last = intervals.at(-1)?.lastKnown;
    const isMore = intervals.length === PAGE_INTERVALS && last !== undefined;
    if (isMore) {
      // A few intervals may share the last position: the next page takes it up again.
      const next = BigInt(last) - 1n;
      await writeMark(sql, tenant, { position, cursor: next, sound: mark.sound, incomplete });
      return true;
    }
    const done = BigInt(checkpoint);
    const sound = incomplete ? mark.sound : done;
    await writeMark(sql, tenant, { position: done, cursor: done, sound, incomplete });
    return false;
  };
