import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { eventStoreDb } from '#adapters/eventStoreDb.ts';
import { eventStoreContract } from '#tests/contracts/eventStore.ts';
import {
  anEvent,
  events,
  idsOf,
  randomId,
  randomStream,
  randomTenant,
  rightOf,
} from '#tests/contracts/eventStoreSamples.ts';
import { eventStoreDbHarness } from '#tests/support/eventStoreDbHarness.ts';

/** More than a page that is looked through at a time. */
const FOREIGN = 1_100;

const url = process.env['EVENTSTORE_URL'];

const ownTests = (server: string) => () => {
  it('passes over what is not the ledger’s, however much of it there is', async () => {
    const store = eventStoreDb({ url: server });
    const client = EventStoreDBClient.connectionString(server);
    const stream = randomStream(randomTenant());
    const [one, two] = [anEvent(stream), anEvent(stream)];
    const first = await store.append({ stream, expected: 'no_stream', events: [one] })();
    const { position } = rightOf(first);
    const foreign = Array.from({ length: FOREIGN }, () => jsonEvent({ type: 'Foreign', data: {} }));
    await client.appendToStream(`foreign:${randomId()}`, foreign);
    await client.setStreamMetadata(`foreign:${randomId()}`, { maxCount: 1 });
    expect(rightOf(await store.head()())).toBe(position);
    expect(rightOf(await store.readAll({ after: position, limit: 1 })())).toEqual([]);
    rightOf(await store.append({ stream, expected: 0n, events: [two] })());
    const page = rightOf(await store.readAll({ after: position, limit: 1 })());
    expect(idsOf(page)).toEqual([two.id]);
    await Promise.all([store.close(), client.dispose()]);
  });

  it('stores what the server’s own tools can read', async () => {
    const store = eventStoreDb({ url: server });
    const client = EventStoreDBClient.connectionString(server);
    const stream = randomStream(randomTenant());
    const [one] = events(stream, 1);
    if (!one) throw new Error('no event');
    rightOf(await store.append({ stream, expected: 'no_stream', events: [one] })());
    for await (const { event } of client.readStream(stream)) {
      expect(event).toMatchObject({ id: one.id, type: one.type, isJson: true, data: one.data });
      expect(event?.metadata).toMatchObject({ $correlationId: one.correlationId, keys: one.keys });
    }
    await Promise.all([store.close(), client.dispose()]);
  });

  it('asks for credentials where there is TLS', () => {
    expect(() => eventStoreDb({ url: 'esdb://127.0.0.1:2113' })).toThrow('user:password');
  });
};

if (url === undefined) {
  process.stderr.write(
    'SKIPPED: the event store on EventStoreDB was NOT tested, since EVENTSTORE_URL is not set.\n',
  );
  describe.skip('the event store on EventStoreDB: NOT TESTED, EVENTSTORE_URL is not set', () => {
    it('keeps the contract', () => {});
  });
} else {
  const start = eventStoreDbHarness(url);
  eventStoreContract({ name: 'on EventStoreDB', start, ordered: false, wire: true });
  describe('the event store on EventStoreDB, besides,', ownTests(url));
}
