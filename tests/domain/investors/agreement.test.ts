import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rate, Share } from '#domain/finance/rate.ts';
import { type AgreeTerms, termsAt, termsDecider } from '#domain/investors/agreement.ts';
import { TermsAgreed } from '#domain/investors/events.ts';
import { Terms } from '#domain/investors/terms.ts';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyMoment, anyMoney, holdToLaws } from '#tests/support/arbitrary.ts';
import { day, euro, lira, money, morning, noon, van } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(termsDecider);

const terms = Terms.parse({
  reserve: { rate: '0.05', until: money('40000') },
  operatorFee: '0.2',
  hurdle: { rate: '0.08', valuation: money('1800000') },
  investorsShare: '0.7',
});
const better: Terms = { ...terms, hurdle: null, investorsShare: Share.parse('0.8') };
const [january, march, may] = [day('2026-01-01'), day('2026-03-15'), day('2026-05-01')];
const agree = (effectiveFrom: typeof january, agreed = terms): AgreeTerms => ({
  type: 'AgreeTerms',
  vehicle: van,
  effectiveFrom,
  terms: agreed,
  currency: euro,
  when: morning,
});
const agreed = (effectiveFrom: typeof january, said = terms) =>
  fact(TermsAgreed, morning, { vehicle: van, effectiveFrom, terms: said });

describe('terms of an asset', () => {
  it('are agreed from a day on', () => {
    given().when(agree(january)).yields(agreed(january));
    given(agreed(january)).when(agree(march, better)).yields(agreed(march, better));
  });

  it('are not said twice', () => {
    given(agreed(january))
      .when({ ...agree(january), when: noon })
      .yields();
  });

  it('are corrected by saying others for the same day', () => {
    given(agreed(january)).when(agree(january, better)).yields(agreed(january, better));
    given(agreed(january), agreed(january, better)).when(agree(january)).yields(agreed(january));
  });

  it('name amounts of the asset’s currency only', () => {
    given()
      .when({ ...agree(january), currency: lira })
      .refuses('ForeignCurrency');
    const none = { ...terms, reserve: null, hurdle: null };
    given()
      .when({ ...agree(january, none), currency: lira })
      .yields(agreed(january, none));
  });

  it('hold from their day until the next ones do, whatever order they were agreed in', () => {
    const told = [agreed(may), agreed(january), agreed(march), agreed(march, better)];
    const state = replay(termsDecider, told);
    expect(termsAt(state, day('2025-12-31'))).toBeNull();
    expect(termsAt(state, january)).toEqual({ effectiveFrom: january, terms });
    expect(termsAt(state, day('2026-03-14'))?.effectiveFrom).toBe(january);
    expect(termsAt(state, day('2026-03-31'))).toEqual({ effectiveFrom: march, terms: better });
    expect(termsAt(state, day('2027-01-01'))?.effectiveFrom).toBe(may);
  });

  it('give away no more than there is', () => {
    const flaws = [{ operatorFee: '1.01' }, { investorsShare: '2' }, { operatorFee: '-0.1' }];
    for (const flaw of flaws) expect(Terms.safeParse({ ...terms, ...flaw }).success).toBe(false);
    expect(Terms.safeParse({ ...terms, operatorFee: '1', investorsShare: '0' }).success).toBe(true);
  });

  it('are held to the laws', () => {
    const share = fc.constantFrom('0', '0.2', '1').map((text) => Share.parse(text));
    const anyCommand: fc.Arbitrary<AgreeTerms> = fc.record({
      type: fc.constant('AgreeTerms'),
      vehicle: fc.constant(van),
      effectiveFrom: fc.constantFrom(january, march, may),
      terms: fc.record({
        reserve: fc.option(fc.record({ rate: share, until: anyMoney })),
        operatorFee: share,
        hurdle: fc.option(fc.record({ rate: fc.constant(Rate.parse('1.5')), valuation: anyMoney })),
        investorsShare: share,
      }),
      currency: fc.constant(euro),
      when: anyMoment,
    });
    expect(holdToLaws(termsDecider, anyCommand)).toEqual({
      events: ['TermsAgreed'],
      refusals: ['ForeignCurrency'],
    });
  });
});
