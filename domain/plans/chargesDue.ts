import { type Fraction, roundHalfAway, timesRate } from '#domain/finance/rate.ts';
import {
  epochMs,
  type Instant,
  type Interval,
  instantOf,
  type LocalDate,
  type Moment,
  type Zone,
} from '#domain/kernel/instant.ts';
import { type Money, minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { type PlanVersion, versionOn } from './terms.ts';

const DAYS_A_WEEK = 7;
const HOUR_MS = 3_600_000;
const ONE_MILLI = 1_000;
const METRES_A_KILOMETRE = 1_000n;

/** A local day, from its first instant to that of the next, and the metres of trips that ended on it. */
export interface RentalDay {
  readonly date: LocalDate;
  readonly from: Instant;
  readonly to: Instant;
  readonly distance_m: number;
}

/** A rental as far as charges depend on it. `zone` is that in which its days are counted. */
export interface ChargeableRental extends Interval {
  readonly zone: Zone;
  readonly voided: boolean;
}

/** What a driver owes for a stretch of a rental; `when` is its beginning. Quantities are thousandths. */
export interface ChargeDue {
  readonly kind: 'day' | 'week' | 'shift' | 'kilometres';
  readonly span: { readonly from: Instant; readonly to: Instant };
  readonly quantity_milli: number;
  readonly net: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly plan: string;
  readonly planVersion: number;
  readonly when: Moment;
}

interface Stretch {
  readonly kind: ChargeDue['kind'];
  readonly from: Instant;
  readonly to: Instant;
  readonly quantity_milli: number;
  readonly when: Moment;
}

/** Prices are without tax: the price is rounded once, and the tax on what came out once. */
const priced = (
  { plan, version: planVersion, terms }: PlanVersion,
  net: Fraction,
  { kind, from, to, quantity_milli, when }: Stretch,
): ChargeDue => {
  const { currency, taxRate } = terms;
  const net_minor = roundHalfAway(net);
  const tax_minor = timesRate(net_minor, taxRate);
  const amounts = {
    net: moneyOf(net_minor, currency),
    tax: moneyOf(tax_minor, currency),
    total: moneyOf(net_minor + tax_minor, currency),
  };
  return { kind, span: { from, to }, quantity_milli, ...amounts, plan, planVersion, when };
};

type Time = NonNullable<PlanVersion['terms']['time']>;

/** When a stretch ends that begins at `from`, on the day with that index; null where no such day is known. */
const endOf = (
  time: Time,
  from: Instant,
  { days, index }: { readonly days: readonly RentalDay[]; readonly index: number },
): Instant | null => {
  switch (time.per) {
    case 'day':
      return days[index]?.to ?? null;
    case 'week':
      return days[index + DAYS_A_WEEK - 1]?.to ?? null;
    default:
      return instantOf(epochMs(from) + time.hours * HOUR_MS);
  }
};

/** Walks from stretch to stretch: each is owed under the version that holds on the day on which it begins. */
const timeCharges = (
  { from, to, zone }: ChargeableRental,
  versions: readonly PlanVersion[],
  days: readonly RentalDay[],
  until: Instant,
): readonly ChargeDue[] => {
  const due: ChargeDue[] = [];
  let at = from;
  for (let index = 0; index < days.length; ) {
    const day = days[index];
    if (!day || at > until || (to !== null && at >= to)) break;
    if (at >= day.to) {
      index += 1;
      continue;
    }
    const version = versionOn(versions, day.date);
    const time = version?.terms.time;
    if (!version || !time) {
      at = day.to;
      continue;
    }
    const end = endOf(time, at, { days, index });
    if (end === null) break;
    const when = { at, zone, localDate: day.date };
    const stretch = { kind: time.per, from: at, to: end, quantity_milli: ONE_MILLI, when };
    const net = { numerator: minorUnits(time.amount), denominator: 1n };
    due.push(priced(version, net, stretch));
    at = end;
  }
  return due;
};

/** Kilometres are owed once the day is over on which their trips ended: later trips would change them. */
const distanceCharges = (
  { zone }: ChargeableRental,
  versions: readonly PlanVersion[],
  days: readonly RentalDay[],
  until: Instant,
): readonly ChargeDue[] =>
  days.flatMap(({ date, from, to, distance_m }) => {
    const version = versionOn(versions, date);
    const distance = version?.terms.distance;
    if (!version || !distance || distance_m === 0 || to > until) return [];
    const net = {
      numerator: minorUnits(distance.amount) * BigInt(distance_m),
      denominator: BigInt(distance.kilometres) * METRES_A_KILOMETRE,
    };
    const when = { at: from, zone, localDate: date };
    return [
      priced(version, net, { kind: 'kilometres', from, to, quantity_milli: distance_m, when }),
    ];
  });

/**
 * Everything that a rental has made its driver owe by an instant, from nothing but the rental, the versions
 * of its plan and its days: whoever asks again gets the same. Time is owed in advance and in full: a local
 * day, a week of seven local days and a shift count once they have begun, however early the vehicle comes
 * back. A rental that never was makes nobody owe anything.
 *
 * `days` are consecutive, from the one on which the rental began on, and a week beyond `until`.
 */
export const chargesDue = (
  rental: ChargeableRental,
  versions: readonly PlanVersion[],
  days: readonly RentalDay[],
  until: Instant,
): readonly ChargeDue[] =>
  rental.voided
    ? []
    : [
        ...timeCharges(rental, versions, days, until),
        ...distanceCharges(rental, versions, days, until),
      ];
