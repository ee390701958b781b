import { least } from '#domain/finance/least.ts';
import { type Period, periodOf } from '#domain/finance/period.ts';
import { fractionOf, type Rate, roundHalfAway, timesRate } from '#domain/finance/rate.ts';
import { minorUnits } from '#domain/kernel/money.ts';
import { type Acquisition, type AssetState, bookedOf } from './assetState.ts';

const MONTHS = 12;

const monthsUpTo = (period: Period): number =>
  Number(period.slice(0, 4)) * MONTHS + Number(period.slice(5));

/**
 * How many months of its life a vehicle has had by the end of a month. The month in which it came counts
 * whole, whatever the day. Source: § 7 (1) sentence 4 EStG, from general knowledge: check the law in force.
 */
const monthsOf = ({ date }: Acquisition, period: Period): number =>
  Math.max(0, monthsUpTo(period) - monthsUpTo(periodOf(date)) + 1);

const straightLine = (base: bigint, life_months: number, months: number): bigint =>
  roundHalfAway({
    numerator: base * BigInt(Math.min(months, life_months)),
    denominator: BigInt(life_months),
  });

/** A rate of what is left at the beginning of each year of its life, a twelfth of that each month. */
const declining = (cost: bigint, rate: Rate, months: number): bigint => {
  let left = cost;
  for (let month = MONTHS; month <= months && left > 0n; month += MONTHS) {
    const off = timesRate(left, rate);
    if (off === 0n) break;
    left -= off;
  }
  const { numerator, denominator } = fractionOf(rate);
  const begun = BigInt(months % MONTHS);
  const within = { numerator: left * numerator * begun, denominator: denominator * BigInt(MONTHS) };
  return cost - left + roundHalfAway(within);
};

/**
 * What is to be written off a vehicle by the end of a month, all together, in minor units. Rounded once and
 * for the whole time, so that the parts of its months add up to it to the cent.
 */
export const dueBy = (acquisition: Acquisition, period: Period): bigint => {
  const { cost, depreciation } = acquisition;
  if (depreciation.method === 'none') return 0n;
  const whole = minorUnits(cost);
  const base = whole - minorUnits(depreciation.residual);
  const months = monthsOf(acquisition, period);
  return depreciation.method === 'straight_line'
    ? straightLine(base, depreciation.life_months, months)
    : least(base, declining(whole, depreciation.rate_per_year, months));
};

/** What a month writes off, and what is written off before and after it, in minor units. */
export interface Depreciation {
  readonly amount: bigint;
  readonly before: bigint;
  readonly after: bigint;
}

/**
 * What is left to be written off a vehicle for a month: what is due by its end, less what was written off
 * already. So it makes up for earlier months that were missed, and is below zero where a correction came.
 * Null where there is nothing: no asset, disposed of, or a later month has made up for this one.
 */
export const depreciationOf = (state: AssetState, period: Period): Depreciation | null => {
  const { acquisition, disposal, booked } = state;
  const isOver = disposal !== null && !disposal.voided;
  const isMadeUp = [...booked.values()].some((each) => !each.reversed && each.period > period);
  if (acquisition === null || isOver || isMadeUp) return null;
  const before = bookedOf(state);
  const after = dueBy(acquisition, period);
  return after === before ? null : { amount: after - before, before, after };
};
