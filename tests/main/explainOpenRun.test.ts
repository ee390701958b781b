import { isLeft, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { EventStore } from '#commands/ports.ts';
import { slotOf } from '#commands/runs/slot.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { RunId } from '#domain/kernel/ids.ts';
import { explainOpenRun } from '#main/explainOpenRun.ts';
import { earned, january } from '#tests/commands/runs/openRunScene.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';

const explaining = async () => {
  const seen = await earned();
  const { openings } = seen;
  const explain = async (run: RunId, ledger: Workspace = seen.ledger) => {
    const lines: string[] = [];
    const say = (line: string) => lines.push(line);
    const { kind } = slotOf(run);
    if (kind === 'payout') throw new Error('a payout hides lines');
    const asked = { tenant: acme, run, say };
    const { foreignMonths } = seen.parts.closing;
    const agrees = await explainOpenRun({ ledger, openings, foreignMonths }, asked, kind);
    return { agrees, text: lines.join('\n') };
  };
  return { ...seen, explain };
};

describe('the explanation of a run of open lines', () => {
  it('says how each line came about, and agrees also when the run has changed what it rests on', async () => {
    const seen = await explaining();
    const { id: closing } = rightOf(await seen.run('closing', january));
    rightOf(await seen.agreeAndPost(closing));
    await seen.closeAll();
    const { id: run } = rightOf(await seen.run('settlement', january));
    rightOf(await seen.agreeAndPost(run));
    expect(await seen.account()).toMatchObject({ owed: 0n });
    await seen.pay('2026-01-31', '100');
    const { agrees, text } = await seen.explain(run);
    expect(text).toContain(
      'shares 80.00 − settled before 0.00 − set off 29.75 (owed 29.75) = 50.25',
    );
    expect({ agrees, differs: text.includes('DIFFERS') }).toEqual({ agrees: true, differs: false });
    expect((await seen.explain(closing)).agrees).toBe(true);
  });

  it('does not agree where a share that it rests on is another', async () => {
    const seen = await explaining();
    await seen.closeAll();
    const { id: run } = rightOf(await seen.run('settlement', january));
    rightOf(await seen.agreeAndPost(run));
    const { store } = seen.ledger;
    const readStream: EventStore['readStream'] = (asked) => async () => {
      const page = await store.readStream(asked)();
      if (isLeft(page)) return page;
      const forged = (text: string) => text.replace('"amount":"8000"', '"amount":"8001"');
      return right(page.right.map((record) => ({ ...record, text: forged(record.text) })));
    };
    const ledger = { ...seen.ledger, store: { ...store, readStream } };
    const { agrees, text } = await seen.explain(run, ledger);
    expect(agrees).toBe(false);
    expect(text).toContain('DIFFERS: its lines in the log');
  });
});
