import type { LedgerFact } from '#domain/events.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { type AssetState, assetAt, learned } from './assetState.ts';

/** An event of an asset's history: its place in the log, when it was recorded, and what it says. */
export interface HistoryEntry {
  readonly position: bigint;
  readonly recordedAt: Instant;
  readonly fact: LedgerFact;
}

/**
 * What we knew: everything up to a position, everything recorded up to an instant, or, null, all there
 * is.
 */
export type KnownAt = { readonly position: bigint } | { readonly recordedAt: Instant } | null;

/** An event with the moment of true time from which it acts. */
type Acting<Entry extends HistoryEntry> = Entry & { readonly actsAt: Instant };

/**
 * A history as known and as true at some moment: its events in the order in which they act, and what they
 * add up to.
 */
export interface AssetHistory<Entry extends HistoryEntry> {
  readonly events: readonly Acting<Entry>[];
  readonly state: AssetState | null;
}

const isKnown = ({ position, recordedAt }: HistoryEntry, known: KnownAt): boolean => {
  if (known === null) return true;
  return 'position' in known ? position <= known.position : recordedAt <= known.recordedAt;
};

/** The one thing with a life of its own that a fact is a step in; null where there is none. */
const subjectOf = ({ data }: LedgerFact): string | null => {
  if ('condition' in data) return data.condition;
  if ('fine' in data) return data.fine;
  if ('incident' in data) return data.incident;
  if ('trip' in data && data.trip !== null) return data.trip;
  if ('repair' in data) return data.repair;
  return 'rental' in data ? data.rental : null;
};

/** Facts that say what had been so all along: they act from the beginning of what they correct. */
const corrections = new Set<LedgerFact['type']>([
  'RentalVoided',
  'TripAmended',
  'TripVoided',
  'FineVoided',
  'FineReattributed',
  'IncidentAmended',
  'IncidentVoided',
  'IncidentReattributed',
  'ConditionAmended',
  'ConditionVoided',
]);

/** Corrections whose own time is the beginning as they know it, which may lie before the one told first. */
const movesBeginning = new Set<LedgerFact['type']>([
  'TripAmended',
  'IncidentAmended',
  'ConditionAmended',
]);

const laterOf = (one: Instant, other: Instant): Instant => (one < other ? other : one);

/** When each thing began: by what was told of it first, or earlier where a correction moved it back. */
const beginningsOf = (entries: readonly HistoryEntry[]): ReadonlyMap<string, Instant> => {
  const beginnings = new Map<string, Instant>();
  for (const { fact } of entries) {
    const subject = subjectOf(fact);
    if (subject === null) continue;
    const began = beginnings.get(subject);
    const { at } = fact.when;
    if (began === undefined || (movesBeginning.has(fact.type) && at < began)) {
      beginnings.set(subject, at);
    }
  }
  return beginnings;
};

/**
 * Gives every event, in the order of the log, the moment from which it acts: a correction that of the
 * beginning of what it corrects, any other its own, but never before the thing it is a step in began.
 */
const acting = <Entry extends HistoryEntry>(
  entries: readonly Entry[],
): readonly Acting<Entry>[] => {
  const beginnings = beginningsOf(entries);
  return entries.map((entry) => {
    const { type, when } = entry.fact;
    const subject = subjectOf(entry.fact);
    const began = (subject === null ? null : beginnings.get(subject)) ?? when.at;
    return { ...entry, actsAt: corrections.has(type) ? began : laterOf(when.at, began) };
  });
};

const byTrueTime = (one: Acting<HistoryEntry>, other: Acting<HistoryEntry>): number => {
  if (one.actsAt !== other.actsAt) return one.actsAt < other.actsAt ? -1 : 1;
  return one.position < other.position ? -1 : 1;
};

/**
 * What was known of an asset at one moment about how it was at another. `entries` are all events with the
 * asset's key in the order of the log. Folded by (time in the world, position); a correction acts at the
 * time of what it corrects. `trueAt` null is the end of all that is known.
 */
export const assetHistory = <Entry extends HistoryEntry>(
  entries: readonly Entry[],
  { known, trueAt }: { readonly known: KnownAt; readonly trueAt: Instant | null },
): AssetHistory<Entry> => {
  const events = acting(entries.filter((entry) => isKnown(entry, known)))
    .filter(({ actsAt }) => trueAt === null || actsAt <= trueAt)
    .toSorted(byTrueTime);
  return { events, state: assetAt(learned(events.map(({ fact }) => fact)), trueAt) };
};
