import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import { type Instant, instantOf } from '#domain/kernel/instant.ts';
import type { RecordedEvent } from './ports.ts';
import type { ProjectedEvent } from './projection.ts';

/** An event on its way to projections: decoded when the first of them wants it, then for all. */
export interface LogEntry {
  readonly record: RecordedEvent;
  readonly recorded_ms: number;
  decoded: ProjectedEvent | null;
}

const remembered = { ms: -1, instant: instantOf(0) };

/** Many events share a millisecond, and a checked instant costs as much as a third of decoding. */
const recordedAt = (recorded_ms: number): Instant => {
  if (remembered.ms !== recorded_ms) {
    remembered.instant = instantOf(recorded_ms);
    remembered.ms = recorded_ms;
  }
  return remembered.instant;
};

/**
 * What projections see of a stored event, `recorded_ms` being the running maximum of the store's clock up
 * to it. Throws for what does not parse: corruption.
 */
export const projectedEvent = (record: RecordedEvent, recorded_ms: number): ProjectedEvent => {
  const stored = parseEvent(record.text);
  const { id, tenant, stream, actor, keys } = stored;
  const { revision, position } = record;
  const fact = decodeFact(stored);
  const at = recordedAt(recorded_ms);
  return { id, tenant, stream, revision, position, recordedAt: at, actor, keys, fact };
};

/** The event of an entry, decoded once. Throws as `projectedEvent` does. */
export const decoded = (entry: LogEntry): ProjectedEvent => {
  entry.decoded ??= projectedEvent(entry.record, entry.recorded_ms);
  return entry.decoded;
};

/**
 * The entries of a page of the log that follows on `recorded_ms`, the running maximum before it. The
 * maximum is the same however the log is cut into pages.
 */
export const logEntries = (
  records: readonly RecordedEvent[],
  recorded_ms: number,
): readonly LogEntry[] => {
  let maximum_ms = recorded_ms;
  return records.map((record) => {
    maximum_ms = Math.max(maximum_ms, record.rawTime_ms);
    return { record, recorded_ms: maximum_ms, decoded: null };
  });
};
