import type { DriverId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { type Evaluated, evaluated, exactRatio, type Formula } from './feature.ts';
import { type Interval, type IntervalVersion, type Known, versionAt } from './interval.ts';
import type { LogPosition } from './stored.ts';

const METRES_PER_1000_KM = 1_000_000n;

/**
 * What was counted of a driver in a period: fines that stand and their points, fines that are not decided or
 * were voided, trips that have ended and how far they went.
 */
type PenaltyCount =
  | 'fines'
  | 'points'
  | 'fines_undecided'
  | 'fines_voided'
  | 'trips'
  | 'distance_m';

/** The features of a driver. A fine counts when it is confirmed or paid, and on the day of the offence. */
export const penaltyFormulas: readonly Formula<PenaltyCount>[] = [
  {
    name: 'driver_penalty_rate',
    version: 1,
    unit: 'fines',
    window: 'month',
    kinds: ['fine'],
    inputs: ['fines', 'fines_undecided', 'fines_voided'],
    value: ({ fines }) => String(fines),
  },
  {
    name: 'penalty_points_per_1000km',
    version: 1,
    unit: 'points_per_1000km',
    window: 'month',
    kinds: ['fine', 'trip'],
    inputs: ['fines', 'points', 'trips', 'distance_m'],
    value: ({ points, distance_m }) =>
      exactRatio(BigInt(points) * METRES_PER_1000_KM, BigInt(distance_m)),
  },
];

/**
 * Which driver, on the local dates from `from` up to and without `to`, by what was known at which position.
 */
export interface PenaltyPeriod {
  readonly driver: DriverId;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly asOf: LogPosition;
}

const inPeriod = ({ localDate }: IntervalVersion, { from, to }: PenaltyPeriod): boolean =>
  localDate !== null && from <= localDate && localDate < to;

/** The last word on an interval, if it lies in the period at the driver's door; it may be void. */
const lastWord = (interval: Interval, period: PenaltyPeriod): Known | null => {
  const version = versionAt(interval, period.asOf);
  const isTheirs = version?.driver === period.driver && inPeriod(version, period);
  return isTheirs ? { interval, version } : null;
};

const sum = (known: readonly Known[], value: (version: Known['version']) => number | null) =>
  known.reduce((total, { version }) => total + (value(version) ?? 0), 0);

/**
 * The features of a driver in a period. The intervals may be of any drivers and times; needed are all fines
 * and trips of the period that ever lay at the driver's door. A trip counts as a whole on the day it began,
 * if it has ended.
 */
export const penaltyFeatures = (
  intervals: readonly Interval[],
  period: PenaltyPeriod,
): readonly Evaluated[] => {
  const words = intervals
    .map((interval) => lastWord(interval, period))
    .filter((known) => known !== null);
  const fines = words.filter(({ interval }) => interval.kind === 'fine');
  const standing = fines.filter(
    ({ version }) => version.status === 'confirmed' || version.status === 'paid',
  );
  const voided = fines.filter(({ version }) => version.void);
  const trips = words.filter(
    ({ interval, version }) =>
      interval.kind === 'trip' && !version.void && version.distance_m !== null,
  );
  const counts = {
    fines: standing.length,
    points: sum(standing, ({ points }) => points),
    fines_undecided: fines.length - standing.length - voided.length,
    fines_voided: voided.length,
    trips: trips.length,
    distance_m: sum(trips, ({ distance_m }) => distance_m),
  };
  return penaltyFormulas.map((formula) => evaluated(formula, counts, [...fines, ...trips]));
};
