import { describe, expect, it } from 'vitest';
import { blocksAllowed } from '#commands/immobilization/blocksAllowed.ts';
import { switchNewBlocks } from '#commands/immobilization/rules.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { requestOf, rightOf, testLedger } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';

const stop = { allowed: false, reason: 'audit' };

describe('asking whether blocks are allowed', () => {
  it('reads once for many who ask together, and tells tenants apart', async () => {
    const { ledger } = testLedger();
    rightOf(await switchNewBlocks(ledger)(requestOf('stop'), stop));
    let loads = 0;
    const counted: Pick<Workspace, 'load'> = {
      load: (aggregate) => {
        loads += 1;
        return ledger.load(aggregate);
      },
    };
    const allowed = blocksAllowed(counted);
    const tenants = Array.from({ length: 60 }, (_, n) => (n % 2 ? acme : Tenant.parse('other')));
    const answers = await Promise.all(tenants.map(allowed));
    expect(answers.map(rightOf)).toEqual(tenants.map((tenant) => tenant !== acme));
    expect(loads).toBe(4);
  });

  it('knows of what was switched while others were being answered', async () => {
    const { ledger } = testLedger();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let loads = 0;
    const slow: Pick<Workspace, 'load'> = {
      load: async (aggregate) => {
        loads += 1;
        const loaded = await ledger.load(aggregate);
        if (loads === 1) await held;
        return loaded;
      },
    };
    const allowed = blocksAllowed(slow);
    const before = allowed(acme);
    while (loads === 0) await new Promise((resolve) => setImmediate(resolve));
    rightOf(await switchNewBlocks(ledger)(requestOf('stop'), stop));
    const after = allowed(acme);
    release();
    expect([rightOf(await before), rightOf(await after)]).toEqual([true, false]);
  });
});
