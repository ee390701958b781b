import { ACCOUNTS, type AccountCode, typeOfClass } from '#domain/finance/accounts.ts';
import { entered } from '#domain/finance/journal/balance.ts';
import type { EntryLine } from '#domain/finance/postingRule.ts';
import type { Currency } from '#domain/kernel/money.ts';

/** What a month earned and cost, in minor units of one currency. */
export interface MonthResult {
  readonly revenue: bigint;
  readonly costs: readonly { readonly account: AccountCode; readonly amount: bigint }[];
}

/**
 * Depreciation pays nobody, so it is no cost of what there is to share; nor is what a disposal gains or loses
 * against it. The proceeds of a disposal are capital, of which no waterfall speaks.
 */
const NO_MONEY: ReadonlySet<string> = new Set([
  ACCOUNTS.depreciation.code,
  ACCOUNTS.disposalGains.code,
  ACCOUNTS.disposalLosses.code,
]);

/**
 * The revenue of a month, net of tax, and its costs by account, from the entries of its book: what accounts
 * of revenue gained and those of expenses took. Null where something is in another currency, which no
 * waterfall can share.
 */
export const monthResult = (
  entries: Iterable<{ readonly lines: readonly EntryLine[] }>,
  currency: Currency,
): MonthResult | null => {
  const lines = [...entries].flatMap((entry) => entry.lines);
  const totals = entered(new Map(), lines);
  const costs: { account: AccountCode; amount: bigint }[] = [];
  let revenue = 0n;
  for (const [, total] of [...totals].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const { account, debit, credit } = total;
    const type = typeOfClass(account);
    const isShared = type === 'revenue' || type === 'expense';
    if (!isShared || NO_MONEY.has(account) || debit === credit) continue;
    if (total.currency !== currency) return null;
    if (type === 'revenue') revenue += credit - debit;
    else costs.push({ account, amount: debit - credit });
  }
  return { revenue, costs };
};
