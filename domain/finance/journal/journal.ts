import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { AccountCode } from '#domain/finance/accounts.ts';
import { type Period, periodOf } from '#domain/finance/period.ts';
import type { EntryLine, RuleRef } from '#domain/finance/postingRule.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import { emptyMap, type GrowingMap, heldAt, withEntries } from '#domain/kernel/growingMap.ts';
import type { BookId, EntryId, EventId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate, Moment } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type BalanceRefusal,
  type Balances,
  balanceRefused,
  entered,
  totalsOf,
} from './balance.ts';
import {
  AssetPeriodClosed,
  type Entry,
  EntryPosted,
  type Exchange,
  type JournalEvent,
  type LastOfKey,
  ParkPeriodClosed,
} from './events.ts';

/** A month of a book: the vehicle's, or, with no vehicle, the park's. */
interface MonthOfBook {
  readonly book: BookId;
  readonly park: ParkId;
  readonly vehicle: VehicleId | null;
  readonly period: Period;
}

interface PostEntry extends MonthOfBook {
  readonly type: 'PostEntry';
  readonly entry: EntryId;
  readonly date: LocalDate;
  readonly transaction: string;
  readonly rule: RuleRef | null;
  readonly reason: string | null;
  readonly basis: EventId | null;
  readonly about: Period | null;
  readonly reverses: EntryId | null;
  readonly exchange: Exchange | null;
  readonly lines: readonly EntryLine[];
  /** The accounts that there are. */
  readonly chart: ReadonlySet<AccountCode>;
  readonly when: Moment;
}

interface ClosePeriod extends MonthOfBook {
  readonly type: 'ClosePeriod';
  /** The entries that whoever closes has seen; `last` names the last events that these rest on. */
  readonly seen: number;
  readonly last: readonly LastOfKey[];
  readonly when: Moment;
}

/** What one may ask of a month of a book. */
export type JournalCommand = PostEntry | ClosePeriod;

/** Every way a month of a book may say no. */
export type JournalRefusal =
  | BalanceRefusal
  | { readonly code: 'AccountUnknown'; readonly account: AccountCode }
  | { readonly code: 'DateOutsidePeriod'; readonly period: Period }
  | { readonly code: 'PeriodClosed'; readonly period: Period }
  | { readonly code: 'TransactionReused'; readonly entry: EntryId }
  | { readonly code: 'EntriesCameMeanwhile'; readonly entries: number };

/** An entry as far as another may be compared with it, or undo it. */
export type KnownEntry = Omit<Entry, 'book' | 'period'>;

/** What a month of a book holds. */
export interface JournalState {
  readonly entries: GrowingMap<EntryId, KnownEntry>;
  readonly byTransaction: GrowingMap<string, EntryId>;
  readonly totals: Balances;
  /** The park that the book was in when it was closed; null while it is open. */
  readonly closedIn: ParkId | null;
}

type Decision = Either<JournalRefusal, readonly JournalEvent[]>;
const nothing: Decision = right([]);

const sameLine = (left: EntryLine, right: EntryLine | undefined): boolean =>
  left.account === right?.account &&
  left.side === right.side &&
  left.amount.amount === right.amount.amount &&
  left.amount.currency === right.amount.currency &&
  left.driver === right.driver &&
  left.party === right.party;

/**
 * Whether an entry says what was posted: its origin and its lines. The day may have moved with a closing.
 */
const isSame = (command: PostEntry, known: KnownEntry): boolean =>
  command.basis === known.basis &&
  command.reason === known.reason &&
  command.reverses === known.reverses &&
  command.lines.length === known.lines.length &&
  command.lines.every((line, index) => sameLine(line, known.lines[index]));

const post = (command: PostEntry, state: JournalState): Decision => {
  const { type: _, chart, when, lines, ...said } = command;
  const known = heldAt(state.byTransaction, command.transaction);
  const before = known && heldAt(state.entries, known);
  if (before) {
    if (isSame(command, before)) return nothing;
    return left({ code: 'TransactionReused', entry: before.entry });
  }
  const { period } = command;
  if (state.closedIn !== null) return left({ code: 'PeriodClosed', period });
  if (periodOf(command.date) !== period) return left({ code: 'DateOutsidePeriod', period });
  const missing = lines.find(({ account }) => !chart.has(account));
  if (missing) return left({ code: 'AccountUnknown', account: missing.account });
  const refused = balanceRefused(lines, command.exchange);
  if (refused) return left(refused);
  return right([fact(EntryPosted, when, { ...said, lines: [...lines] })]);
};

const close = (command: ClosePeriod, state: JournalState): Decision => {
  const { book, park, vehicle, period, seen, last, when } = command;
  if (state.closedIn !== null) return nothing;
  const entries = state.entries.size;
  if (entries !== seen) return left({ code: 'EntriesCameMeanwhile', entries });
  const totals = totalsOf(state.totals);
  const closing = { book, park, period, entries, last: [...last], totals };
  return right([
    vehicle === null
      ? fact(ParkPeriodClosed, when, { ...closing, vehicle })
      : fact(AssetPeriodClosed, when, { ...closing, vehicle }),
  ]);
};

const decide = (command: JournalCommand, state: JournalState): Decision => {
  switch (command.type) {
    case 'PostEntry':
      return post(command, state);
    case 'ClosePeriod':
      return close(command, state);
    default:
      return unreachable(command);
  }
};

const evolve = (state: JournalState, event: JournalEvent): JournalState => {
  switch (event.type) {
    case 'EntryPosted': {
      const { book: _, period: __, ...entry } = event.data;
      return {
        ...state,
        entries: withEntries(state.entries, [[entry.entry, entry]]),
        byTransaction: withEntries(state.byTransaction, [[entry.transaction, entry.entry]]),
        totals: entered(state.totals, entry.lines),
      };
    }
    case 'AssetPeriodClosed':
    case 'ParkPeriodClosed':
      return { ...state, closedIn: event.data.park };
    default:
      return unreachable(event);
  }
};

/** What no entry has touched in a currency has a balance of zero in it. */
export const balanceOf = (
  totals: Balances,
  { account, currency }: { readonly account: AccountCode; readonly currency: Currency },
): bigint => {
  const total = totals.get(`${account} ${currency}`);
  return total ? total.debit - total.credit : 0n;
};

/** A month of a book: balanced entries, each transaction once, none after it was closed. */
export const journalDecider: Decider<JournalCommand, JournalEvent, JournalState, JournalRefusal> = {
  initial: { entries: emptyMap, byTransaction: emptyMap, totals: new Map(), closedIn: null },
  decide,
  evolve,
};
