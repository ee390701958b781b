import { describe, expect, it } from 'vitest';
import { checkVin, Vin, vinCheckDigit } from '#domain/registry/vin.ts';

describe('vehicle identification numbers', () => {
  // Seventeen ones weigh 89, and 89 modulo 11 is 1; the second is the worked example that descriptions of the
  // rule carry, with a sum of 351, that is 10 modulo 11, written X.
  it('have the check digit of the rule', () => {
    expect(vinCheckDigit('11111111111111111')).toBe('1');
    expect(vinCheckDigit('1M8GDM9AXKP042788')).toBe('X');
  });

  it('must hold it in North America, and need not elsewhere', () => {
    expect(checkVin('1M8GDM9AXKP042788')).toBe('check_digit_valid');
    expect(checkVin('1M8GDM9A1KP042788')).toBe('check_digit_wrong');
    expect(checkVin('VF1ACVYB012345678')).toBe('no_check_digit');
  });

  it('have 17 characters without I, O and Q', () => {
    expect(Vin.safeParse('1M8GDM9AXKP04278').success).toBe(false);
    expect(Vin.safeParse('1M8GDM9AXKPO42788').success).toBe(false);
    expect(Vin.safeParse('1M8GDM9AXKP042788').success).toBe(true);
  });
});
