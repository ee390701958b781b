import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetDecider } from '#domain/assets/asset.ts';
import { depreciationOf, dueBy } from '#domain/assets/depreciation.ts';
import {
  type AssetEvent,
  type DepreciationPlan,
  VehicleAcquisitionCorrected,
  VehicleDepreciated,
  VehicleDepreciationReversed,
  VehicleDisposed,
} from '#domain/assets/events.ts';
import { nextPeriod, type Period } from '#domain/finance/period.ts';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import { berlin, day, money, morning, van } from '#tests/support/samples.ts';
import { acquired, anyCost, anyPlan, month, runNo, said, share } from './assetScene.ts';

const of = { vehicle: van, park: berlin };
const january = month('2026-01');
const written = (n: number, period: string, amount: string) =>
  fact(VehicleDepreciated, morning, {
    ...{ ...of, run: runNo(n), period: month(period), amount: money(amount) },
  });
const left = (period: string, ...history: readonly AssetEvent[]) =>
  depreciationOf(replay(assetDecider, history), month(period));
const declining: DepreciationPlan = {
  method: 'declining_balance',
  rate_per_year: share('0.25'),
  residual: money('500000'),
};

/** What each of the first months writes off. */
const partsOf = (acquisition: Parameters<typeof dueBy>[0], months: number): bigint[] => {
  const parts: bigint[] = [];
  let before = 0n;
  let period: Period = january;
  for (let n = 0; n < months; n += 1) {
    const after = dueBy(acquisition, period);
    parts.push(after - before);
    before = after;
    period = nextPeriod(period);
  }
  return parts;
};

describe('depreciation', () => {
  it('writes a straight line off, the month of the acquisition whole', () => {
    expect(left('2025-12', acquired())).toBeNull();
    expect(left('2026-01', acquired())).toEqual({ amount: 25_000n, before: 0n, after: 25_000n });
    // 100.00 over three months: 33.33, 33.34, 33.33.
    const thirds = { method: 'straight_line', life_months: 3, residual: money('0') } as const;
    const small = { ...said, cost: money('10000'), depreciation: thirds };
    expect(partsOf(small, 4)).toEqual([3_333n, 3_334n, 3_333n, 0n]);
  });

  it('writes a part of what is left at the beginning of each year off, month by month', () => {
    const car = { ...said, depreciation: declining };
    const parts = partsOf(car, 72);
    const year = (n: number) => parts.slice(12 * n, 12 * n + 12);
    // 18,000.00: a quarter is 4,500.00, 375.00 a month. Then of 13,500.00: 3,375.00, 281.25 a month.
    expect(new Set(year(0))).toEqual(new Set([37_500n]));
    expect(new Set(year(1))).toEqual(new Set([28_125n]));
    const sums = [0, 1, 2, 3, 4, 5].map((n) => year(n).reduce((sum, part) => sum + part, 0n));
    // 2,531.25, 1,898.44 (of 7,593.75), then no further than down to 5,000.00.
    expect(sums).toEqual([450_000n, 337_500n, 253_125n, 189_844n, 69_531n, 0n]);
    expect(partsOf({ ...said, depreciation: { method: 'none' } }, 3)).toEqual([0n, 0n, 0n]);
  });

  it('makes up for months that were missed, and for none twice', () => {
    const three = { amount: 75_000n, before: 0n, after: 75_000n };
    expect(left('2026-03', acquired())).toEqual(three);
    const made = [acquired(), written(1, '2026-03', '75000')];
    expect(left('2026-02', ...made)).toBeNull();
    expect(left('2026-03', ...made)).toBeNull();
    const back = fact(VehicleDepreciationReversed, morning, { ...of, run: runNo(1) });
    expect(left('2026-03', ...made, back)).toEqual(three);
  });

  it('takes back what a correction says was too much, and leaves what is gone', () => {
    const cheap = { ...said, cost: money('900000') };
    const corrected = fact(VehicleAcquisitionCorrected, morning, { vehicle: van, ...cheap });
    const two = [acquired(), written(1, '2026-02', '50000')];
    // 9,000.00 less 3,000.00 over 60 months: 100.00 a month, 300.00 by March.
    const less = { amount: -20_000n, before: 50_000n, after: 30_000n };
    expect(left('2026-03', ...two, corrected)).toEqual(less);
    const sale = { date: day('2026-03-05'), proceeds: money('0'), via: 'bank' } as const;
    expect(left('2026-03', ...two, fact(VehicleDisposed, morning, { ...of, ...sale }))).toBeNull();
  });

  it('never goes below what is to be left, nor back, and adds up to the cent', () => {
    const months = 601;
    fc.assert(
      fc.property(anyCost, anyPlan, (cost, depreciation) => {
        const parts = partsOf({ ...said, cost, depreciation }, months);
        expect(parts.every((part) => part >= 0n)).toBe(true);
        const sum = parts.reduce((all, part) => all + part, 0n);
        const residual = depreciation.method === 'none' ? cost : depreciation.residual;
        const base = BigInt(cost.amount) - BigInt(residual.amount);
        if (depreciation.method === 'straight_line') expect(sum).toBe(base);
        else expect(sum <= base).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
