import { type Fraction, roundHalfAway } from '#domain/finance/rate.ts';

/** An amount that was rounded to minor units; `exact` is what it was before, null where it was whole. */
export interface Rounded {
  readonly amount: bigint;
  readonly exact: string | null;
}

const greatestCommon = (one: bigint, other: bigint): bigint => {
  let [left, right] = [one < 0n ? -one : one, other];
  while (right !== 0n) [left, right] = [right, left % right];
  return left;
};

/** Rounds an amount once and tells its exact value, as a fraction in lowest terms: `30864/5`. */
export const rounded = (value: Fraction): Rounded => {
  const divisor = greatestCommon(value.numerator, value.denominator);
  const [above, below] = [value.numerator / divisor, value.denominator / divisor];
  return { amount: roundHalfAway(value), exact: below === 1n ? null : `${above}/${below}` };
};
