import type { Account } from '#domain/finance/accounts.ts';

/** Finds accounts of a chart. An entry is on accounts of its chart only, so another is a bug. */
export const accountsBy = (chart: readonly Account[]): ((code: string) => Account) => {
  const byCode = new Map<string, Account>(chart.map((account) => [account.code, account]));
  return (code) => {
    const account = byCode.get(code);
    if (account === undefined) throw new Error(`the chart has no account ${code}`);
    return account;
  };
};
