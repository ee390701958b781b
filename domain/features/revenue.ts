import { ACCOUNTS, typeOfClass } from '#domain/finance/accounts.ts';
import type { EntryLine } from '#domain/finance/postingRule.ts';
import { type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';

/**
 * What an entry earned, net of tax: what its lines gain on accounts of revenue, but for what a disposal
 * gained. Null where it earned nothing, or in two currencies at once.
 */
export const earnedBy = (lines: readonly EntryLine[]): Money | null => {
  const own = lines.filter(
    ({ account }) => typeOfClass(account) === 'revenue' && account !== ACCOUNTS.disposalGains.code,
  );
  const [first] = own;
  if (!first || own.some(({ amount }) => amount.currency !== first.amount.currency)) return null;
  const minor = own.reduce(
    (sum, { side, amount }) => sum + (side === 'credit' ? minorUnits(amount) : -minorUnits(amount)),
    0n,
  );
  return minor === 0n ? null : moneyOf(minor, first.amount.currency);
};
