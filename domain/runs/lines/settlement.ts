import { z } from 'zod';
import {
  type AccountState,
  balanceIn,
  emptyAccount,
  evolve,
} from '#domain/driverAccounts/accountState.ts';
import type { AccountEvent } from '#domain/driverAccounts/events.ts';
import { least } from '#domain/finance/least.ts';
import { lastDayOf, type Period } from '#domain/finance/period.ts';
import { Digest, DriverId, type ParkId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { type Currency, minorUnits } from '#domain/kernel/money.ts';
import { Minor } from '#domain/runs/minor.ts';

/** Another way to settle with a driver is another version. */
export const SETTLEMENT_VERSION = 1;

/**
 * What a driver gets for a month. `shares` is all that was ever credited in the park up to the month's end,
 * `before` what earlier settlements made of it; of the rest, what the driver owes is set off, and `amount` is
 * paid. `entries` of the account are of that time, and `inputs` is their digest.
 */
export const SettlementLine = z.strictObject({
  kind: z.literal('settlement'),
  driver: DriverId,
  inputs: Digest,
  entries: z.int().min(0),
  shares: Minor,
  before: Minor,
  owed: Minor,
  offset: Minor,
  amount: Minor,
});
export type SettlementLine = z.infer<typeof SettlementLine>;

/** What an account says of a month's settlement, in minor units. `from` is the day of its oldest entry. */
export interface AccountAtEnd {
  readonly entries: number;
  readonly shares: bigint;
  readonly owed: bigint;
  readonly from: LocalDate | null;
}

const owedAfter = (entries: readonly AccountEvent[], currency: Currency): bigint =>
  balanceIn(entries.reduce<AccountState>(evolve, emptyAccount), currency).owed;

/** Whether an entry is of a month or of one before it. */
export const isUntil = ({ when }: AccountEvent, period: Period): boolean =>
  when.localDate <= lastDayOf(period);

/**
 * What a driver was credited with in a park by the end of a month, and what of the driver's debts may be set
 * off: no more than was owed then and is owed still, so that who has paid meanwhile does not pay twice.
 */
export const accountAtEnd = (
  entries: readonly AccountEvent[],
  {
    park,
    period,
    currency,
  }: {
    readonly park: ParkId;
    readonly period: Period;
    readonly currency: Currency;
  },
): AccountAtEnd => {
  const then = entries.filter((entry) => isUntil(entry, period));
  const shares = then.reduce((sum, { type, data }) => {
    if (type !== 'FareShareCredited' || data.park !== park) return sum;
    return data.driverShare.currency === currency ? sum + minorUnits(data.driverShare) : sum;
  }, 0n);
  const [first] = then.map(({ when }) => when.localDate).sort();
  const owed = least(owedAfter(then, currency), owedAfter(entries, currency));
  return { entries: then.length, shares, owed, from: first ?? null };
};

/**
 * Settles a month with a driver. `before` is what earlier settlements made of the same shares, in minor
 * units; shares that came late are thereby in the next one. Null where nothing is left to settle.
 */
export const settlementOf = (
  { entries, shares, owed }: AccountAtEnd,
  {
    driver,
    inputs,
    before,
  }: { readonly driver: DriverId; readonly inputs: Digest; readonly before: bigint },
): SettlementLine | null => {
  const due = shares - before;
  if (due <= 0n) return null;
  const offset = owed > 0n ? least(owed, due) : 0n;
  return {
    kind: 'settlement',
    ...{ driver, inputs, entries },
    shares: shares.toString(),
    before: before.toString(),
    owed: owed.toString(),
    offset: offset.toString(),
    amount: (due - offset).toString(),
  };
};
