import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conclusion } from '#ingest/detectors/conclusion.ts';
import {
  atStart,
  type Detector,
  foldReadings,
  foldSilence,
  lastWords,
  progressOf,
} from '#ingest/detectors/detector.ts';
import { faults } from '#ingest/detectors/faults.ts';
import { geofences } from '#ingest/detectors/geofences.ts';
import { harshDriving } from '#ingest/detectors/harshDriving.ts';
import { idling } from '#ingest/detectors/idling.ts';
import { offline } from '#ingest/detectors/offline.ts';
import { parking } from '#ingest/detectors/parking.ts';
import { speeding } from '#ingest/detectors/speeding.ts';
import { trips } from '#ingest/detectors/trips.ts';
import { unrentedMovement } from '#ingest/detectors/unrentedMovement.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { at, north, second } from './support.ts';

const STATE_MAX_CHARS = 2_000;
const runs = { numRuns: 150 };

/** How a vehicle may go on for a while: a step of seconds, a speed, and what else it tells. */
const anyLeg = fc.record({
  readings: fc.integer({ min: 1, max: 8 }),
  step_s: fc.constantFrom(0, 1, 1, 2, 5, 20, 70, 200, 700, 4_000),
  speed_kmh: fc.constantFrom(null, 0, 0, 1, 8, 30, 60, 95, 120),
  limit_kmh: fc.constantFrom(null, 50, 90),
  isPlaced: fc.boolean(),
  east: fc.constantFrom(-40, -5, 0, 5, 40),
  course_deg: fc.constantFrom(null, 0, 90, 350),
  ignition: fc.constantFrom(null, true, true, false),
  dtcs: fc.option(fc.subarray(['P0301', 'U0100'])),
  buffered: fc.boolean(),
});

/** Readings in the order of the device's clock: a few dozen, over minutes or a day. */
const anyReadings: fc.Arbitrary<readonly Reading[]> = fc
  .array(anyLeg, { minLength: 1, maxLength: 14 })
  .map((legs) => {
    let time_s = 0;
    let way_m = 0;
    return legs.flatMap(({ readings, step_s, isPlaced, east, ...told }) =>
      Array.from({ length: readings }, () => {
        time_s += step_s;
        way_m += (step_s * (told.speed_kmh ?? 0)) / 3.6;
        const { lat, lon } = north(way_m);
        const place = isPlaced ? { lat, lon: lon + east / 100_000 } : {};
        return at(time_s, { ...told, ...place });
      }),
    );
  });

const anyCuts = fc.array(fc.nat({ max: 120 }), { maxLength: 6 });

const split = <Item>(items: readonly Item[], cuts: readonly number[]): readonly Item[][] => {
  const places = [0, ...cuts.filter((cut) => cut < items.length).sort((a, b) => a - b)];
  return places.map((place, index) => items.slice(place, places[index + 1] ?? items.length));
};

/** Held to every detector alike, each with settings under which something happens. */
const holdToLaws = <State, Settings>(detector: Detector<State, Settings>, wanted: unknown) => {
  const settings = detector.settings.parse(wanted);
  const fold = foldReadings(detector, settings);
  const kept = progressOf(detector);
  const start = kept.parse(atStart(detector));

  it('readings give the same conclusions in whatever batches they come', () => {
    let found = 0;
    fc.assert(
      fc.property(anyReadings, anyCuts, (readings, cuts) => {
        const whole = fold(start, readings);
        let progress = start;
        const conclusions: Conclusion[] = [];
        for (const batch of split(readings, cuts)) {
          const folded = fold(progress, batch);
          conclusions.push(...folded.conclusions);
          progress = kept.parse(JSON.parse(JSON.stringify(folded.progress)));
        }
        expect(conclusions).toEqual(whole.conclusions);
        expect(progress).toEqual(whole.progress);
        found += conclusions.length;
      }),
      runs,
    );
    expect(found).toBeGreaterThan(20);
  });

  it('silence says nothing that the next reading would not have said', () => {
    fc.assert(
      fc.property(anyReadings, anyCuts, fc.nat({ max: 100 }), (readings, cuts, percent) => {
        let progress = start;
        const conclusions: Conclusion[] = [];
        for (const batch of split(readings, cuts)) {
          const next_us = batch[0]?.device_time_us ?? second(0);
          const silent_us = next_us - (progress.time_us ?? next_us);
          const upTo_us = next_us - Math.floor((silent_us * percent) / 100);
          const silence = foldSilence(detector, settings)(progress, upTo_us);
          const folded = fold(kept.parse(silence.progress), batch);
          conclusions.push(...silence.conclusions, ...folded.conclusions);
          progress = kept.parse(folded.progress);
        }
        const whole = lastWords(fold(start, readings).conclusions);
        const byTime = (one: Conclusion, other: Conclusion) => (one.id < other.id ? -1 : 1);
        expect(lastWords(conclusions).toSorted(byTime)).toEqual(whole.toSorted(byTime));
      }),
      runs,
    );
  });

  it('conclusions are well formed, and opened by a reading that was there', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const times = new Set(readings.map(({ device_time_us }) => device_time_us));
        const last = lastWords(fold(start, readings).conclusions);
        for (const conclusion of last) {
          expect(Conclusion.parse(conclusion)).toEqual(conclusion);
          expect(times.has(conclusion.from_us)).toBe(true);
          expect(conclusion.to_us ?? Infinity).toBeGreaterThanOrEqual(conclusion.from_us);
        }
        const open = last.filter(({ to_us }) => to_us === null);
        expect(open.length).toBeLessThanOrEqual(3);
      }),
      runs,
    );
  });

  it('the state stays small', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const { progress } = fold(start, readings);
        expect(JSON.stringify(progress).length).toBeLessThan(STATE_MAX_CHARS);
      }),
      runs,
    );
  });

  it('what comes late is passed over and counted', () => {
    fc.assert(
      fc.property(anyReadings, (readings) => {
        const whole = fold(start, readings);
        const late = at(-1, { speed_kmh: 90, dtcs: ['B1000'] });
        expect(fold(whole.progress, [late])).toEqual({
          progress: whole.progress,
          conclusions: [],
          late: 1,
        });
      }),
      runs,
    );
  });
};

const brief = { parking_min_s: 60, silence_max_s: 600 };
const fences = [
  { shape: 'circle', fence: 'yard', centre: north(0), radius_m: 400 },
  {
    shape: 'polygon',
    fence: 'town',
    corners: [
      north(300),
      { lat: 45.004, lon: 7.01 },
      { lat: 45.1, lon: 7.01 },
      { lat: 45.1, lon: 6.9 },
    ],
  },
];
const rentals = [{ from_us: second(400), to_us: second(2_000) }];

describe('the law of trips', () => holdToLaws(trips, brief));
describe('the law of parking', () => holdToLaws(parking, brief));
describe('the law of speeding', () => holdToLaws(speeding, { unposted_limit_kmh: 80 }));
describe('the law of speeding with hysteresis', () =>
  holdToLaws(speeding, { begins_over_kmh: 5, ends_under_kmh: 5 }));
describe('the law of idling', () => holdToLaws(idling, { idling_min_s: 3 }));
describe('the law of harsh driving', () => holdToLaws(harshDriving, {}));
describe('the law of geofences', () => holdToLaws(geofences, { fences, dwell_s: 10 }));
describe('the law of unrented movement', () => holdToLaws(unrentedMovement, { ...brief, rentals }));
describe('the law of faults', () => holdToLaws(faults, {}));
describe('the law of devices that are offline', () => holdToLaws(offline, {}));
