import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { booksOf, journalOf } from '#commands/aggregate.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { everywhere, followUp, type Request, type Workspace } from '#commands/workspace.ts';
import { type LastOfKey, monthOfBook } from '#domain/finance/journal/events.ts';
import type { JournalRefusal } from '#domain/finance/journal/journal.ts';
import { lastDayOf, type Period, previousPeriod } from '#domain/finance/period.ts';
import type { Book } from '#domain/finance/postingRule.ts';
import type { BookId, DriverId, EventId, ParkId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import type { Zone } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { assetKey, journalKey, type SubjectKey } from '#domain/kernel/subjects.ts';
import { bookIdOf } from './postEntry.ts';

const BOOKS_AT_ONCE = 8;

/** A book with the zone of its park. */
export type ZonedBook = Book & { readonly zone: Zone };

/** A month of a book, the park's where there is no vehicle. */
export interface BookMonth {
  readonly vehicle: VehicleId | null;
  readonly period: Period;
}

/** What closing and runs must know that no stream of a book tells. */
export interface Closing {
  /** Waits, bounded, until all that follows from what is in the log by now is posted. */
  readonly posted: () => Promise<Either<Unavailable | { readonly code: 'Behind' }, null>>;
  /** The last event of a key, null where it has none. */
  readonly lastOf: (
    tenant: Tenant,
    key: SubjectKey,
  ) => Promise<Either<Unavailable, EventId | null>>;
  /** Every book of a tenant that there was by the end of a day, with the zone of its park. */
  readonly booksOf: (
    tenant: Tenant,
    until: string,
  ) => Promise<Either<Unavailable, readonly ZonedBook[]>>;
  /** The months up to one in which a book of a park has entries in a currency that is not its `own`. */
  readonly foreignMonths: (
    tenant: Tenant,
    asked: { readonly park: ParkId; readonly own: Currency; readonly until: Period },
  ) => Promise<Either<Unavailable, readonly BookMonth[]>>;
  /** Every driver to whom a share of a fare was ever credited in a park. */
  readonly driversOf: (
    tenant: Tenant,
    park: ParkId,
  ) => Promise<Either<Unavailable, readonly DriverId[]>>;
}

/** Why a month cannot be closed. */
export type ClosingRefusal =
  | JournalRefusal
  | { readonly code: 'Behind' }
  | { readonly code: 'PeriodNotOver'; readonly period: Period }
  | { readonly code: 'EarlierPeriodOpen'; readonly period: Period };

type Failure = ClosingRefusal | HandleFailure;

/** How a month came to be closed: the books closed by this request, and all that there are. */
export interface ClosedPeriod {
  readonly period: Period;
  readonly closed: number;
  readonly books: number;
}

/** Whether a month that is older is still open: it has entries, and nobody closed it. */
const isOpen =
  ({ load }: Workspace) =>
  async (
    tenant: Tenant,
    month: { readonly book: BookId; readonly period: Period },
  ): Promise<Either<HandleFailure, boolean>> => {
    const loaded = await load(journalOf(tenant, month));
    if (isLeft(loaded)) return loaded;
    const { state, revision } = loaded.right;
    return right(revision !== null && state.closedIn === null);
  };

/** The last events of the keys that a closed month rests on. */
const lastEvents = async (
  { lastOf }: Closing,
  tenant: Tenant,
  keys: readonly SubjectKey[],
): Promise<Either<Unavailable, readonly LastOfKey[]>> => {
  const last: LastOfKey[] = [];
  for (const key of keys) {
    const event = await lastOf(tenant, key);
    if (isLeft(event)) return event;
    if (event.right !== null) last.push({ key, event: event.right });
  }
  return right(last);
};

/**
 * Closes a month of one book. Answers whether this request closed it: it may have been closed before.
 * `agreed` is how many entries it is to be closed with; null: with those that it has.
 */
const closeBook =
  (workspace: Workspace, closing: Closing) =>
  async (
    { origin }: Request,
    { zone, ...of }: ZonedBook,
    { period, agreed }: { readonly period: Period; readonly agreed: number | null },
  ): Promise<Either<Failure, boolean>> => {
    const { tenant } = origin;
    const book = bookIdOf(of);
    const before = previousPeriod(period);
    const open = await isOpen(workspace)(tenant, { book, period: before });
    if (isLeft(open)) return open;
    if (open.right) return left({ code: 'EarlierPeriodOpen', period: before });
    const aggregate = journalOf(tenant, { book, period });
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.closedIn !== null) return right(false);
    const journal = journalKey(monthOfBook({ book, period }));
    const keys = of.vehicle === null ? [journal] : [assetKey(of.vehicle), journal];
    const last = await lastEvents(closing, tenant, keys);
    if (isLeft(last)) return last;
    const seen = agreed ?? state.entries.size;
    const closed = await workspace.submit({
      origin: followUp(origin, 'close', book, period, String(seen)),
      aggregate,
      command: {
        type: 'ClosePeriod',
        ...of,
        ...{ book, period, seen, last: last.right },
        when: momentOf(workspace.now(), zone),
      },
      authorize: everywhere,
    })();
    return isLeft(closed) ? closed : right(closed.right.events.length > 0);
  };

/**
 * Closes a month of some books, those of assets before those of parks, and answers how many this request
 * closed. `agreedOf` tells with how many entries a book is to be closed. Broken off, it goes on.
 */
export const closeBooks =
  (workspace: Workspace, closing: Closing) =>
  async (
    request: Request,
    period: Period,
    {
      books,
      agreedOf,
    }: {
      readonly books: readonly ZonedBook[];
      readonly agreedOf: (book: Book) => number | null;
    },
  ): Promise<Either<Failure, number>> => {
    const assets = books.filter(({ vehicle }) => vehicle !== null);
    const parks = books.filter(({ vehicle }) => vehicle === null);
    let closed = 0;
    for (const group of [assets, parks].flatMap((some) => inGroups(some, BOOKS_AT_ONCE))) {
      const done = await Promise.all(
        group.map((book) =>
          closeBook(workspace, closing)(request, book, { period, agreed: agreedOf(book) }),
        ),
      );
      for (const each of done) {
        if (isLeft(each)) return each;
        closed += each.right ? 1 : 0;
      }
    }
    return right(closed);
  };

/** Whether a month is over in the zones of all books. */
export const isOver = (
  { now }: Pick<Workspace, 'now'>,
  books: readonly Pick<ZonedBook, 'zone'>[],
  period: Period,
): boolean => books.every(({ zone }) => momentOf(now(), zone).localDate > lastDayOf(period));

/**
 * Closes a month: first every book of every asset, then those of the parks, then the books of the tenant.
 * All that was in the log when it began is posted before; what comes later goes into the next month. Broken
 * off, it goes on where it stopped; closed again, it changes nothing.
 */
export const closePeriod =
  (workspace: Workspace, closing: Closing) =>
  async (request: Request, period: Period): Promise<Either<Failure, ClosedPeriod>> => {
    const { tenant } = request.origin;
    const found = await closing.booksOf(tenant, lastDayOf(period));
    if (isLeft(found)) return found;
    if (!isOver(workspace, found.right, period)) return left({ code: 'PeriodNotOver', period });
    const posted = await closing.posted();
    if (isLeft(posted)) return posted;
    const all = { books: found.right, agreedOf: () => null };
    const closed = await closeBooks(workspace, closing)(request, period, all);
    if (isLeft(closed)) return closed;
    const books = found.right.length;
    const ended = await workspace.submit({
      origin: followUp(request.origin, 'close', 'books', period),
      aggregate: booksOf(tenant, period),
      command: {
        type: 'CloseBooks',
        ...{ period, books },
        when: momentOf(workspace.now(), workspace.platformZone),
      },
      authorize: everywhere,
    })();
    return isLeft(ended) ? ended : right({ period, closed: closed.right, books });
  };
