import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { journalOf, parkOf, vehicleOf } from '#commands/aggregate.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { deriveUuid } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import {
  type Outcome,
  type OutsideScope,
  type Request,
  scope,
  type Workspace,
} from '#commands/workspace.ts';
import type { Exchange } from '#domain/finance/journal/events.ts';
import type { JournalRefusal, KnownEntry } from '#domain/finance/journal/journal.ts';
import { namedMonth } from '#domain/finance/period.ts';
import { type Book, type EntryLine, flipped } from '#domain/finance/postingRule.ts';
import { heldAt } from '#domain/kernel/growingMap.ts';
import { BookId, type EntryId, type ParkId, type VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate, Moment } from '#domain/kernel/instant.ts';
import { postEntry } from './postEntry.ts';
import { exchangeOn, type RateMissing } from './rates.ts';

/** Why an entry by hand may be refused. */
export type ByHandRefusal =
  | JournalRefusal
  | RateMissing
  | { readonly code: 'ParkUnknown'; readonly park: ParkId }
  | { readonly code: 'VehicleUnknown'; readonly vehicle: VehicleId }
  | { readonly code: 'EntryUnknown'; readonly entry: EntryId };

/**
 * Whether a book is one of the caller's: its park, and its vehicle in that park. Answers the moment there.
 */
const inReach =
  (workspace: Workspace) =>
  async (
    request: Request,
    { park, vehicle }: Book,
  ): Promise<Either<ByHandRefusal | HandleFailure | OutsideScope, Moment>> => {
    const { tenant } = request.origin;
    const loaded = await workspace.load(parkOf(tenant, park));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(park))) {
      return left({ code: 'ParkUnknown', park });
    }
    if (vehicle !== null) {
      const known = await workspace.load(vehicleOf(tenant, vehicle));
      if (isLeft(known)) return known;
      if (known.right.state.vehicle?.park !== park)
        return left({ code: 'VehicleUnknown', vehicle });
    }
    return right(momentOf(workspace.now(), state.zone));
  };

/**
 * Posts an entry that follows from no fact of the ledger, with a reason. Its transaction is posted once.
 * Where two currencies meet, they do at the rate that is recorded of its day.
 */
export const postByHand =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly book: Book;
      readonly date: LocalDate;
      readonly transaction: string;
      readonly reason: string;
      readonly lines: readonly EntryLine[];
      /** Which two currencies meet in it; null where there is one. */
      readonly exchange: Pick<Exchange, 'from' | 'to'> | null;
    },
  ): Outcome<EntryId, ByHandRefusal> => {
    const { book, date, transaction, reason, lines } = asked;
    const when = await inReach(workspace)(request, book);
    if (isLeft(when)) return when;
    const { tenant } = request.origin;
    const met = asked.exchange;
    const exchange = met ? await exchangeOn(workspace)(tenant, met, date) : right(null);
    if (isLeft(exchange)) return exchange;
    return postEntry(workspace)(request.origin, {
      draft: { book, date, lines },
      ...{ transaction, reason, rule: null, basis: null, reverses: null },
      exchange: exchange.right,
      when: when.right,
    });
  };

/** The month of a book that an entry lies in, as its id says. */
const monthOf = (entry: EntryId) => {
  const [month = ''] = entry.split('~');
  const { name, period } = namedMonth(month);
  return { book: BookId.parse(name), period };
};

const heldEntry =
  ({ load }: Workspace) =>
  async (
    { origin }: Request,
    entry: EntryId,
  ): Promise<Either<ByHandRefusal | HandleFailure, KnownEntry>> => {
    const loaded = await load(journalOf(origin.tenant, monthOf(entry)));
    if (isLeft(loaded)) return loaded;
    const held = heldAt(loaded.right.state.entries, entry);
    return held ? right(held) : left({ code: 'EntryUnknown', entry });
  };

/**
 * Undoes an entry by one that says the opposite, in its own month or, where that is closed, the first open
 * one after it. Undone twice it is undone once.
 */
export const reverseEntry =
  (workspace: Workspace) =>
  async (
    request: Request,
    { entry, reason }: { readonly entry: EntryId; readonly reason: string },
  ): Outcome<EntryId, ByHandRefusal> => {
    const held = await heldEntry(workspace)(request, entry);
    if (isLeft(held)) return held;
    const { park, vehicle, date, lines, exchange } = held.right;
    const book = { park, vehicle };
    const when = await inReach(workspace)(request, book);
    if (isLeft(when)) return left({ code: 'EntryUnknown', entry });
    return postEntry(workspace)(request.origin, {
      draft: { book, date, lines: flipped(lines) },
      transaction: deriveUuid('reversal', request.origin.tenant, entry),
      ...{ reason, rule: null, basis: null, reverses: entry, exchange },
      when: when.right,
    });
  };
