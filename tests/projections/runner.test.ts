import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSource } from '#projections/ports.ts';
import type { AnyProjection } from '#projections/projection.ts';
import {
  anyHappeningOrPoison,
  type Happening,
  lastOfSubject,
  odometers,
  parkCounts,
  vehicle,
} from '#tests/support/testProjections.ts';
import {
  expectFaithful,
  liveOf,
  reached,
  shownRows,
  started,
  type TestLedger,
  testLedger,
} from './harness.ts';

const all = [odometers, parkCounts, lastOfSubject];

/** The same log in pages of given sizes, over and over. */
const inPagesOf = (store: EventSource, sizes: readonly number[]): EventSource => ({
  ...store,
  async *subscribe({ after, signal }) {
    let position = after;
    for (let page = 0; !signal.aborted; page += 1) {
      const limit = sizes[page % sizes.length] ?? 1;
      const answer = await store.readAll({ after: position, limit })();
      const events = answer._tag === 'Right' ? answer.right : [];
      position = events.at(-1)?.position ?? position;
      if (events.length > 0) yield { events, caughtUp: events.length < limit };
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
});

describe('the runner', () => {
  let ledger: TestLedger;
  beforeEach(async () => {
    ledger = await testLedger();
  });
  afterEach(() => ledger.close());

  it('makes read models of what is in the log and of what comes', async () => {
    await ledger.happen({ type: 'registered', vehicle: 1, park: 2 });
    const runner = started(ledger, all);
    const end = await ledger.happen(
      { type: 'read', vehicle: 1, odometer_m: 1_000 },
      { type: 'moved', vehicle: 1, from: 2, to: 3 },
      { type: 'registered', vehicle: 2, park: 3 },
      { type: 'retired', vehicle: 1, park: 3 },
    );
    await reached(ledger.sql, end, all);
    await runner.stop();
    await expectFaithful(ledger, all);
    expect(runner.seen.filter(({ type }) => type === 'restarted')).toEqual([]);
  });
});

describe('the runner and its account', () => {
  it('counts an event in which a projection finds no key as ignored', async () => {
    const ledger = await testLedger();
    try {
      const picky: AnyProjection = {
        ...odometers,
        keys: (event) => (event.position === 2n ? [] : odometers.keys(event)),
      };
      const end = await ledger.happen(
        { type: 'read', vehicle: 1, odometer_m: 1_000 },
        { type: 'read', vehicle: 1, odometer_m: 1_100 },
        { type: 'moved', vehicle: 1, from: 1, to: 2 },
      );
      const runner = started(ledger, [picky]);
      await reached(ledger.sql, end, [picky]);
      await runner.stop();
      await expectFaithful(ledger, [picky]);
      const account = { handled: 1, ignored: 2, parked: 0, read: 3 };
      expect((await liveOf(ledger.sql, picky.name)).checkpoint.account).toEqual(account);
    } finally {
      await ledger.close();
    }
  });
});

describe('the runner under a clock that steps back', () => {
  it.each([[1], [2, 3], [10]])(
    'knows events no earlier than those before them (%i)',
    async (...sizes) => {
      const clock_ms = [5_000, 9_000, 1_000, 9_500, 2_000, 3_000];
      const start_ms = 1_700_000_000_000;
      const ledger = await testLedger('memory', () => start_ms + (clock_ms.shift() ?? 0));
      try {
        const end = await ledger.happen(
          ...[1, 2, 3, 4, 5, 6].map(
            (n) => ({ type: 'read', vehicle: n % 5, odometer_m: 1_000 }) as const,
          ),
        );
        const runner = started({ sql: ledger.sql, store: inPagesOf(ledger.store, sizes) }, all);
        await reached(ledger.sql, end, all);
        await runner.stop();
        await expectFaithful(ledger, all);
        const knownAt = (ms: number) => new Date(start_ms + ms).toISOString();
        expect(await shownRows(ledger.sql, odometers)).toMatchObject({
          [vehicle(0)]: { knownAt: knownAt(9_500) },
          [vehicle(1)]: { knownAt: knownAt(9_500) },
          [vehicle(2)]: { knownAt: knownAt(9_000) },
          [vehicle(3)]: { knownAt: knownAt(9_000) },
        });
      } finally {
        await ledger.close();
      }
    },
  );
});

describe('the runner under any log', () => {
  it('comes to the same rows however the log is cut into batches', async () => {
    const property = fc.asyncProperty(
      fc.array(anyHappeningOrPoison, { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
      async (happenings: readonly Happening[], sizes) => {
        const ledger = await testLedger();
        try {
          const end = await ledger.happen(...happenings);
          const source = inPagesOf(ledger.store, sizes);
          const runner = started({ sql: ledger.sql, store: source }, all);
          await reached(ledger.sql, end, all);
          await runner.stop();
          await expectFaithful(ledger, all);
        } finally {
          await ledger.close();
        }
      },
    );
    await fc.assert(property, { numRuns: 12 });
  });
});
