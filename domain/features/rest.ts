import { epochMs, type Instant, type Interval } from '#domain/kernel/instant.ts';
import { joined, type Span, sharedBy, total_ms, within, without } from './spans.ts';

const HOUR_MS = 3_600_000;
const HOUR_S = 3_600;
/** A shorter gap is no rest: the work around it is one block. */
const REST_MIN_MS = HOUR_MS / 4;
/** What of a gap is no sleep, unless it is said otherwise: travel, meals. */
export const SLEEP_OVERHEAD_S = 2 * HOUR_S;
/** Nobody is credited with more sleep than that. */
const SLEEP_MAX_MS = 10 * HOUR_MS;
const DAY_MS = 24 * HOUR_MS;
/** How far back is looked: the longest gap that ends within the last day may begin before it. */
export const LOOK_BACK_MS = 2 * DAY_MS;
/** Of how much of the look-back it must be known whether the driver worked. */
const COVERAGE_MIN = 0.8;

/**
 * How much likelier a crash is after so much sleep within a day. Source: AAA Foundation for Traffic Safety,
 * 2016, whose baseline is told differently by different reports.
 */
const rates: readonly { readonly fromSleep_s: number; readonly crashRate: number }[] = [
  { fromSleep_s: 7 * HOUR_S, crashRate: 1 },
  { fromSleep_s: 6 * HOUR_S, crashRate: 1.3 },
  { fromSleep_s: 5 * HOUR_S, crashRate: 1.9 },
  { fromSleep_s: 4 * HOUR_S, crashRate: 4.3 },
  { fromSleep_s: 0, crashRate: 11.5 },
];

/** What is known of a driver's last two days. Stretches may overlap, and reach beyond. */
export interface DriverDays {
  readonly at: Instant;
  /** Trips of the driver, on whatever vehicle. */
  readonly driving: readonly Interval[];
  /** Other work: an engine that ran while the driver was logged in. */
  readonly otherWork: readonly Interval[];
  /** When nobody could tell whether the driver worked: before they came, or with their device away. */
  readonly unknown: readonly Interval[];
  /** From midnight to six by the clock of the driver's park. */
  readonly nights: readonly Interval[];
  /** How many trips of nobody there were of vehicles that the driver had. */
  readonly unattributedTrips: number;
  /** What of a gap is no sleep. */
  readonly overhead_s: number;
}

/**
 * The opportunity to rest, an upper bound of possible sleep, in whole seconds but for the index. `index` is
 * `driver_sleep_index`: null where less than 0.8 of the look-back is known, or where a trip may have been the
 * driver's. The other figures stand beside it and are never mixed in: the work under way without a gap, the
 * driving of the last day and what of it was at night, the time since the longest rest ended (0 while it goes
 * on), the rest of two days, and the longest rest of the last day, without what of it lay before that day.
 */
export interface Rest {
  readonly index: number | null;
  readonly sleep_max_s: number;
  readonly continuous_driving_s: number;
  readonly driving_24h_s: number;
  readonly night_driving_24h_s: number;
  readonly since_rest_end_s: number;
  readonly rest_48h_s: number;
  readonly longest_rest_24h_s: number;
  readonly known_s: number;
  readonly look_back_s: number;
}

const length_ms = (span: Span): number => total_ms([span]);
/** Rounded: the last instant of a day lies a millisecond before the next one. */
const seconds = (ms: number): number => Math.round(ms / 1_000);

/** What `driver_sleep_index` is reckoned from, in whole seconds but for the trips. */
export interface SleepCounts {
  readonly sleep_max_s: number;
  readonly known_s: number;
  readonly look_back_s: number;
  readonly unattributed_trips: number;
}

/**
 * `driver_sleep_index`: the inverse of a published crash rate, 100 for enough sleep; null where too little is
 * known of the look-back, or where a trip may have been the driver's.
 */
export const sleepIndexOf = (counts: SleepCounts): number | null => {
  const { sleep_max_s, known_s, look_back_s, unattributed_trips } = counts;
  if (known_s < COVERAGE_MIN * look_back_s || unattributed_trips > 0) return null;
  const rate = rates.find(({ fromSleep_s }) => sleep_max_s >= fromSleep_s);
  return rate ? Math.round(100 / rate.crashRate) : null;
};

/**
 * What a driver could have slept at most, and how they drove, at an instant. Pure: nothing but what is given
 * counts. Source of the rules: the definition of driver_sleep_index.
 */
export const restOf = (days: DriverDays): Rest => {
  const at_ms = epochMs(days.at);
  const lookBack = { from_ms: at_ms - LOOK_BACK_MS, to_ms: at_ms };
  const lastDay = { from_ms: at_ms - DAY_MS, to_ms: at_ms };
  const work = joined(within([...days.driving, ...days.otherWork], lookBack), REST_MIN_MS);
  const rests = without(lookBack, work).filter((gap) => length_ms(gap) >= REST_MIN_MS);
  const longest = rests
    .filter(({ to_ms }) => to_ms > lastDay.from_ms)
    .reduce<Span | null>(
      (best, rest) => (best && length_ms(best) > length_ms(rest) ? best : rest),
      null,
    );
  const gap_ms = longest ? length_ms(longest) : 0;
  const sleep_ms = Math.min(SLEEP_MAX_MS, Math.max(0, gap_ms - days.overhead_s * 1_000));
  const current = work.at(-1);
  const isAtWork = current !== undefined && at_ms - current.to_ms < REST_MIN_MS;
  const restsOfDay = sharedBy(rests, [lastDay]).map(length_ms);
  const driving = joined(within(days.driving, lastDay));
  const nights = joined(within(days.nights, lastDay));
  const sleep_max_s = seconds(sleep_ms);
  const known_s = seconds(LOOK_BACK_MS - total_ms(joined(within(days.unknown, lookBack))));
  const look_back_s = seconds(LOOK_BACK_MS);
  const unattributed_trips = days.unattributedTrips;
  return {
    index: sleepIndexOf({ sleep_max_s, known_s, look_back_s, unattributed_trips }),
    sleep_max_s,
    continuous_driving_s: seconds(isAtWork ? length_ms(current) : 0),
    driving_24h_s: seconds(total_ms(driving)),
    night_driving_24h_s: seconds(total_ms(sharedBy(driving, nights))),
    since_rest_end_s: seconds(at_ms - (longest?.to_ms ?? lookBack.from_ms)),
    rest_48h_s: seconds(total_ms(rests)),
    longest_rest_24h_s: seconds(Math.max(0, ...restsOfDay)),
    known_s,
    look_back_s,
  };
};
