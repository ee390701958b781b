import { z } from 'zod';
import { Code } from '#domain/kernel/fields.ts';
import { DriverId, ParkId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { Money } from '#domain/kernel/money.ts';
import type { AnyEventType, AnyFact, Fact } from '#domain/kernel/registry.ts';
import { type Account, AccountCode } from './accounts.ts';

export const LINES_MAX = 60;

/** A line of an entry: an amount above zero on one side of an account, with whom it concerns. */
export const EntryLine = z.strictObject({
  account: AccountCode,
  side: z.enum(['debit', 'credit']),
  amount: Money.refine(({ amount }) => amount !== '0' && !amount.startsWith('-')),
  driver: DriverId.nullable(),
  party: PartyId.nullable(),
});
export type EntryLine = z.infer<typeof EntryLine>;

/** Whose an entry is: an asset's, or, with no vehicle, the park's in general. */
export const Book = z.strictObject({ park: ParkId, vehicle: VehicleId.nullable() });
export type Book = z.infer<typeof Book>;

/** By which rule an entry follows from a fact. */
export const RuleRef = z.strictObject({ name: Code, version: z.int().min(1).max(999) });
export type RuleRef = z.infer<typeof RuleRef>;

/** An entry as a rule wants it. `date` says which month it is about; a closed one moves it to the next. */
export interface EntryDraft {
  readonly book: Book;
  readonly date: LocalDate;
  readonly lines: readonly EntryLine[];
}

/**
 * How facts of some types become entries. Pure: the same fact gives the same drafts for ever, under one
 * version. A fact that moves no money gives none. `before` is what the fact's stream held before it, for
 * rules that ask for it by `history`; for others it is empty.
 */
export interface PostingRule extends RuleRef {
  readonly handles: readonly string[];
  readonly history: boolean;
  readonly drafts: (fact: AnyFact, before: readonly AnyFact[]) => readonly EntryDraft[];
}

/** A rule over the facts of the event types that it handles. */
export const postingRule = <const Types extends readonly AnyEventType[]>({
  name,
  version,
  handles,
  history,
  drafts,
}: RuleRef & {
  readonly handles: Types;
  readonly history: boolean;
  readonly drafts: (fact: Fact<Types[number]>, before: readonly AnyFact[]) => readonly EntryDraft[];
}): PostingRule => {
  const names = new Set<string>(handles.map(({ type }) => type));
  const isHandled = (fact: AnyFact): fact is AnyFact & Fact<Types[number]> => names.has(fact.type);
  return {
    name,
    version,
    handles: [...names],
    history,
    drafts: (fact, before) => (isHandled(fact) ? drafts(fact, before) : []),
  };
};

interface Whose {
  readonly driver?: DriverId | null;
  readonly party?: PartyId | null;
}

const lineOn =
  (side: EntryLine['side']) =>
  ({ code }: Account, amount: Money, { driver = null, party = null }: Whose = {}): EntryLine => ({
    account: code,
    side,
    amount,
    driver,
    party,
  });

/** A line that debits an account. */
export const debit = lineOn('debit');
/** A line that credits an account. */
export const credit = lineOn('credit');

/** The lines that move something: an amount of zero is no line. */
export const moving = (lines: readonly EntryLine[]): readonly EntryLine[] =>
  lines.filter(({ amount }) => amount.amount !== '0');

/** The same lines on the other side, which undo them. */
export const flipped = (lines: readonly EntryLine[]): readonly EntryLine[] =>
  lines.map((line) => ({ ...line, side: line.side === 'debit' ? 'credit' : 'debit' }));
