import { epochMs, type Instant, type Interval } from '#domain/kernel/instant.ts';

const HOUR_MS = 3_600_000;
/** A shorter gap is no rest: the work around it is one block. */
const REST_MIN_MS = HOUR_MS / 4;
/** What of a gap is no sleep: travel, meals. */
const OVERHEAD_MS = 2 * HOUR_MS;
/** Nobody is credited with more sleep than that. */
const SLEEP_MAX_MS = 10 * HOUR_MS;
const DAY_MS = 24 * HOUR_MS;
/** How far back is looked: the longest gap that ends within the last day may begin before it. */
const LOOK_BACK_MS = 2 * DAY_MS;
/** Of how much of the look-back it must be known whether the driver worked. */
const COVERAGE_MIN = 0.8;

/**
 * How much likelier a crash is after so much sleep within a day. Source: AAA Foundation for Traffic Safety,
 * 2016, whose baseline is told differently by different reports.
 */
const rates: readonly { readonly fromSleep_ms: number; readonly crashRate: number }[] = [
  { fromSleep_ms: 7 * HOUR_MS, crashRate: 1 },
  { fromSleep_ms: 6 * HOUR_MS, crashRate: 1.3 },
  { fromSleep_ms: 5 * HOUR_MS, crashRate: 1.9 },
  { fromSleep_ms: 4 * HOUR_MS, crashRate: 4.3 },
  { fromSleep_ms: 0, crashRate: 11.5 },
];

interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

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
}

/**
 * The opportunity to rest, an upper bound of possible sleep, in whole seconds but for the index. `index` is
 * `driver_sleep_index`: null where less than 0.8 of the look-back is known, or where a trip may have been the
 * driver's. The other figures stand beside it and are never mixed in: the work under way without a gap, the
 * driving of the last day and what of it was at night, the time since the longest rest ended (0 while it goes
 * on), and the rest of two days.
 */
export interface Rest {
  readonly index: number | null;
  readonly sleep_max_s: number;
  readonly continuous_driving_s: number;
  readonly driving_24h_s: number;
  readonly night_driving_24h_s: number;
  readonly since_rest_end_s: number;
  readonly rest_48h_s: number;
  readonly known_s: number;
  readonly look_back_s: number;
}

/** Stretches within a span as one; what is less than `gap_ms` apart is joined. In order. */
const joined = (stretches: readonly Interval[], within: Span, gap_ms = 0): readonly Span[] => {
  const spans = stretches
    .map(({ from, to }) => ({
      from_ms: Math.max(within.from_ms, epochMs(from)),
      to_ms: Math.min(within.to_ms, to === null ? within.to_ms : epochMs(to)),
    }))
    .filter(({ from_ms, to_ms }) => from_ms < to_ms)
    .toSorted((one, other) => one.from_ms - other.from_ms);
  const union: Span[] = [];
  for (const span of spans) {
    const last = union.at(-1);
    const apart_ms = last ? span.from_ms - last.to_ms : null;
    if (last && apart_ms !== null && (apart_ms <= 0 || apart_ms < gap_ms)) {
      union[union.length - 1] = { ...last, to_ms: Math.max(last.to_ms, span.to_ms) };
    } else union.push(span);
  }
  return union;
};

/** What two lists of spans share, neither of which overlaps itself. */
const sharedBy = (some: readonly Span[], others: readonly Span[]): readonly Span[] =>
  some.flatMap((one) =>
    others
      .map((other) => ({
        from_ms: Math.max(one.from_ms, other.from_ms),
        to_ms: Math.min(one.to_ms, other.to_ms),
      }))
      .filter(({ from_ms, to_ms }) => from_ms < to_ms),
  );

/** What lies between some spans within another, as far as it is long enough to be rest. In order. */
const restBetween = (work: readonly Span[], within: Span): readonly Span[] => {
  const ends = [within.from_ms, ...work.map(({ to_ms }) => to_ms)];
  const starts = [...work.map(({ from_ms }) => from_ms), within.to_ms];
  return ends
    .map((from_ms, index) => ({ from_ms, to_ms: starts[index] ?? within.to_ms }))
    .filter(({ from_ms, to_ms }) => to_ms - from_ms >= REST_MIN_MS);
};

const length_ms = ({ from_ms, to_ms }: Span): number => to_ms - from_ms;
const total_ms = (spans: readonly Span[]): number =>
  spans.reduce((sum, span) => sum + length_ms(span), 0);
const seconds = (ms: number): number => Math.floor(ms / 1_000);

/**
 * What a driver could have slept at most, and how they drove, at an instant. Pure: nothing but what is given
 * counts. Source of the rules: the definition of driver_sleep_index.
 */
export const restOf = (days: DriverDays): Rest => {
  const at_ms = epochMs(days.at);
  const lookBack = { from_ms: at_ms - LOOK_BACK_MS, to_ms: at_ms };
  const lastDay = { from_ms: at_ms - DAY_MS, to_ms: at_ms };
  const work = joined([...days.driving, ...days.otherWork], lookBack, REST_MIN_MS);
  const rests = restBetween(work, lookBack);
  const longest = rests
    .filter(({ to_ms }) => to_ms > lastDay.from_ms)
    .reduce<Span | null>(
      (best, rest) => (best && length_ms(best) > length_ms(rest) ? best : rest),
      null,
    );
  const sleep_ms = longest
    ? Math.min(SLEEP_MAX_MS, Math.max(0, length_ms(longest) - OVERHEAD_MS))
    : 0;
  const current = work.at(-1);
  const isAtWork = current !== undefined && at_ms - current.to_ms < REST_MIN_MS;
  const driving = joined(days.driving, lastDay);
  const known_ms = LOOK_BACK_MS - total_ms(joined(days.unknown, lookBack));
  const isKnown = known_ms >= COVERAGE_MIN * LOOK_BACK_MS && days.unattributedTrips === 0;
  const rate = rates.find(({ fromSleep_ms }) => sleep_ms >= fromSleep_ms);
  return {
    index: isKnown && rate ? Math.round(100 / rate.crashRate) : null,
    sleep_max_s: seconds(sleep_ms),
    continuous_driving_s: seconds(isAtWork ? length_ms(current) : 0),
    driving_24h_s: seconds(total_ms(driving)),
    night_driving_24h_s: seconds(total_ms(sharedBy(driving, joined(days.nights, lastDay)))),
    since_rest_end_s: seconds(at_ms - (longest?.to_ms ?? lookBack.from_ms)),
    rest_48h_s: seconds(total_ms(rests)),
    known_s: seconds(known_ms),
    look_back_s: seconds(LOOK_BACK_MS),
  };
};
