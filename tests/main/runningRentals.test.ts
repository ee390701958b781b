import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RentalOfTenant } from '#commands/driverAccounts/chargeOpenRentals.ts';
import { RentalId, type Tenant } from '#domain/kernel/ids.ts';
import { runningRentals } from '#main/runningRentals.ts';
import type { Database } from '#projections/ports.ts';
import { rentals } from '#projections/rentals.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { logOf, show, told } from '#tests/support/projectedEvents.ts';
import { acme, evening, instant, morning, noon, uuid8, van } from '#tests/support/samples.ts';
import { testPool } from '#tests/support/testProjections.ts';

const rental = (n: number): RentalId => RentalId.parse(`${van}~${uuid8(0x500 + n)}`);

let database: TestDatabase | undefined;
let sql: Database | undefined;
const pool = (): Database => {
  if (!sql) throw new Error('not started');
  return sql;
};

beforeAll(async () => {
  database = await testDatabase();
  sql = testPool(database.url);
  await show(
    sql,
    [rentals],
    logOf([
      told.rentalStarted(morning, { rental: rental(1) }),
      told.rentalStarted(morning, { rental: rental(2) }),
      told.rentalEnded(noon, { rental: rental(2) }),
      told.rentalRecorded(morning, evening.at, { rental: rental(3) }),
      told.rentalStarted(morning, { rental: rental(4) }),
    ]),
  );
});
afterAll(async () => {
  await sql?.end({ timeout: 5 });
  await database?.drop();
});

/** All that is found, page by page. */
const found = async (endedSince: string, limit: number): Promise<readonly RentalOfTenant[]> => {
  const all: RentalOfTenant[] = [];
  let after: RentalOfTenant | null = null;
  for (;;) {
    const page: readonly RentalOfTenant[] = await runningRentals(pool()).page({
      endedSince: instant(endedSince),
      after,
      limit,
    });
    all.push(...page);
    after = page.at(-1) ?? null;
    if (after === null) return all;
  }
};

const of = (tenant: Tenant, ...numbers: readonly number[]) =>
  numbers.map((n) => ({ tenant, rental: rental(n) }));

describe('running rentals', () => {
  it('are those that are open or ended lately, each on one page', async () => {
    expect(await found('2026-03-02T15:00:00.000Z', 10)).toEqual(of(acme, 1, 3, 4));
    expect(await found('2026-03-02T12:00:00.000Z', 1)).toEqual(of(acme, 1, 2, 3, 4));
    expect(await found('2026-03-03T00:00:00.000Z', 2)).toEqual(of(acme, 1, 4));
  });
});
