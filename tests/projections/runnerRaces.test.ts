import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Happening,
  lastOfSubject,
  odometers,
  parkCounts,
} from '#tests/support/testProjections.ts';
import {
  cutConnections,
  expectFaithful,
  reached,
  started,
  type TestLedger,
  testLedger,
} from './harness.ts';

const all = [odometers, parkCounts, lastOfSubject];

/** A busy log: vehicles that come, are read, move and go. */
const traffic = (from: number, count: number): readonly Happening[] =>
  Array.from({ length: count }, (_, index): Happening => {
    const n = from + index;
    const vehicle = n % 7;
    if (n % 5 === 0) return { type: 'registered', vehicle, park: n % 3 };
    if (n % 11 === 0) return { type: 'retired', vehicle, park: n % 3 };
    if (n % 4 === 0) return { type: 'moved', vehicle, from: n % 2, to: 2 };
    return { type: 'read', vehicle, odometer_m: 1_000 + n };
  });

describe.each(['memory', 'postgres'] as const)('runners over a log in %s', (kind) => {
  let ledger: TestLedger;
  beforeEach(async () => {
    ledger = await testLedger(kind);
  });
  afterEach(() => ledger.close());

  it('are two at once and fold every event once', async () => {
    const one = started(ledger, all);
    const other = started(ledger, all);
    let end = 0n;
    for (let from = 0; from < 300; from += 10) end = await ledger.happen(...traffic(from, 10));
    await reached(ledger.sql, end, all);
    await Promise.all([one.stop(), other.stop()]);
    await expectFaithful(ledger, all);
  });

  it('go on when one of them stops', async () => {
    const one = started(ledger, all);
    await ledger.happen(...traffic(0, 50));
    const other = started(ledger, all);
    await ledger.happen(...traffic(50, 50));
    await one.stop();
    const end = await ledger.happen(...traffic(100, 50));
    await reached(ledger.sql, end, all);
    await other.stop();
    await expectFaithful(ledger, all);
  });

  it('outlive their connections', async () => {
    const runner = started(ledger, all);
    let end = 0n;
    let cut = 0;
    for (let from = 0; from < 200; from += 20) {
      end = await ledger.happen(...traffic(from, 20));
      cut += await cutConnections(ledger.url);
    }
    await reached(ledger.sql, end, all);
    await runner.stop();
    expect(cut).toBeGreaterThan(0);
    await expectFaithful(ledger, all);
  });
});

describe('a runner that is stopped anywhere', () => {
  it('goes on from where it was', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }),
      async (lives_ms) => {
        const ledger = await testLedger();
        try {
          let from = 0;
          for (const life_ms of lives_ms) {
            const runner = started(ledger, all);
            await ledger.happen(...traffic(from, 15));
            from += 15;
            await new Promise((resolve) => setTimeout(resolve, life_ms));
            await runner.stop();
          }
          const runner = started(ledger, all);
          const end = await ledger.happen(...traffic(from, 5));
          await reached(ledger.sql, end, all);
          await runner.stop();
          await expectFaithful(ledger, all);
        } finally {
          await ledger.close();
        }
      },
    );
    await fc.assert(property, { numRuns: 8 });
  });
});
