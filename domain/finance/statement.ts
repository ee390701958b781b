import type { LocalDate } from '#domain/kernel/instant.ts';
import { type Money, minorUnits } from '#domain/kernel/money.ts';
import type { Iban } from './iban.ts';

/**
 * One transaction within an entry. `endToEndId`: what the payer called it, if the bank says; `amount`: null
 * where the entry's own is all there is; `returnReason`: the bank's code, where it is a return that has
 * one.
 */
export interface EntryDetail {
  readonly endToEndId: string | null;
  readonly amount: Money | null;
  readonly returnReason: string | null;
}

/**
 * A booked entry of a bank statement. `amount` is never negative; `direction` is the account's: a debit
 * takes away. `reversal`: it takes back an earlier entry of the other direction. `servicerRef`: what the
 * bank itself calls the entry, null where it does not.
 */
export interface StatementEntry {
  readonly amount: Money;
  readonly direction: 'credit' | 'debit';
  readonly reversal: boolean;
  readonly bookedOn: LocalDate;
  readonly valueOn: LocalDate | null;
  readonly servicerRef: string | null;
  readonly details: readonly EntryDetail[];
}

/** What a bank says of one account of ours: booked balances before and after, below zero if overdrawn. */
export interface BankStatement {
  readonly statementId: string;
  readonly iban: Iban;
  readonly opening: Money;
  readonly closing: Money;
  readonly entries: readonly StatementEntry[];
}

/** An entry with what tells it from every other of the account, so that it counts once. */
export interface StatementLine extends StatementEntry {
  readonly ref: string;
}

/** The lines of a statement. Where the bank has no name for an entry, its place in the statement is one. */
export const linesOf = ({
  statementId,
  entries,
}: Pick<BankStatement, 'statementId' | 'entries'>): readonly StatementLine[] =>
  entries.map((entry, index) => ({
    ...entry,
    ref: entry.servicerRef ?? `${statementId}#${index}`,
  }));

/** Whether the balances and the entries between them add up. They have to be of one currency. */
export const addsUp = ({ opening, closing, entries }: BankStatement): boolean => {
  const moved = entries.reduce(
    (sum, { amount, direction }) =>
      direction === 'credit' ? sum + minorUnits(amount) : sum - minorUnits(amount),
    0n,
  );
  return minorUnits(opening) + moved === minorUnits(closing);
};
