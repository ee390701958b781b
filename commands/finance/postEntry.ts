import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { booksOf, chartOf, journalOf } from '#commands/aggregate.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Origin } from '#commands/origin.ts';
import {
  everywhere,
  followUp,
  type Outcome,
  submitAs,
  type Workspace,
} from '#commands/workspace.ts';
import { type Exchange, monthOfBook } from '#domain/finance/journal/events.ts';
import type { JournalRefusal } from '#domain/finance/journal/journal.ts';
import { firstDayOf, nextPeriod, type Period, periodOf } from '#domain/finance/period.ts';
import type { Book, EntryDraft, RuleRef } from '#domain/finance/postingRule.ts';
import { holds } from '#domain/kernel/growingMap.ts';
import { BookId, EntryId, type EventId, type Tenant } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';

/** How many closed months are passed over in search of an open one: ten years. */
const MONTHS_PASSED_MAX = 120;

/** The book of an asset goes by the vehicle's id, that of a park by the park's. */
export const bookIdOf = ({ park, vehicle }: Book): BookId => BookId.parse(vehicle ?? park);

/** An entry to be posted: what a rule or a person wants, and where it comes from. */
export interface NewEntry {
  readonly draft: EntryDraft;
  readonly transaction: string;
  readonly rule: RuleRef | null;
  readonly reason: string | null;
  readonly basis: EventId | null;
  readonly reverses: EntryId | null;
  readonly exchange: Exchange | null;
  readonly when: Moment;
}

/** Whether a month of a book holds a transaction, takes more, or takes none. */
const findIn =
  ({ load }: Workspace) =>
  async (
    tenant: Tenant,
    month: { readonly book: BookId; readonly period: Period },
    transaction: string,
  ): Promise<Either<HandleFailure, 'holds_it' | 'open' | 'closed'>> => {
    const loaded = await load(journalOf(tenant, month));
    if (isLeft(loaded)) return loaded;
    const { state, revision } = loaded.right;
    if (holds(state.byTransaction, transaction)) return right('holds_it');
    if (state.closedIn !== null) return right('closed');
    if (revision !== null) return right('open');
    const books = await load(booksOf(tenant, month.period));
    if (isLeft(books)) return books;
    return right(books.right.state.closed ? 'closed' : 'open');
  };

/**
 * Posts an entry into the month of its date, or, where that is closed, into the first open month after it,
 * as an adjustment that says which month it is about. A transaction that any month passed over holds is not
 * posted again: it may have been posted before the month was closed.
 */
export const postEntry =
  (workspace: Workspace) =>
  async (origin: Origin, asked: NewEntry): Outcome<EntryId, JournalRefusal> => {
    const { draft, transaction, ...rest } = asked;
    const { tenant } = origin;
    const book = bookIdOf(draft.book);
    const chart = await workspace.load(chartOf(tenant));
    if (isLeft(chart)) return chart;
    const about = periodOf(draft.date);
    let period = about;
    for (let month = 0; month < MONTHS_PASSED_MAX; month += 1) {
      const found = await findIn(workspace)(tenant, { book, period }, transaction);
      if (isLeft(found)) return found;
      if (found.right !== 'closed') {
        const isMoved = period !== about;
        const local = deriveUuid('entry', tenant, transaction);
        const entry = EntryId.parse(`${monthOfBook({ book, period })}~${local}`);
        const posted = await submitAs(workspace)(entry, {
          origin: followUp(origin, 'entry', period),
          aggregate: journalOf(tenant, { book, period }),
          command: {
            type: 'PostEntry',
            ...rest,
            ...draft.book,
            ...{ entry, book, period, transaction },
            date: isMoved ? firstDayOf(period) : draft.date,
            about: isMoved ? about : null,
            lines: draft.lines,
            chart: new Set(chart.right.state.keys()),
          },
          authorize: everywhere,
        })();
        const isRaced = isLeft(posted) && posted.left.code === 'PeriodClosed';
        if (!isRaced) return posted;
      }
      period = nextPeriod(period);
    }
    return left({ code: 'PeriodClosed', period: about });
  };
