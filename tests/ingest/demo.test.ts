import { setTimeout as sleep } from 'node:timers/promises';
import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { type MemoryLog, memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { type Reactor, type ReactorMarks, runReactor } from '#commands/reactors/reactor.ts';
import { standingReactor } from '#commands/reactors/standingReactor.ts';
import { chance } from '#ingest/demo/chance.ts';
import { seedDemo } from '#ingest/demo/seedDemo.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { acme, instant } from '#tests/support/samples.ts';

const until = instant('2026-03-01T00:00:00.000Z');

const seeded = async (seed: string) => {
  const log = memoryLog();
  const { ledger } = testLedger(memoryEventStore(log));
  const demo = await seedDemo(ledger, { tenant: acme, seed, until, progress: () => {} });
  return { demo, log };
};

const texts = ({ log }: { readonly log: MemoryLog }) =>
  log.records.map(({ text }) => text).join('\n');

/** As `seeded`, while the reactor that copies fines is at work, so many milliseconds behind. */
const seededBeside = async (seed: string, behind_ms: number) => {
  const log = memoryLog();
  const { ledger } = testLedger(memoryEventStore(log));
  const { ledger: other, store } = testLedger(memoryEventStore(log));
  const reactor = standingReactor(other);
  let reactions = 0;
  const late: Reactor = {
    ...reactor,
    react: async (stimulus) => {
      await sleep(behind_ms);
      reactions += 1;
      return reactor.react(stimulus);
    },
  };
  const marks: ReactorMarks = {
    read: () => async () => right(null),
    write: () => async () => right(null),
  };
  const stopping = new AbortController();
  const running = runReactor({ store, marks, observeFailure: () => {} })(late, stopping.signal);
  await seedDemo(ledger, { tenant: acme, seed, until, progress: () => {} });
  stopping.abort();
  await running;
  return { log, reactions };
};

describe('the made-up fleet', () => {
  it('is the same for the same seed, byte for byte, and another for another', async () => {
    const first = await seeded('one');
    const again = await seeded('one');
    const other = await seeded('two');
    expect(texts(again)).toBe(texts(first));
    expect(texts(other)).not.toBe(texts(first));
    const { demo, log } = first;
    expect([demo.parks, demo.vehicles, demo.drivers].map(({ length }) => length)).toEqual([
      3, 60, 50,
    ]);
    const count = (type: string) => log.records.filter((record) => record.type === type).length;
    expect(count('TripRecorded') + count('TripEnded')).toBeGreaterThan(3_000);
    for (const type of [
      'RentalEnded',
      'FineConfirmed',
      'FineVoided',
      'RepairCompleted',
      'IncidentRecorded',
    ]) {
      expect([type, count(type) > 3]).toEqual([type, true]);
    }
  }, 120_000);

  it('is the same however fast fines reach the standing of drivers', async () => {
    const alone = await seeded('one');
    for (const behind_ms of [0, 5]) {
      const beside = await seededBeside('one', behind_ms);
      expect(beside.reactions).toBeGreaterThan(0);
      expect(texts(beside)).toBe(texts(alone));
    }
    const decisions = alone.log.records
      .filter(({ type }) => type === 'AccessDecided')
      .map(({ text }) => JSON.parse(text).data);
    const owing = decisions.filter(({ revisions }) => revisions.standing !== null);
    expect(owing.length).toBeGreaterThan(0);
  }, 120_000);

  it('goes on where it was interrupted', async () => {
    const whole = await seeded('one');
    const log = memoryLog();
    const stopped = testLedger(memoryEventStore(log)).ledger;
    const stop = (done: number) => {
      if (done === 500) throw new Error('interrupted');
    };
    const options = { tenant: acme, seed: 'one', until };
    await expect(seedDemo(stopped, { ...options, progress: stop })).rejects.toThrow('interrupted');
    const { ledger } = testLedger(memoryEventStore(log));
    await seedDemo(ledger, { ...options, progress: () => {} });
    expect(log.records.length).toBe(whole.log.records.length);
    expect(log.records.at(-1)?.text).toBe(whole.log.records.at(-1)?.text);
  }, 120_000);

  it('draws evenly', () => {
    const { whole } = chance('seed');
    const counts = [0, 0, 0, 0];
    for (let draws = 0; draws < 8_000; draws += 1) {
      const drawn = whole(0, 3);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });
});
