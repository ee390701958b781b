import fc from 'fast-check';
import type { AssetCommand } from '#domain/assets/asset.ts';
import {
  type DepreciationPlan,
  Funding,
  ProceedsChannel,
  ValuationMethod,
  VehicleAcquired,
} from '#domain/assets/events.ts';
import { Period } from '#domain/finance/period.ts';
import { Share } from '#domain/finance/rate.ts';
import { RunId } from '#domain/kernel/ids.ts';
import type { LocalDate } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyMoment, anyOf } from '#tests/support/arbitrary.ts';
import { berlin, day, euro, money, morning, uuid8, van } from '#tests/support/samples.ts';

export const month = (text: string): Period => Period.parse(text);
export const share = (text: string) => Share.parse(text);
export const runNo = (n: number): RunId =>
  RunId.parse(`depreciation-${berlin}-202603~${uuid8(0x900 + n)}`);

/** 18,000.00 over five years down to 3,000.00: 250.00 a month. */
const straight: DepreciationPlan = {
  method: 'straight_line',
  life_months: 60,
  residual: money('300000'),
};
export const said = {
  park: berlin,
  date: day('2026-01-20'),
  cost: money('1800000'),
  funding: 'investors',
  depreciation: straight,
} as const;
export const about = { vehicle: van, park: berlin, when: morning, currency: euro } as const;
export const acquired = (change: Partial<typeof said & { depreciation: DepreciationPlan }> = {}) =>
  fact(VehicleAcquired, morning, { vehicle: van, ...said, ...change });

/** Some days of a year, and the months they lie in. */
const days: readonly LocalDate[] = ['2026-01-20', '2026-02-01', '2026-03-31', '2026-07-15'].map(
  day,
);

export const anyPlan: fc.Arbitrary<DepreciationPlan> = fc.oneof(
  fc.record({
    method: fc.constant('straight_line' as const),
    life_months: fc.integer({ min: 1, max: 600 }),
    residual: fc.bigInt({ min: 0n, max: 400_000n }).map((minor) => money(String(minor))),
  }),
  fc.record({
    method: fc.constant('declining_balance' as const),
    rate_per_year: fc.constantFrom('0', '0.25', '0.3333', '1').map(share),
    residual: fc.bigInt({ min: 0n, max: 400_000n }).map((minor) => money(String(minor))),
  }),
  fc.constant({ method: 'none' as const }),
);
/** Never below what any plan leaves. */
export const anyCost = fc
  .bigInt({ min: 400_000n, max: 10n ** 10n })
  .map((minor) => money(String(minor)));

const base = { vehicle: fc.constant(van), park: fc.constant(berlin), when: anyMoment };
const inEuro = { ...base, currency: fc.constant(euro) };
const date = fc.constantFrom(...days);
const anyAmount = fc.constantFrom('0', '900000', '2500000').map((minor) => money(minor));

/** Anything that may be asked of a vehicle as an asset. */
export const anyAssetCommand: fc.Arbitrary<AssetCommand> = fc.oneof(
  fc.record({
    ...inEuro,
    type: fc.constantFrom('AcquireVehicle' as const, 'CorrectAcquisition' as const),
    date,
    cost: fc.oneof(anyCost, fc.constantFrom(money('0'), money('5', 'TRY'))),
    funding: anyOf(Funding),
    depreciation: anyPlan,
  }),
  fc.record({
    ...inEuro,
    type: fc.constant('ValueVehicle' as const),
    date,
    value: anyAmount,
    method: anyOf(ValuationMethod),
    source: fc.constant('LIST-7'),
  }),
  fc.record({
    ...inEuro,
    type: fc.constant('DisposeOfVehicle' as const),
    date,
    proceeds: anyAmount,
    via: anyOf(ProceedsChannel),
  }),
  fc.record({
    ...base,
    type: fc.constant('VoidDisposal' as const),
    reason: fc.constant('mistake'),
  }),
  fc.record({
    ...base,
    type: fc.constant('BookDepreciation' as const),
    run: fc.integer({ min: 1, max: 4 }).map(runNo),
    period: fc.constantFrom('2026-01', '2026-02', '2026-03').map(month),
    amount: fc.constantFrom('25000', '-700', '1').map((minor) => money(minor)),
  }),
  fc.record({
    ...base,
    type: fc.constant('ReverseDepreciation' as const),
    run: fc.integer({ min: 1, max: 4 }).map(runNo),
  }),
);
