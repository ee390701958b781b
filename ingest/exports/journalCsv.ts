import { decimalText } from '#domain/finance/decimal.ts';
import type { Entry } from '#domain/finance/journal/events.ts';
import { accountsBy } from './accountsBy.ts';
import { csvLine } from './csv.ts';
import type { ExportedBook } from './hledgerJournal.ts';

const COLUMNS = [
  ...['date', 'period', 'entry', 'transaction', 'rule', 'reason', 'basis', 'reverses', 'about'],
  ...['park', 'vehicle', 'account', 'account_name', 'debit', 'credit', 'currency'],
  ...['driver', 'party'],
];

/** The lines of a book as a table, an entry after another. It comes in pieces. */
export async function* journalCsv({
  chart,
  entries,
}: Pick<ExportedBook, 'chart' | 'entries'>): AsyncGenerator<string, void> {
  const accounts = accountsBy(chart);
  const linesOf = (entry: Entry): string => {
    const { date, period, transaction, rule, reason, basis, reverses, about } = entry;
    const name = rule === null ? null : `${rule.name} ${rule.version}`;
    const of = [date, period, entry.entry, transaction, name, reason, basis, reverses, about];
    const lines = entry.lines.map(({ account, side, amount, driver, party }) => {
      const moved = decimalText(amount);
      const sides = side === 'debit' ? [moved, null] : [null, moved];
      const where = [entry.park, entry.vehicle, account, accounts(account).name];
      return csvLine([...of, ...where, ...sides, amount.currency, driver, party]);
    });
    return lines.join('');
  };
  yield csvLine(COLUMNS);
  for await (const entry of entries) yield linesOf(entry);
}
