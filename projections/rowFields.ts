import type { LedgerFact } from '#domain/events.ts';
import { LogPosition, StoredInstant } from '#domain/features/stored.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { ProjectedEvent } from './projection.ts';

/** The last event that was folded into a row: when it was recorded, and where it stands in the log. */
export const lastEvent = { updatedAt: StoredInstant, position: LogPosition };

/** What `lastEvent` says after an event. */
export const after = ({ recordedAt, position }: ProjectedEvent) => ({
  updatedAt: recordedAt,
  position: position.toString(),
});

/** A fact of one type, out of all facts. */
export type FactNamed<Type extends LedgerFact['type']> = Extract<LedgerFact, { type: Type }>;

/** The subject that a key `<subject>/…` begins with. */
export const subjectOfKey = (key: string): SubjectKey => {
  const end = key.indexOf('/');
  return SubjectKey.parse(end < 0 ? key : key.slice(0, end));
};

/** The earliest of some days, null where there is none: of null, which is no day, nothing is said. */
export const earliest = (days: readonly (LocalDate | null)[]): LocalDate | null =>
  days.reduce(
    (least, day) => (least === null || (day !== null && day < least) ? day : least),
    null,
  );

/**
 * A list of bounded length with an item put behind the others, in place of an older one with the same id.
 * What falls out at the front is counted.
 */
export const withNewest = <Item>(
  items: readonly Item[],
  item: Item,
  { isSame, items_max }: { readonly isSame: (held: Item) => boolean; readonly items_max: number },
): { readonly items: Item[]; readonly dropped: number } => {
  const all = [...items.filter((held) => !isSame(held)), item];
  const dropped = Math.max(0, all.length - items_max);
  return { items: all.slice(dropped), dropped };
};
