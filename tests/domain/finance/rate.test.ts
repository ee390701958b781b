import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastDayOf, nextPeriod, Period, periodOf, previousPeriod } from '#domain/finance/period.ts';
import { Rate, Share, timesRate } from '#domain/finance/rate.ts';
import { daysInMonth } from '#domain/kernel/instant.ts';
import { day } from '#tests/support/samples.ts';

const rate = (text: string): Rate => Rate.parse(text);
const anyRate = fc.stringMatching(/^(?:0|[1-9]\d{0,3})(?:\.\d{1,6})?$/).map(rate);

describe('a rate', () => {
  it('rounds once, and what lies halfway away from zero', () => {
    expect(timesRate(123_456n, rate('0.05'))).toBe(6_173n);
    expect(timesRate(50n, rate('0.01'))).toBe(1n);
    expect(timesRate(-50n, rate('0.01'))).toBe(-1n);
    expect(timesRate(49n, rate('0.01'))).toBe(0n);
  });
  it('is never further than half a unit from what it stands for, whatever its sign', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), anyRate, (amount, by) => {
        const [whole = '', decimals = ''] = by.split('.');
        const scale = 10n ** BigInt(decimals.length);
        const exact = amount * BigInt(whole + decimals);
        const distance = timesRate(amount, by) * scale - exact;
        expect(2n * (distance < 0n ? -distance : distance)).toBeLessThanOrEqual(scale);
        expect(timesRate(-amount, by)).toBe(-timesRate(amount, by));
      }),
    );
  });
  it('is a decimal string, and a share at most the whole', () => {
    for (const text of ['.5', '1e3', '-1', '01', '1.', '']) expect(() => rate(text)).toThrow();
    expect(Share.safeParse('1.0').success).toBe(true);
    expect(Share.safeParse('1.01').success).toBe(false);
  });
});

describe('a period', () => {
  it('is a month of the calendar', () => {
    expect(periodOf(day('2024-02-29'))).toBe('2024-02');
    expect(daysInMonth('2024-02')).toBe(29);
    expect(daysInMonth('2100-02')).toBe(28);
    expect(lastDayOf(Period.parse('2026-04'))).toBe('2026-04-30');
    expect(nextPeriod(Period.parse('2025-12'))).toBe('2026-01');
    expect(previousPeriod(Period.parse('2026-01'))).toBe('2025-12');
    expect(Period.safeParse('2026-13').success).toBe(false);
  });
});
