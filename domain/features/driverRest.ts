import type { DriverId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf, type Zone } from '#domain/kernel/instant.ts';
import { type Evaluated, evaluated, exactRatio, type Formula } from './feature.ts';
import { type Interval, type IntervalKind, type Known, knownAt, stepAt } from './interval.ts';
import { LOOK_BACK_MS, restOf, sleepIndexOf } from './rest.ts';
import { type Span, within, without } from './spans.ts';
import type { LogPosition } from './stored.ts';

const MINUTE_S = 60;
const HOUR_S = 3_600;

/** What was counted of a driver's last two days; the seconds are those of `Rest`. */
type RestCount =
  | 'sleep_max_s'
  | 'overhead_s'
  | 'known_s'
  | 'look_back_s'
  | 'unattributed_trips'
  | 'continuous_driving_s'
  | 'driving_24h_s'
  | 'night_driving_24h_s'
  | 'since_rest_end_s'
  | 'rest_48h_s';

const ratio = (part: number, whole: number) => exactRatio(BigInt(part), BigInt(whole));

const WORK_KINDS = ['trip', 'idling', 'rental'] as const;
const KNOWING_KINDS = ['affiliation', 'rental', 'fitting', 'offline'] as const;

/**
 * The features of a driver's rest. What stands beside the index is never mixed into it, and is told of what
 * is known, however little that is.
 */
export const restFormulas: readonly Formula<RestCount>[] = [
  {
    name: 'driver_sleep_index',
    version: 1,
    unit: 'index',
    window: '48 h',
    kinds: [...WORK_KINDS, ...KNOWING_KINDS],
    inputs: ['sleep_max_s', 'overhead_s', 'known_s', 'look_back_s', 'unattributed_trips'],
    value: (counts) => {
      const index = sleepIndexOf(counts);
      return index === null ? null : String(index);
    },
  },
  {
    name: 'driver_sleep_coverage',
    version: 1,
    unit: 'ratio',
    window: '48 h',
    kinds: KNOWING_KINDS,
    inputs: ['known_s', 'look_back_s'],
    value: ({ known_s, look_back_s }) => ratio(known_s, look_back_s),
  },
  {
    name: 'continuous_driving_min',
    version: 1,
    unit: 'min',
    window: '48 h',
    kinds: WORK_KINDS,
    inputs: ['continuous_driving_s'],
    value: ({ continuous_driving_s }) => String(Math.floor(continuous_driving_s / MINUTE_S)),
  },
  {
    name: 'driving_24h',
    version: 1,
    unit: 'h',
    window: '24 h',
    kinds: ['trip'],
    inputs: ['driving_24h_s'],
    value: ({ driving_24h_s }) => ratio(driving_24h_s, HOUR_S),
  },
  {
    name: 'hours_since_rest_end',
    version: 1,
    unit: 'h',
    window: '48 h',
    kinds: WORK_KINDS,
    inputs: ['since_rest_end_s'],
    value: ({ since_rest_end_s }) => ratio(since_rest_end_s, HOUR_S),
  },
  {
    name: 'night_share',
    version: 1,
    unit: 'ratio',
    window: '24 h',
    kinds: ['trip', 'affiliation'],
    inputs: ['night_driving_24h_s', 'driving_24h_s'],
    value: ({ night_driving_24h_s, driving_24h_s }) => ratio(night_driving_24h_s, driving_24h_s),
  },
  {
    name: 'rest_48h',
    version: 1,
    unit: 'h',
    window: '48 h',
    kinds: WORK_KINDS,
    inputs: ['rest_48h_s'],
    value: ({ rest_48h_s }) => ratio(rest_48h_s, HOUR_S),
  },
];

/** A local day of the driver's park, and when its night ends, at six by the clock. */
interface LocalDay {
  readonly from: Instant;
  readonly to: Instant;
  readonly nightTo: Instant;
}

/**
 * Which driver, at which instant of true time, by what was known at which position. `days` are all that the
 * look-back touches; `overhead_s` is what of a gap is no sleep.
 */
export interface RestMoment {
  readonly driver: DriverId;
  readonly at: Instant;
  readonly asOf: LogPosition;
  readonly days: readonly LocalDay[];
  readonly overhead_s: number;
}

/** The span that is looked at for a driver's rest at an instant. */
export const lookBackTo = (at: Instant): Span => ({
  from_ms: epochMs(at) - LOOK_BACK_MS,
  to_ms: epochMs(at),
});

/** The zone of the driver's park at an instant, by what was known at a position; null before they came. */
export const zoneOfDriver = (
  intervals: readonly Interval[],
  { driver, at, asOf }: Pick<RestMoment, 'driver' | 'at' | 'asOf'>,
): Zone | null => {
  const own = intervals.filter(({ kind, ...of }) => kind === 'affiliation' && of.driver === driver);
  return stepAt(own, { at, asOf })?.interval.zone ?? null;
};

const stretchOf = ({ from_ms, to_ms }: Span) => ({
  from: instantOf(from_ms),
  to: instantOf(to_ms),
});

const spansOf = (known: readonly Known[], bounds: Span): readonly Span[] =>
  within(
    known.map(({ version }) => version),
    bounds,
  );

const isOf = ({ interval: rental }: Known) => {
  const { vehicle } = rental;
  return ({ interval }: Known): boolean => interval.vehicle === vehicle;
};

/** When nobody could tell what a vehicle did during a rental: without a device that told anything. */
const silence = (
  rental: Known,
  {
    fittings,
    offline,
  }: { readonly fittings: readonly Known[]; readonly offline: readonly Known[] },
  bounds: Span,
): readonly Span[] => {
  const silent = offline.filter(isOf(rental));
  const heard = fittings.filter(isOf(rental)).flatMap((fitting) => {
    const { ident } = fitting.interval;
    const away = spansOf(
      silent.filter(({ interval }) => interval.ident === null || interval.ident === ident),
      bounds,
    );
    return spansOf([fitting], bounds).flatMap((span) => without(span, away));
  });
  return spansOf([rental], bounds).flatMap((span) => without(span, heard));
};

/** The time before the driver was known to be there. */
const before = (affiliations: readonly Known[], bounds: Span): readonly Span[] =>
  without(bounds, spansOf(affiliations, bounds));

/** Trips of nobody, of vehicles that the driver had on the same local day. */
const perhapsTheirs = (
  trips: readonly Known[],
  rentals: readonly Known[],
  { days, at }: RestMoment,
): readonly Known[] => {
  const lookBack = lookBackTo(at);
  return trips.filter((trip) => {
    if (trip.version.driver !== null) return false;
    const driven = spansOf([trip], lookBack).map(stretchOf);
    const had = rentals.filter((rental) => isOf(rental)(trip));
    return days
      .map(({ from, to }) => ({
        from_ms: epochMs(from),
        to_ms: Math.min(epochMs(to), epochMs(at)),
      }))
      .some((day) => within(driven, day).length > 0 && spansOf(had, day).length > 0);
  });
};

/**
 * What is counted of a driver's rest at an instant, and by which intervals. They may be of any drivers,
 * vehicles and times; needed are the driver's affiliations, all trips that ever lay at the driver's door in
 * the last two days, the driver's rentals in the local days that these touch, and what there was in them of
 * the vehicles: devices and their silence, engines that idled, trips of nobody.
 */
const restCounts = (intervals: readonly Interval[], moment: RestMoment) => {
  const { driver, at, asOf, days, overhead_s } = moment;
  const lookBack = lookBackTo(at);
  const known = intervals
    .map((interval) => knownAt(interval, asOf))
    .filter((word) => word !== null)
    .filter(({ version }) => version.from <= at);
  const of = (...kinds: readonly IntervalKind[]) =>
    known.filter(({ interval }) => kinds.includes(interval.kind));
  const inSpan = (words: readonly Known[], bounds: Span) =>
    words.filter((word) => spansOf([word], bounds).length > 0);
  const inLookBack = (words: readonly Known[]) => inSpan(words, lookBack);
  const firstDay_ms = Math.min(lookBack.from_ms, ...days.map(({ from }) => epochMs(from)));
  const isTheirs = ({ version }: Known): boolean => version.driver === driver;
  const affiliations = of('affiliation').filter(isTheirs);
  const rentals = inSpan(of('rental').filter(isTheirs), { ...lookBack, from_ms: firstDay_ms });
  const had = inLookBack(rentals);
  const ofHad = (words: readonly Known[]) =>
    inLookBack(words).filter((word) => had.some((rental) => isOf(rental)(word)));
  const trips = inLookBack(of('trip').filter(isTheirs));
  const idling = ofHad(of('idling'));
  const devices = { fittings: ofHad(of('fitting')), offline: ofHad(of('offline')) };
  const ofNobody = perhapsTheirs(of('trip'), rentals, moment);
  const loggedIn = had.flatMap((rental) =>
    spansOf([rental], lookBack).flatMap((span) => spansOf(idling.filter(isOf(rental)), span)),
  );
  const unknown = had.flatMap((rental) => silence(rental, devices, lookBack));
  const rest = restOf({
    at,
    driving: trips.map(({ version }) => version),
    otherWork: loggedIn.map(stretchOf),
    unknown: [...unknown, ...before(affiliations, lookBack)].map(stretchOf),
    nights: days.map(({ from, nightTo }) => ({ from, to: nightTo })),
    unattributedTrips: ofNobody.length,
    overhead_s,
  });
  const counts = { ...rest, overhead_s, unattributed_trips: ofNobody.length };
  const { fittings, offline } = devices;
  const basis = [affiliations, rentals, trips, ofNobody, idling, fittings, offline].flat();
  return { counts, basis };
};

/** The features of a driver's rest at an instant, by intervals of any drivers, vehicles and times. */
export const restFeatures = (
  intervals: readonly Interval[],
  moment: RestMoment,
): readonly Evaluated[] => {
  const { counts, basis } = restCounts(intervals, moment);
  return restFormulas.map((formula) => evaluated(formula, counts, basis));
};

/**
 * The longest rest of a driver's last 24 hours, in seconds, by the same intervals; null where too little is
 * known for the sleep index.
 */
export const knownRestOf = (intervals: readonly Interval[], moment: RestMoment): number | null => {
  const { counts } = restCounts(intervals, moment);
  return sleepIndexOf(counts) === null ? null : counts.longest_rest_24h_s;
};
