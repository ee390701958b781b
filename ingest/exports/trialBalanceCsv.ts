import type { Account } from '#domain/finance/accounts.ts';
import { decimalText } from '#domain/finance/decimal.ts';
import type { AccountTotal } from '#domain/finance/journal/events.ts';
import { accountsBy } from './accountsBy.ts';
import { csvLine } from './csv.ts';

const COLUMNS = ['account', 'account_name', 'type', 'currency', 'debit', 'credit', 'balance'];

/**
 * A trial balance as a table: what was moved on each account in each currency, and what is left, below zero
 * where the credits are more.
 */
export const trialBalanceCsv = (
  chart: readonly Account[],
  totals: readonly AccountTotal[],
): string => {
  const accounts = accountsBy(chart);
  const lines = totals.map(({ account, currency, debit, credit }) => {
    const { name, type } = accounts(account);
    const left = String(BigInt(debit) - BigInt(credit));
    const amounts = [debit, credit, left].map((amount) => decimalText({ amount, currency }));
    return csvLine([account, name, type, currency, ...amounts]);
  });
  return `${csvLine(COLUMNS)}${lines.join('')}`;
};
