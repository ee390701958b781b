import { z } from 'zod';
import { Distance_m, PenaltyPoints } from '#domain/kernel/fields.ts';
import { DeviceIdent, DriverId, EventId, ParkId, RentalId, VehicleId } from '#domain/kernel/ids.ts';
import { covers, type Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { Money } from '#domain/kernel/money.ts';
import { LogPosition, StoredInstant } from './stored.ts';

/** So many words on one thing at most; a thing with more is for a person to look at. */
const VERSIONS_MAX = 200;

/** What stretches of time are told of; `stepKinds` says which of them are steps. */
export const IntervalKind = z.enum([
  'park',
  'affiliation',
  'lifecycle',
  'membership',
  'commissioned',
  'hold',
  'rental',
  'repair',
  'defect',
  'trip',
  'fine',
  'fitting',
  'offline',
  'idling',
  'revenue',
]);
export type IntervalKind = z.infer<typeof IntervalKind>;

/**
 * What an event said of a stretch of true time: it stood from the position `known` on, until a later version.
 * `void`: there never was such a stretch. What does not belong to its kind is null.
 */
export const IntervalVersion = z.strictObject({
  from: StoredInstant,
  to: StoredInstant.nullable(),
  known: LogPosition,
  void: z.boolean(),
  event: EventId,
  park: ParkId.nullable(),
  driver: DriverId.nullable(),
  rental: RentalId.nullable(),
  /** Of a fine its status, of a hold whether it begins (`withdrawn`) or ends (`reinstated`). */
  status: z
    .enum(['issued', 'disputed', 'confirmed', 'paid', 'voided', 'withdrawn', 'reinstated'])
    .nullable(),
  /** Of a trip that of its start, of a fine that of the offence. */
  localDate: LocalDate.nullable(),
  points: PenaltyPoints.nullable(),
  distance_m: Distance_m.nullable(),
  /** What an entry earned, net of tax; of one that takes back, below zero. */
  amount: Money.nullable(),
});
export type IntervalVersion = z.infer<typeof IntervalVersion>;

/**
 * A stretch of true time with all that was ever said of it, in the order in which it became known. Outside
 * `versions`, what changes is as the newest version has it; `reassigned` says that it was not always the same
 * driver, `redated` not always the same local date. The zone is that of a park, the ident that of the device
 * that was fitted or showed something.
 */
export const Interval = z.strictObject({
  interval: z.string().max(200),
  kind: IntervalKind,
  vehicle: VehicleId.nullable(),
  park: ParkId.nullable(),
  driver: DriverId.nullable(),
  zone: Zone.nullable(),
  ident: DeviceIdent.nullable(),
  localDate: LocalDate.nullable(),
  startsAt: StoredInstant,
  endsAt: StoredInstant.nullable(),
  firstKnown: LogPosition,
  lastKnown: LogPosition,
  reassigned: z.boolean(),
  redated: z.boolean(),
  versions: z.array(IntervalVersion).min(1).max(VERSIONS_MAX),
});
export type Interval = z.infer<typeof Interval>;

/**
 * Kinds of which each event is an interval of its own that ends when the next one of the same kind and
 * subject begins, by true time, then by position: so a step that becomes known late finds its place among the
 * others.
 */
export const stepKinds: readonly IntervalKind[] = ['membership', 'hold', 'affiliation'];

/** An interval with the version of it that was known at some position. */
export interface Known {
  readonly interval: Interval;
  readonly version: IntervalVersion;
}

/** Whether a position is not behind another. */
export const isAtMost = (position: LogPosition, other: LogPosition): boolean =>
  position.length === other.length ? position <= other : position.length < other.length;

/** The last word on an interval that was known at a position, void or not; null where there was none. */
export const versionAt = (interval: Interval, asOf: LogPosition): IntervalVersion | null =>
  interval.versions.findLast(({ known }) => isAtMost(known, asOf)) ?? null;

/** What was known of an interval at a position; null where nothing was, or that it never was. */
export const knownAt = (interval: Interval, asOf: LogPosition): Known | null => {
  const version = versionAt(interval, asOf);
  return version && !version.void ? { interval, version } : null;
};

/**
 * What was known at a position of those intervals that cover an instant. Steps have to be asked with
 * `stepAt`.
 */
export const coveringAt = (
  intervals: readonly Interval[],
  { asOf, at }: { readonly asOf: LogPosition; readonly at: Instant },
): readonly Known[] =>
  intervals
    .map((interval) => knownAt(interval, asOf))
    .filter((known) => known !== null)
    .filter(({ version }) => covers(version, at));

const isLater = (left: IntervalVersion, right: IntervalVersion): boolean =>
  left.from === right.from ? !isAtMost(left.known, right.known) : left.from > right.from;

/** The step in force at an instant, by what was known at a position; null before the first. */
export const stepAt = (
  steps: readonly Interval[],
  when: { readonly asOf: LogPosition; readonly at: Instant },
): Known | null =>
  coveringAt(steps, when).reduce<Known | null>(
    (latest, step) => (latest && !isLater(step.version, latest.version) ? latest : step),
    null,
  );
