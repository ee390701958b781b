import { z } from 'zod';
import { entered, totalsOf } from '#domain/finance/journal/balance.ts';
import { AccountTotal, type Entry, monthOfBook } from '#domain/finance/journal/events.ts';
import { Period } from '#domain/finance/period.ts';
import { BookId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { journalKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent, Projection } from './projection.ts';
import { after, lastEvent } from './rowFields.ts';

/** What a month moved in a book: the sums of each account and currency; `closedAt` null while it is open. */
export const BookMonthRow = z.strictObject({
  book: BookId,
  park: ParkId,
  vehicle: VehicleId.nullable(),
  period: Period,
  entries: z.int(),
  totals: z.array(AccountTotal),
  closedAt: Instant.nullable(),
  ...lastEvent,
});
export type BookMonthRow = z.infer<typeof BookMonthRow>;

const withEntry = (totals: readonly AccountTotal[], { lines }: Entry): AccountTotal[] => {
  const before = totals.map(({ account, currency, debit, credit }) => {
    const total = { account, currency, debit: BigInt(debit), credit: BigInt(credit) };
    return [`${account} ${currency}`, total] as const;
  });
  return totalsOf(entered(new Map(before), lines));
};

const evolve = (row: BookMonthRow | null, event: ProjectedEvent): BookMonthRow | null => {
  const { fact } = event;
  switch (fact.type) {
    case 'EntryPosted': {
      const { book, park, vehicle, period } = fact.data;
      const { entries, totals } = row ?? { entries: 0, totals: [] };
      const sums = withEntry(totals, fact.data);
      const month = { book, park, vehicle, period, closedAt: null };
      return { ...month, entries: entries + 1, totals: sums, ...after(event) };
    }
    case 'AssetPeriodClosed':
    case 'ParkPeriodClosed': {
      const { book, park, vehicle, period, entries, totals } = fact.data;
      const month = { book, park, vehicle, period, entries, totals };
      return { ...month, closedAt: fact.when.at, ...after(event) };
    }
    default:
      return row;
  }
};

/** Every month of every book that was posted to or closed, by `<book>-<yyyymm>`. */
export const bookMonths: Projection<BookMonthRow> = {
  name: 'book_months',
  version: 1,
  row: BookMonthRow,
  handles: ['EntryPosted', 'AssetPeriodClosed', 'ParkPeriodClosed'],
  keys: ({ fact }) => ('book' in fact.data ? [monthOfBook(fact.data)] : []),
  evolve,
  subject: (key) => journalKey(key),
  columns: {
    book: { path: ['book'], type: 'text' },
    park: { path: ['park'], type: 'text' },
    vehicle: { path: ['vehicle'], type: 'text' },
    period: { path: ['period'], type: 'text' },
  },
  indexes: [
    ['period', 'park'],
    ['book', 'period'],
    ['park', 'period'],
  ],
};
