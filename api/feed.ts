import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { RecordedEvent, Unavailable } from '#commands/ports.ts';
import { type EventBatch, type EventStore, READ_EVENTS_MAX } from '#commands/ports.ts';
import { type LedgerEvent, parseEvent } from '#domain/kernel/event.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { type EventReply, eventReply } from './eventReply.ts';

const SCANNED_EVENTS_MAX = 25_000;
const HEART_BEAT_MS = 15_000;
const RECONNECT_MS = 2_000;

/** Which events of the log somebody may and wants to see. Empty lists want everything. */
export interface Wanted {
  readonly tenant: Tenant;
  readonly keys: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
  readonly maySee: (event: LedgerEvent) => boolean;
}

/** Some events, and the position up to which the log was gone through. */
export interface Excerpt {
  readonly events: readonly EventReply[];
  readonly next: bigint | null;
  readonly caughtUp: boolean;
}

const tenantOf = (stream: string): string =>
  stream.slice(stream.indexOf('-') + 1, stream.indexOf('.'));

const pick = (record: RecordedEvent, wanted: Wanted): EventReply | null => {
  const { tenant, keys, types, maySee } = wanted;
  if (tenantOf(record.stream) !== tenant) return null;
  if (types.size > 0 && !types.has(record.type)) return null;
  const event = parseEvent(record.text);
  if (keys.size > 0 && !event.keys.some((key) => keys.has(key))) return null;
  return maySee(event) ? eventReply(record, event) : null;
};

/**
 * Goes through the log behind a position until there are `limit` events, the log ends, or enough has been
 * read.
 */
export const excerpt =
  (store: Pick<EventStore, 'readAll'>) =>
  async (
    wanted: Wanted,
    { after, limit }: { readonly after: bigint | null; readonly limit: number },
  ): Promise<Either<Unavailable, Excerpt>> => {
    const events: EventReply[] = [];
    let next = after;
    for (let scanned = 0; scanned < SCANNED_EVENTS_MAX; scanned += READ_EVENTS_MAX) {
      const page = await store.readAll({ after: next, limit: READ_EVENTS_MAX })();
      if (isLeft(page)) return page;
      for (const record of page.right) {
        const found = pick(record, wanted);
        if (found) events.push(found);
        next = record.position;
        if (events.length === limit) return right({ events, next, caughtUp: false });
      }
      if (page.right.length < READ_EVENTS_MAX) return right({ events, next, caughtUp: true });
    }
    return right({ events, next, caughtUp: false });
  };

/** The next batch, or null when the heart should beat before it comes. */
const nextOrBeat = async (
  batch: Promise<IteratorResult<EventBatch>>,
): Promise<IteratorResult<EventBatch> | null> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const beat = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), HEART_BEAT_MS);
  });
  try {
    return await Promise.race([batch, beat]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * A frame without data: it keeps the line open and moves the client's mark past what it did not want to
 * see.
 */
const beatAt = (position: bigint | null): string =>
  position === null ? ': beat\n\n' : `id: ${position}\n: beat\n\n`;

/**
 * The log from a position on and live, as server-sent events, until the signal fires. It is read on only
 * when the reader has taken what there was. Source: HTML Living Standard, section 9.2.
 */
export async function* frames(
  store: Pick<EventStore, 'subscribe'>,
  wanted: Wanted,
  { after, signal }: { readonly after: bigint | null; readonly signal: AbortSignal },
): AsyncGenerator<string, void> {
  yield `retry: ${RECONNECT_MS}\n\n`;
  const batches = store.subscribe({ after, signal })[Symbol.asyncIterator]();
  let seen = after;
  let next = batches.next();
  try {
    while (!signal.aborted) {
      const batch = await nextOrBeat(next);
      if (batch === null) {
        yield beatAt(seen);
        continue;
      }
      if (batch.done) return;
      for (const record of batch.value.events) {
        if (signal.aborted) return;
        seen = record.position;
        const event = pick(record, wanted);
        if (event) yield `id: ${event.position}\ndata: ${JSON.stringify(event)}\n\n`;
      }
      if (batch.value.caughtUp) yield beatAt(seen);
      next = batches.next();
    }
  } finally {
    // Nobody waits any more for what the log may still say to this reader.
    next.catch(() => {});
  }
}
