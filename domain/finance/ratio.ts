import { roundHalfAway } from './rate.ts';

const DECIMALS = 6;
const SCALE = 10n ** BigInt(DECIMALS);

/** The quotient of two whole numbers with six decimals; null where there is nothing to divide by. */
export const ratioOf = (numerator: bigint, denominator: bigint): string | null => {
  if (denominator <= 0n) return null;
  const scaled = roundHalfAway({ numerator: numerator * SCALE, denominator });
  const magnitude = scaled < 0n ? -scaled : scaled;
  const fraction = (magnitude % SCALE).toString().padStart(DECIMALS, '0');
  return `${scaled < 0n ? '-' : ''}${magnitude / SCALE}.${fraction}`;
};
