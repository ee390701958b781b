import { type Either, right } from 'fp-ts/lib/Either.js';
import type { Period } from '#domain/finance/period.ts';
import type { Decider } from '#domain/kernel/decider.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { type Fact, fact } from '#domain/kernel/registry.ts';
import { BooksClosed } from './events.ts';

/** Closes a month for a whole tenant, after all of its `books`. */
export interface CloseBooks {
  readonly type: 'CloseBooks';
  readonly period: Period;
  readonly books: number;
  readonly when: Moment;
}

interface Books {
  readonly closed: boolean;
}

type BooksEvent = Fact<typeof BooksClosed>;

const decide = (
  { period, books, when }: CloseBooks,
  { closed }: Books,
): Either<never, readonly BooksEvent[]> =>
  right(closed ? [] : [fact(BooksClosed, when, { period, books })]);

/** Whether a month is closed for a whole tenant: then no book of it takes an entry, not even its first. */
export const booksDecider: Decider<CloseBooks, BooksEvent, Books, never> = {
  initial: { closed: false },
  decide,
  evolve: () => ({ closed: true }),
};
