import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { journalOf } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import {
  type ClosingRefusal,
  closeBooks,
  isOver,
  type ZonedBook,
} from '#commands/finance/closePeriod.ts';
import { bookIdOf } from '#commands/finance/postEntry.ts';
import type { HandleFailure } from '#commands/handle.ts';
import type { Unavailable } from '#commands/ports.ts';
import { totalsOf } from '#domain/finance/journal/balance.ts';
import { lastDayOf } from '#domain/finance/period.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { CLOSING_VERSION, type ClosingLine } from '#domain/runs/lines/closing.ts';
import type { BeforePosting, OpenRunOf, Reckoner, RunParts } from './reckoner.ts';

/** The books of a park: those of its assets in the order of their ids, then the park's own. */
const booksOfPark = async (
  { closing }: RunParts,
  tenant: Tenant,
  { park, period }: OpenRunOf,
): Promise<Either<Unavailable, readonly ZonedBook[]>> => {
  const found = await closing.booksOf(tenant, lastDayOf(period));
  if (isLeft(found)) return found;
  const own = found.right.filter((book) => book.park === park);
  return right(own.sort((one, other) => ((one.vehicle ?? '~') < (other.vehicle ?? '~') ? -1 : 1)));
};

/** Says with what the books of a park are to be closed for a month that is over. */
export const closingReckoner = (parts: RunParts): Reckoner => ({
  version: CLOSING_VERSION,
  reckon: async (tenant, of) => {
    const { workspace, closing } = parts;
    const { period } = of;
    if (!isOver(workspace, [of], period)) return left({ code: 'PeriodNotOver', period });
    const posted = await closing.posted();
    if (isLeft(posted)) return posted;
    const books = await booksOfPark(parts, tenant, of);
    if (isLeft(books)) return books;
    const lines: ClosingLine[] = [];
    for (const book of books.right) {
      const journal = journalOf(tenant, { book: bookIdOf(book), period });
      const loaded = await workspace.load(journal);
      if (isLeft(loaded)) return loaded;
      const { entries, totals } = loaded.right.state;
      const inputs = digestOf(totalsOf(totals));
      lines.push({ kind: 'closing', vehicle: book.vehicle, inputs, entries: entries.size });
    }
    return right(lines);
  },
});

/** Closes the books with the entries that were agreed to; one more, and it is refused. */
export const closeAgreed =
  (parts: RunParts): BeforePosting<ClosingRefusal | HandleFailure> =>
  async (request, of, lines) => {
    const books = await booksOfPark(parts, request.origin.tenant, of);
    if (isLeft(books)) return books;
    const agreed = new Map(
      lines.flatMap((line) => (line.kind === 'closing' ? [[line.vehicle, line.entries]] : [])),
    );
    return closeBooks(parts.workspace, parts.closing)(request, of.period, {
      books: books.right,
      agreedOf: ({ vehicle }) => agreed.get(vehicle) ?? 0,
    });
  };
