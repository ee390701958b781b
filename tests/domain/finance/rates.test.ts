import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rate } from '#domain/finance/rate.ts';
import { ExchangeRateRecorded } from '#domain/finance/rates/events.ts';
import { type RecordRate, ratesDecider } from '#domain/finance/rates/rates.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { day, euro, lira, morning, noon } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(ratesDecider);
const said = {
  ...{ base: euro, quote: lira, date: day('2026-03-02') },
  ...{ rate: Rate.parse('42.5'), source: 'central_bank' },
};
const record: RecordRate = { type: 'RecordRate', ...said, when: morning };
const recorded = fact(ExchangeRateRecorded, morning, { ...said, supersedes: null });

describe('exchange rates', () => {
  it('are recorded once, and corrected by another word on the same day', () => {
    given().when(record).yields(recorded);
    given(recorded)
      .when({ ...record, when: noon })
      .yields();
    const rate = Rate.parse('42.6');
    given(recorded)
      .when({ ...record, rate })
      .yields(fact(ExchangeRateRecorded, morning, { ...said, rate, supersedes: said.rate }));
    given()
      .when({ ...record, quote: euro })
      .refuses('CurrenciesSame');
  });

  it('are more than nothing', () => {
    const { data } = ExchangeRateRecorded;
    const none = { ...said, supersedes: null, rate: '0.00' };
    expect(data.safeParse(none).success).toBe(false);
  });

  it('are held to the laws', () => {
    const anyCommand: fc.Arbitrary<RecordRate> = fc.record({
      type: fc.constant('RecordRate'),
      base: fc.constantFrom(euro, lira),
      quote: fc.constant(lira),
      date: fc.constantFrom(day('2026-03-02'), day('2026-03-03')),
      rate: fc.constantFrom('1.1', '0.000001', '42').map((text) => Rate.parse(text)),
      source: fc.constantFrom('central_bank', 'contract'),
      when: anyMoment,
    });
    expect(holdToLaws(ratesDecider, anyCommand)).toEqual({
      events: ['ExchangeRateRecorded'],
      refusals: ['CurrenciesSame'],
    });
  });
});
