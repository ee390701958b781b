import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { groupCommit } from '#commands/groupCommit.ts';

const limits = {
  group_items_max: 3,
  group_weight_max: 10,
  waiting_items_max: 5,
  waiting_max_ms: 1_000,
  flights_max: 1,
  shared_items_min: 5,
};

/** A group commit that notes its groups and answers every item with its double, once `gate` opens. */
const doubling = (gate: Promise<void>, changes: Partial<typeof limits> = {}) => {
  const groups: number[][] = [];
  const group = groupCommit<number, number | string>({
    limits: { ...limits, ...changes },
    commit: async (items) => {
      groups.push([...items]);
      await gate;
      return items.map((item) => 2 * item);
    },
    refused: (reason) => reason,
    failed: (error) => String(error),
  });
  return { groups, group };
};

describe('group commit', () => {
  it('sends together what is submitted together, in order, within its bounds', async () => {
    const { groups, group } = doubling(Promise.resolve());
    const answers = [1, 2, 3, 4].map((item) => group.submit(item, 1));
    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8]);
    const heavy = [5, 6, 7].map((item) => group.submit(item, 6));
    expect(await Promise.all([...heavy, group.submit(8, 99)])).toEqual([10, 12, 14, 16]);
    expect(groups).toEqual([[1, 2, 3], [4], [5], [6], [7], [8]]);
  });

  it('sends the next group while one is at work, and no third', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { groups, group } = doubling(promise, { group_items_max: 1, flights_max: 2 });
    const answers = [1, 2, 3].map((item) => group.submit(item, 1));
    await sleep(20);
    expect(groups).toEqual([[1], [2]]);
    resolve();
    await group.drained();
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
    expect(groups).toEqual([[1], [2], [3]]);
  });

  it('shares many out to the groups that may set off, and sends few together', async () => {
    const roomy = { group_items_max: 100, waiting_items_max: 100, flights_max: 2 };
    const { promise, resolve } = Promise.withResolvers<void>();
    const { groups, group } = doubling(promise, { ...roomy, shared_items_min: 3 });
    const answers = Array.from({ length: 9 }, (_, item) => group.submit(item, 1));
    await sleep(20);
    expect(groups.map(({ length }) => length)).toEqual([5, 4]);
    resolve();
    await Promise.all(answers);
    await Promise.all([1, 2, 3].map((item) => group.submit(item, 1)));
    expect(groups.slice(2)).toEqual([[1, 2, 3]]);
  });

  it('refuses what would wait too long or behind too many', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { group } = doubling(promise, { group_items_max: 1, waiting_max_ms: 50 });
    const first = group.submit(0, 1);
    await sleep(5);
    const waiting = [1, 2, 3, 4, 5].map((item) => group.submit(item, 1));
    expect(await group.submit(6, 1)).toBe('queue_full');
    await sleep(60);
    resolve();
    expect(await first).toBe(0);
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 5 }, () => 'waited_too_long'));
    await group.drained();
  });

  it('tells every sender of a group when it fails, and goes on', async () => {
    let turn = 0;
    const group = groupCommit<number, string>({
      limits,
      commit: async (items) => {
        turn += 1;
        if (turn === 1) throw new Error('outage');
        if (turn === 2) throw new TypeError('bug');
        return items.slice(turn === 3 ? 1 : 0).map(String);
      },
      refused: (reason) => reason,
      failed: (error) => {
        if (error instanceof TypeError || turn === 3) throw error;
        return 'failed';
      },
    });
    expect(await Promise.all([group.submit(1, 1), group.submit(2, 1)])).toEqual([
      'failed',
      'failed',
    ]);
    const bugs = await Promise.allSettled([group.submit(1, 1), group.submit(2, 1)]);
    expect(bugs.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(group.submit(1, 1)).rejects.toThrow('too few results');
    expect(await group.submit(7, 1)).toBe('7');
    await group.drained();
  });
});
