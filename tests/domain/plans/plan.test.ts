import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlanId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { PlanPublished } from '#domain/plans/events.ts';
import { type PublishPlan, planDecider } from '#domain/plans/plan.ts';
import { PlanTerms, versionOn, warningsOf } from '#domain/plans/terms.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { day, money, morning, uuid8 } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';
import { termsOf, version } from './samples.ts';

const { given } = spec(planDecider);
const named = { plan: 'STD', planId: PlanId.parse(uuid8(0xa0)) };
const publish = (effectiveFrom: string, said: object = {}): PublishPlan => ({
  type: 'PublishPlan',
  ...named,
  effectiveFrom: day(effectiveFrom),
  terms: termsOf(said),
  when: morning,
});
const published = (n: number, effectiveFrom: string, said: object = {}) => {
  const content = { version: n, effectiveFrom: day(effectiveFrom), terms: termsOf(said) };
  return fact(PlanPublished, morning, { ...named, ...content });
};
const taxed = { taxRate: '0.07' };

describe('a plan', () => {
  it('is published, and may reach back the first time', () => {
    given().when(publish('2026-01-01')).yields(published(1, '2026-01-01'));
  });
  it('is not published twice', () => {
    given(published(1, '2026-01-01')).when(publish('2026-01-01')).yields();
  });
  it('gets another version, from a later day on', () => {
    given(published(1, '2026-01-01'))
      .when(publish('2026-03-03', taxed))
      .yields(published(2, '2026-03-03', taxed));
  });
  it('does not change what has been charged already', () => {
    given(published(1, '2026-01-01')).when(publish('2026-03-02', taxed)).refuses('PlanOutdated');
    given(published(1, '2026-04-01')).when(publish('2026-04-01', taxed)).refuses('PlanOutdated');
    given(published(1, '2026-04-01')).when(publish('2026-03-31', taxed)).refuses('PlanOutdated');
  });
  it('obeys the laws', () => {
    const anyCommand: fc.Arbitrary<PublishPlan> = fc.record({
      type: fc.constant('PublishPlan'),
      plan: fc.constant('STD'),
      planId: fc.constant(named.planId),
      effectiveFrom: fc.constantFrom(day('2026-01-01'), day('2035-06-01'), day('2039-01-01')),
      terms: fc.constantFrom(termsOf(), termsOf(taxed)),
      when: anyMoment,
    });
    const seen = holdToLaws(planDecider, anyCommand);
    expect(seen).toEqual({ events: ['PlanPublished'], refusals: ['PlanOutdated'] });
  });
});

describe('terms of a plan', () => {
  it('hold from their day on', () => {
    const versions = [version(1, '2026-03-01'), version(2, '2026-03-05')];
    const on = (text: string) => versionOn(versions, day(text))?.version ?? null;
    expect([on('2026-02-28'), on('2026-03-01'), on('2026-03-04'), on('2026-03-05')]).toEqual([
      null,
      1,
      1,
      2,
    ]);
  });
  it('are in one currency', () => {
    const lira = { time: { per: 'day', amount: money('1', 'TRY') } };
    expect(PlanTerms.safeParse({ ...termsOf(), ...lira }).success).toBe(false);
    expect(PlanTerms.safeParse({ ...termsOf(), deposit: money('1', 'TRY') }).success).toBe(false);
  });
  it('come with a warning where what a driver earns depends on distance', () => {
    const source = 'Regulation (EC) No 561/2006, article 10(1)';
    const warning = [{ code: 'pay_depends_on_distance', source }];
    expect(warningsOf(termsOf())).toEqual([]);
    expect(warningsOf(termsOf({ fareShare: '0.4' }))).toEqual(warning);
    const distance = { kilometres: 1, amount: money('25') };
    expect(warningsOf(termsOf({ distance }))).toEqual(warning);
  });
});
