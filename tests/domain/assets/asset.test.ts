import { describe, expect, it } from 'vitest';
import { assetDecider } from '#domain/assets/asset.ts';
import {
  VehicleAcquisitionCorrected,
  VehicleDepreciated,
  VehicleDepreciationReversed,
  VehicleDisposalVoided,
  VehicleDisposed,
  VehicleValued,
} from '#domain/assets/events.ts';
import { worthOn } from '#domain/assets/worth.ts';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import { holdToLaws } from '#tests/support/arbitrary.ts';
import { berlin, day, lira, money, morning, noon, van } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';
import { about, acquired, anyAssetCommand, month, runNo, said } from './assetScene.ts';

const { given } = spec(assetDecider);

const acquire = { ...about, ...said, type: 'AcquireVehicle' } as const;
const cheaper = { ...said, cost: money('1700000') };
const correct = { ...about, ...cheaper, type: 'CorrectAcquisition' } as const;
const sale = { date: day('2026-04-10'), proceeds: money('1500000'), via: 'bank' } as const;
const dispose = { ...about, ...sale, type: 'DisposeOfVehicle' } as const;
const of = { vehicle: van, park: berlin };
const disposed = fact(VehicleDisposed, morning, { ...of, ...sale });
const voided = fact(VehicleDisposalVoided, morning, { ...of, reason: 'mistake' });
const worth = { date: day('2026-02-01'), value: money('1650000'), source: 'LIST-7' };
const valued = { ...worth, method: 'market_listing' } as const;
const written = (n: number, period: string, amount = '25000') =>
  fact(VehicleDepreciated, morning, {
    ...{ ...of, run: runNo(n), period: month(period), amount: money(amount) },
  });

describe('a vehicle as an asset', () => {
  it('is acquired once, and corrected by a whole new word', () => {
    given().when(acquire).yields(acquired());
    given(acquired())
      .when({ ...acquire, when: noon })
      .yields();
    given(acquired())
      .when({ ...acquire, cost: cheaper.cost })
      .refuses('AssetAcquiredAlready');
    given().when(correct).refuses('AssetNotAcquired');
    given(acquired())
      .when(correct)
      .yields(fact(VehicleAcquisitionCorrected, morning, { vehicle: van, ...cheaper }));
  });

  it('leaves no more than it cost, in the currency of its park', () => {
    given()
      .when({ ...acquire, cost: money('299999') })
      .refuses('ResidualAboveCost');
    given()
      .when({ ...acquire, currency: lira })
      .refuses('ForeignCurrency');
  });

  it('is disposed of once, after it was acquired, and not after all', () => {
    given().when(dispose).refuses('AssetNotAcquired');
    given(acquired())
      .when({ ...dispose, date: day('2026-01-19') })
      .refuses('DisposalBeforeAcquisition');
    given(acquired()).when(dispose).yields(disposed);
    given(acquired(), disposed).when(dispose).yields();
    given(acquired(), disposed)
      .when({ ...dispose, proceeds: money('1') })
      .refuses('AssetDisposed');
    given(acquired(), disposed).when(correct).refuses('AssetDisposed');
    const back = { ...about, type: 'VoidDisposal', reason: 'mistake' } as const;
    given(acquired()).when(back).refuses('AssetNotDisposed');
    given(acquired(), disposed).when(back).yields(voided);
    given(acquired(), disposed, voided).when(dispose).yields(disposed);
  });

  it('is written off by a run once, and back once', () => {
    const book = { type: 'BookDepreciation', run: runNo(1), period: month('2026-01') } as const;
    const command = { ...about, ...book, amount: money('25000') };
    given(acquired()).when(command).yields(written(1, '2026-01'));
    given(acquired(), written(1, '2026-01')).when(command).yields();
    const reverse = { ...about, type: 'ReverseDepreciation', run: runNo(1) } as const;
    const reversed = fact(VehicleDepreciationReversed, morning, { ...of, run: runNo(1) });
    given(acquired(), written(1, '2026-01')).when(reverse).yields(reversed);
    given(acquired(), written(1, '2026-01'), reversed).when(reverse).yields();
    given(acquired(), written(1, '2026-01'), reversed).when(command).yields();
  });

  it('is worth what was said last of a day, and carried at what is not written off', () => {
    const later = { ...valued, date: day('2026-03-01'), value: money('1600000') };
    const state = replay(assetDecider, [
      acquired(),
      written(1, '2026-01'),
      written(2, '2026-02'),
      fact(VehicleValued, morning, { ...of, ...later }),
      fact(VehicleValued, morning, { ...of, ...valued }),
      disposed,
    ]);
    const on = (date: string) => {
      const { carried, valuation, disposal } = worthOn(state, day(date));
      return [carried?.bookValue ?? null, valuation?.value.amount ?? null, disposal !== null];
    };
    expect(on('2026-01-19')).toEqual([null, null, false]);
    expect(on('2026-01-30')).toEqual([1_800_000n, null, false]);
    expect(on('2026-01-31')).toEqual([1_775_000n, null, false]);
    expect(on('2026-02-28')).toEqual([1_750_000n, '1650000', false]);
    expect(on('2026-03-31')).toEqual([1_750_000n, '1600000', false]);
    expect(on('2026-04-10')).toEqual([0n, '1600000', true]);
  });

  it('is held to the laws', () => {
    expect(holdToLaws(assetDecider, anyAssetCommand)).toEqual({
      events: [
        'VehicleAcquired',
        'VehicleAcquisitionCorrected',
        'VehicleDepreciated',
        'VehicleDepreciationReversed',
        'VehicleDisposalVoided',
        'VehicleDisposed',
        'VehicleValued',
      ],
      refusals: [
        'AssetAcquiredAlready',
        'AssetDisposed',
        'AssetNotAcquired',
        'AssetNotDisposed',
        'DisposalBeforeAcquisition',
        'ForeignCurrency',
        'ResidualAboveCost',
      ],
    });
  });
});
