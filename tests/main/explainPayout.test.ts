import { isLeft, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { Openings } from '#commands/ports.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import { explainPayout } from '#main/explainPayout.ts';
import { payoutScene } from '#tests/commands/runs/payoutScene.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';

const december = Period.parse('2025-12');

const paidOut = async () => {
  const seen = await payoutScene();
  const [ada, ben] = [await seen.party(), await seen.party()];
  await seen.agree('2025-12-01');
  await seen.issue('2025-12-01', [
    { party: ada, shares: 600 },
    { party: ben, shares: 400 },
  ]);
  await seen.month(december, '123456', [[ACCOUNTS.repairs, '33540']]);
  rightOf(await seen.close(december));
  const { id: run } = rightOf(await seen.propose(december));
  rightOf(await seen.approve(run));
  rightOf(await seen.post(run));
  const explain = async (openings: Openings, withParties = false) => {
    const lines: string[] = [];
    const open = { ledger: seen.ledger, openings };
    const say = (line: string) => lines.push(line);
    const agrees = await explainPayout(open, { tenant: acme, run, withParties, say });
    return { agrees, text: lines.join('\n') };
  };
  return { ...seen, ada, explain };
};

describe('the explanation of a payout', () => {
  it('says how each cent came about, and that the log agrees', async () => {
    const { explain, openings, ada } = await paidOut();
    const { agrees, text } = await explain(openings);
    expect(agrees).toBe(true);
    expect(text).toContain('0.2 × what remains 837.43, exactly 83743/5 minor units');
    expect(text).toContain('⌊50496 × 18600 ÷ 31000⌋');
    expect(text).toContain('5000 repairs');
    expect(text).not.toContain('DIFFERS');
    expect(text).not.toContain(ada);
    expect((await explain(openings, true)).text).toContain(`party ${ada}`);
  });

  it('does not agree where somebody was given another amount', async () => {
    const { explain, openings } = await paidOut();
    const forged: Openings = {
      ...openings,
      read: (tenant, digests) => async () => {
        const opened = await openings.read(tenant, digests)();
        if (isLeft(opened)) return opened;
        const entries = [...opened.right].map(
          ([digest, entry]) =>
            [digest, 'amount' in entry ? { ...entry, amount: '99999' } : entry] as const,
        );
        return right(new Map(entries));
      },
    };
    const { agrees, text } = await explain(forged);
    expect(agrees).toBe(false);
    expect(text).toContain('DIFFERS: its lines in the log');
  });
});
