import { assetUse, type Day } from '#domain/assets/performance.ts';
import { ratioOf } from '#domain/finance/ratio.ts';
import type { ParkId, VehicleId } from '#domain/kernel/ids.ts';
import {
  epochMs,
  instantOf,
  type LocalDate,
  type Interval as Stretch,
} from '#domain/kernel/instant.ts';
import { minorUnits } from '#domain/kernel/money.ts';
import { type Evaluated, evaluated, type Formula } from './feature.ts';
import {
  coveringAt,
  type Interval,
  type IntervalKind,
  type Known,
  knownAt,
  stepAt,
} from './interval.ts';
import type { LogPosition } from './stored.ts';

/**
 * What was counted of a park's month: what its entries earned, in how many currencies, its days so far, and
 * on how many of them each vehicle was there, available and rented, all together.
 */
type MonthCount =
  | 'revenue_minor'
  | 'entries'
  | 'currencies'
  | 'days'
  | 'vehicle_days'
  | 'available_days'
  | 'rented_days';

/** The features of a park's month. Revenue in two currencies has no sum, so that there is no value then. */
export const parkMonthFormulas: readonly Formula<MonthCount>[] = [
  {
    name: 'avg_rev_vehicle',
    version: 1,
    unit: 'minor_units',
    window: 'month',
    kinds: ['revenue', 'membership', 'lifecycle'],
    inputs: ['revenue_minor', 'entries', 'currencies', 'days', 'vehicle_days'],
    value: ({ revenue_minor, currencies, days, vehicle_days }) =>
      currencies > 1 ? null : ratioOf(BigInt(revenue_minor) * BigInt(days), BigInt(vehicle_days)),
  },
  {
    name: 'utilisation_rate',
    version: 1,
    unit: 'ratio',
    window: 'month',
    kinds: ['rental', 'repair', 'membership', 'lifecycle'],
    inputs: ['rented_days', 'available_days', 'vehicle_days'],
    value: ({ rented_days, available_days }) =>
      ratioOf(BigInt(rented_days), BigInt(available_days)),
  },
];

/**
 * Which park, on the local dates from `from` up to and without `to`, of which `days` have begun, by what was
 * known at which position.
 */
export interface ParkMonth {
  readonly park: ParkId;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly days: readonly Day[];
  readonly asOf: LogPosition;
}

const of = (intervals: readonly Interval[], kind: IntervalKind, asOf: LogPosition) =>
  intervals
    .filter((interval) => interval.kind === kind)
    .map((interval) => knownAt(interval, asOf))
    .filter((known) => known !== null);

const stretches = (known: readonly Known[]): readonly Stretch[] =>
  known.map(({ version: { from, to } }) => ({ from, to }));

/** The days at whose end a vehicle was in the park's fleet. */
const daysThere = (
  intervals: readonly Interval[],
  { park, days, asOf }: ParkMonth,
): readonly Day[] => {
  const memberships = intervals.filter(({ kind }) => kind === 'membership');
  const lifecycles = intervals.filter(({ kind }) => kind === 'lifecycle');
  return days.filter(({ to }) => {
    const moment = { at: instantOf(epochMs(to) - 1), asOf };
    const isOfPark = stepAt(memberships, moment)?.version.park === park;
    return isOfPark && coveringAt(lifecycles, moment).length > 0;
  });
};

const revenueIn = (intervals: readonly Interval[], { park, from, to, asOf }: ParkMonth) =>
  of(intervals, 'revenue', asOf).filter(
    ({ version: { park: booked, localDate } }) =>
      booked === park && localDate !== null && from <= localDate && localDate < to,
  );

const byVehicle = (intervals: readonly Interval[]): ReadonlyMap<VehicleId | null, Interval[]> =>
  Map.groupBy(
    intervals.filter(({ kind }) => kind !== 'revenue'),
    ({ vehicle }) => vehicle,
  );

/**
 * The features of a park's month. The intervals may be of any vehicles and times; needed are the entries of
 * the month that earned something, and all that was the case with the vehicles that were there.
 */
export const parkMonthFeatures = (
  intervals: readonly Interval[],
  month: ParkMonth,
): readonly Evaluated[] => {
  const { asOf, days } = month;
  const earned = revenueIn(intervals, month);
  const amounts = earned.flatMap(({ version: { amount } }) => amount ?? []);
  const use = { vehicle_days: 0, available_days: 0, rented_days: 0 };
  const basis = [...earned];
  for (const [vehicle, own] of byVehicle(intervals)) {
    const there = vehicle === null ? [] : daysThere(own, month);
    if (there.length === 0) continue;
    const rentals = of(own, 'rental', asOf);
    const repairs = of(own, 'repair', asOf);
    const used = assetUse(there, { rented: stretches(rentals), down: stretches(repairs) });
    use.vehicle_days += there.length;
    use.available_days += used.daysAvailable;
    use.rented_days += used.daysRented;
    basis.push(...of(own, 'membership', asOf), ...of(own, 'lifecycle', asOf));
    basis.push(...rentals, ...repairs);
  }
  const counts = {
    revenue_minor: Number(amounts.reduce((sum, amount) => sum + minorUnits(amount), 0n)),
    entries: earned.length,
    currencies: new Set(amounts.map(({ currency }) => currency)).size,
    days: days.length,
    ...use,
  };
  return parkMonthFormulas.map((formula) => evaluated(formula, counts, basis));
};
