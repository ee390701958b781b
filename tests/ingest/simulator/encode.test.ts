import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '#ingest/formats/reading.ts';
import { datagramOf } from '#ingest/formats/wialonIps/datagram.ts';
import { encoded, type WireShape } from '#ingest/simulator/encode.ts';
import { anyToldReading } from '#tests/ingest/formats/arbitraryReading.ts';
import { ident, only, understood } from '#tests/ingest/formats/support.ts';

const RUNS = 300;
const ANGLE_ERROR_DEG = 0.5 / 100_000 / 60 + 1e-8;

const anyBuffered = fc
  .tuple(anyToldReading, fc.boolean())
  .map(([reading, buffered]): Reading => ({ ...reading, buffered }));

/** A reading with microseconds, as trackers tell them. */
const anyMoment = fc.tuple(anyBuffered, fc.integer({ min: 0, max: 999_999 })).map(
  ([reading, us]): Reading => ({
    ...reading,
    device_time_us: Math.max(reading.device_time_us - us, 1_262_304_000_000_000),
  }),
);

const readAgain = (shape: WireShape, reading: Reading): Reading =>
  only(
    shape === 'ips'
      ? datagramOf({ version: '2.0', ident }, encoded(shape)([reading]))
      : encoded(shape)([reading]),
  );

const whole = (value: number | null) => (value === null ? null : Math.round(value) + 0);

describe('what a simulated device says is read as it was meant', () => {
  it('in the shape of flespi, to the microsecond, but for the count that it has no name for', () => {
    fc.assert(
      fc.property(anyMoment, (reading) => {
        expect(readAgain('flespi', reading)).toEqual({ ...reading, seq: null });
      }),
      { numRuns: RUNS },
    );
  });

  it('in the shape of Traccar’s forwarder, to the millisecond', () => {
    fc.assert(
      fc.property(anyMoment, (reading) => {
        const device_time_us = Math.floor(reading.device_time_us / 1_000) * 1_000;
        expect(readAgain('traccar', reading)).toEqual({ ...reading, device_time_us });
      }),
      { numRuns: RUNS },
    );
  });

  it('in Wialon IPS, to the second and in whole km/h', () => {
    fc.assert(
      fc.property(anyBuffered, (reading) => {
        const found = readAgain('ips', reading);
        const { course_deg, lat, lon } = reading;
        expect(found).toEqual({
          ...reading,
          speed_kmh: whole(reading.speed_kmh),
          altitude_m: whole(reading.altitude_m),
          course_deg: course_deg === null ? null : Math.round(course_deg) % 360,
          lat: found.lat,
          lon: found.lon,
        });
        expect(found.lat === null).toBe(lat === null);
        expect(Math.abs((found.lat ?? 0) - (lat ?? 0))).toBeLessThan(ANGLE_ERROR_DEG);
        expect(Math.abs((found.lon ?? 0) - (lon ?? 0))).toBeLessThan(ANGLE_ERROR_DEG);
      }),
      { numRuns: RUNS },
    );
  });

  it('several at once: lists of JSON as they are, in Wialon IPS as kept back', () => {
    const some = fc.sample(anyBuffered, { numRuns: 5, seed: 1 });
    for (const shape of ['flespi', 'traccar'] as const) {
      const { readings } = understood(encoded(shape)(some));
      expect(readings.map(({ buffered }) => buffered)).toEqual(some.map((each) => each.buffered));
    }
    const box = understood(datagramOf({ version: '2.0', ident }, encoded('ips')(some)));
    expect(box.readings).toHaveLength(some.length);
    expect(box.readings.every(({ buffered }) => buffered)).toBe(true);
  });
});
