import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureCollection } from '#ingest/exports/geoJson.ts';
import { gpxTrack, type TrackPoint } from '#ingest/exports/gpx.ts';
import { epochUs, instantAt, microInstant, microsOf } from '#ingest/microInstant.ts';
import { instant } from '#tests/support/samples.ts';
import { NOON_US, randomVehicle, SECOND_US } from '#tests/support/telemetrySamples.ts';

const GAP_US = 300 * SECOND_US;
const vehicle = randomVehicle();
const point = (told: Partial<TrackPoint> = {}): TrackPoint => ({
  at_us: NOON_US,
  lat: 52.5,
  lon: 13.4,
  altitude_m: null,
  satellites: null,
  hdop: null,
  speed_kmh: null,
  course_deg: null,
  ...told,
});
const gpx = (...points: TrackPoint[]) => gpxTrack({ vehicle, points, gap_max_us: GAP_US });

/** The elements of a document in order, by the rules for well-formed XML; throws for what breaks them. */
const elementsOf = (text: string): string[] => {
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  const open: string[] = [];
  const seen: string[] = [];
  const token = /<(\/?)([A-Za-z][\w:]*)((?:\s+[\w:]+="[^"<&]*")*)\s*(\/?)>|([^<>&]+)/gy;
  let at = 0;
  for (const found of body.matchAll(token)) {
    expect(found.index).toBe(at);
    at += found[0].length;
    const [, closing, name = '', attributes = '', empty] = found;
    if (name === '') {
      if (open.length === 0) expect(found[0].trim()).toBe('');
      continue;
    }
    const names = [...attributes.matchAll(/([\w:]+)=/g)].map(([, each]) => each);
    expect(new Set(names).size).toBe(names.length);
    if (closing === '/') expect(open.pop()).toBe(name);
    else {
      seen.push([...open, name].join('/'));
      if (empty === '') open.push(name);
    }
  }
  expect([at, open]).toEqual([body.length, []]);
  return seen;
};

describe('GPX', () => {
  it('is a track of points in the order and the words of the schema', () => {
    const text = gpx(
      point({ altitude_m: 34.5, satellites: 9, hdop: 0.8, speed_kmh: 36, course_deg: 90 }),
      point({ at_us: NOON_US + 1, lon: 180, lat: 1e-7 }),
    );
    expect(elementsOf(text).map((path) => path.replace('gpx/trk/trkseg/', '~'))).toEqual([
      'gpx',
      'gpx/trk',
      'gpx/trk/name',
      'gpx/trk/trkseg',
      ...['~trkpt', '~trkpt/ele', '~trkpt/time', '~trkpt/sat', '~trkpt/hdop', '~trkpt/extensions'],
      '~trkpt/extensions/tp:TrackPointExtension',
      '~trkpt/extensions/tp:TrackPointExtension/tp:speed',
      '~trkpt/extensions/tp:TrackPointExtension/tp:course',
      ...['~trkpt', '~trkpt/time'],
    ]);
    expect(text).toContain('<trkpt lat="52.5" lon="13.4"><ele>34.5</ele>');
    expect(text).toContain('<tp:speed>10</tp:speed><tp:course>90</tp:course>');
    expect(text).toContain('<trkpt lat="0.0000001" lon="-180">');
    expect(text).toContain('<time>2026-03-02T08:00:00.000001Z</time>');
  });

  it('begins another segment after a gap, and has none where there are no points', () => {
    const at = [0, 300, 601].map((after_s) => point({ at_us: NOON_US + after_s * SECOND_US }));
    const segments = (text: string) =>
      text.split('<trkseg>').map((part) => part.split('<trkpt').length - 1);
    expect(segments(gpx(...at))).toEqual([0, 2, 1]);
    expect(elementsOf(gpx())).toEqual(['gpx', 'gpx/trk', 'gpx/trk/name']);
  });

  it('is well-formed, whatever the numbers', () => {
    const number = fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e9 }));
    const any = fc.record({
      at_us: fc.integer({ min: 0, max: 4e15 }),
      lat: fc.double({ noNaN: true, min: -90, max: 90 }),
      lon: fc.double({ noNaN: true, min: -180, max: 180 }),
      altitude_m: number,
      satellites: number,
      hdop: number,
      speed_kmh: number,
      course_deg: number,
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), (points) => {
        const text = gpx(...points);
        elementsOf(text);
        for (const [, told] of text.matchAll(/(?:lat|lon)="([^"]*)"/g)) {
          expect(told).toMatch(/^-?\d+(\.\d+)?$/);
        }
        for (const [, told] of text.matchAll(/<(?:ele|hdop|tp:speed)>([^<]*)</g)) {
          expect(told).toMatch(/^-?\d+(\.\d+)?$/);
        }
      }),
    );
  });

  it('is not taken for well-formed when it is not', () => {
    for (const broken of ['<a><b></a></b>', '<a>', '<a x="1" x="2"/>', '<a>&</a>', '<a x=1/>']) {
      expect(() => elementsOf(broken)).toThrow();
    }
  });
});

describe('GeoJSON', () => {
  it('puts longitude first, altitude last, and all else into the properties', () => {
    const items = [
      { lat: 52.5, lon: 13.4, altitude_m: 34, note: 'x' },
      { lat: 1, lon: 2, altitude_m: null },
      { lat: null, lon: null, altitude_m: 5 },
      { lat: 3, lon: 4 },
    ];
    const point = (coordinates: number[], properties: object) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates },
      properties,
    });
    expect(featureCollection(items)).toEqual({
      type: 'FeatureCollection',
      features: [point([13.4, 52.5, 34], { note: 'x' }), point([2, 1], {}), point([4, 3], {})],
    });
  });
});

describe('an instant with microseconds', () => {
  it('is told in six decimals where three do not do, and read back', () => {
    expect(microInstant(NOON_US)).toBe('2026-03-02T08:00:00.000Z');
    expect(microInstant(NOON_US + 12_000)).toBe('2026-03-02T08:00:00.012Z');
    expect(microInstant(NOON_US + 12_003)).toBe('2026-03-02T08:00:00.012003Z');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (at_us) => {
        expect(microsOf(microInstant(at_us))).toBe(at_us);
      }),
    );
  });

  it('is an instant of the ledger down to the millisecond, and the other way round', () => {
    const at = instant('2026-03-02T08:00:00.012Z');
    expect(epochUs(at)).toBe(NOON_US + 12_000);
    expect(instantAt(epochUs(at))).toBe(at);
    expect(instantAt(NOON_US + 12_999)).toBe(at);
  });

  it('is read with any offset and number of decimals, and not without an offset', () => {
    expect(microsOf('2026-03-02T09:00:00.1234567+01:00')).toBe(NOON_US + 123_456);
    expect(microsOf('2026-03-02T08:00Z')).toBe(NOON_US);
    expect(microsOf('1969-12-31T23:59:59.5Z')).toBe(0);
    expect(microsOf('9999-12-31T00:00:00Z')).toBe(Number.MAX_SAFE_INTEGER);
    for (const wrong of ['2026-03-02', '2026-03-02T08:00:00', '2026-13-02T08:00:00Z', 'now', '']) {
      expect(microsOf(wrong)).toBeNull();
    }
  });
});
