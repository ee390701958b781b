import { z } from 'zod';

/**
 * A rate, share or price factor as a decimal string: "0.05" is 5 %. Zero or more, at most 12 decimals.
 * Never a float: 0.1 has none.
 */
export const Rate = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,8})(?:\.\d{1,12})?$/)
  .brand<'Rate'>();
export type Rate = z.infer<typeof Rate>;

/** A rate between nothing and the whole, both included. */
export const Share = Rate.refine((rate) => {
  const { numerator, denominator } = fractionOf(rate);
  return numerator <= denominator;
});

/** An exact number; the denominator is above zero. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** The exact value of a rate. */
export const fractionOf = (rate: Rate): Fraction => {
  const [whole = '0', decimals = ''] = rate.split('.');
  return { numerator: BigInt(whole + decimals), denominator: 10n ** BigInt(decimals.length) };
};

/** The nearest whole number; what lies halfway goes away from zero. */
export const roundHalfAway = ({ numerator, denominator }: Fraction): bigint => {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * magnitude + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
};

/** A part of an amount, in minor units, rounded once, half away from zero. */
export const timesRate = (amount_minor: bigint, rate: Rate): bigint => {
  const { numerator, denominator } = fractionOf(rate);
  return roundHalfAway({ numerator: amount_minor * numerator, denominator });
};
