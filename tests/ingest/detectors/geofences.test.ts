import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fence } from '#domain/parks/fence.ts';
import { placeIn } from '#ingest/detectors/fence.ts';
import { GeofenceSettings, geofences } from '#ingest/detectors/geofences.ts';
import { at, concluded, going, north, spans } from './support.ts';

const yard = { shape: 'circle', fence: 'yard', centre: north(0), radius_m: 100 } as const;
const box = (fence: string, south: number, upTo: number, west: number, east: number): Fence => ({
  shape: 'polygon',
  fence,
  corners: [
    { lat: south, lon: west },
    { lat: south, lon: east },
    { lat: upTo, lon: east },
    { lat: upTo, lon: west },
  ],
});

describe('a fence', () => {
  it('knows what is inside, and how far its border is', () => {
    expect(placeIn(yard, north(0))).toMatchObject({ within: true });
    expect(placeIn(yard, north(0)).border_m).toBeCloseTo(100, 3);
    expect(placeIn(yard, north(130)).within).toBe(false);
    expect(placeIn(yard, north(130)).border_m).toBeCloseTo(30, 1);
    const town = box('town', 45, 45.01, 7, 7.01);
    expect(placeIn(town, { lat: 45.005, lon: 7.005 }).within).toBe(true);
    const above = placeIn(town, { lat: 45.011, lon: 7.005 });
    expect(above.within).toBe(false);
    expect(above.border_m).toBeCloseTo(111.2, 1);
  });

  it('shares its border with its neighbours: every place lies in exactly one of them', () => {
    const quarters = [
      box('a', 0, 1, 0, 1),
      box('b', 0, 1, 1, 2),
      box('c', 1, 2, 0, 1),
      box('d', 1, 2, 1, 2),
    ];
    const onGrid = fc.integer({ min: 0, max: 7 }).map((n) => n / 4);
    fc.assert(
      fc.property(onGrid, onGrid, (lat, lon) => {
        const within = quarters.filter((fence) => placeIn(fence, { lat, lon }).within);
        expect(within).toHaveLength(1);
      }),
    );
  });

  it('has a name that no two share', () => {
    expect(GeofenceSettings.safeParse({ fences: [yard, yard] }).success).toBe(false);
    expect(Fence.safeParse({ ...yard, fence: '__proto__' }).success).toBe(false);
  });
});

describe('a stay within a fence', () => {
  const settings = { fences: [yard], dwell_s: 10, leaves_beyond_m: 20 };
  const standing = (from_s: number, to_s: number, m: number) =>
    Array.from({ length: to_s - from_s }, (_, index) => at(from_s + index, north(m)));

  it('goes from the first reading inside to the first that is outside for good', () => {
    // 36 km/h north through the centre: inside for 20 seconds, 20 metres beyond two seconds later.
    const through = going(0, 60, 36, -200);
    expect(spans(concluded(geofences, through, settings))).toEqual([[11, 32]]);
    expect(concluded(geofences, through, settings)).toMatchObject([{ fence: 'yard' }]);
  });

  it('needs to last', () => {
    const brush = [...standing(0, 5, 200), ...standing(5, 14, 90), ...standing(14, 60, 200)];
    expect(concluded(geofences, brush, settings)).toEqual([]);
  });

  it('does not end with the noise at the border, nor with a moment outside', () => {
    const noisy = [
      ...standing(0, 20, 90),
      ...standing(20, 60, 110),
      ...standing(60, 65, 180),
      ...standing(65, 80, 95),
    ];
    expect(spans(concluded(geofences, noisy, settings))).toEqual([[0, null]]);
    expect(spans(concluded(geofences, [...noisy, ...standing(80, 95, 180)], settings))).toEqual([
      [0, 80],
    ]);
  });

  it('is of each fence on its own, and not of readings without a place', () => {
    const wide = { ...yard, fence: 'constructor', radius_m: 1_000 };
    const fences = { ...settings, fences: [yard, wide] };
    const readings = [...standing(0, 20, 0), at(20), ...standing(21, 60, 500)];
    expect(concluded(geofences, readings, fences)).toMatchObject([
      { fence: 'yard', to_us: expect.any(Number) },
      { fence: 'constructor', to_us: null },
    ]);
  });
});
