import { z } from 'zod';
import { AccountCode } from '#domain/finance/accounts.ts';
import { monthDigits, Period } from '#domain/finance/period.ts';
import { EntryLine, LINES_MAX, RuleRef } from '#domain/finance/postingRule.ts';
import { Rate } from '#domain/finance/rate.ts';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { BookId, EntryId, EventId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Currency } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import {
  assetKey,
  booksKey,
  daybookKey,
  driverKey,
  entryKey,
  journalKey,
  parkKey,
  partyKey,
  SubjectKey,
  subjects,
} from '#domain/kernel/subjects.ts';

const ACCOUNTS_MAX = 200;
const MINOR_UNITS = /^(?:0|-?[1-9]\d{0,20})$/;

/** A month of a book. `book` is the vehicle's id, or, for what belongs to none, the park's. */
const inBook = { book: BookId, park: ParkId, vehicle: VehicleId.nullable(), period: Period };

type InBook = z.infer<z.ZodObject<typeof inBook>>;

/** The name of a month of a book in its stream and key: `<book>-<yyyymm>`. */
export const monthOfBook = ({ book, period }: Pick<InBook, 'book' | 'period'>): string =>
  `${book}-${monthDigits(period)}`;

/** The name of a day of a park in its key: `<park>-<yyyymmdd>`. */
export const dayOfPark = ({ park, date }: { readonly park: ParkId; readonly date: LocalDate }) =>
  `${park}-${date.replaceAll('-', '')}`;

const concerned = (data: InBook) =>
  subjects(
    journalKey(monthOfBook(data)),
    data.vehicle && assetKey(data.vehicle),
    parkKey(data.park),
  );

/** The rate at which an entry exchanges one currency for another, and the event that recorded it. */
export const Exchange = z.strictObject({
  from: Currency,
  to: Currency,
  rate: Rate,
  source: EventId,
});
export type Exchange = z.infer<typeof Exchange>;

/**
 * `about` is the month that an adjustment is about which came when that month was closed. `basis` is the
 * event that the entry follows from by `rule`; entries by hand have a reason instead.
 */
export const EntryPosted = eventType({
  type: 'EntryPosted',
  about: 'An entry of the journal: its lines balance in each currency.',
  data: z.strictObject({
    entry: EntryId,
    ...inBook,
    date: LocalDate,
    transaction: Reference,
    rule: RuleRef.nullable(),
    reason: Code.nullable(),
    basis: EventId.nullable(),
    about: Period.nullable(),
    reverses: EntryId.nullable(),
    exchange: Exchange.nullable(),
    lines: z.array(EntryLine).min(2).max(LINES_MAX),
  }),
  subjects: (data) =>
    subjects(
      ...concerned(data),
      entryKey(data.entry),
      daybookKey(dayOfPark(data)),
      data.reverses && entryKey(data.reverses),
      ...data.lines.flatMap(({ driver, party }) => [
        driver && driverKey(driver),
        party && partyKey(party),
      ]),
    ),
});

/** What a month moved on an account: the sums of its debits and of its credits, in minor units. */
export const AccountTotal = z.strictObject({
  account: AccountCode,
  currency: Currency,
  debit: z.string().regex(MINOR_UNITS),
  credit: z.string().regex(MINOR_UNITS),
});
export type AccountTotal = z.infer<typeof AccountTotal>;

/** The last event of a key that the closed month knew of. */
const LastOfKey = z.strictObject({ key: SubjectKey, event: EventId });
export type LastOfKey = z.infer<typeof LastOfKey>;

const closing = {
  ...inBook,
  entries: z.int().min(0),
  last: z.array(LastOfKey).max(4),
  totals: z.array(AccountTotal).max(ACCOUNTS_MAX),
};

export const AssetPeriodClosed = eventType({
  type: 'AssetPeriodClosed',
  about:
    'A month of an asset takes no more entries; what comes later is an adjustment of the next.',
  data: z.strictObject({ ...closing, vehicle: VehicleId }),
  subjects: concerned,
});

export const ParkPeriodClosed = eventType({
  type: 'ParkPeriodClosed',
  about: 'A month of what belongs to a park and to none of its assets takes no more entries.',
  data: z.strictObject({ ...closing, vehicle: z.null() }),
  subjects: concerned,
});

export const BooksClosed = eventType({
  type: 'BooksClosed',
  about: 'A month is closed for all books of the tenant.',
  data: z.strictObject({ period: Period, books: z.int().min(0) }),
  subjects: ({ period }) => subjects(booksKey(period)),
});

export const journalEvents = [EntryPosted, AssetPeriodClosed, ParkPeriodClosed] as const;
export type JournalEvent = Fact<(typeof journalEvents)[number]>;
export type Entry = z.infer<(typeof EntryPosted)['data']>;
