import {
  type AllStreamResolvedEvent,
  BACKWARDS,
  END,
  type EventStoreDBClient,
  FORWARDS,
  START,
  type StreamingRead,
  StreamNotFoundError,
} from '@eventstore/db-client';
import type { RecordedEvent } from '#commands/ports.ts';
import { fromServer } from './eventStoreDbCodec.ts';
import { noAnswer } from './eventStoreDbFailure.ts';

/** How many events at a time are looked through where system events or foreign ones lie thick. */
const SCAN_EVENTS = 1_000;

/** Room between the network and us. The client's default of 16 objects costs a tenth of the speed. */
const READ_AHEAD = { highWaterMark: 512 };

/** A client, and how long it may take over one page. */
export interface Reader {
  readonly client: EventStoreDBClient;
  readonly page_timeout_ms: number;
}

/**
 * Everything a bounded read brings, or its error. The client bounds no read in time, and when it is
 * cancelled it says nothing at all: so the clock here ends it. The error listener stays, for errors that
 * come after the end.
 */
const collect = <Event>(read: StreamingRead<Event>, timeout_ms: number): Promise<Event[]> =>
  new Promise((resolve, reject) => {
    const events: Event[] = [];
    const timer = setTimeout(() => {
      reject(noAnswer());
      read.cancel().catch(() => {});
      read.destroy();
    }, timeout_ms);
    read.on('data', (event) => events.push(event));
    read.on('end', () => {
      clearTimeout(timer);
      resolve(events);
    });
    read.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });

/** The events of a stream from a revision on, undecoded; none where the stream does not exist. */
export const readRaw = async (
  { client, page_timeout_ms }: Reader,
  {
    stream,
    from,
    limit,
  }: { readonly stream: string; readonly from: bigint; readonly limit: number },
) => {
  try {
    const read = client.readStream(
      stream,
      { fromRevision: from, maxCount: limit, requiresLeader: true },
      READ_AHEAD,
    );
    return await collect(read, page_timeout_ms);
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    throw error;
  }
};

const positionOf = ({ commitPosition, event }: AllStreamResolvedEvent): bigint => {
  const position = commitPosition ?? event?.position.commit;
  if (position === undefined) throw new Error('an event of $all without a position');
  return position;
};

const at = (position: bigint) => ({ commit: position, prepare: position });

/**
 * Up to `limit` events of ours behind a position. Reading forwards from a position brings the event there
 * once more. What is not ours is passed over, page by page, until there are enough or the log ends: a page
 * that held nothing of ours must not look like the end.
 */
export const readForwards = async (
  { client, page_timeout_ms }: Reader,
  { after, limit }: { readonly after: bigint | null; readonly limit: number },
): Promise<readonly RecordedEvent[]> => {
  const found: RecordedEvent[] = [];
  let last = after;
  let maxCount = limit + 1;
  while (true) {
    const fromPosition = last === null ? START : at(last);
    const read = client.readAll(
      { fromPosition, maxCount, direction: FORWARDS, requiresLeader: true },
      READ_AHEAD,
    );
    const page = await collect(read, page_timeout_ms);
    for (const resolved of page) {
      const position = positionOf(resolved);
      if (last !== null && position <= last) continue;
      last = position;
      const event = fromServer(resolved.event);
      if (event) found.push(event);
      if (found.length === limit) return found;
    }
    if (page.length < maxCount) return found;
    maxCount = Math.max(limit - found.length + 1, SCAN_EVENTS);
  }
};

/** The last event of ours, null while there is none. */
export const readLast = async ({
  client,
  page_timeout_ms,
}: Reader): Promise<RecordedEvent | null> => {
  let before: bigint | null = null;
  let maxCount = 1;
  while (true) {
    const fromPosition: typeof END | ReturnType<typeof at> = before === null ? END : at(before);
    const read = client.readAll({
      fromPosition,
      maxCount,
      direction: BACKWARDS,
      requiresLeader: true,
    });
    const page = await collect(read, page_timeout_ms);
    for (const resolved of page) {
      before = positionOf(resolved);
      const event = fromServer(resolved.event);
      if (event) return event;
    }
    if (page.length < maxCount) return null;
    maxCount = SCAN_EVENTS;
  }
};
