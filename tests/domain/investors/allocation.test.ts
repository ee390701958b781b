import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from '#domain/investors/allocation.ts';
import { HoldingId } from '#domain/kernel/ids.ts';
import { uuid8 } from '#tests/support/samples.ts';

const holding = (n: number) => HoldingId.parse(uuid8(n));
const entitled = (...shareDays: readonly bigint[]) =>
  shareDays.map((days, n) => ({ holding: holding(n), shareDays: days }));
const divided = (distributable: bigint, ...shareDays: readonly bigint[]) => {
  const total = shareDays.reduce((sum, days) => sum + days, 0n);
  const { lines, carried } = allocate({ distributable, shareDays: entitled(...shareDays), total });
  return { amounts: lines.map(({ amount }) => amount), carried };
};

describe('what a month has is divided among holders', () => {
  it('as on the fact sheet, by 500, 300 and 200 of 1,000 shares', () => {
    expect(divided(50_496n, 500n * 30n, 300n * 30n, 200n * 30n)).toEqual({
      amounts: [25_248n, 15_148n, 10_099n],
      carried: 1n,
    });
  });

  it('as on the fact sheet, where a hundred shares change hands at midnight into the 16th', () => {
    expect(divided(50_496n, 15_000n, 7_500n, 7_500n)).toEqual({
      amounts: [25_248n, 12_624n, 12_624n],
      carried: 0n,
    });
  });

  it('whole to a single holder, and wholly carried where there is none', () => {
    expect(divided(50_496n, 31n)).toEqual({ amounts: [50_496n], carried: 0n });
    expect(divided(50_496n)).toEqual({ amounts: [], carried: 50_496n });
  });

  it('never less than nothing, nor by share-days that do not add up', () => {
    expect(() => divided(-1n, 31n)).toThrow(/less than nothing/);
    const some = { distributable: 1n, shareDays: entitled(10n), total: 11n };
    expect(() => allocate(some)).toThrow(/do not add up/);
  });

  it.each([1, 3, 7, 10_000])('without a cent created or lost among %i holders', (holders) => {
    const shares = fc.bigInt(1n, 10n ** 6n);
    const some = fc.tuple(
      fc.bigInt(0n, 10n ** 12n),
      fc.array(shares, { minLength: holders, maxLength: holders }),
    );
    fc.assert(
      fc.property(some, ([distributable, shareDays]) => {
        const total = shareDays.reduce((sum, days) => sum + days, 0n);
        const { lines, carried } = allocate({
          distributable,
          shareDays: entitled(...shareDays),
          total,
        });
        expect(lines.reduce((sum, { amount }) => sum + amount, carried)).toBe(distributable);
        expect(carried >= 0n && carried < BigInt(holders)).toBe(true);
        // Nobody needs to know of the others to check a line.
        for (const line of lines)
          if (line.amount !== (distributable * line.shareDays) / total)
            throw new Error('not alone');
      }),
      { numRuns: holders > 1_000 ? 5 : 100 },
    );
  });
});
