import { describe, expect, it } from 'vitest';
import { postPayout } from '#commands/runs/payoutRun.ts';
import { reverseRun } from '#commands/runs/runs.ts';
import { runAsItIs } from '#commands/runs/slot.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { actor, allEvents, leftOf, requestOf, rightOf } from '#tests/support/ledger.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { checker, payoutScene, requestBy } from './payoutScene.ts';

const [first, second, third] = ['2025-12', '2026-01', '2026-02'].map((text) => Period.parse(text));
if (!first || !second || !third) throw new Error('there are three months');
const usualCosts = [
  [ACCOUNTS.repairs, '21000'],
  [ACCOUNTS.insurance, '9540'],
  [ACCOUNTS.platform, '3000'],
] as const;
const badCosts = [[ACCOUNTS.repairs, '61025']] as const;

/** The asset of the worked example: three holders of 500, 300 and 200 shares, three months closed. */
const worked = async () => {
  const seen = await payoutScene();
  const [ada, ben, cid] = [await seen.party(), await seen.party(), await seen.party()];
  await seen.agree('2025-12-01');
  await seen.issue('2025-12-01', [
    { party: ada, shares: 500 },
    { party: ben, shares: 300 },
    { party: cid, shares: 200 },
  ]);
  await seen.month(first, '123456', usualCosts);
  await seen.month(second, '10000', badCosts);
  await seen.month(third, '123456', usualCosts);
  for (const period of [first, second, third]) rightOf(await seen.close(period));
  const changeHands = () => seen.transfer('2025-12-10', { from: ada, to: ben, shares: 1 });
  const payOut = async (period: Period) => {
    const { id: run } = rightOf(await seen.propose(period));
    rightOf(await seen.approve(run));
    rightOf(await seen.post(run));
    return run;
  };
  return { ...seen, payOut, changeHands };
};

describe('a payout', () => {
  it('comes out to the cent over three months, one of them bad, and so do the books', async () => {
    const seen = await worked();
    const run = await seen.payOut(first);
    const runs = [run, await seen.payOut(second), await seen.payOut(third)];
    const lines = await Promise.all(runs.map((run) => seen.linesOf(run)));
    expect(lines.flat()).toMatchObject([
      {
        revenue: '123456',
        toReserve: '6173',
        operatorFee: '16749',
        operatorRest: '16498',
        toInvestors: '50496',
        allocated: '50495',
        closing: { reserve: '6173', advanced: '0', remainder: '1' },
      },
      {
        revenue: '10000',
        fromReserve: '6173',
        advanced: '44852',
        allocated: '0',
        closing: { reserve: '0', advanced: '44852', remainder: '1' },
      },
      {
        recouped: '44852',
        toReserve: '6173',
        operatorFee: '7778',
        operatorRest: '5734',
        toInvestors: '25379',
        distributable: '25380',
        closing: { reserve: '6173', advanced: '0', remainder: '0' },
      },
    ]);
    expect([...(await seen.amountsOf(run)).map(Number)].sort()).toEqual([10_099, 15_148, 25_248]);
    const held = await seen.balances();
    const at = ({ code }: { readonly code: string }): bigint => held.get(code) ?? 0n;
    expect(-at(ACCOUNTS.payableInvestors)).toBe(50_495n + 25_380n);
    expect(-at(ACCOUNTS.payableOperator)).toBe(33_247n + 13_512n + 44_852n);
    expect(-at(ACCOUNTS.reserves)).toBe(6_173n);
    expect(at(ACCOUNTS.advances)).toBe(0n);
    expect(at(ACCOUNTS.remainders)).toBe(0n);
    expect([...held.values()].reduce((sum, minor) => sum + minor, 0n)).toBe(0n);
  });

  it('shares a month by days where shares change hands in it', async () => {
    const seen = await payoutScene();
    const [ada, ben, cid] = [await seen.party(), await seen.party(), await seen.party()];
    await seen.agree('2025-11-01');
    const november = Period.parse('2025-11');
    await seen.issue('2025-11-01', [
      { party: ada, shares: 500 },
      { party: ben, shares: 300 },
      { party: cid, shares: 200 },
    ]);
    await seen.transfer('2025-11-16', { from: ben, to: cid, shares: 100 });
    await seen.month(november, '123456', usualCosts);
    rightOf(await seen.close(november));
    const { id: run } = rightOf(await seen.propose(november));
    rightOf(await seen.approve(run));
    rightOf(await seen.post(run));
    expect([...(await seen.amountsOf(run)).map(Number)].sort()).toEqual([12_624, 12_624, 25_248]);
    expect((await seen.linesOf(run))[0]?.closing.remainder).toBe('0');
  });

  it('is not approved by who proposed it, nor twice, nor posted unapproved', async () => {
    const seen = await worked();
    const { id: run } = rightOf(await seen.propose(first));
    expect(leftOf(await seen.post(run))).toMatchObject({ code: 'RunPhaseConflict' });
    expect(leftOf(await seen.approve(run, actor.id))).toMatchObject({ code: 'OwnRun' });
    rightOf(await seen.approve(run));
    rightOf(await seen.approve(run));
    const third = ActorId.parse(uuid8(0x78));
    expect(leftOf(await seen.approve(run, third))).toMatchObject({ code: 'RunApprovedAlready' });
    rightOf(await seen.post(run));
    rightOf(await seen.post(run));
    expect(leftOf(await seen.propose(first))).toMatchObject({ code: 'RunPostedAlready' });
    expect((await allEvents(seen.store)).filter(({ type }) => type === 'RunPosted')).toHaveLength(
      1,
    );
  });

  it('is not reckoned over an open month, nor before the month that it builds on', async () => {
    const seen = await worked();
    expect(leftOf(await seen.propose(second))).toMatchObject({
      code: 'EarlierRunMissing',
      period: first,
    });
    expect(leftOf(await seen.propose(Period.parse('2026-03')))).toMatchObject({
      code: 'PeriodOpen',
    });
  });

  it('is not posted on other inputs than were approved', async () => {
    const seen = await worked();
    const { id: run } = rightOf(await seen.propose(first));
    rightOf(await seen.approve(run));
    await seen.changeHands();
    expect(leftOf(await seen.post(run))).toMatchObject({ code: 'RunInputsChanged' });
    expect(await seen.linesOf(run)).toEqual([]);
  });

  it('is taken back whole, and paid out again; one that another builds on is not', async () => {
    const seen = await worked();
    const run = await seen.payOut(first);
    await seen.payOut(second);
    const refused = leftOf(await reverseRun(seen.parts)(requestOf('r1'), run, 'mistake'));
    expect(refused).toMatchObject({ code: 'LaterRunPosted' });

    const alone = await worked();
    const before = await alone.balances();
    const wrong = await alone.payOut(first);
    rightOf(await reverseRun(alone.parts)(requestOf('r2'), wrong, 'mistake'));
    const after = await alone.balances();
    for (const [account, minor] of after) expect(minor, account).toBe(before.get(account) ?? 0n);
    const again = await alone.payOut(first);
    expect(again).not.toBe(wrong);
    expect(await alone.linesOf(again)).toEqual(await alone.linesOf(wrong));
  });

  it('takes what comes late into the next month', async () => {
    const seen = await worked();
    await seen.payOut(first);
    await seen.entry(seen.vehicle, first, [ACCOUNTS.fuel, ACCOUNTS.bank], '500');
    const moved = (await allEvents(seen.store)).findLast(({ type }) => type === 'EntryPosted');
    expect(moved?.data).toMatchObject({ period: '2026-03', about: first });
  });

  it('goes on where it was broken off, whoever asks', async () => {
    const seen = await worked();
    const { id: run } = rightOf(await seen.propose(first));
    rightOf(await seen.approve(run));
    const keep = seen.openings.keep;
    let isAway = true;
    const failing = {
      ...seen.parts,
      openings: {
        ...seen.openings,
        keep: (...asked: Parameters<typeof keep>) =>
          isAway
            ? async () => ({ _tag: 'Left', left: { code: 'Unavailable', detail: 'away' } }) as const
            : keep(...asked),
      },
    };
    expect(leftOf(await postPayout(failing)(requestOf(run), run))).toMatchObject({
      code: 'Unavailable',
    });
    expect(rightOf(await runAsItIs(seen.ledger)(acme, run)).phase).toBe('approved');
    isAway = false;
    rightOf(await postPayout(failing)(requestBy(checker, 'later'), run));
    expect(await seen.linesOf(run)).toHaveLength(1);
    expect(await seen.amountsOf(run)).toHaveLength(3);
  });
});
