import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  covers,
  epochMs,
  Instant,
  type Interval,
  instantOf,
  LocalDate,
  overlaps,
  secondsBetween,
} from '#domain/kernel/instant.ts';
import {
  addMoney,
  Currency,
  decimalsOf,
  Money,
  minorUnits,
  moneyOf,
} from '#domain/kernel/money.ts';
import { StreamName } from '#domain/kernel/streams.ts';
import { anyInstant, anyMoney } from '#tests/support/arbitrary.ts';
import { instant, money } from '#tests/support/samples.ts';

describe('instants', () => {
  it('have one spelling', () => {
    for (const text of [
      '2026-03-02T08:00:00Z',
      '2026-03-02T08:00:00.000+00:00',
      '2026-03-02T24:00:00.000Z',
      '2026-02-30T08:00:00.000Z',
      '2026-13-02T08:00:00.000Z',
    ]) {
      expect(Instant.safeParse(text).success).toBe(false);
    }
    expect(Instant.safeParse('2024-02-29T23:59:59.999Z').success).toBe(true);
    expect(LocalDate.safeParse('2026-02-29').success).toBe(false);
  });

  it('are those of the calendar, no more and no fewer', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_999 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (year, month, day) => {
          const digits = (value: number, length: number) => String(value).padStart(length, '0');
          const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
          const text = `${date}T12:00:00.000Z`;
          const ms = Date.parse(text);
          const real = !Number.isNaN(ms) && new Date(ms).toISOString() === text;
          expect([date, Instant.safeParse(text).success]).toEqual([date, real]);
          expect(LocalDate.safeParse(date).success).toBe(real);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('compare as their texts do', () => {
    fc.assert(
      fc.property(anyInstant, anyInstant, (left, right) => {
        expect(left < right).toBe(epochMs(left) < epochMs(right));
        expect(instantOf(epochMs(left))).toBe(left);
      }),
    );
  });

  it('count whole seconds between them', () => {
    const from = instant('2026-03-02T08:00:00.000Z');
    expect(secondsBetween({ from, to: instant('2026-03-02T08:00:01.999Z') })).toBe(1);
    expect(secondsBetween({ from, to: instant('2026-03-02T07:59:59.500Z') })).toBe(-1);
  });

  it('make stretches that overlap just when they share a moment', () => {
    const anyStretch: fc.Arbitrary<Interval> = fc
      .tuple(fc.integer({ min: 0, max: 9 }), fc.option(fc.integer({ min: 1, max: 5 })))
      .map(([from, length]) => ({
        from: instantOf(from),
        to: length === null ? null : instantOf(from + length),
      }));
    fc.assert(
      fc.property(anyStretch, anyStretch, (left, right) => {
        const moments = Array.from({ length: 20 }, (_, ms) => instantOf(ms));
        const shared = moments.some((at) => covers(left, at) && covers(right, at));
        expect(overlaps(left, right)).toBe(shared);
      }),
    );
  });
});

describe('money', () => {
  it('is whole minor units of a currency that exists', () => {
    for (const amount of ['1.5', '01', '-0', '', '1e3', '1234567890123456789']) {
      expect(Money.safeParse({ amount, currency: 'EUR' }).success).toBe(false);
    }
    expect(Money.safeParse({ amount: '-5', currency: 'EUR' }).success).toBe(true);
    expect(Currency.safeParse('XXX').success).toBe(false);
    const decimals = ['EUR', 'JPY', 'TND'].map((code) => decimalsOf(Currency.parse(code)));
    expect(decimals).toEqual([2, 0, 3]);
  });

  it('adds up exactly, beyond 2^53 too, and never across currencies', () => {
    expect(addMoney(money('9007199254740993'), money('2'))).toEqual(money('9007199254740995'));
    expect(() => addMoney(money('1'), money('1', 'TRY'))).toThrow(/two currencies/);
    fc.assert(
      fc.property(anyMoney, (sum) => {
        expect(moneyOf(minorUnits(sum), sum.currency)).toEqual(sum);
      }),
    );
  });
});

describe('stream names', () => {
  it('say category, tenant and id, and nothing else', () => {
    expect(StreamName.safeParse('vehicle-acme.00000000-0000-8000-8000-000000000020').success).toBe(
      true,
    );
    for (const name of [
      '',
      'vehicle',
      'vehicle-acme.',
      '$all',
      'vehicle-Acme.x',
      'vehicle-acme.x y',
    ]) {
      expect(StreamName.safeParse(name).success).toBe(false);
    }
  });
});
