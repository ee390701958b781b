import { isLeft } from 'fp-ts/lib/Either.js';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import type { EventStore } from '#commands/ports.ts';
import { type LedgerEvent, parseEvent } from '#domain/kernel/event.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { StreamName } from '#domain/kernel/streams.ts';
import { seedDemo } from '#ingest/demo/seedDemo.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';

const UNTIL = Instant.parse('2026-03-01T00:00:00.000Z');

/** The events of the demo, three months of a fleet of sixty, in order. */
const demoEvents = async (): Promise<readonly LedgerEvent[]> => {
  const log = memoryLog();
  const { ledger } = testLedger(memoryEventStore(log));
  await seedDemo(ledger, { tenant: acme, seed: 'bench', until: UNTIL, progress: () => {} });
  return log.records.map(({ text }) => parseEvent(text));
};

const inTenant = (event: LedgerEvent, tenant: Tenant): LedgerEvent => ({
  ...event,
  tenant,
  stream: StreamName.parse(event.stream.replace(`-${event.tenant}.`, `-${tenant}.`)),
});

const copyTo = async (store: EventStore, events: readonly LedgerEvent[]): Promise<void> => {
  const revisions = new Map<string, bigint>();
  for (const event of events) {
    const expected = revisions.get(event.stream) ?? 'no_stream';
    const result = await store.append({ stream: event.stream, expected, events: [event] })();
    if (isLeft(result)) throw new Error(`demo: ${result.left.code}`);
    revisions.set(event.stream, result.right.revision);
  }
};

/** Fills a store with the demo of some tenants, all the same fleet; answers how many events that are. */
export const fillWithDemo = async (store: EventStore, tenants: number): Promise<number> => {
  const events = await demoEvents();
  await Promise.all(
    Array.from({ length: tenants }, (_, number) => {
      const tenant = Tenant.parse(`fleet${number}`);
      return copyTo(
        store,
        events.map((event) => inTenant(event, tenant)),
      );
    }),
  );
  return events.length * tenants;
};
