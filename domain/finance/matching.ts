import type { LocalDate } from '#domain/kernel/instant.ts';
import { type Money, minorUnits } from '#domain/kernel/money.ts';
import type { StatementLine } from './statement.ts';

/** A payment that was sent to the bank. `paid` and `returned`: a bank statement has said so already. */
export interface ExpectedPayment {
  readonly amount: Money;
  readonly status: 'sent' | 'paid' | 'returned';
}

/**
 * Why somebody has to look at a line.
 *
 * - `PaymentUnknown`: it names no payment of ours, or none at all.
 * - `AmountDiffers`: it names a payment of ours, of another amount or currency.
 * - `PaidTwice`, `ReturnedTwice`, `ReturnedUnpaid`: that cannot follow upon what the bank said before.
 * - `DetailsUnbalanced`: what is booked in one sum is not the sum of what it says it is made of.
 * - `ReferenceReused`: the bank calls two different entries the same.
 */
export type MatchingFault =
  | 'PaymentUnknown'
  | 'AmountDiffers'
  | 'PaidTwice'
  | 'ReturnedTwice'
  | 'ReturnedUnpaid'
  | 'DetailsUnbalanced'
  | 'ReferenceReused';

/** What a line of a statement, or one transaction in it, turned out to be. `ref` names the line. */
export type Match =
  | {
      readonly kind: 'matched';
      readonly ref: string;
      readonly endToEndId: string;
      readonly on: LocalDate;
    }
  | {
      readonly kind: 'returned';
      readonly ref: string;
      readonly endToEndId: string;
      readonly on: LocalDate;
      /** The bank's code; null where it gives none. */
      readonly reason: string | null;
    }
  | {
      readonly kind: 'unmatched';
      readonly ref: string;
      readonly endToEndId: string | null;
      readonly on: LocalDate;
      readonly code: MatchingFault;
      readonly direction: StatementLine['direction'];
      readonly amount: Money;
    };

/** Whether a line, by its name and direction, has told of a payment before. */
export type IsTold = (
  endToEndId: string,
  line: Pick<StatementLine, 'ref' | 'direction'>,
) => boolean;

interface Transaction extends Pick<StatementLine, 'direction' | 'amount' | 'ref'> {
  readonly endToEndId: string | null;
  readonly on: LocalDate;
  readonly reason: string | null;
}

const isSame = (one: Money, other: Money): boolean =>
  one.amount === other.amount && one.currency === other.currency;

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Payments come before what returns them, whichever the bank tells first; then by day and by name. */
const inTurn = (one: Transaction, other: Transaction): number =>
  byText(other.direction, one.direction) ||
  byText(one.on, other.on) ||
  byText(one.ref, other.ref) ||
  byText(one.endToEndId ?? '', other.endToEndId ?? '');

/** The transactions in a line; null where they do not add up to it. */
const transactionsOf = (line: StatementLine): readonly Transaction[] | null => {
  const { amount, direction, ref, bookedOn: on, details } = line;
  const [only = { endToEndId: null, amount: null, returnReason: null }] = details;
  const parts = details.length > 1 ? details : [{ ...only, amount: only.amount ?? amount }];
  const all = parts.flatMap(({ endToEndId, amount: part, returnReason: reason }) =>
    part === null ? [] : [{ ref, direction, on, endToEndId, amount: part, reason }],
  );
  const sum = all.reduce((total, part) => total + minorUnits(part.amount), 0n);
  const isWhole =
    all.length === parts.length &&
    all.every((part) => part.amount.currency === amount.currency) &&
    sum === minorUnits(amount);
  return isWhole ? all : null;
};

const unmatched = (
  { ref, direction, amount, on, endToEndId }: Omit<Transaction, 'reason'>,
  code: MatchingFault,
): Match => ({ kind: 'unmatched', ref, endToEndId, on, code, direction, amount });

const wholeLine = ({ bookedOn: on, ref, direction, amount }: StatementLine) => ({
  ...{ ref, direction, amount, on, endToEndId: null },
});

/** What cannot follow upon what the bank has said of a payment before; null if it can. */
const outOfTurn = (
  direction: StatementLine['direction'],
  status: ExpectedPayment['status'],
): MatchingFault | null => {
  if (direction === 'debit') return status === 'sent' ? null : 'PaidTwice';
  if (status === 'sent') return 'ReturnedUnpaid';
  return status === 'returned' ? 'ReturnedTwice' : null;
};

const inBookingOrder = (one: StatementLine, other: StatementLine): number =>
  byText(one.bookedOn, other.bookedOn) ||
  byText(one.ref, other.ref) ||
  byText(one.direction, other.direction) ||
  byText(one.amount.amount, other.amount.amount);

/** The lines that have to be looked at, each once, and those that bear the name of another. */
const sortOut = (lines: readonly StatementLine[]) => {
  const known = new Map<string, StatementLine>();
  const fresh: StatementLine[] = [];
  const reused: StatementLine[] = [];
  for (const line of lines.toSorted(inBookingOrder)) {
    const before = known.get(line.ref);
    if (before === undefined) {
      known.set(line.ref, line);
      fresh.push(line);
    } else if (before.direction !== line.direction || !isSame(before.amount, line.amount)) {
      reused.push(line);
    }
  }
  return { fresh, reused };
};

/**
 * What the lines of bank statements say of the payments that were sent, and what they say that somebody has
 * to look at. What a line has told before it does not tell again, so that a statement which was taken in by
 * half can be taken in again; the order in which lines come makes no difference.
 */
export const matchLines = (
  lines: readonly StatementLine[],
  expected: ReadonlyMap<string, ExpectedPayment>,
  isTold: IsTold,
): readonly Match[] => {
  const { fresh, reused } = sortOut(lines);
  const matches: Match[] = reused.map((line) => unmatched(wholeLine(line), 'ReferenceReused'));
  const transactions: Transaction[] = [];
  for (const line of fresh) {
    const parts = transactionsOf(line);
    if (parts === null) matches.push(unmatched(wholeLine(line), 'DetailsUnbalanced'));
    else transactions.push(...parts);
  }
  const now = new Map<string, ExpectedPayment['status']>();
  for (const each of transactions.toSorted(inTurn)) {
    const { ref, on, endToEndId, direction, reason } = each;
    const payment = endToEndId === null ? undefined : expected.get(endToEndId);
    if (endToEndId === null || payment === undefined) {
      matches.push(unmatched(each, 'PaymentUnknown'));
      continue;
    }
    if (isTold(endToEndId, each)) continue;
    const fault = isSame(each.amount, payment.amount)
      ? outOfTurn(direction, now.get(endToEndId) ?? payment.status)
      : 'AmountDiffers';
    if (fault !== null) {
      matches.push(unmatched(each, fault));
    } else if (direction === 'debit') {
      now.set(endToEndId, 'paid');
      matches.push({ kind: 'matched', ref, endToEndId, on });
    } else {
      now.set(endToEndId, 'returned');
      matches.push({ kind: 'returned', ref, endToEndId, on, reason });
    }
  }
  return matches;
};
