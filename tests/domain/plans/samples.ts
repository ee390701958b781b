import type { RentalDay } from '#domain/plans/chargesDue.ts';
import { PlanTerms, type PlanVersion } from '#domain/plans/terms.ts';
import { day, instant, money } from '#tests/support/samples.ts';

/** Terms in euro: 25.00 a day and 19 % tax, and whatever else is said. */
export const termsOf = (said: object = {}): PlanTerms =>
  PlanTerms.parse({
    currency: 'EUR',
    time: { per: 'day', amount: money('2500') },
    distance: null,
    taxRate: '0.19',
    fareShare: null,
    deposit: money('50000'),
    deductionCap: money('20000'),
    disputeWindow_days: 14,
    ...said,
  });

/** The n-th version of the plan STD, from a day on. */
export const version = (n: number, from: string, said: object = {}): PlanVersion => ({
  plan: 'STD',
  version: n,
  effectiveFrom: day(from),
  terms: termsOf(said),
});

/** Days of March 2026 in UTC, the first of them being `first`, with the metres of each. */
export const daysFrom = (first: number, metres: readonly number[]): readonly RentalDay[] =>
  metres.map((distance_m, n) => {
    const date = `2026-03-${String(first + n).padStart(2, '0')}`;
    const next = `2026-03-${String(first + n + 1).padStart(2, '0')}`;
    return {
      date: day(date),
      from: instant(`${date}T00:00:00.000Z`),
      to: instant(`${next}T00:00:00.000Z`),
      distance_m,
    };
  });
