import { isLeft } from 'fp-ts/lib/Either.js';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { type EventStore, READ_EVENTS_MAX } from '#commands/ports.ts';
import { boundedFigure, type Figure, interleaved, perSecond } from './measure.ts';
import { type Rig, rawPool } from './rig.ts';
import { tripList } from './sampleEvents.ts';

const STREAMS = 100;
const EVENTS_A_STREAM = 1_000;
const BATCH_EVENTS = 500;

/** Fills a store with trips of many vehicles. */
export const fillStore = async (store: EventStore, streams = STREAMS): Promise<number> => {
  for (let number = 0; number < streams; number += 1) {
    const { stream, events } = tripList(`filled-${number}`, EVENTS_A_STREAM);
    let expected: 'no_stream' | bigint = 'no_stream';
    for (let start = 0; start < events.length; start += BATCH_EVENTS) {
      const batch = events.slice(start, start + BATCH_EVENTS);
      const result = await store.append({ stream, expected, events: batch })();
      if (isLeft(result)) throw new Error(`fill: ${result.left.code}`);
      expected = result.right.revision;
    }
  }
  return streams * EVENTS_A_STREAM;
};

const readAll = async (store: EventStore): Promise<void> => {
  let after: bigint | null = null;
  for (;;) {
    const page = await store.readAll({ after, limit: READ_EVENTS_MAX })();
    if (isLeft(page)) throw new Error(`read: ${page.left.code}`);
    const last = page.right.at(-1);
    if (!last) return;
    after = last.position;
  }
};

/** Reading the whole log undecoded, beside the raw statement that gives a row an event. */
export const readBench = async ({ ledgerDatabase }: Rig): Promise<readonly Figure[]> => {
  const url = await ledgerDatabase();
  const store = postgresEventStore({ url });
  const sql = rawPool(url, 1);
  try {
    const count = await fillStore(store);
    await sql`vacuum (analyze) events`;
    const run = await interleaved({
      ours: () => perSecond(count, () => readAll(store)),
      raw: () =>
        perSecond(count, async () => {
          const cursor = sql`
            select position, revision, raw_ms, type, stream, body from events order by position`.cursor(
            READ_EVENTS_MAX,
          );
          let rows = 0;
          for await (const page of cursor) rows += page.length;
          if (rows !== count) throw new Error(`raw read: ${rows} of ${count}`);
        }),
    });
    return [
      boundedFigure({
        bench: 'read',
        case: 'all events, undecoded',
        unit: 'events/s',
        value: run['ours'] ?? 0,
        bound: 300_000,
        sense: 'at least',
        peer: { name: 'raw rows by cursor', value: run['raw'] ?? 0 },
      }),
    ];
  } finally {
    await Promise.all([store.close(), sql.end()]);
  }
};
