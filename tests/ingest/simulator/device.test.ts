import { describe, expect, it } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { Reading } from '#ingest/formats/reading.ts';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import { datagramOf } from '#ingest/formats/wialonIps/datagram.ts';
import {
  type DeviceNature,
  intervalLater,
  lastWords,
  newDevice,
} from '#ingest/simulator/device.ts';
import { encoded } from '#ingest/simulator/encode.ts';
import { damaged, Rates, type Transmission } from '#ingest/simulator/mischief.ts';
import { ident, rejection, rejectsOf } from '#tests/ingest/formats/support.ts';

const INTERVAL_S = 5;
const INTERVALS = 4_000;
const BEGIN_S = 1_772_400_000;
const HONEST = Rates.parse({ gaps: 0, bursts: 0, duplicates: 0, late: 0, broken: 0 });

const natureOf = (rates: Rates): DeviceNature => ({
  city: { origin: { lat: 34, lon: -6.8 }, blocks: 12 },
  seed: 'fleet:dev-1',
  ident: DeviceIdent.parse('dev-1'),
  rates,
});

/** Everything that a device sends in some hours. */
const told = (changed: Partial<Rates>): readonly Transmission[] => {
  const nature = natureOf({ ...HONEST, ...changed });
  let state = newDevice(nature, BEGIN_S);
  const transmissions: Transmission[] = [];
  for (let interval = 0; interval < INTERVALS; interval += 1) {
    const later = intervalLater(nature, state, INTERVAL_S);
    state = later.state;
    transmissions.push(...later.transmissions);
  }
  return [...transmissions, ...lastWords(state)];
};

const readingsIn = (transmissions: readonly Transmission[]): readonly Reading[] =>
  transmissions.flatMap(({ readings }) => readings);
const countsIn = (transmissions: readonly Transmission[]) =>
  readingsIn(transmissions).map(({ seq }) => seq);
const sorted = (counts: readonly (number | null)[]) =>
  counts.toSorted((one, other) => (one ?? 0) - (other ?? 0));

describe('a simulated device', () => {
  const honest = told({});
  const counts = countsIn(honest);

  it('tells what a reading may tell, in order, and less while the vehicle stands', () => {
    for (const reading of readingsIn(honest)) Reading.parse(reading);
    expect(sorted(counts)).toEqual(counts);
    expect(new Set(counts).size).toBe(counts.length);
    expect(counts.length).toBeLessThan(INTERVALS * 0.9);
    const ignitions = new Set(readingsIn(honest).map(({ ignition }) => ignition));
    expect(ignitions).toEqual(new Set([true, false]));
  });

  it('meets the same mishaps again from the same seed', () => {
    const all = Rates.parse({});
    expect(told(all)).toEqual(told(all));
    expect(told(all)).not.toEqual(honest);
  });

  it('tells twice, and late, and all at once, but loses nothing by it', () => {
    const twice = countsIn(told({ duplicates: 0.2 }));
    expect(twice.length).toBeGreaterThan(counts.length * 1.1);
    expect([...new Set(twice)]).toEqual(counts);
    const late = countsIn(told({ late: 0.2 }));
    expect(late).not.toEqual(counts);
    expect(sorted(late)).toEqual(counts);
    const bursts = told({ bursts: 0.02 });
    expect(countsIn(bursts)).toEqual(counts);
    const lengths = bursts.map(({ readings }) => readings.length);
    expect(Math.max(...lengths)).toBeGreaterThan(2);
    for (const { readings } of bursts) {
      for (const { buffered } of readings) expect(buffered).toBe(readings.length > 1);
    }
  });

  it('says nothing of a gap, and spoils what is broken', () => {
    const gaps = countsIn(told({ gaps: 0.02 }));
    expect(gaps.length).toBeLessThan(counts.length * 0.95);
    expect(gaps.length).toBeGreaterThan(0);
    const broken = told({ broken: 0.05 }).filter((each) => each.damaged);
    expect(broken.length).toBeGreaterThan(10);
    for (const { readings } of broken) {
      for (const shape of ['flespi', 'traccar'] as const) {
        const bytes = damaged(shape, encoded(shape)(readings));
        const read = readTelemetry(bytes, { received_at_us: 0, ident: null });
        expect(rejection(read)).toBe('NotJson');
      }
      const frame = damaged('ips', encoded('ips')(readings));
      const datagram = datagramOf({ version: '2.0', ident }, frame);
      expect(rejectsOf(datagram).map(({ code }) => code)).toEqual(['ChecksumWrong']);
    }
  });
});
