import { describe, expect, it } from 'vitest';
import { postByHand } from '#commands/finance/byHand.ts';
import { recordRate } from '#commands/finance/rates.ts';
import { postRun, proposeRun } from '#commands/runs/runs.ts';
import { runAsItIs } from '#commands/runs/slot.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { Rate } from '#domain/finance/rate.ts';
import { Currency } from '#domain/kernel/money.ts';
import { leftOf, requestOf, rightOf, springMorning } from '#tests/support/ledger.ts';
import { acme, day, euro, money } from '#tests/support/samples.ts';
import { payoutScene } from './payoutScene.ts';

const january = Period.parse('2026-01');

describe('a revaluation run', () => {
  it('brings foreign revenue over, so that the month can be paid out', async () => {
    const seen = await payoutScene();
    const { ledger, parts, park, vehicle } = seen;
    const ben = await seen.party();
    await seen.agree('2026-01-01');
    await seen.issue('2026-01-01', [{ party: ben, shares: 10 }]);
    const earned = money('130000', 'USD');
    const said = {
      ...{ book: { park, vehicle }, date: day('2026-01-10'), transaction: 'U-1' },
      ...{ reason: 'paid_in_dollars', exchange: null },
      lines: [debit(ACCOUNTS.bank, earned), credit(ACCOUNTS.rentals, earned)],
    };
    rightOf(await postByHand(ledger)(requestOf(said), said));
    const asked = { kind: 'revaluation', park, period: january, payee: null } as const;
    const propose = () => proposeRun(parts)(requestOf(asked), asked);
    expect(leftOf(await propose())).toMatchObject({ code: 'RateMissing', date: '2026-01-31' });
    const rate = {
      ...{ base: Currency.parse('USD'), quote: euro, date: day('2026-01-30') },
      ...{ rate: Rate.parse('0.95'), source: 'central_bank', at: springMorning },
    };
    rightOf(await recordRate(ledger)(requestOf(rate), rate));
    const { id: run } = rightOf(await propose());
    rightOf(await seen.approve(run));
    rightOf(await postRun(parts)(requestOf({ post: run }), run));
    expect(rightOf(await runAsItIs(ledger)(acme, run)).lines).toMatchObject([
      {
        ...{ vehicle, position: '130000', carried: '123500', value: '123500' },
        converted: [{ account: '4000', foreign: '-130000', own: '-123500' }],
      },
    ]);
    rightOf(await seen.close(january));
    const { id: payout } = rightOf(await seen.propose(january));
    rightOf(await seen.approve(payout));
    rightOf(await seen.post(payout));
    expect(await seen.linesOf(payout)).toMatchObject([{ revenue: '123500' }]);
  });

  it('is what a payout waits for', async () => {
    const seen = await payoutScene();
    const { ledger, park, vehicle } = seen;
    const ben = await seen.party();
    await seen.agree('2026-01-01');
    await seen.issue('2026-01-01', [{ party: ben, shares: 10 }]);
    const earned = money('100', 'USD');
    const said = {
      ...{ book: { park, vehicle }, date: day('2026-01-10'), transaction: 'U-1' },
      ...{ reason: 'paid_in_dollars', exchange: null },
      lines: [debit(ACCOUNTS.bank, earned), credit(ACCOUNTS.rentals, earned)],
    };
    rightOf(await postByHand(ledger)(requestOf(said), said));
    rightOf(await seen.close(january));
    expect(leftOf(await seen.propose(january))).toMatchObject({ code: 'ForeignCurrency' });
  });
});
