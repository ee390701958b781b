import type { Account, AccountType } from '#domain/finance/accounts.ts';
import { decimalText } from '#domain/finance/decimal.ts';
import type { AccountTotal, Entry } from '#domain/finance/journal/events.ts';
import { lastDayOf, type Period } from '#domain/finance/period.ts';
import { type Currency, decimalsOf } from '#domain/kernel/money.ts';
import { accountsBy } from './accountsBy.ts';

/** What a book is written from. */
export interface ExportedBook {
  readonly chart: readonly Account[];
  /** All entries, in the order of their months; within one they may come in any. */
  readonly entries: AsyncIterable<Entry> | Iterable<Entry>;
  /**
   * What the ledger itself holds on every account at the end of a month, since the beginning. Written as
   * assertions, so that whoever reads the book sees that nothing is missing from it.
   */
  readonly totalsAt: (period: Period) => Promise<readonly AccountTotal[]>;
}

/** What hledger calls the types of accounts. Source: hledger manual, "Account types". */
const TYPES: Readonly<Record<AccountType, { readonly root: string; readonly letter: string }>> = {
  asset: { root: 'assets', letter: 'A' },
  liability: { root: 'liabilities', letter: 'L' },
  equity: { root: 'equity', letter: 'E' },
  revenue: { root: 'revenues', letter: 'R' },
  expense: { root: 'expenses', letter: 'X' },
};

/** Two blanks would end a name, a colon begin another, a semicolon a comment. */
const pathOf = ({ code, name, type }: Account): string =>
  `${TYPES[type].root}:${code} ${name.replaceAll(/[\s:;]+/g, ' ').trim()}`;

const amountText = (amount: string, currency: Currency): string =>
  `${decimalText({ amount, currency })} ${currency}`;

const opposite = (amount: string): string => (amount === '0' ? amount : `-${amount}`);

const tags = (all: Readonly<Record<string, string | null>>): string =>
  Object.entries(all)
    .flatMap(([name, value]) => (value === null ? [] : [`${name}:${value}`]))
    .join(', ');

const entryText = (entry: Entry, path: (code: string) => string): string => {
  const { date, transaction, rule, reason, lines } = entry;
  const what = rule === null ? `by hand, ${reason}` : `${rule.name} ${rule.version}`;
  const { park, vehicle, basis, reverses, about } = entry;
  const told = tags({ entry: entry.entry, park, vehicle, basis, reverses, about });
  const postings = lines.map(({ account, side, amount, driver, party }) => {
    const signed = side === 'debit' ? amount.amount : opposite(amount.amount);
    const whom = tags({ driver, party });
    const comment = whom === '' ? '' : `  ; ${whom}`;
    return `    ${path(account)}    ${amountText(signed, amount.currency)}${comment}\n`;
  });
  return `\n${date} (${transaction}) ${what}\n    ; ${told}\n${postings.join('')}`;
};

/** Nothing is moved, and every account holds what the ledger says. */
const assertionText = (
  period: Period,
  totals: readonly AccountTotal[],
  path: (code: string) => string,
): string => {
  const postings = totals.map(({ account, currency, debit, credit }) => {
    const held = String(BigInt(debit) - BigInt(credit));
    const nothing = amountText('0', currency);
    return `    ${path(account)}    ${nothing} = ${amountText(held, currency)}\n`;
  });
  return `\n${lastDayOf(period)} end of ${period}\n${postings.join('')}`;
};

const commodityText = (currency: Currency): string => {
  const decimals = decimalsOf(currency);
  return `\ncommodity 1000.${'0'.repeat(decimals)} ${currency}\n`;
};

const headText = (chart: readonly Account[]): string => {
  const accounts = chart.map(
    (each) => `account ${pathOf(each)}  ; type:${TYPES[each.type].letter}\n`,
  );
  return `decimal-mark .\n\n${accounts.join('')}`;
};

/**
 * A book as a journal that hledger reads: a transaction an entry, and at the end of every month what each
 * account then holds. It comes in pieces, and holds no more than one entry at a time.
 */
export async function* hledgerJournal(book: ExportedBook): AsyncGenerator<string, void> {
  const { chart, entries, totalsAt } = book;
  const accounts = accountsBy(chart);
  const path = (code: string): string => pathOf(accounts(code));
  const declared = new Set<Currency>();
  let month: Period | null = null;
  yield headText(chart);
  for await (const entry of entries) {
    if (month !== null && entry.period !== month) {
      if (entry.period < month) throw new Error(`an entry of ${entry.period} after ${month}`);
      yield assertionText(month, await totalsAt(month), path);
    }
    month = entry.period;
    for (const { amount } of entry.lines) {
      if (!declared.has(amount.currency)) yield commodityText(amount.currency);
      declared.add(amount.currency);
    }
    yield entryText(entry, path);
  }
  if (month !== null) yield assertionText(month, await totalsAt(month), path);
}
