import { z } from 'zod';
import { firstDayOf, nextPeriod, Period } from '#domain/finance/period.ts';
import type { DriverId, Tenant } from '#domain/kernel/ids.ts';
import { Currency, Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { DriverAccountEntryRow, driverAccountEntries } from '#projections/driverAccountEntries.ts';
import type { Readings } from './reading.ts';
import { wireOf } from './wire.ts';

const PAGE_ENTRIES = 1_000;
const PAGES_MAX = 100;

const entryWire = wireOf(DriverAccountEntryRow);
const Sums = z.strictObject({ owed: Money, deposit: Money, payable: Money });

/** A month of an account: opening + entries = closing, in each currency that ever occurred. */
export const StatementReply = z
  .strictObject({
    period: Period,
    balances: z.array(z.strictObject({ currency: Currency, opening: Sums, closing: Sums })),
    entries: z.array(entryWire.schema),
  })
  .meta({ id: 'DriverStatement' });
type Statement = z.infer<typeof StatementReply>;

interface Sum {
  readonly owed: bigint;
  readonly deposit: bigint;
  readonly payable: bigint;
}
type SumsByCurrency = ReadonlyMap<Currency, Sum>;

const nothing: Sum = { owed: 0n, deposit: 0n, payable: 0n };

const plus = (sums: SumsByCurrency, { change }: DriverAccountEntryRow): SumsByCurrency => {
  if (change === null) return sums;
  const { currency } = change.owed;
  const before = sums.get(currency) ?? nothing;
  return new Map(sums).set(currency, {
    owed: before.owed + minorUnits(change.owed),
    deposit: before.deposit + minorUnits(change.deposit),
    payable: before.payable + minorUnits(change.payable),
  });
};

const told = (sums: SumsByCurrency, currency: Currency): z.infer<typeof Sums> => {
  const { owed, deposit, payable } = sums.get(currency) ?? nothing;
  return {
    owed: moneyOf(owed, currency),
    deposit: moneyOf(deposit, currency),
    payable: moneyOf(payable, currency),
  };
};

/** Every entry before the end of a month, oldest first. */
const entriesBefore =
  ({ page }: Pick<Readings, 'page'>) =>
  async (asked: {
    readonly tenant: Tenant;
    readonly driver: DriverId;
    readonly period: Period;
  }): Promise<readonly DriverAccountEntryRow[]> => {
    const { tenant, driver, period } = asked;
    const filters = [
      { column: 'driver', is: driver },
      { column: 'local_date', below: firstDayOf(nextPeriod(period)) },
    ];
    const order = { column: 'occurred_at', direction: 'rising' } as const;
    const rows: DriverAccountEntryRow[] = [];
    let cursor: string | null = null;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const request = { tenant, filters, order, cursor, limit: PAGE_ENTRIES };
      const found: Awaited<ReturnType<typeof page<DriverAccountEntryRow>>> = await page(
        driverAccountEntries,
        request,
      );
      rows.push(...found.rows.map(({ row }) => row));
      cursor = found.next;
      if (cursor === null) return rows;
    }
    throw new Error(`the account of ${driver} has more entries than a statement is made of`);
  };

/**
 * The statement of a month, by the local days on which entries happened: one that became known later changes
 * it, and is to be seen in it.
 */
export const statementOf =
  (readings: Pick<Readings, 'page'>) =>
  async (asked: {
    readonly tenant: Tenant;
    readonly driver: DriverId;
    readonly period: Period;
  }): Promise<Statement> => {
    const { period } = asked;
    const rows = await entriesBefore(readings)(asked);
    const first = firstDayOf(period);
    const entries = rows.filter(({ localDate }) => localDate >= first);
    const empty: SumsByCurrency = new Map();
    const opening = rows.filter(({ localDate }) => localDate < first).reduce(plus, empty);
    const closing = entries.reduce(plus, opening);
    const balances = [...closing.keys()].sort().map((currency) => ({
      currency,
      opening: told(opening, currency),
      closing: told(closing, currency),
    }));
    return { period, balances, entries: entries.map(entryWire.write) };
  };
