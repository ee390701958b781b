import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '#ingest/formats/reading.ts';
import {
  blackBoxFrame,
  compressedBlock,
  dataFrame,
  loginFrame,
  messageFrame,
  shortDataFrame,
} from '#ingest/formats/wialonIps/encode.ts';
import type { Version } from '#ingest/formats/wialonIps/line.ts';
import { anyToldReading } from '#tests/ingest/formats/arbitraryReading.ts';
import { ident, readingWith, us } from '#tests/ingest/formats/support.ts';
import { answersOf, converse } from './dialogue.ts';

/** Half of a hundred-thousandth of a minute of arc, in degrees, and the rounding to eight decimals. */
const ANGLE_ERROR_DEG = 0.5 / 100_000 / 60 + 1e-8;

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
      fc.property(anyVersion, anyToldReading, (version, reading) => {
        const { readings, answers } = sent(version, dataFrame(version, reading));
        expect(answers).toEqual(['#AD#1']);
        expectSame(readings[0], declared(reading));
      }),
      { numRuns: 500 },
    );
  });

  it('of short data', () => {
    fc.assert(
      fc.property(anyVersion, anyToldReading, (version, reading) => {
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
    const anyBox = fc.array(anyToldReading, { minLength: 1, maxLength: 20 });
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
