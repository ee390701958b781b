import { ACCOUNTS, type AccountCode, typeOfClass } from '#domain/finance/accounts.ts';
import type { AccountTotal } from '#domain/finance/journal/events.ts';
import type { Period } from '#domain/finance/period.ts';
import { ratioOf } from '#domain/finance/ratio.ts';
import { epochMs, type Instant, type Interval } from '#domain/kernel/instant.ts';
import { type Currency, type Money, moneyOf } from '#domain/kernel/money.ts';

const HOUR_MS = 3_600_000;

/** The sums of an account of an asset in a month, of what one rule posted; null: by hand. */
export interface AssetTotal extends AccountTotal {
  readonly period: Period;
  readonly rule: string | null;
}

/** A local day, from its first moment to that of the next. */
export interface Day {
  readonly from: Instant;
  readonly to: Instant;
}

/** What an asset earned and cost in a span. Depreciation and repairs are among the costs. */
export interface AssetResult {
  readonly revenue: Money;
  readonly costs: Money;
  readonly net: Money;
  readonly depreciation: Money;
  readonly repairs: Money;
}

/** How an asset was used. A day counts as rented that has a rented moment. */
export interface AssetUse {
  readonly downtime_h: string;
  readonly daysRented: number;
  readonly daysAvailable: number;
  readonly utilisation: string | null;
}

interface OnAccount {
  readonly account: AccountCode;
  readonly amount: Money;
}

const excess = (sums: readonly AccountTotal[]): bigint =>
  sums.reduce((minor, { debit, credit }) => minor + BigInt(debit) - BigInt(credit), 0n);

const on = (sums: readonly AssetTotal[], ...codes: readonly AccountCode[]) =>
  sums.filter(({ account }) => codes.includes(account));

/** The amounts of the accounts of a type, each positive on the side on which it grows. */
const byAccount = (
  sums: readonly AssetTotal[],
  type: 'revenue' | 'expense',
  currency: Currency,
): readonly OnAccount[] => {
  const own = sums.filter(({ account }) => typeOfClass(account) === type);
  return [...Map.groupBy(own, ({ account }) => account)]
    .map(([account, each]) => ({
      account,
      amount: moneyOf(type === 'expense' ? excess(each) : -excess(each), currency),
    }))
    .filter(({ amount }) => amount.amount !== '0')
    .sort((one, other) => (one.account < other.account ? -1 : 1));
};

const summed = (all: readonly OnAccount[]): bigint =>
  all.reduce((minor, { amount }) => minor + BigInt(amount.amount), 0n);

const resultOf = (sums: readonly AssetTotal[], currency: Currency): AssetResult => {
  const of = (minor: bigint) => moneyOf(minor, currency);
  const revenue = summed(byAccount(sums, 'revenue', currency));
  const costs = summed(byAccount(sums, 'expense', currency));
  return {
    ...{ revenue: of(revenue), costs: of(costs), net: of(revenue - costs) },
    depreciation: of(excess(on(sums, ACCOUNTS.depreciation.code))),
    repairs: of(excess(on(sums, ACCOUNTS.repairs.code, ACCOUNTS.parts.code))),
  };
};

/** What an asset's books say of a span, in its park's currency; others the trial balance shows. */
export const assetResult = (all: readonly AssetTotal[], currency: Currency) => {
  const sums = all.filter((sum) => sum.currency === currency);
  const investors = on(sums, ACCOUNTS.payableInvestors.code);
  const by = (rule: string) => investors.filter((sum) => sum.rule === rule);
  return {
    ...resultOf(sums, currency),
    revenueByAccount: byAccount(sums, 'revenue', currency),
    costsByAccount: byAccount(sums, 'expense', currency),
    payouts: {
      investors: moneyOf(-excess(by('payouts')), currency),
      paid: moneyOf(excess(by('payout_payments')), currency),
    },
    months: [...Map.groupBy(sums, ({ period }) => period)]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([period, each]) => ({ period, ...resultOf(each, currency) })),
  };
};

/** How long some stretches and a window overlap, counting no moment twice. */
const overlap_ms = (stretches: readonly Interval[], { from, to }: Day): number => {
  let until_ms = epochMs(from);
  let overlap = 0;
  for (const stretch of stretches.toSorted((one, other) => (one.from < other.from ? -1 : 1))) {
    const begin_ms = Math.max(until_ms, epochMs(stretch.from));
    const end_ms = Math.min(epochMs(to), stretch.to === null ? epochMs(to) : epochMs(stretch.to));
    if (end_ms <= begin_ms) continue;
    overlap += end_ms - begin_ms;
    until_ms = end_ms;
  }
  return overlap;
};

/**
 * How an asset was used on some days on which it was in the fleet; the last may be under way. A day is
 * available unless the asset was in repair from its beginning to its end; what was rented was available.
 */
export const assetUse = (
  days: readonly Day[],
  { rented, down }: { readonly rented: readonly Interval[]; readonly down: readonly Interval[] },
): AssetUse => {
  let downtime_ms = 0;
  let daysRented = 0;
  let daysAvailable = 0;
  for (const day of days) {
    const off_ms = overlap_ms(down, day);
    const isRented = overlap_ms(rented, day) > 0;
    const isAvailable = isRented || off_ms < epochMs(day.to) - epochMs(day.from);
    downtime_ms += off_ms;
    if (isRented) daysRented += 1;
    if (isAvailable) daysAvailable += 1;
  }
  const downtime_h = (downtime_ms / HOUR_MS).toFixed(2);
  const utilisation = ratioOf(BigInt(daysRented), BigInt(daysAvailable));
  return { downtime_h, daysRented, daysAvailable, utilisation };
};
