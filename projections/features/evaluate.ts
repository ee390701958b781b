import {
  knownRestOf,
  lookBackTo,
  restFeatures,
  restFormulas,
  zoneOfDriver,
} from '#domain/features/driverRest.ts';
import type { Evaluated, FeatureName, Formula } from '#domain/features/feature.ts';
import { fleetFeatures, fleetFormulas } from '#domain/features/fleet.ts';
import type { Interval } from '#domain/features/interval.ts';
import { parkMonthFeatures, parkMonthFormulas } from '#domain/features/parkMonth.ts';
import { penaltyFeatures, penaltyFormulas } from '#domain/features/penalty.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import { DriverId, ParkId, type Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf, type Zone } from '#domain/kernel/instant.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import {
  type Cadence,
  type Calendar,
  type DateSpan,
  localDateOf,
  type Series,
} from './calendar.ts';
import {
  type Connection,
  driverIntervals,
  fleetIntervals,
  parkMonthIntervals,
} from './readIntervals.ts';
import { restIntervals } from './readRest.ts';

/** A night ends at six. Source: the definition of night_share. */
const NIGHT_ENDS_HOUR = 6;

/** What is needed to reckon features. */
export interface Reckoner {
  readonly sql: Connection;
  readonly calendar: Calendar;
}

/**
 * Which series' features, at which instant of true time (of days) or on which local dates (of months), by
 * what was known at which position; and what of a gap is no sleep.
 */
export interface FeatureMoment extends Series {
  readonly tenant: Tenant;
  readonly window: DateSpan;
  readonly at: Instant;
  readonly asOf: LogPosition;
  readonly sleepOverhead_s: number;
}

const versions = (formulas: readonly Pick<Formula<never>, 'name' | 'version'>[]): string =>
  formulas.map(({ name, version }) => `${name}@${version}`).join(' ');

const kindOf = (subject: SubjectKey): { readonly kind: string; readonly id: string } => {
  const end = subject.indexOf(':');
  return { kind: subject.slice(0, end), id: subject.slice(end + 1) };
};

/** How long the windows of a feature are. */
export const cadenceOf = (name: FeatureName): Cadence =>
  [...penaltyFormulas, ...parkMonthFormulas].some((formula) => formula.name === name)
    ? 'month'
    : 'day';

/** What the features of a series are reckoned with: the formulas in their versions, and what is set. */
export const formulasFor = (
  { subject, cadence }: Series,
  { sleepOverhead_s }: Pick<FeatureMoment, 'sleepOverhead_s'>,
): string => {
  if (kindOf(subject).kind === 'park')
    return versions(cadence === 'day' ? fleetFormulas : parkMonthFormulas);
  if (cadence === 'month') return versions(penaltyFormulas);
  return `${versions(restFormulas)} overhead_s=${sleepOverhead_s}`;
};

const zoneOfPark = (intervals: readonly Interval[], park: ParkId): Zone | null =>
  intervals.find((interval) => interval.kind === 'park' && interval.park === park)?.zone ?? null;

/** The local days of the driver's park that the look-back touches; none before they came. */
const daysOf = (
  calendar: Calendar,
  intervals: readonly Interval[],
  moment: { readonly driver: DriverId } & Pick<FeatureMoment, 'at' | 'asOf'>,
) => {
  const zone = zoneOfDriver(intervals, moment);
  if (zone === null) return [];
  const { startOfDay, hourOfDay, plusDays } = calendar;
  const last = localDateOf(calendar, moment.at, zone);
  const days = [];
  const since = instantOf(lookBackTo(moment.at).from_ms);
  for (let date = localDateOf(calendar, since, zone); date <= last; date = plusDays(date, 1)) {
    const from = startOfDay(date, zone);
    const to = startOfDay(plusDays(date, 1), zone);
    days.push({ from, to, nightTo: hourOfDay(date, zone, NIGHT_ENDS_HOUR) });
  }
  return days;
};

/** A driver's last two days at an instant, and the intervals that bear on them, as they are read now. */
const lastDays =
  ({ sql, calendar }: Reckoner) =>
  async (
    asked: { readonly driver: DriverId } & Pick<
      FeatureMoment,
      'tenant' | 'at' | 'asOf' | 'sleepOverhead_s'
    >,
  ) => {
    const { tenant, driver, at, asOf, sleepOverhead_s: overhead_s } = asked;
    const intervals = await restIntervals(sql)({ tenant, driver, at, asOf });
    const days = daysOf(calendar, intervals, { driver, at, asOf });
    return { intervals, moment: { driver, at, asOf, days, overhead_s } };
  };

/** The longest rest of a driver's last 24 hours at an instant, in seconds; null where it is not known. */
export const evaluateRest =
  (reckoner: Reckoner) =>
  async (asked: Parameters<ReturnType<typeof lastDays>>[0]): Promise<number | null> => {
    const { intervals, moment } = await lastDays(reckoner)(asked);
    return knownRestOf(intervals, moment);
  };

/** The features of a subject's day at an instant, reckoned from the intervals as they are read now. */
export const evaluateDay =
  (reckoner: Reckoner) =>
  async (asked: Omit<FeatureMoment, 'cadence' | 'window'>): Promise<readonly Evaluated[]> => {
    const { tenant, subject, at, asOf } = asked;
    const { kind, id } = kindOf(subject);
    if (kind === 'park') {
      const park = ParkId.parse(id);
      const intervals = await fleetIntervals(reckoner.sql)({ tenant, park, at, asOf });
      return fleetFeatures(intervals, { park, at, asOf });
    }
    if (kind !== 'driver') return [];
    const driver = DriverId.parse(id);
    const { intervals, moment } = await lastDays(reckoner)({ ...asked, driver });
    return restFeatures(intervals, moment);
  };

/** The features of a park's month, by its local days that have begun at the moment. */
const evaluateParkMonth =
  ({ sql, calendar }: Reckoner) =>
  async (
    { tenant, window, at, asOf }: FeatureMoment,
    park: ParkId,
  ): Promise<readonly Evaluated[]> => {
    const intervals = await parkMonthIntervals(sql)({ tenant, park, ...window, at, asOf });
    const zone = zoneOfPark(intervals, park);
    const days = [];
    for (let date = window.from; zone !== null && date < window.to; ) {
      const next = calendar.plusDays(date, 1);
      const from = calendar.startOfDay(date, zone);
      const end = calendar.startOfDay(next, zone);
      const isBegun = from <= at;
      const isOver = end <= at;
      if (!isBegun) break;
      // The last instant of a month counts as its end.
      days.push({ from, to: isOver || epochMs(at) + 1 === epochMs(end) ? end : at });
      date = next;
    }
    return parkMonthFeatures(intervals, { park, ...window, days, asOf });
  };

/** The features of a series, reckoned from the intervals as they are read now. Empty for other subjects. */
export const evaluate =
  (reckoner: Reckoner) =>
  async (moment: FeatureMoment): Promise<readonly Evaluated[]> => {
    const { tenant, subject, cadence, window, asOf } = moment;
    if (cadence === 'day') return evaluateDay(reckoner)(moment);
    const { kind, id } = kindOf(subject);
    if (kind === 'park') return evaluateParkMonth(reckoner)(moment, ParkId.parse(id));
    if (kind !== 'driver') return [];
    const driver = DriverId.parse(id);
    const intervals = await driverIntervals(reckoner.sql)({ tenant, driver, ...window });
    return penaltyFeatures(intervals, { driver, ...window, asOf });
  };
