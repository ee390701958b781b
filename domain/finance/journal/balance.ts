import { ACCOUNTS, type AccountCode } from '#domain/finance/accounts.ts';
import { exchanged } from '#domain/finance/exchanged.ts';
import type { EntryLine } from '#domain/finance/postingRule.ts';
import { type Currency, minorUnits } from '#domain/kernel/money.ts';
import type { AccountTotal, Exchange } from './events.ts';

/** The sums of one account in one currency, in minor units, both zero or more. */
export interface Total {
  readonly account: AccountCode;
  readonly currency: Currency;
  readonly debit: bigint;
  readonly credit: bigint;
}

/** Totals by `<account> <currency>`. */
export type Balances = ReadonlyMap<string, Total>;

/** Why lines are no entry. */
export type BalanceRefusal =
  | { readonly code: 'EntryUnbalanced'; readonly currency: Currency }
  | { readonly code: 'ExchangeRateMissing' }
  | { readonly code: 'ExchangeRateBroken'; readonly currency: Currency };

/** Minor units by which two amounts may differ that one rate makes of each other: each was rounded once. */
const ROUNDING_MAX_MINOR = 1n;

/** The totals with some more lines. */
export const entered = (totals: Balances, lines: readonly EntryLine[]): Balances => {
  const after = new Map(totals);
  for (const { account, side, amount } of lines) {
    const { currency } = amount;
    const key = `${account} ${currency}`;
    const minor = minorUnits(amount);
    const { debit, credit } = after.get(key) ?? { debit: 0n, credit: 0n };
    after.set(
      key,
      side === 'debit'
        ? { account, currency, debit: debit + minor, credit }
        : { account, currency, debit, credit: credit + minor },
    );
  }
  return after;
};

/** Totals as they are written down, ordered by account, then currency. */
export const totalsOf = (totals: Balances): AccountTotal[] =>
  [...totals]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { account, currency, debit, credit }]) => ({
      account,
      currency,
      debit: debit.toString(),
      credit: credit.toString(),
    }));

/** By how much the debits of each currency exceed its credits. */
const excessOf = (lines: readonly EntryLine[]): ReadonlyMap<Currency, bigint> => {
  const excess = new Map<Currency, bigint>();
  for (const { side, amount } of lines) {
    const minor = side === 'debit' ? minorUnits(amount) : -minorUnits(amount);
    excess.set(amount.currency, (excess.get(amount.currency) ?? 0n) + minor);
  }
  return excess;
};

/** What goes out of the exchange account in one currency comes in in the other, at the rate. */
const exchangeRefused = (
  lines: readonly EntryLine[],
  exchange: Exchange,
): BalanceRefusal | null => {
  const through = lines.filter(({ account }) => account === ACCOUNTS.exchange.code);
  const excess = excessOf(through);
  const { from, to } = exchange;
  const foreign = excess.get(from) ?? 0n;
  const own = excess.get(to) ?? 0n;
  const difference = exchanged(-foreign, from, exchange) - own;
  const isOff = difference > ROUNDING_MAX_MINOR || difference < -ROUNDING_MAX_MINOR;
  return isOff || foreign === 0n ? { code: 'ExchangeRateBroken', currency: from } : null;
};

/**
 * Why lines are no entry: debits and credits must be equal in each currency; where there are two, what
 * passes from one to the other does so through the exchange account and at a rate that was recorded.
 */
export const balanceRefused = (
  lines: readonly EntryLine[],
  exchange: Exchange | null,
): BalanceRefusal | null => {
  const excess = excessOf(lines);
  if (excess.size > 1 && exchange === null) return { code: 'ExchangeRateMissing' };
  for (const [currency, minor] of excess) {
    if (minor !== 0n) return { code: 'EntryUnbalanced', currency };
    const isForeign = exchange !== null && currency !== exchange.from && currency !== exchange.to;
    if (isForeign) return { code: 'ExchangeRateMissing' };
  }
  return exchange === null ? null : exchangeRefused(lines, exchange);
};
