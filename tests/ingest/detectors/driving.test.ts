import { describe, expect, it } from 'vitest';
import { atStart, foldReadings } from '#ingest/detectors/detector.ts';
import { faults } from '#ingest/detectors/faults.ts';
import { harshDriving } from '#ingest/detectors/harshDriving.ts';
import { idling } from '#ingest/detectors/idling.ts';
import { speeding } from '#ingest/detectors/speeding.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { at, concluded, second, spans } from './support.ts';

/** A reading a second, each with a speed of the list. */
const speeds = (list: readonly number[], told: Partial<Reading> = {}): Reading[] =>
  list.map((speed_kmh, s) => at(s, { speed_kmh, ...told }));

const run = (length: number, speed_kmh: number): number[] =>
  Array.from({ length }, () => speed_kmh);

describe('speeding', () => {
  const posted = { limit_kmh: 50 };

  it('is a stretch above the limit that lasts longer than ten seconds', () => {
    const short = speeds([40, ...run(10, 51), 40], posted);
    expect(concluded(speeding, short)).toEqual([]);
    const long = speeds([40, ...run(10, 51), 62.4, 40], posted);
    expect(concluded(speeding, long)).toMatchObject([
      { from_us: second(1), to_us: second(12), max_speed_kmh: 62, limit_kmh: 50 },
    ]);
    expect(concluded(speeding, speeds(run(30, 50), posted))).toEqual([]);
  });

  it('is judged by the posted limit, and where there is none by the configured one', () => {
    const readings = speeds(run(20, 85));
    expect(concluded(speeding, readings)).toEqual([]);
    expect(concluded(speeding, readings, { unposted_limit_kmh: 80 })).toMatchObject([
      { limit_kmh: 80, to_us: null },
    ]);
    const both = speeds(run(20, 85), { limit_kmh: 100 });
    expect(concluded(speeding, both, { unposted_limit_kmh: 80 })).toEqual([]);
  });

  it('is told of when it has lasted long enough, and when it is over', () => {
    const readings = speeds([...run(20, 60), 40], posted);
    const settings = speeding.settings.parse({});
    const { conclusions } = foldReadings(speeding, settings)(atStart(speeding), readings);
    expect(spans(conclusions)).toEqual([
      [0, null],
      [0, 20],
    ]);
    expect(new Set(conclusions.map(({ id }) => id)).size).toBe(1);
  });

  it('neither begins nor ends within the hysteresis', () => {
    const settings = { begins_over_kmh: 3, ends_under_kmh: 2 };
    const readings = speeds([...run(5, 52), 54, ...run(9, 52), 49, ...run(3, 50), 47.9], posted);
    expect(spans(concluded(speeding, readings, settings))).toEqual([[5, 19]]);
    expect(concluded(speeding, readings)).toMatchObject([
      { from_us: second(0), to_us: second(15) },
    ]);
  });

  it('ends in silence with its last reading above the limit', () => {
    const readings = [...speeds(run(20, 60), posted), at(100, { speed_kmh: 60, ...posted })];
    expect(spans(concluded(speeding, readings))).toEqual([[0, 19]]);
  });

  it('does not end with a reading that tells no speed', () => {
    const readings = [
      ...speeds(run(8, 60), posted),
      at(8),
      ...speeds(run(20, 60), posted).slice(9),
    ];
    expect(spans(concluded(speeding, readings))).toEqual([[0, null]]);
  });

  it('says whether the reading that opened it had been kept back', () => {
    const [late] = concluded(speeding, speeds(run(20, 60), { ...posted, buffered: true }));
    expect(late).toMatchObject({ buffered: true });
  });
});

describe('harsh driving', () => {
  it('is told of with its peak, from where it is felt to where it is felt last', () => {
    // 18 km/h in a second are 5 m/s², 25.2 km/h are 7 m/s².
    const readings = speeds([72, 72, 54, 28.8, 28.8]);
    expect(concluded(harshDriving, readings)).toMatchObject([
      { manoeuvre: 'braking', from_us: second(2), to_us: second(3), peak_mps2: 7 },
    ]);
    expect(concluded(harshDriving, speeds([0, 14.4, 14.4]))).toMatchObject([
      { manoeuvre: 'acceleration', peak_mps2: 4 },
    ]);
    expect(concluded(harshDriving, speeds([0, 10.8, 21.6]))).toEqual([]);
  });

  it('is cornering where the course turns fast at speed, also over north', () => {
    const turning = (speed_kmh: number, courses: readonly number[]) =>
      courses.map((course_deg, s) => at(s, { speed_kmh, course_deg }));
    // 72 km/h and 15 degrees a second: 20 m/s × 0.2618 rad/s.
    expect(concluded(harshDriving, turning(72, [350, 5, 5]))).toMatchObject([
      { manoeuvre: 'cornering', peak_mps2: 5.24 },
    ]);
    expect(concluded(harshDriving, turning(10, [350, 180, 20]))).toEqual([]);
  });

  it('is not told from readings that lie far apart', () => {
    expect(concluded(harshDriving, [at(0, { speed_kmh: 90 }), at(5, { speed_kmh: 0 })])).toEqual(
      [],
    );
  });
});

describe('idling', () => {
  const still = { speed_kmh: 0 };

  it('is an engine that runs at rest for too long', () => {
    const minutes = (n: number, told: Partial<Reading>) =>
      Array.from({ length: n }, (_, index) => at(index * 60, { ...still, ...told }));
    expect(spans(concluded(idling, minutes(4, { ignition: true })))).toEqual([[0, null]]);
    expect(concluded(idling, minutes(3, { ignition: true }))).toEqual([]);
    expect(concluded(idling, minutes(9, { ignition: false }))).toEqual([]);
    expect(concluded(idling, minutes(9, {}))).toEqual([]);
    expect(concluded(idling, minutes(9, { engine_rpm: 0, ignition: true }))).toEqual([]);
    const stopped = [...minutes(4, { engine_rpm: 800 }), at(200, { ...still, ignition: false })];
    expect(spans(concluded(idling, stopped))).toEqual([[0, 200]]);
  });
});

describe('a fault', () => {
  it('lasts from the reading that first tells of it to the first that does not', () => {
    const readings = [
      at(0, { dtcs: [] }),
      at(1, { dtcs: ['P0301'] }),
      at(2),
      at(3, { dtcs: ['P0301', 'U0100'] }),
      at(4, { dtcs: ['U0100'] }),
    ];
    expect(concluded(faults, readings)).toMatchObject([
      { dtc: 'P0301', from_us: second(1), to_us: second(4) },
      { dtc: 'U0100', from_us: second(3), to_us: null },
    ]);
  });
});
