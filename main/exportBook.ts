import { isLeft } from 'fp-ts/lib/Either.js';
import { chartOf } from '#commands/aggregate.ts';
import type { Account } from '#domain/finance/accounts.ts';
import { lastDayOf } from '#domain/finance/period.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { type ExportedBook, hledgerJournal } from '#ingest/exports/hledgerJournal.ts';
import { journalCsv } from '#ingest/exports/journalCsv.ts';
import { trialBalanceCsv } from '#ingest/exports/trialBalanceCsv.ts';
import { bookFigures, type Totals } from '#projections/bookFigures.ts';
import { type JournalEntryRow, journalEntries } from '#projections/journalEntries.ts';
import { type Page, type PageRequest, readPage } from '#projections/query.ts';
import type { OpenLedger } from './openLedger.ts';

const PAGE_ROWS = 1_000;

/** The forms in which a book can be had. */
export const BOOK_FORMATS = ['hledger', 'journal', 'trial-balance'] as const;
export type BookFormat = (typeof BOOK_FORMATS)[number];

type Open = Pick<OpenLedger, 'sql' | 'ledger'>;

/** The entries of a tenant in the order of their dates. */
async function* entriesOf({ sql }: Open, tenant: Tenant): AsyncGenerator<JournalEntryRow, void> {
  const order = { column: 'date', direction: 'rising' } as const;
  let cursor: string | null = null;
  for (;;) {
    const asked: PageRequest = { tenant, filters: [], order, cursor, limit: PAGE_ROWS };
    const page: Page<JournalEntryRow> = await readPage(sql)(journalEntries, asked);
    for (const { row } of page.rows) yield row;
    if (page.next === null) return;
    cursor = page.next;
  }
}

/** The book of a tenant as the read models have it: its entries from one, its totals from another. */
const bookOf = (open: Open, tenant: Tenant, chart: readonly Account[]): ExportedBook => ({
  chart,
  entries: entriesOf(open, tenant),
  totalsAt: (period) => totalsOf(open, tenant, lastDayOf(period)),
});

const totalsOf = ({ sql }: Open, tenant: Tenant, to: LocalDate): Promise<readonly Totals[]> =>
  bookFigures(sql).totals({ tenant, parks: null, from: null, to });

/** The book of a tenant, or, up to the end of a day, its trial balance, in pieces. */
export async function* exportBook(
  open: Open,
  {
    tenant,
    format,
    at,
  }: { readonly tenant: Tenant; readonly format: BookFormat; readonly at: LocalDate },
): AsyncGenerator<string, void> {
  const loaded = await open.ledger.load(chartOf(tenant));
  if (isLeft(loaded)) throw new Error('the log is away');
  const chart = [...loaded.right.state.values()];
  const book = bookOf(open, tenant, chart);
  switch (format) {
    case 'hledger':
      return yield* hledgerJournal(book);
    case 'journal':
      return yield* journalCsv(book);
    case 'trial-balance':
      return yield trialBalanceCsv(chart, await totalsOf(open, tenant, at));
    default:
      return unreachable(format);
  }
}
