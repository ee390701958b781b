import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advance, type Batch, type Slot, takeUpLive } from '#projections/advance.ts';
import { BEFORE_ALL, ensureLive } from '#projections/generations.ts';
import { logEntries } from '#projections/logEntry.ts';
import type { Sighting } from '#projections/ports.ts';
import { lastOfSubject, odometers, parkCounts } from '#tests/support/testProjections.ts';
import { expectFaithful, liveOf, type TestLedger, testLedger, wholeLog } from './harness.ts';

const all = [odometers, parkCounts, lastOfSubject];

describe('two runners that take turns', () => {
  let ledger: TestLedger;
  let seen: Sighting[];
  beforeEach(async () => {
    ledger = await testLedger();
    seen = [];
    await ensureLive(ledger.sql, all);
    for (let n = 0; n < 4; n += 1) {
      await ledger.happen(
        { type: 'registered', vehicle: n, park: 1 },
        { type: 'read', vehicle: 1, odometer_m: 1_000 + n },
        { type: 'moved', vehicle: n, from: 1, to: 2 },
      );
    }
  });
  afterEach(() => ledger.close());

  /** What one runner remembers. */
  const slots = (): Promise<readonly Slot[]> =>
    Promise.all(
      all.map(async (projection) => {
        const follower = await takeUpLive(ledger.sql)(projection);
        const lane = 'following' as const;
        return { projection, follower, lane, halts: 0, retry_at_ms: 0, progressed_ms: 0 };
      }),
    );

  const parts = () => ({
    sql: ledger.sql,
    observe: (sighting: Sighting) => seen.push(sighting),
    progressed: () => {},
  });

  /** The events from one place to another, counted from 0. */
  const batch = async (from: number, to: number): Promise<Batch> => {
    const log = await wholeLog(ledger.store);
    const after = log[from - 1]?.position ?? BEFORE_ALL;
    const recorded_ms = Math.max(0, ...log.slice(0, from).map(({ rawTime_ms }) => rawTime_ms));
    return { after, entries: logEntries(log.slice(from, to), recorded_ms) };
  };

  it('never fold an event twice, nor onto what they remember of another time', async () => {
    const one = await slots();
    const other = await slots();
    await advance(parts(), one, await batch(0, 3));
    await advance(parts(), other, await batch(0, 5));
    expect(seen.filter(({ type }) => type === 'overtaken')).toHaveLength(3);
    await advance(parts(), one, await batch(3, 8));
    await advance(parts(), other, await batch(5, 12));
    await advance(parts(), one, await batch(8, 12));
    await expectFaithful(ledger, all);
  });

  it('leave no gap: who has fallen behind is told to catch up', async () => {
    const one = await slots();
    await advance(parts(), one, await batch(2, 6));
    expect(one.map(({ lane }) => lane)).toEqual(all.map(() => 'catching_up'));
    expect((await liveOf(ledger.sql, odometers.name)).checkpoint.position).toBe(BEFORE_ALL);
    await advance(parts(), one, await batch(0, 12));
    await expectFaithful(ledger, all);
  });
});
