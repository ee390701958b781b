import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { EventStore, RecordedEvent } from '#commands/ports.ts';
import { epochMs, Instant } from '#domain/kernel/instant.ts';
import { StreamName } from '#domain/kernel/streams.ts';
import { generationsIn } from '#projections/generations.ts';
import { projectedEvent } from '#projections/logEntry.ts';
import type { Database } from '#projections/ports.ts';
import type { EventsOfSubject } from '#projections/refold.ts';

const SUBJECT_EVENTS_MAX = 1_000_000;
const PAGE_EVENTS = 5_000;

const TimelineRows = z.array(
  z.object({ stream: StreamName, revision: z.string(), position: z.string(), recordedAt: Instant }),
);
type TimelineRow = z.infer<typeof TimelineRows>[number];

/** An error that says, by its code, that the log is away rather than that we made a mistake. */
const logAway = (detail: string): Error =>
  Object.assign(new Error(`the log is away: ${detail}`), { code: 'LOG_AWAY' });

/** The records of one stream from the first wanted revision to the last, by revision. */
const recordsOf = async (
  store: EventStore,
  stream: StreamName,
  rows: readonly TimelineRow[],
): Promise<ReadonlyMap<string, RecordedEvent>> => {
  const wanted = new Set(rows.map(({ revision }) => revision));
  // In the order of the log the revisions of one stream rise.
  const last = BigInt(rows.at(-1)?.revision ?? -1);
  let from = BigInt(rows[0]?.revision ?? 0);
  const found = new Map<string, RecordedEvent>();
  while (from <= last) {
    const page = await store.readStream({ stream, from, limit: PAGE_EVENTS })();
    if (isLeft(page)) throw logAway(page.left.detail);
    for (const record of page.right) {
      if (wanted.has(String(record.revision))) found.set(String(record.revision), record);
    }
    const end = page.right.at(-1);
    if (!end) break;
    from = end.revision + 1n;
  }
  return found;
};

/**
 * Finds the events of a subject through the timeline read model and reads them from their streams: that works
 * on every store. Throws while the log is away.
 */
export const eventsOfSubject =
  (sql: Database, store: EventStore): EventsOfSubject =>
  async (tenant, subject, upTo) => {
    const live = (await generationsIn(sql, { state: 'live', name: 'asset_timeline' }))[0];
    if (!live || live.checkpoint.position < upTo) return null;
    const rows = TimelineRows.parse(
      await sql`
        select row->>'stream' as stream, row->>'revision' as revision, row->>'position' as position,
               row->>'recordedAt' as "recordedAt"
          from asset_timeline
         where tenant = ${tenant} and subject = ${subject} and (row->>'position')::bigint <= ${upTo}
         order by (row->>'position')::bigint limit ${SUBJECT_EVENTS_MAX}`,
    );
    const byStream = Map.groupBy(rows, ({ stream }) => stream);
    const records = new Map<string, RecordedEvent>();
    for (const [stream, ofStream] of byStream) {
      for (const [revision, record] of await recordsOf(store, stream, ofStream)) {
        records.set(`${stream}@${revision}`, record);
      }
    }
    return rows.map(({ stream, revision, recordedAt }) => {
      const record = records.get(`${stream}@${revision}`);
      if (!record) throw new Error(`${stream} has no revision ${revision}`);
      return projectedEvent(record, epochMs(recordedAt));
    });
  };
