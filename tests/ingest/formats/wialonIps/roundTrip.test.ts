import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOUNDS, type NumberColumn, type Reading } from '#ingest/formats/reading.ts';
import {
  blackBoxFrame,
  compressedBlock,
  dataFrame,
  loginFrame,
  messageFrame,
  shortDataFrame,
} from '#ingest/formats/wialonIps/encode.ts';
import type { Version } from '#ingest/formats/wialonIps/line.ts';
import { ident, readingWith, us } from '#tests/ingest/formats/support.ts';
import { answersOf, converse } from './dialogue.ts';

const SECOND_US = 1_000_000;
/** Half of a hundred-thousandth of a minute of arc, in degrees, and the rounding to eight decimals. */
const ANGLE_ERROR_DEG = 0.5 / 100_000 / 60 + 1e-8;

const within = (column: NumberColumn) => {
  const { min, max, whole } = BOUNDS[column];
  const value =
    whole === 'no'
      ? fc.double({ min, max, noNaN: true }).map((told) => Math.round(told * 1_000) / 1_000)
      : fc.integer({ min, max: Math.min(max, Number.MAX_SAFE_INTEGER) });
  return fc.option(value.map((told) => told + 0));
};

const anyAngle = (max: number) => fc.double({ min: -max, max, noNaN: true });
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

const anyReading: fc.Arbitrary<Reading> = fc
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

const rounded = (value: number | null) => (value === null ? null : Math.round(value) + 0);

/** What a reading is after the rounding that the encoder declares, but for the coordinates. */
const declared = (reading: Reading): Reading => ({
  ...reading,
  speed_kmh: rounded(reading.speed_kmh),
  altitude_m: rounded(reading.altitude_m),
  course_deg: reading.course_deg === null ? null : Math.round(reading.course_deg) % 360,
});

const expectSame = (found: Reading | undefined, sent: Reading): void => {
  expect(found).toEqual({ ...sent, lat: found?.lat, lon: found?.lon });
  expect(found?.lat === null).toBe(sent.lat === null);
  expect(Math.abs((found?.lat ?? 0) - (sent.lat ?? 0))).toBeLessThan(ANGLE_ERROR_DEG);
  expect(Math.abs((found?.lon ?? 0) - (sent.lon ?? 0))).toBeLessThan(ANGLE_ERROR_DEG);
};

const anyVersion = fc.constantFrom<Version>('1.1', '2.0');

/** What arrives of frames that a device sends after its login, and what it is told. */
const sent = (version: Version, ...frames: readonly Buffer[]) => {
  const { turns } = converse([loginFrame({ version, ident, password: 'x' }), ...frames]);
  expect(turns.flatMap(({ rejects }) => rejects)).toEqual([]);
  return {
    readings: turns.flatMap(({ readings }) => readings),
    answers: answersOf(turns).slice(1),
  };
};

describe('what is written is what is read', () => {
  it('of data, one by one', () => {
    fc.assert(
      fc.property(anyVersion, anyReading, (version, reading) => {
        const { readings, answers } = sent(version, dataFrame(version, reading));
        expect(answers).toEqual(['#AD#1']);
        expectSame(readings[0], declared(reading));
      }),
      { numRuns: 500 },
    );
  });

  it('of short data', () => {
    fc.assert(
      fc.property(anyVersion, anyReading, (version, reading) => {
        const { readings, answers } = sent(version, shortDataFrame(version, reading));
        expect(answers).toEqual(['#ASD#1']);
        const { device_time_us, valid, speed_kmh, altitude_m, course_deg, satellites, lat, lon } =
          declared(reading);
        const short = { device_time_us, valid, speed_kmh, altitude_m, course_deg, satellites };
        expectSame(readings[0], readingWith({ ...short, lat, lon }));
      }),
    );
  });

  it('of black boxes, compressed', () => {
    const anyBox = fc.array(anyReading, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(anyVersion, anyBox, (version, box) => {
        const { readings, answers } = sent(version, compressedBlock(blackBoxFrame(version, box)));
        expect(answers).toEqual([`#AB#${box.length}`]);
        expect(readings).toHaveLength(box.length);
        box.forEach((reading, index) => {
          expectSame(readings[index], { ...declared(reading), buffered: true });
        });
      }),
      { numRuns: 100 },
    );
  });

  it('of messages', () => {
    const anyMessage = fc.string({ minLength: 1 }).filter((text) => !/[\r\n\0]/.test(text));
    fc.assert(
      fc.property(anyVersion, anyMessage, (version, text) => {
        const { readings } = sent(version, messageFrame(version, text));
        expect(readings[0]?.rest).toEqual({ driver_message: text });
      }),
    );
  });

  it('of fractions of a second: they are cut off', () => {
    const reading = readingWith({ device_time_us: us('2026-03-02T11:00:00.999Z'), valid: false });
    const { readings } = sent('2.0', dataFrame('2.0', reading));
    expect(readings[0]?.device_time_us).toBe(us('2026-03-02T11:00:00.000Z'));
  });
});
