import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSource } from '#projections/ports.ts';
import type { Progress } from '#projections/progress.ts';
import type { AnyProjection } from '#projections/projection.ts';
import { type RebuildRequest, rebuild } from '#projections/rebuild.ts';
import { announceSwitches, type Switched } from '#projections/switchTable.ts';
import {
  type Happening,
  lastOfSubject,
  odometers,
  POISON_M,
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
const never = new AbortController().signal;
const read = (of: number, odometer_m: number): Happening => ({
  type: 'read',
  vehicle: of,
  odometer_m,
});
const readings = (count: number): readonly Happening[] =>
  Array.from({ length: count }, (_, n) => read(n % 9, 1_000 + n));

/** The same read model with rows of another meaning: its version counts reads double. */
const second: AnyProjection = {
  ...odometers,
  version: 2,
  evolve: (row, event, key) => {
    const next = odometers.evolve(row, event, key);
    return next && { ...next, reads: (row?.reads ?? 0) + 2 };
  },
};

describe.each(['memory', 'postgres'] as const)('a rebuild from a log in %s', (kind) => {
  let ledger: TestLedger;
  let told: Switched[];
  beforeEach(async () => {
    ledger = await testLedger(kind);
    told = [];
  });
  afterEach(() => ledger.close());

  const announce = async (switched: Switched): Promise<boolean> => {
    told.push(switched);
    return true;
  };
  const rebuilt = (
    request: RebuildRequest,
    more: { signal?: AbortSignal; source?: EventSource } = {},
  ) =>
    rebuild({ sql: ledger.sql, source: ledger.store, announce, signal: never, ...more })(request);

  const filled = async (projections: readonly AnyProjection[] = all): Promise<void> => {
    const end = await ledger.happen(...readings(60));
    const runner = started(ledger, projections);
    await reached(ledger.sql, end, projections);
    await runner.stop();
  };

  const tables = async (): Promise<readonly string[]> => {
    const found = await ledger.sql<{ name: string }[]>`
      select relname as name from pg_class where relname like 'test_odometers_v%' and relkind = 'r' order by 1`;
    return found.map(({ name }) => name);
  };

  it('of the version that is live comes to the same and takes its place', async () => {
    await filled();
    const before = await liveOf(ledger.sql, odometers.name);
    const outcome = await rebuilt({ projection: odometers });
    if (isLeft(outcome)) throw new Error(outcome.left.code);
    const { generation, digest, announced, events } = outcome.right;
    expect({ generation, announced, events }).toEqual({
      generation: 2,
      announced: true,
      events: 60,
    });
    expect(told).toEqual([{ readModel: odometers.name, version: 1, generation: 2, digest }]);
    const { checkpoint } = await liveOf(ledger.sql, odometers.name);
    expect(checkpoint.digest).toBe(before.checkpoint.digest);
    expect(checkpoint.account).toEqual(before.checkpoint.account);
    expect(await tables()).toEqual(['test_odometers_v1_g2']);
    await expectFaithful(ledger, all);
  });

  it('of a new version goes on while events come and a runner keeps the old one', async () => {
    await filled();
    const old = started(ledger, all);
    const coming = ledger.happen(...readings(150));
    const outcome = await rebuilt({ projection: second });
    await coming;
    await old.stop();
    expect(isRight(outcome)).toBe(true);
    const successor = started(ledger, [second, parkCounts, lastOfSubject]);
    const end = await ledger.happen(read(1, 1_900));
    await reached(ledger.sql, end, [second]);
    await successor.stop();
    await expectFaithful(ledger, [second, parkCounts, lastOfSubject]);
    expect(await tables()).toEqual(['test_odometers_v2_g2']);
  });

  it('of the live version is switched to under a runner at work, which goes on with it', async () => {
    await filled();
    const runner = started(ledger, all);
    const coming = ledger.happen(...readings(150));
    const outcomes = [
      await rebuilt({ projection: odometers }),
      await rebuilt({ projection: parkCounts }),
    ];
    await coming;
    expect(outcomes.map(isRight)).toEqual([true, true]);
    const end = await ledger.happen(...readings(20));
    await reached(ledger.sql, end, all);
    await runner.stop();
    expect((await liveOf(ledger.sql, odometers.name)).generation.generation).toBe(2);
    await expectFaithful(ledger, all);
  });

  it('of a read model that nobody has yet makes it', async () => {
    await ledger.happen(...readings(20));
    expect(isRight(await rebuilt({ projection: odometers }))).toBe(true);
    await expectFaithful(ledger, [odometers]);
  });

  it('is refused where the live table is not what its checkpoint says, unless that is known', async () => {
    await filled();
    await ledger.sql`
      update test_odometers_v1_g1 set row = jsonb_set(row, '{reads}', '77') where key = ${vehicle(3)}`;
    const outcome = await rebuilt({ projection: odometers });
    expect(outcome).toMatchObject({ left: { code: 'digest_differs', generation: 1 } });
    expect(await shownRows(ledger.sql, odometers)).toMatchObject({ [vehicle(3)]: { reads: 77 } });
    expect(told).toEqual([]);
    expect(isRight(await rebuilt({ projection: odometers, replaceDrifted: true }))).toBe(true);
    await expectFaithful(ledger, all);
  });

  it('is refused where it comes to other rows than the live table of its version', async () => {
    await filled();
    const outcome = await rebuilt({ projection: { ...second, version: 1 } });
    expect(outcome).toMatchObject({ left: { code: 'differs_from_live' } });
    expect((await liveOf(ledger.sql, odometers.name)).generation.generation).toBe(1);
  });

  it('is refused where something is parked that was not', async () => {
    await filled();
    const fragile: AnyProjection = {
      ...second,
      evolve: (row, event, key) => {
        if (key === vehicle(4)) throw new Error('fragile');
        return second.evolve(row, event, key);
      },
    };
    const outcome = await rebuilt({ projection: fragile });
    expect(outcome).toMatchObject({ left: { code: 'newly_parked', rows: [{ key: vehicle(4) }] } });
    expect(isRight(await rebuilt({ projection: second }))).toBe(true);
  });

  it('takes over what is parked already', async () => {
    await ledger.happen(read(1, 1_000), read(1, POISON_M), read(1, 1_100));
    await filled();
    const outcome = await rebuilt({ projection: odometers });
    expect(isRight(outcome)).toBe(true);
    expect((await liveOf(ledger.sql, odometers.name)).checkpoint.account.parked).toBeGreaterThan(1);
    await expectFaithful(ledger, all);
  });

  it('is refused where an event cannot be read', async () => {
    await filled();
    const broken: AnyProjection = {
      ...second,
      keys: (event) => {
        if (event.position === 30n) throw new Error('no key');
        return second.keys(event);
      },
    };
    const outcome = await rebuilt({ projection: broken });
    expect(outcome).toMatchObject({ left: { code: 'halted', reason: 'at position 30: no key' } });
  });

  it('is announced later if the log could not be told at once', async () => {
    await filled();
    const parts = { sql: ledger.sql, source: ledger.store, signal: never };
    const outcome = await rebuild({ ...parts, announce: async () => false })({
      projection: odometers,
    });
    expect(outcome).toMatchObject({ right: { announced: false } });
    expect(await announceSwitches(ledger.sql, announce)()).toBe(true);
    expect(await announceSwitches(ledger.sql, announce)()).toBe(true);
    expect(told).toMatchObject([{ readModel: odometers.name, generation: 2 }]);
  });

  it('reports how far it is', async () => {
    await filled();
    const progress: Progress[] = [];
    const report = (each: Progress) => progress.push(each);
    const parts = { sql: ledger.sql, source: ledger.store, announce, signal: never };
    await rebuild({ ...parts, progress: report })({ projection: odometers });
    expect(progress[0]).toMatchObject({ events: 60, position: 60n, head: 60n, left_ms: 0 });
  });
});
