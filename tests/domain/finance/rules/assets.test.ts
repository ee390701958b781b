import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { assetDecider } from '#domain/assets/asset.ts';
import { bookedOf } from '#domain/assets/assetState.ts';
import {
  type AssetEvent,
  VehicleAcquisitionCorrected,
  VehicleDepreciated,
  VehicleDisposalVoided,
  VehicleDisposed,
} from '#domain/assets/events.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { balanceRefused } from '#domain/finance/journal/balance.ts';
import type { EntryLine } from '#domain/finance/postingRule.ts';
import { assetsRule } from '#domain/finance/rules/assets.ts';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import { acquired, anyAssetCommand, month, runNo, said } from '#tests/domain/assets/assetScene.ts';
import { berlin, day, money, morning, van } from '#tests/support/samples.ts';

const of = { vehicle: van, park: berlin };
const written = (n: number, period: string, amount: string) =>
  fact(VehicleDepreciated, morning, {
    ...{ ...of, run: runNo(n), period: month(period), amount: money(amount) },
  });
const sold = (minor: string) =>
  fact(VehicleDisposed, morning, {
    ...{ ...of, date: day('2026-04-10'), proceeds: money(minor), via: 'bank' },
  });

/** The entries of the last of some facts: day, account, debit (+) or credit (-), amount. */
const posted = (...history: readonly AssetEvent[]): string[] => {
  const last = history.at(-1);
  if (!last) return [];
  return assetsRule
    .drafts(last, history.slice(0, -1))
    .flatMap(({ date, lines }) =>
      lines.map(
        ({ account, side, amount }) =>
          `${date} ${account} ${side === 'debit' ? '+' : '-'}${amount.amount}`,
      ),
    );
};

const balances = (history: readonly AssetEvent[]): ReadonlyMap<string, bigint> => {
  const sums = new Map<string, bigint>();
  const add = ({ account, side, amount }: EntryLine) => {
    const minor = BigInt(amount.amount) * (side === 'debit' ? 1n : -1n);
    sums.set(account, (sums.get(account) ?? 0n) + minor);
  };
  for (const [index, each] of history.entries()) {
    for (const { lines } of assetsRule.drafts(each, history.slice(0, index))) {
      expect(balanceRefused(lines, null)).toBeNull();
      lines.forEach(add);
    }
  }
  return sums;
};

describe('the rule of assets', () => {
  it('takes a vehicle in at cost, from whoever paid', () => {
    const inward = (source: string) => [
      '2026-01-20 1200 +1800000',
      `2026-01-20 ${source} -1800000`,
    ];
    expect(posted(acquired())).toEqual(inward('3000'));
    const corrected = (change: object) =>
      fact(VehicleAcquisitionCorrected, morning, { vehicle: van, ...said, ...change });
    expect(posted(acquired(), corrected({ depreciation: { method: 'none' } }))).toEqual([]);
    expect(posted(acquired(), corrected({ funding: 'bank' }))).toEqual([
      '2026-01-20 1200 -1800000',
      '2026-01-20 3000 +1800000',
      ...inward('1000'),
    ]);
  });

  it('writes off at the end of the month, and takes both out in the end', () => {
    const off = [acquired(), written(1, '2026-02', '50000')];
    expect(posted(...off)).toEqual(['2026-02-28 5100 +50000', '2026-02-28 1290 -50000']);
    // Carried at 17,500.00.
    const out = (bank: string) => [
      '2026-04-10 1290 +50000',
      `2026-04-10 1000 +${bank}`,
      '2026-04-10 1200 -1800000',
    ];
    expect(posted(...off, sold('1600000'))).toEqual([...out('1600000'), '2026-04-10 5190 +150000']);
    expect(posted(...off, sold('1760000'))).toEqual([...out('1760000'), '2026-04-10 4900 -10000']);
  });

  it('lets what comes after a disposal change what that gained or lost', () => {
    const late = [acquired(), sold('1790000'), written(1, '2026-02', '50000')];
    expect(posted(...late)).toEqual([
      '2026-02-28 5100 +50000',
      '2026-02-28 5190 -10000',
      '2026-02-28 4900 -40000',
    ]);
    const voided = fact(VehicleDisposalVoided, morning, { ...of, reason: 'mistake' });
    const sums = [...balances([...late, voided])].filter(([, sum]) => sum !== 0n);
    expect(sums.sort()).toEqual([
      ['1200', 1_800_000n],
      ['1290', -50_000n],
      ['3000', -1_800_000n],
      ['5100', 50_000n],
    ]);
  });

  it('keeps the books at what the asset is, whatever comes', () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(anyAssetCommand, { maxLength: 25, size: 'max' }), (commands) => {
        const history: AssetEvent[] = [];
        for (const command of commands) {
          const decision = assetDecider.decide(command, replay(assetDecider, history));
          if (!isLeft(decision)) history.push(...decision.right);
        }
        const state = replay(assetDecider, history);
        const { acquisition, disposal } = state;
        const isHeld = acquisition !== null && (disposal === null || disposal.voided);
        const sums = balances(history);
        const on = ({ code }: { readonly code: string }) => sums.get(code) ?? 0n;
        expect(on(ACCOUNTS.vehicles)).toBe(isHeld ? BigInt(acquisition.cost.amount) : 0n);
        expect(on(ACCOUNTS.depreciated)).toBe(isHeld ? -bookedOf(state) : 0n);
        expect(on(ACCOUNTS.depreciation)).toBe(bookedOf(state));
        if (bookedOf(state) !== 0n && disposal) compared += 1;
      }),
      { numRuns: 200, seed: 20_260_101 },
    );
    expect(compared).toBeGreaterThan(10);
  });
});
