import { randomBytes } from 'node:crypto';
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { eventStoreDb } from '#adapters/eventStoreDb.ts';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import type { EventStore, Openings } from '#commands/ports.ts';
import { readWhole } from '#commands/readHistory.ts';
import { postPayout, proposePayout } from '#commands/runs/payoutRun.ts';
import { onRun, runAsItIs } from '#commands/runs/slot.ts';
import type { Request } from '#commands/workspace.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { monthDigits, Period } from '#domain/finance/period.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import { runStream, StreamName } from '#domain/kernel/streams.ts';
import { testDatabase } from '#tests/support/database.ts';
import { allEvents, requestOf, rightOf, testLedger } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';
import { checker, payoutScene, requestBy } from './payoutScene.ts';

const months = ['2025-12', '2026-01'].map((text) => Period.parse(text));
const EVENTS_AT_ONCE = 3;

/** A server may hold what earlier runs left: what is copied is of a tenant that nobody had before. */
const tenant = Tenant.parse(randomBytes(12).toString('hex'));

/** Two closed months of a vehicle that three parties hold shares of, to be paid out. */
const closedMonths = async () => {
  const seen = await payoutScene();
  const [ada, ben, cid] = [await seen.party(), await seen.party(), await seen.party()];
  await seen.agree('2025-12-01');
  await seen.issue('2025-12-01', [
    { party: ada, shares: 500 },
    { party: ben, shares: 300 },
    { party: cid, shares: 200 },
  ]);
  for (const period of months) {
    await seen.month(period, '123456', [[ACCOUNTS.repairs, '33540']]);
    rightOf(await seen.close(period));
  }
  const openings: Openings = {
    keep: (_, entries) => seen.openings.keep(acme, entries),
    read: (_, digests) => seen.openings.read(acme, digests),
    ofParty: (_, party) => seen.openings.ofParty(acme, party),
  };
  const events = (await allEvents(seen.store)).map((event) => ({
    ...event,
    tenant,
    stream: StreamName.parse(event.stream.replace(`-${acme}.`, `-${tenant}.`)),
  }));
  return { park: seen.park, books: seen.books, openings, events };
};

type Streams = readonly (readonly [StreamName, readonly LedgerEvent[]])[];

/** Appends events stream by stream, so many at a time. */
const copyTo = async (store: EventStore, streams: Streams, at_once: number) => {
  for (const [stream, all] of streams) {
    let expected: bigint | 'no_stream' = 'no_stream';
    for (const group of inGroups(all, at_once)) {
      expected = rightOf(await store.append({ stream, expected, events: group })()).revision;
    }
  }
};

const inTenant = ({ origin, ...request }: Request): Request => ({
  ...request,
  origin: { ...origin, tenant },
});

/** Pays both months out on a store; answers all that the runs wrote down, as texts. */
const payOut = async (
  store: EventStore,
  { park, books, openings }: Awaited<ReturnType<typeof closedMonths>>,
): Promise<readonly string[]> => {
  const { ledger: workspace } = testLedger(store);
  const parts = { workspace, openings, closing: { booksOf: async () => right(books) } };
  const texts: string[] = [];
  for (const period of months) {
    const asked = { park, period };
    const request = inTenant(requestOf(asked, `propose ${period}`));
    const { id: run } = rightOf(await proposePayout(parts)(request, asked));
    const { inputs } = rightOf(await runAsItIs(workspace)(tenant, run));
    const approval = { type: 'ApproveRun', inputs, user: checker } as const;
    const second = inTenant(requestBy(checker, `approve ${period}`));
    rightOf(await onRun(workspace)(second, run, approval));
    rightOf(await postPayout(parts)(inTenant(requestOf(asked, `post ${period}`)), run));
    const stream = runStream(tenant, 'payout', park, monthDigits(period));
    texts.push(...rightOf(await readWhole(store)(stream)).map(({ text }) => text));
  }
  return texts;
};

describe('a payout', () => {
  const eventStoreUrl = process.env['EVENTSTORE_URL'];
  if (eventStoreUrl === undefined) {
    process.stderr.write(
      'SKIPPED: payouts on EventStoreDB were NOT tested, since EVENTSTORE_URL is not set.\n',
    );
  }

  it('has the same inputs, lines and root to the byte on every store', async () => {
    const scene = await closedMonths();
    const database = await testDatabase();
    const streams: Streams = [...Map.groupBy(scene.events, ({ stream }) => stream)];
    const on = async (store: EventStore, at_once: number): Promise<readonly string[]> => {
      // In another order, so that nothing of it has the same position.
      await copyTo(store, at_once === 1 ? streams : streams.toReversed(), at_once);
      const texts = await payOut(store, scene);
      await store.close();
      return texts;
    };
    const inMemory = await on(memoryEventStore(memoryLog()), 1);
    expect(inMemory.map((text) => JSON.parse(text).type)).toEqual(
      months.flatMap(() => [
        ...['RunProposed', 'RunApproved', 'RunAssetsReckoned', 'RunLinesSealed', 'RunPosted'],
      ]),
    );
    expect(await on(postgresEventStore({ url: database.url }), EVENTS_AT_ONCE)).toEqual(inMemory);
    await database.drop();
    if (eventStoreUrl === undefined) return;
    const server = eventStoreDb({ url: eventStoreUrl });
    expect(await on(server, EVENTS_AT_ONCE)).toEqual(inMemory);
  });
});
