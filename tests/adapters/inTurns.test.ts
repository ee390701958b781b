import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inTurns } from '#adapters/inTurns.ts';

describe('work in turns', () => {
  it('is done a few at a time, in order, and not at all where too much is waiting', async () => {
    const take = inTurns({ running_max: 2, waiting_max: 3 });
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    const work = (n: number) => async () => {
      begun.push(n);
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
      if (n === 1) throw new Error('broken');
      return n;
    };
    const outcomes = await Promise.all(
      [0, 1, 2, 3, 4, 5, 6].map((n) => take(work(n)).catch(() => 'threw')),
    );
    expect(outcomes).toEqual([0, 'threw', 2, 3, 4, null, null]);
    expect([begun, most]).toEqual([[0, 1, 2, 3, 4], 2]);
    expect(await take(work(7))).toBe(7);
  });
});
