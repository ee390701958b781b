import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
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

describe('the made-up fleet', () => {
  it('is the same for the same seed, byte for byte, and another for another', async () => {
    const first = await seeded('one');
    const again = await seeded('one');
    const other = await seeded('two');
    const texts = ({ log }: typeof first) => log.records.map(({ text }) => text).join('\n');
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
