import { isLeft } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generationsIn } from '#projections/generations.ts';
import { verify } from '#projections/verify.ts';
import {
  type Happening,
  lastOfSubject,
  odometers,
  parkCounts,
  vehicle,
} from '#tests/support/testProjections.ts';
import { reached, started, type TestLedger, testLedger } from './harness.ts';

const all = [odometers, parkCounts, lastOfSubject];
const never = new AbortController().signal;
const read = (of: number, odometer_m: number): Happening => ({
  type: 'read',
  vehicle: of,
  odometer_m,
});
const readings = (count: number): readonly Happening[] =>
  Array.from({ length: count }, (_, n) => read(n % 9, 1_000 + n));

describe.each(['memory', 'postgres'] as const)('a verification against a log in %s', (kind) => {
  let ledger: TestLedger;
  beforeEach(async () => {
    ledger = await testLedger(kind);
    const end = await ledger.happen(...readings(60));
    const runner = started(ledger, all);
    await reached(ledger.sql, end, all);
    await runner.stop();
  });
  afterEach(() => ledger.close());

  it('finds a faithful table to be so, whatever goes on meanwhile', async () => {
    const runner = started(ledger, all);
    const coming = ledger.happen(...readings(100));
    const verified = await verify({ sql: ledger.sql, source: ledger.store, signal: never })(
      odometers,
    );
    await coming;
    await runner.stop();
    expect(verified).toMatchObject({
      right: { isFaithful: true, differing: [], differingRows: 0, live: { rows: 9 } },
    });
    expect(await generationsIn(ledger.sql, { state: 'scratch' })).toEqual([]);
  });

  it('names the rows that were changed, added or taken away', async () => {
    await ledger.sql`
      update test_odometers_v1_g1 set row = jsonb_set(row, '{reads}', '77') where key = ${vehicle(3)}`;
    await ledger.sql`delete from test_odometers_v1_g1 where key = ${vehicle(5)}`;
    await ledger.sql`
      insert into test_odometers_v1_g1 (tenant, key, row)
      select tenant, 'zzz', row from test_odometers_v1_g1 where key = ${vehicle(1)}`;
    const verified = await verify({ sql: ledger.sql, source: ledger.store, signal: never })(
      odometers,
    );
    if (isLeft(verified)) throw new Error(verified.left.code);
    const { isFaithful, differing, live, fresh } = verified.right;
    expect(isFaithful).toBe(false);
    expect(differing.map(({ key, difference }) => [key, difference])).toEqual(
      expect.arrayContaining([
        [vehicle(3), 'other'],
        [vehicle(5), 'missing'],
        ['zzz', 'not_in_log'],
      ]),
    );
    expect(verified.right.differingRows).toBe(3);
    expect(live.recomputed).not.toBe(live.kept);
    expect(fresh.recomputed).toBe(live.kept);
  });
});
