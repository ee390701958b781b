import fc from 'fast-check';
import { BOUNDS, type NumberColumn, type Reading } from '#ingest/formats/reading.ts';
import { readingWith, us } from './support.ts';

const SECOND_US = 1_000_000;

const within = (column: NumberColumn) => {
  const { min, max, whole } = BOUNDS[column];
  const value =
    whole === 'no'
      ? fc.double({ min, max, noNaN: true }).map((told) => Math.round(told * 1_000) / 1_000)
      : fc.integer({ min, max: Math.min(max, Number.MAX_SAFE_INTEGER) });
  return fc.option(value.map((told) => told + 0));
};

const anyAngle = (max: number) =>
  fc.double({ min: -max, max, noNaN: true }).map((told) => told + 0);
const anyPlace = fc.option(
  fc
    .record({ lat: anyAngle(90), lon: anyAngle(180) })
    .filter(({ lat, lon }) => Math.abs(lat) > 0.001 || Math.abs(lon) > 0.001),
);
const anyText = fc.stringMatching(/^[A-Za-z0-9 %._-]{1,40}$/).filter((text) => text !== 'NA');
const anyRest = fc.dictionary(
  fc.stringMatching(/^x[a-z0-9._]{0,20}$/),
  fc.oneof(
    anyText,
    fc.integer(),
    fc.integer({ min: -9_999, max: 9_999 }).map((told) => told / 8),
  ),
  { maxKeys: 6 },
);

/** Whatever a device may tell in words that every wire format has. */
export const anyToldReading: fc.Arbitrary<Reading> = fc
  .record({
    seconds: fc.integer({
      min: us('2010-01-01T00:00:00.000Z') / SECOND_US,
      max: us('2026-03-02T12:00:00.000Z') / SECOND_US,
    }),
    place: anyPlace,
    columns: fc.record({
      seq: within('seq'),
      altitude_m: within('altitude_m'),
      speed_kmh: within('speed_kmh'),
      limit_kmh: within('limit_kmh'),
      course_deg: within('course_deg').filter((degrees) => degrees !== 360),
      satellites: within('satellites'),
      hdop: within('hdop'),
      odometer_m: within('odometer_m'),
      engine_rpm: within('engine_rpm'),
      fuel_level_pct: within('fuel_level_pct'),
      fuel_l: within('fuel_l'),
      fuel_rate_lph: within('fuel_rate_lph'),
      external_v: within('external_v'),
      battery_v: within('battery_v'),
      din: within('din'),
      dout: within('dout'),
      ignition: fc.option(fc.boolean()),
      dtcs: fc.option(fc.array(fc.constantFrom('P0301', 'U0100', '110-3'), { maxLength: 3 })),
      driver_tag: fc.option(fc.stringMatching(/^[0-9A-F]{8,16}$/)),
      rest: anyRest,
    }),
  })
  .map(({ seconds, place, columns }) =>
    readingWith({
      device_time_us: seconds * SECOND_US,
      ...columns,
      lat: place?.lat ?? null,
      lon: place?.lon ?? null,
      valid: place ? null : false,
    }),
  );
