import type { LedgerFact } from '#domain/events.ts';
import type { EventId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';

/** An event of a stream as decisions see it: its id, its place there and in the log, and what it says. */
export interface Held<Fact extends LedgerFact = LedgerFact> {
  readonly id: EventId;
  readonly revision: bigint;
  readonly position: bigint;
  readonly fact: Fact;
}

/** The events of one stream, in any order. */
export type History = readonly Held[];

/** An event that says one thing of several. */
export type HeldOf<Type extends LedgerFact['type']> = Held<Extract<LedgerFact, { type: Type }>>;

/** Tells the events of some types from others. */
export const saying =
  <const Types extends readonly LedgerFact['type'][]>(...types: Types) =>
  (held: Held): held is HeldOf<Types[number]> =>
    types.some((type) => type === held.fact.type);

const byTime = (one: Held, other: Held): number => {
  if (one.fact.when.at !== other.fact.when.at) {
    return one.fact.when.at < other.fact.when.at ? -1 : 1;
  }
  return one.revision < other.revision ? -1 : 1;
};

/** What had happened by a moment of true time, in the order of true time. */
export const happenedBy = (history: History, at: Instant): History =>
  history.filter(({ fact }) => fact.when.at <= at).toSorted(byTime);

/** All that is told, in the order in which it was recorded. */
export const asRecorded = (history: History): History =>
  history.toSorted((one, other) => (one.revision < other.revision ? -1 : 1));

/** The last revision of a stream, as decimal digits; null where it does not exist. */
export const lastRevision = (history: History): string | null =>
  asRecorded(history).at(-1)?.revision.toString() ?? null;
