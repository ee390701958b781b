import { z } from 'zod';

const VIN = /^[A-HJ-NPR-Z0-9]{17}$/;
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2] as const;
const LETTERS: Readonly<Record<string, number>> = {
  ...{ A: 1, B: 2, C: 3, D: 4, E: 5, F: 6, G: 7, H: 8 },
  ...{ J: 1, K: 2, L: 3, M: 4, N: 5, P: 7, R: 9 },
  ...{ S: 2, T: 3, U: 4, V: 5, W: 6, X: 7, Y: 8, Z: 9 },
};

/** A vehicle identification number: 17 characters without I, O and Q. Source: ISO 3779. */
export const Vin = z.string().regex(VIN);

/**
 * What the ninth character should be: the weighted sum modulo 11, with X for 10. Source: 49 CFR 565.15 (c).
 */
export const vinCheckDigit = (vin: string): string => {
  const sum = WEIGHTS.reduce<number>((total, weight, index) => {
    const char = vin[index] ?? '0';
    return total + weight * (LETTERS[char] ?? Number(char));
  }, 0);
  return sum % 11 === 10 ? 'X' : String(sum % 11);
};

/** World manufacturer identifiers that begin with 1 to 5 are North American. Source: ISO 3780. */
const isNorthAmerican = (vin: string): boolean => /^[1-5]/.test(vin);

/**
 * What a number is worth: North American ones carry a check digit that must hold, elsewhere the ninth
 * character is the maker's own, so that nothing more can be said.
 */
export const checkVin = (
  vin: string,
): 'check_digit_valid' | 'no_check_digit' | 'check_digit_wrong' => {
  if (vin[8] === vinCheckDigit(vin)) return 'check_digit_valid';
  return isNorthAmerican(vin) ? 'check_digit_wrong' : 'no_check_digit';
};
