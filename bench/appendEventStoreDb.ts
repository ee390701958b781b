import { type Credentials, EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { isLeft } from 'fp-ts/lib/Either.js';
import { eventStoreDb } from '#adapters/eventStoreDb.ts';
import { comparedFigure, type Figure, interleaved, perSecond } from './measure.ts';
import { tripList } from './sampleEvents.ts';

const WRITERS = 64;
const EVENTS_A_WRITER = 40;
const TOTAL = WRITERS * EVENTS_A_WRITER;

let round = 0;

/** Streams that the server has never seen, whatever ran against it before. */
const freshWork = () => {
  round += 1;
  const seed = `${process.pid}-${Date.now()}-${round}`;
  return Array.from({ length: WRITERS }, (_, index) =>
    tripList(`${seed}-${index}`, EVENTS_A_WRITER),
  );
};

/**
 * Appending through the adapter beside the raw client on the same server, one event each from 64 writers. The
 * raw client appends by its batch stream, and by unary calls as the adapter does: `adapters/eventStoreDb.ts`
 * says why.
 */
export const appendEventStoreDb = async (): Promise<readonly Figure[]> => {
  const url = process.env['EVENTSTORE_URL'];
  if (url === undefined) {
    process.stderr.write('SKIPPED: EVENTSTORE_URL is not set, EventStoreDB is not measured\n');
    return [];
  }
  const store = eventStoreDb({ url });
  const client = EventStoreDBClient.connectionString(url);
  const ours = () => {
    const work = freshWork();
    return perSecond(TOTAL, async () => {
      await Promise.all(
        work.map(async ({ stream, events }) => {
          let expected: 'no_stream' | bigint = 'no_stream';
          for (const event of events) {
            const result = await store.append({ stream, expected, events: [event] })();
            if (isLeft(result)) throw new Error(`append: ${result.left.code}`);
            expected = result.right.revision;
          }
        }),
      );
    });
  };
  const raw = (options: { readonly credentials?: Credentials }) => () => {
    const work = freshWork();
    return perSecond(TOTAL, async () => {
      await Promise.all(
        work.map(async ({ stream, events }) => {
          for (const [index, { id, type, data, ...metadata }] of events.entries()) {
            const event = jsonEvent({ id, type, data: JSON.parse(JSON.stringify(data)), metadata });
            const expectedRevision = index === 0 ? NO_STREAM : BigInt(index - 1);
            await client.appendToStream(stream, event, { expectedRevision, ...options });
          }
        }),
      );
    });
  };
  try {
    const batched = raw({});
    const unary = raw({ credentials: { username: 'none', password: 'none' } });
    const run = await interleaved({ ours, batched, unary });
    const about = { bench: 'append', case: 'EventStoreDB, 64 writers', unit: 'events/s' };
    const against = (peer: string, peer_value = 0) =>
      comparedFigure({ ...about, value: run['ours'] ?? 0, peer, peer_value, atLeast: 0.8 });
    return [
      against('raw client, batch stream', run['batched']),
      against('raw client, unary calls', run['unary']),
    ];
  } finally {
    await store.close();
    await client.dispose();
  }
};
