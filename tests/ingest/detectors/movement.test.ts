import { describe, expect, it } from 'vitest';
import { atStart, foldReadings, foldSilence } from '#ingest/detectors/detector.ts';
import { offline } from '#ingest/detectors/offline.ts';
import { parking } from '#ingest/detectors/parking.ts';
import { trips } from '#ingest/detectors/trips.ts';
import { unrentedMovement } from '#ingest/detectors/unrentedMovement.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { at, concluded, going, north, second, spans } from './support.ts';

/** A vehicle at rest that tells so every ten seconds. */
const resting = (from_s: number, to_s: number, m = 0): Reading[] =>
  Array.from({ length: (to_s - from_s) / 10 }, (_, index) =>
    at(from_s + index * 10, { speed_kmh: 0, ...north(m) }),
  );

describe('a trip', () => {
  it('goes from the first reading that moves to the one since which the vehicle is parked', () => {
    const readings = [...resting(0, 60), ...going(60, 160, 72), ...resting(160, 500, 2_000)];
    expect(concluded(trips, readings)).toMatchObject([
      {
        kind: 'trip',
        from_us: second(60),
        to_us: second(160),
        max_speed_kmh: 72,
        over_limit_s: null,
      },
    ]);
    // 100 seconds at 20 m/s, and the way between the last moving reading and the first at rest.
    expect(concluded(trips, readings)[0]).toMatchObject({ distance_m: 2_000 });
  });

  it('is told of once it lasts or leads far enough, and not before', () => {
    const folded = foldReadings(trips, trips.settings.parse({}))(atStart(trips), going(0, 60, 36));
    expect(folded.conclusions).toMatchObject([{ to_us: null, distance_m: 500 }]);
    expect(concluded(trips, [...going(0, 40, 36), ...resting(40, 400, 400)])).toEqual([]);
    const slow = [...going(0, 302, 5), ...resting(302, 700, 420)];
    expect(spans(concluded(trips, slow))).toEqual([[0, 302]]);
  });

  it('bears stops that are no parking', () => {
    const stop = [...going(0, 60, 72), ...resting(60, 350, 1_200), ...going(350, 400, 72, 1_200)];
    expect(spans(concluded(trips, stop))).toEqual([[0, null]]);
    expect(spans(concluded(trips, stop, { parking_min_s: 120 }))).toEqual([
      [0, 60],
      [350, null],
    ]);
  });

  it('bears a silence in which the vehicle went on, and no longer one', () => {
    const tunnel = [...going(0, 60, 72), ...going(1_000, 1_060, 72, 20_000)];
    expect(spans(concluded(trips, tunnel))).toEqual([[0, null]]);
    const lost = [...going(0, 60, 72), ...going(3_700, 3_760, 72, 70_000)];
    expect(spans(concluded(trips, lost))).toEqual([
      [0, 59],
      [3_700, null],
    ]);
  });

  it('ends where the vehicle, having moved, must have stood for most of a silence', () => {
    const slept = [...going(0, 60, 72), ...going(400, 460, 72, 1_210)];
    expect(spans(concluded(trips, slept))).toEqual([
      [0, 59],
      [400, null],
    ]);
  });

  it('ends by the clock where no reading comes any more', () => {
    const settings = trips.settings.parse({});
    const readings = [...going(0, 60, 72), at(60, { speed_kmh: 0, ...north(1_200) })];
    const { progress } = foldReadings(trips, settings)(atStart(trips), readings);
    const silence = (s: number) => foldSilence(trips, settings)(progress, second(s)).conclusions;
    expect(silence(359)).toEqual([]);
    expect(silence(360)).toMatchObject([{ to_us: second(60), distance_m: 1_200 }]);
  });

  it('is measured over what can be believed', () => {
    const far = { lat: 46, lon: 8 };
    const readings = [
      ...going(0, 30, 72),
      at(30, { speed_kmh: 72, ...far }),
      at(31, { speed_kmh: 72, valid: false, ...north(90_000) }),
      at(32, { speed_kmh: 72, flags: ['fix_outdated'], ...north(0) }),
      ...going(33, 60, 72, 660),
    ];
    const [trip] = concluded(trips, readings);
    expect(trip).toMatchObject({ kind: 'trip', from_us: second(0) });
    const [whole] = concluded(trips, [...readings, ...resting(60, 400, 1_200)]);
    expect(whole).toMatchObject({ distance_m: 1_200, to_us: second(60) });
  });

  it('counts seconds above the limit, posted or configured', () => {
    const posted = going(0, 60, 72).map((reading) => ({ ...reading, limit_kmh: 50 }));
    const ended = [...posted, ...resting(60, 400, 1_200)];
    expect(concluded(trips, ended)).toMatchObject([{ over_limit_s: 60 }]);
    const bare = [...going(0, 60, 72), ...resting(60, 400, 1_200)];
    expect(concluded(trips, bare, { unposted_limit_kmh: 80 })).toMatchObject([{ over_limit_s: 0 }]);
  });

  it('leaves out how far the places of a vehicle at rest wander', () => {
    const wandering = resting(60, 400).map((reading, index) => ({
      ...reading,
      ...north(1_200 + (index % 2) * 15),
    }));
    const [trip] = concluded(trips, [...going(0, 60, 72), ...wandering]);
    expect(trip).toMatchObject({ distance_m: 1_200, to_us: second(60) });
  });

  it('goes by ignition where that is wanted, and by the way made where no speed is told', () => {
    const jam = Array.from({ length: 60 }, (_, index) =>
      at(index * 10, { speed_kmh: 0, ignition: true, ...north(index * 10) }),
    );
    expect(concluded(trips, jam)).toEqual([]);
    expect(spans(concluded(trips, jam, { use_ignition: true }))).toEqual([[0, null]]);
    const mute = Array.from({ length: 10 }, (_, index) => at(index * 10, north(index * 100)));
    expect(spans(concluded(trips, mute))).toEqual([[10, null]]);
  });
});

describe('parking', () => {
  it('lasts from the reading since which the vehicle stands to the one with which it sets off', () => {
    const readings = [
      ...going(0, 60, 72),
      ...resting(60, 460, 1_200),
      ...going(460, 500, 72, 1_200),
    ];
    expect(spans(concluded(parking, readings))).toEqual([[60, 460]]);
    expect(spans(concluded(parking, readings.slice(0, 100)))).toEqual([[60, null]]);
    expect(concluded(parking, readings.slice(0, 70))).toEqual([]);
  });

  it('is seen of a vehicle that was never seen to move', () => {
    expect(spans(concluded(parking, resting(0, 400)))).toEqual([[0, null]]);
  });
});

describe('movement without a rental', () => {
  const rentals = [{ from_us: second(100), to_us: second(200) }];

  it('is what moves outside of every rental', () => {
    const readings = [...going(0, 300, 72), ...resting(300, 700, 6_000)];
    expect(spans(concluded(unrentedMovement, readings, { rentals }))).toEqual([
      [0, 99],
      [200, 299],
    ]);
    const always = [{ from_us: second(0), to_us: null }];
    expect(concluded(unrentedMovement, readings, { rentals: always })).toEqual([]);
  });

  it('has to lead somewhere', () => {
    const shunted = [...going(0, 10, 36), ...resting(10, 400, 100)];
    expect(concluded(unrentedMovement, shunted, { rentals: [] })).toEqual([]);
    const away = [...going(0, 30, 36), ...resting(30, 400, 300)];
    expect(concluded(unrentedMovement, away, { rentals: [] })).toMatchObject([
      { distance_m: 290, to_us: second(29) },
    ]);
  });
});

describe('a device', () => {
  it('is offline from its last reading to its next, where that is long', () => {
    const readings = [at(0), at(3_600), at(7_201), at(7_202)];
    expect(spans(concluded(offline, readings))).toEqual([[3_600, 7_201]]);
  });

  it('is found offline by the clock, once, and then comes back under the same id', () => {
    const settings = offline.settings.parse({ offline_after_s: 60 });
    const { progress } = foldReadings(offline, settings)(atStart(offline), [at(0)]);
    const silence = foldSilence(offline, settings);
    expect(silence(progress, second(60)).conclusions).toEqual([]);
    const gone = silence(progress, second(61));
    expect(gone.conclusions).toMatchObject([{ from_us: second(0), to_us: null }]);
    expect(silence(gone.progress, second(90)).conclusions).toEqual([]);
    const back = foldReadings(offline, settings)(gone.progress, [at(100)]);
    expect(back.conclusions).toMatchObject([{ id: gone.conclusions[0]?.id, to_us: second(100) }]);
  });
});
