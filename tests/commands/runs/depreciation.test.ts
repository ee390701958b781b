import { describe, expect, it } from 'vitest';
import { onAsset } from '#commands/assets/onAsset.ts';
import { postRun, proposeRun, reverseRun } from '#commands/runs/runs.ts';
import { runAsItIs } from '#commands/runs/slot.ts';
import type { AssetCommand } from '#domain/assets/asset.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { EntryPosted } from '#domain/finance/journal/events.ts';
import { Period } from '#domain/finance/period.ts';
import type { RunId } from '#domain/kernel/ids.ts';
import { said } from '#tests/domain/assets/assetScene.ts';
import { allEvents, leftOf, requestOf, rightOf, springMorning } from '#tests/support/ledger.ts';
import { acme, day, money } from '#tests/support/samples.ts';
import { payoutScene } from './payoutScene.ts';

const [january, february, march] = ['2026-01', '2026-02', '2026-03'].map((text) =>
  Period.parse(text),
);
const { park: _, ...acquisition } = said;

/** An asset of 18,000.00 that is written off by 250.00 a month since January. */
const scene = async () => {
  const seen = await payoutScene();
  const { ledger, parts, park, vehicle } = seen;
  const on = async (commandOf: Parameters<ReturnType<typeof onAsset>>[2], key: string) =>
    rightOf(await onAsset(ledger)(requestOf(key), { vehicle, at: springMorning }, commandOf));
  await on((of): AssetCommand => ({ ...of, ...acquisition, type: 'AcquireVehicle' }), 'acquire');
  return {
    ...seen,
    on,
    propose: async (period = january, key = '') => {
      if (!period) throw new Error('no month');
      const asked = { kind: 'depreciation', park, period, payee: null } as const;
      return proposeRun(parts)(requestOf({ asked, key }), asked);
    },
    agreeAndPost: async (run: RunId) => {
      rightOf(await seen.approve(run));
      return postRun(parts)(requestOf({ post: run }), run);
    },
    lines: async (run: RunId) => rightOf(await runAsItIs(ledger)(acme, run)).lines,
    /** The entries of depreciation: day, month it is about, and what was written off. */
    written: async () => {
      await seen.posted();
      return (await allEvents(seen.store))
        .filter(({ type }) => type === EntryPosted.type)
        .map(({ data }) => EntryPosted.data.parse(data))
        .flatMap(({ date, about, lines }) =>
          lines
            .filter(({ account }) => account === ACCOUNTS.depreciation.code)
            .map(({ side, amount }) => [date, about, side, amount.amount]),
        );
    },
  };
};

describe('a depreciation run', () => {
  it('writes off what is due by the end of a month, once, before the month is closed', async () => {
    const seen = await scene();
    const { id: run } = rightOf(await seen.propose(january));
    rightOf(await seen.agreeAndPost(run));
    rightOf(await seen.agreeAndPost(run));
    expect(await seen.lines(run)).toMatchObject([
      {
        ...{ kind: 'depreciation', vehicle: seen.vehicle, method: 'straight_line' },
        ...{ cost: '1800000', residual: '300000', before: '0', amount: '25000', after: '25000' },
      },
    ]);
    expect(await seen.written()).toEqual([['2026-01-31', null, 'debit', '25000']]);
    expect(leftOf(await seen.propose(january, 'again'))).toMatchObject({
      code: 'RunPostedAlready',
    });
    const balances = await seen.balances();
    expect(balances.get(ACCOUNTS.vehicles.code)).toBe(1_800_000n);
    expect(balances.get(ACCOUNTS.depreciated.code)).toBe(-25_000n);
  });

  it('makes up for a month that was missed, in the first open month, and comes back whole', async () => {
    const seen = await scene();
    if (!january || !february) throw new Error('no month');
    rightOf(await seen.close(january));
    rightOf(await seen.close(february));
    const { id: run } = rightOf(await seen.propose(february));
    rightOf(await seen.agreeAndPost(run));
    expect(await seen.written()).toEqual([['2026-03-01', february, 'debit', '50000']]);
    rightOf(await reverseRun(seen.parts)(requestOf('back'), run, 'mistaken'));
    expect((await seen.written()).at(-1)).toEqual(['2026-03-01', february, 'credit', '50000']);
    expect((await seen.balances()).get(ACCOUNTS.depreciated.code)).toBe(0n);
    const { id: second } = rightOf(await seen.propose(february, 'second'));
    rightOf(await seen.agreeAndPost(second));
    expect((await seen.balances()).get(ACCOUNTS.depreciated.code)).toBe(-50_000n);
  });

  it('waits for the end of the month, and does not hold where the asset changed meanwhile', async () => {
    const seen = await scene();
    expect(leftOf(await seen.propose(march))).toMatchObject({ code: 'PeriodNotOver' });
    const { id: run } = rightOf(await seen.propose(january));
    rightOf(await seen.approve(run));
    const valued = { date: day('2026-02-01'), value: money('1') } as const;
    await seen.on(
      (of) => ({ ...of, ...valued, type: 'ValueVehicle', method: 'other', source: 'X' }),
      'value',
    );
    const sale = { date: day('2026-02-10'), proceeds: money('1790000'), via: 'bank' } as const;
    await seen.on((of) => ({ ...of, ...sale, type: 'DisposeOfVehicle' }), 'sell');
    const refused = leftOf(await postRun(seen.parts)(requestOf(run), run));
    expect(refused).toMatchObject({ code: 'RunInputsChanged' });
    expect((await seen.balances()).get(ACCOUNTS.disposalLosses.code)).toBe(10_000n);
  });
});
