import { type Currency, decimalsOf } from '#domain/kernel/money.ts';
import type { Exchange } from './journal/events.ts';
import { fractionOf, roundHalfAway } from './rate.ts';

/**
 * An amount of one of the two currencies of a rate in the other, rounded once to its minor unit, half away
 * from zero.
 */
export const exchanged = (
  amount_minor: bigint,
  currency: Currency,
  { from, to, rate }: Omit<Exchange, 'source'>,
): bigint => {
  const { numerator, denominator } = fractionOf(rate);
  const units = 10n ** BigInt(decimalsOf(from));
  const others = 10n ** BigInt(decimalsOf(to));
  return currency === from
    ? roundHalfAway({
        numerator: amount_minor * numerator * others,
        denominator: denominator * units,
      })
    : roundHalfAway({
        numerator: amount_minor * denominator * units,
        denominator: numerator * others,
      });
};
