import { left, right } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventId } from '#domain/kernel/ids.ts';
import { readModelStatus } from '#projections/lag.ts';
import { parkedKeys, skipPoison } from '#projections/parking.ts';
import type { AnyProjection } from '#projections/projection.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import {
  lastOfSubject,
  odometers,
  odometersRefusing,
  POISON_M,
  parkCounts,
  vehicle,
} from '#tests/support/testProjections.ts';
import {
  decodedLog,
  expectFaithful,
  freshFold,
  liveOf,
  reached,
  shownRows,
  started,
  type TestLedger,
  testLedger,
  wholeLog,
} from './harness.ts';

const readModel = odometers.name;
const key = vehicle(1);
const read = (odometer_m: number, of = 1) => ({ type: 'read', vehicle: of, odometer_m }) as const;

describe('a poisonous event', () => {
  let ledger: TestLedger;
  beforeEach(async () => {
    ledger = await testLedger();
  });
  afterEach(() => ledger.close());

  const run = async (projections: readonly AnyProjection[], position: bigint) => {
    const runner = started(ledger, projections);
    await reached(ledger.sql, position, projections);
    return runner;
  };

  /** Vehicle 1 is stuck at its second event, two more wait; vehicle 2 goes on. */
  const stuck = async () => {
    const end = await ledger.happen(
      read(1_000),
      read(POISON_M),
      read(1_500),
      read(1_000, 2),
      read(1_600),
      read(1_100, 2),
    );
    return run([odometers, lastOfSubject], end);
  };

  const skip = (event: EventId) => skipPoison(ledger.sql)({ readModel, tenant: acme, key, event });

  const poisonous = async (): Promise<EventId> => {
    const event = decodedLog(await wholeLog(ledger.store))[1];
    if (!event) throw new Error('nothing happened');
    return event.id;
  };

  it('parks its row and what comes later for it; the rest goes on', async () => {
    const runner = await stuck();
    await runner.stop();
    await expectFaithful(ledger, [odometers, lastOfSubject]);
    expect(await shownRows(ledger.sql, odometers)).toMatchObject({
      [vehicle(1)]: { odometer_m: 1_000 },
      [vehicle(2)]: { odometer_m: 1_100 },
    });
    expect((await liveOf(ledger.sql, readModel)).checkpoint.account).toEqual({
      handled: 3,
      ignored: 0,
      parked: 3,
      read: 6,
    });
    const event = await poisonous();
    expect(await parkedKeys(ledger.sql)(readModel)).toMatchObject([
      { tenant: acme, key, reason: 'poisonous', waiting: 3n, event, position: 2n },
    ]);
    expect(runner.seen).toContainEqual({
      type: 'parked',
      readModel,
      tenant: acme,
      key,
      event,
      reason: 'poisonous',
    });
  });

  it('keeps its row parked across restarts, and tries again', async () => {
    await (await stuck()).stop();
    const end = await ledger.happen(read(1_700));
    const runner = await run([odometers, lastOfSubject], end);
    await vi.waitFor(
      async () => {
        const parked = await parkedKeys(ledger.sql)(readModel);
        expect(parked).toMatchObject([{ waiting: 4n }]);
        expect(parked[0]?.attempts).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
    await runner.stop();
    await expectFaithful(ledger, [odometers, lastOfSubject]);
  });

  it('is folded in order once the code is mended', async () => {
    await (await stuck()).stop();
    const mended = odometersRefusing(() => false);
    const runner = started(ledger, [mended]);
    await vi.waitFor(async () => expect(await parkedKeys(ledger.sql)(readModel)).toEqual([]), {
      timeout: 10_000,
    });
    await runner.stop();
    await expectFaithful(ledger, [mended]);
    expect(runner.seen).toContainEqual({ type: 'released', readModel, tenant: acme, key });
  });

  it('is passed over when an operator says so, also by a runner at work', async () => {
    const runner = await stuck();
    const event = await poisonous();
    expect(await skip(event)).toEqual(right({ readModel, event, rowKey: key }));
    expect(await skip(event)).toEqual(right({ readModel, event, rowKey: key }));
    await vi.waitFor(async () => expect(await parkedKeys(ledger.sql)(readModel)).toEqual([]), {
      timeout: 10_000,
    });
    await runner.stop();
    expect((await shownRows(ledger.sql, odometers))[key]).toMatchObject({
      odometer_m: 1_600,
      reads: 3,
    });
    const [status] = await readModelStatus({
      sql: ledger.sql,
      source: ledger.store,
      densePositions: true,
    })();
    expect(status).toMatchObject({
      account: { handled: 5, ignored: 1, parked: 0, read: 6 },
      isClosed: true,
    });
  });

  it('can only be passed over where a row is stuck at it', async () => {
    await (await stuck()).stop();
    const events = decodedLog(await wholeLog(ledger.store));
    const waiting = events[2]?.id;
    if (!waiting) throw new Error('nothing waits');
    expect(await skip(waiting)).toEqual(left({ code: 'not_parked' }));
    expect(await skip(EventId.parse(uuid8(99)))).toEqual(left({ code: 'not_parked' }));
  });

  it('is one whose row does not fit the schema or the columns', async () => {
    const wrong: AnyProjection = {
      ...odometers,
      evolve: (row, event, of) => {
        const next = odometers.evolve(row, event, of);
        return of === key ? { ...next, reads: 'many' } : next;
      },
    };
    const unfit: AnyProjection = {
      ...parkCounts,
      evolve: () => ({ vehicles: 1, last: null, lastDay: '2026-02-30' }),
    };
    const end = await ledger.happen(read(1_000), read(1_000, 2), {
      type: 'registered',
      vehicle: 3,
      park: 1,
    });
    const runner = await run([wrong, unfit], end);
    await runner.stop();
    expect(await parkedKeys(ledger.sql)(wrong.name)).toMatchObject([
      { key, reason: 'the row does not parse: reads' },
    ]);
    expect(await parkedKeys(ledger.sql)(unfit.name)).toMatchObject([
      { reason: 'the row does not fit its column last_day' },
    ]);
  });
});

describe('an event that cannot be keyed', () => {
  it('halts its projection, visibly, until it can; the others go on', async () => {
    const ledger = await testLedger();
    try {
      let broken = true;
      const fragile: AnyProjection = {
        ...odometers,
        keys: (event) => {
          if (broken && event.position === 2n) throw new Error('no key');
          return odometers.keys(event);
        },
      };
      const runner = started(ledger, [fragile, lastOfSubject]);
      const end = await ledger.happen(read(1_000), read(1_100), read(1_200));
      await reached(ledger.sql, end, [lastOfSubject]);
      await vi.waitFor(async () => {
        const halted = await liveOf(ledger.sql, readModel);
        expect(halted.halted).toBe('at position 2: no key');
        expect(halted.checkpoint.position).toBe(1n);
      });
      expect(runner.runner.status()).toMatchObject([{ lane: 'halted' }, { lane: 'following' }]);
      broken = false;
      await reached(ledger.sql, end, [fragile]);
      expect((await liveOf(ledger.sql, readModel)).halted).toBeNull();
      const later = await ledger.happen(read(1_300));
      await reached(ledger.sql, later, [fragile, lastOfSubject]);
      await runner.stop();
      const fresh = freshFold(odometers, decodedLog(await wholeLog(ledger.store)));
      expect(await shownRows(ledger.sql, odometers)).toEqual(fresh);
      expect(runner.seen).toContainEqual({ type: 'resumed', readModel });
    } finally {
      await ledger.close();
    }
  });

  it('halts all that handle its type when it cannot be decoded', async () => {
    const ledger = await testLedger();
    try {
      const spoiled = {
        ...ledger.store,
        async *subscribe(request: Parameters<typeof ledger.store.subscribe>[0]) {
          for await (const batch of ledger.store.subscribe(request)) {
            const events = batch.events.map((each) =>
              each.position === 2n ? { ...each, text: '{}' } : each,
            );
            yield { ...batch, events };
          }
        },
      };
      const end = await ledger.happen(read(1_000), read(1_100), read(1_200));
      const all = [odometers, parkCounts];
      const runner = started({ sql: ledger.sql, store: spoiled }, all);
      await reached(ledger.sql, end, [parkCounts]);
      await vi.waitFor(async () => {
        expect((await liveOf(ledger.sql, readModel)).halted).toContain('does not parse');
      });
      await runner.stop();
    } finally {
      await ledger.close();
    }
  });
});
