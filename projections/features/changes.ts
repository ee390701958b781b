import { ACTIVE_WITHIN_MS, ROUTE_WITHIN_MS } from '#domain/features/fleet.ts';
import {
  type Interval,
  type IntervalVersion,
  isAtMost,
  stepKinds,
} from '#domain/features/interval.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import type { DriverId, VehicleId } from '#domain/kernel/ids.ts';
import {
  epochMs,
  type Instant,
  instantOf,
  type LocalDate,
  type Interval as Stretch,
} from '#domain/kernel/instant.ts';

/** The version that was known before a position, null if none, and those that became known after it. */
const newSince = (interval: Interval, mark: LogPosition | null) => {
  const isOld = ({ known }: IntervalVersion) => mark !== null && isAtMost(known, mark);
  return {
    before: interval.versions.findLast(isOld) ?? null,
    added: interval.versions.filter((version) => !isOld(version)),
  };
};

const earlier = (left: Instant | null, right: Instant | null): Instant | null => {
  if (left === null || right === null) return left ?? right;
  return left < right ? left : right;
};

const later = (left: Instant | null, right: Instant | null): Instant | null =>
  left === null || right === null ? null : left > right ? left : right;

/** Where two words on one stretch differ in what they cover; null where they do not. */
const difference = (before: IntervalVersion | null, now: IntervalVersion): Stretch | null => {
  if (before === null || before.void) return now.void ? null : { from: now.from, to: now.to };
  if (now.void) return { from: before.from, to: before.to };
  if (before.from !== now.from) {
    const from = earlier(before.from, now.from) ?? now.from;
    return { from, to: later(before.to, now.to) };
  }
  if (before.to === now.to) return null;
  const from = earlier(before.to, now.to);
  return from && { from, to: later(before.to, now.to) };
};

/** For how long after its end something bears on a fleet: a trip tells of a route. */
const reach_ms: Partial<Record<Interval['kind'], number>> = {
  trip: ROUTE_WITHIN_MS,
  idling: ACTIVE_WITHIN_MS,
};

const withReach = (kind: Interval['kind'], { from, to }: Stretch): Stretch => ({
  from,
  to: to && instantOf(epochMs(to) + (reach_ms[kind] ?? 0)),
});

/**
 * The stretches of true time for which what became known of an interval after the position `mark` (null:
 * ever) may change the features of a fleet. `to: null` means up to now.
 */
export const changedStretches = (
  interval: Interval,
  mark: LogPosition | null,
): readonly Stretch[] => {
  if (interval.vehicle === null || interval.kind === 'fine') return [];
  // What was earned is looked at by its local date.
  if (interval.kind === 'revenue') return [];
  const { before, added } = newSince(interval, mark);
  // A step lasts until the next one, which may itself become known later.
  if (stepKinds.includes(interval.kind)) return added.map(({ from }) => ({ from, to: null }));
  const stretches: Stretch[] = [];
  let last = before;
  for (const version of added) {
    const stretch = difference(last, version);
    if (stretch) stretches.push(withReach(interval.kind, stretch));
    last = version;
  }
  return stretches;
};

/**
 * The drivers whose features what became known of an interval after a position may change, and the days it
 * lies or lay on.
 */
export const changedDrivers = (
  interval: Interval,
  mark: LogPosition | null,
): readonly { readonly driver: DriverId; readonly date: LocalDate }[] => {
  const { kind } = interval;
  if (kind !== 'fine' && kind !== 'trip') return [];
  const { before, added } = newSince(interval, mark);
  if (added.length === 0) return [];
  const concerned = [...(before ? [before] : []), ...added].flatMap(({ driver, localDate }) =>
    driver === null || localDate === null ? [] : [{ driver, date: localDate }],
  );
  return [...new Map(concerned.map((each) => [`${each.driver} ${each.date}`, each])).values()];
};

/**
 * A stretch of true time for which the rest of some drivers may have changed: of those named, and, unless it
 * is null, of whoever had the vehicle around then.
 */
interface ChangedRest extends Stretch {
  readonly drivers: readonly DriverId[];
  readonly vehicle: VehicleId | null;
}

const spanOf = (version: IntervalVersion | null): readonly Stretch[] =>
  version && !version.void ? [version] : [];

/** Where two words on one stretch differ, and all that it covers where they name different drivers. */
const differences = (before: IntervalVersion | null, now: IntervalVersion): readonly Stretch[] => {
  if (before !== null && before.driver !== now.driver) return [...spanOf(before), ...spanOf(now)];
  const changed = difference(before, now);
  return changed ? [changed] : [];
};

/** What became known of an interval after a position (null: ever) that may change the rest of drivers. */
export const changedRest = (
  interval: Interval,
  mark: LogPosition | null,
): readonly ChangedRest[] => {
  const { kind, vehicle } = interval;
  const { before, added } = newSince(interval, mark);
  const named = [...(before ? [before] : []), ...added].map(({ driver }) => driver);
  const drivers = [...new Set(named.filter((driver) => driver !== null))];
  const stretches = added.flatMap((version, index) =>
    differences(added[index - 1] ?? before, version).map(({ from, to }) => ({ from, to })),
  );
  const concerning = (of: Pick<ChangedRest, 'drivers' | 'vehicle'>, spans: readonly Stretch[]) =>
    spans.map((span) => ({ ...span, ...of }));
  switch (kind) {
    case 'affiliation':
      // A step lasts until the next one, which may itself become known later.
      return concerning(
        { drivers, vehicle: null },
        added.map(({ from }) => ({ from, to: null })),
      );
    case 'rental':
      return concerning({ drivers, vehicle: null }, stretches);
    case 'trip':
      return concerning({ drivers, vehicle: named.includes(null) ? vehicle : null }, stretches);
    case 'fitting':
    case 'offline':
    case 'idling':
      return concerning({ drivers: [], vehicle }, stretches);
    default:
      return [];
  }
};
