import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { readAs } from '#ingest/formats/format.ts';
import { type Context, type Harvest, Reading } from '#ingest/formats/reading.ts';
import { formats, readTelemetry } from '#ingest/formats/recognise.ts';
import { datagramOf } from '#ingest/formats/wialonIps/datagram.ts';
import { compressedBlock, dataFrame } from '#ingest/formats/wialonIps/encode.ts';
import { AT_S, anyMutant, anyOddElement, anyOddity, record } from './mutants.ts';
import { anybody, bytesOf, ident, known, latin1, readingWith } from './support.ts';
import { converse } from './wialonIps/dialogue.ts';

const anyContext = fc.constantFrom<Context>(anybody, known);

/** Everything that has to hold of what was read, whatever the bytes were. */
const expectSound = ({ readings, rejects }: Harvest): void => {
  for (const reading of readings) {
    expect(Reading.parse(reading)).toEqual(reading);
    const stored = JSON.stringify(reading);
    expect(stored.isWellFormed() && !/\\u0000|\\ud[89a-f]/.test(stored)).toBe(true);
    expect(JSON.parse(stored)).toEqual(reading);
  }
  for (const { index } of rejects) expect(index).toBeGreaterThanOrEqual(0);
  const places = rejects.map(({ index }) => index);
  expect(new Set(places).size).toBe(places.length);
};

const readEveryWay = (bytes: Buffer, context: Context): void => {
  for (const read of [readTelemetry, ...formats.map(readAs)]) {
    const found = read(bytes, context);
    if (!isLeft(found)) expectSound(found.right);
  }
};

/** How many elements bytes of JSON have, counted by other means; null where they are no JSON. */
const elementsIn = (bytes: Buffer): number | null => {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return Array.isArray(value) ? value.length : 1;
  } catch {
    return null;
  }
};

describe('whatever the bytes', () => {
  it('nothing throws, and what is read can be stored', () => {
    const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const marked = fc
      .tuple(
        fc.constantFrom('{', '[', '#D#', '#B#', `${ident}#SD#`, 'id=1&', '\xff\x09\x00'),
        anyBytes,
      )
      .map(([mark, bytes]) => Buffer.concat([Buffer.from(mark, 'latin1'), bytes]));
    fc.assert(fc.property(fc.oneof(anyBytes, marked), anyContext, readEveryWay), {
      numRuns: 2_000,
    });
  });

  it('nothing throws on a good message that was damaged, and every element is accounted for', () => {
    let intact = 0;
    fc.assert(
      fc.property(anyMutant, anyContext, (bytes, context) => {
        readEveryWay(bytes, context);
        const elements = elementsIn(bytes);
        const found = readTelemetry(bytes, context);
        if (isLeft(found) || elements === null) return;
        intact += 1;
        expect(found.right.readings.length + found.right.rejects.length).toBe(elements);
      }),
      { numRuns: 3_000 },
    );
    expect(intact).toBeGreaterThan(100);
  });

  it('every element of a list with odd values is a reading or a reject', () => {
    let readings = 0;
    fc.assert(
      fc.property(
        fc.array(anyOddElement, { minLength: 1, maxLength: 5 }),
        anyContext,
        (list, context) => {
          const found = readTelemetry(bytesOf(list), context);
          if (isLeft(found)) {
            expect(found.left.code).toBe('FormatUnknown');
            return;
          }
          expectSound(found.right);
          readings += found.right.readings.length;
          expect(found.right.readings.length + found.right.rejects.length).toBe(list.length);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(readings).toBeGreaterThan(500);
  });

  it('every field of an element is in its column, in the rest, or remarked upon', () => {
    const dealtWith = new Set(['ident', 'device_time', 'lat', 'lon', 'rest', 'flags']);
    const columns = Object.keys(readingWith({})).filter((name) => !dealtWith.has(name));
    const anyKey = fc.oneof(fc.constantFrom(...columns, '__proto__', 'x'.repeat(65)), fc.string());
    let unremarked = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(anyKey, anyOddity), { maxLength: 8 }), (entries) => {
        const told = { ...Object.fromEntries(entries), ident, device_time: AT_S, lat: 45, lon: 7 };
        const sent = new Map<string, unknown>(Object.entries(JSON.parse(JSON.stringify(told))));
        const found = readTelemetry(bytesOf(Object.fromEntries(sent)), anybody);
        const reading = isLeft(found) ? undefined : found.right.readings[0];
        if (!reading) throw new Error('no reading');
        if (reading.flags.length > 0) return;
        unremarked += 1;
        const kept = new Map<string, unknown>(Object.entries({ ...reading.rest, ...reading }));
        for (const [key, value] of sent) {
          if (dealtWith.has(key) || value === null || value === '') continue;
          expect([key, kept.get(key) ?? 'lost']).not.toEqual([key, 'lost']);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(unremarked).toBeGreaterThan(200);
  });

  it('every record of a damaged black box is a reading or a reject', () => {
    const anyRecord = fc.oneof(
      fc.constant(record),
      fc
        .tuple(fc.nat({ max: record.length }), fc.string({ maxLength: 3 }))
        .map(
          ([place, put]) =>
            record.slice(0, place) + put.replaceAll(/[|\r\n#]/g, '') + record.slice(place + 2),
        ),
    );
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 8 }), (records) => {
        const found = readTelemetry(Buffer.from(`${ident}#B#${records.join('|')}|`), anybody);
        if (isLeft(found)) throw new Error(found.left.code);
        expectSound(found.right);
        expect(found.right.readings.length + found.right.rejects.length).toBe(records.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a connection goes on or closes, and every frame is a reading, a reject or an answer', () => {
    const frame = dataFrame('1.1', readingWith({ lat: 45.5, lon: 7.25, speed_kmh: 36 }));
    const anyPiece = fc.oneof(
      fc.constantFrom(
        Buffer.from(`#L#${ident};x\r\n`),
        latin1('#P#\r\n'),
        Buffer.from(`#B#${record}|bad\r\n`),
        latin1('#I#3;1;1\r\nabc'),
        frame,
        compressedBlock(frame),
      ),
      anyMutant,
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(anyPiece, { maxLength: 10 }), (chunks) => {
        for (const turn of converse(chunks).turns) {
          expectSound(turn);
          expect(
            turn.readings.length + turn.rejects.length > 0 || turn.answer || turn.login,
          ).toBeTruthy();
          expect(
            turn.answer === null || /^#A[A-Z]{1,3}#[^\r\n]*\r\n$/.test(turn.answer.stored),
          ).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('a frame in quarantine says the same again', () => {
    fc.assert(
      fc.property(anyMutant, (bytes) => {
        const line = bytes.toString('latin1').split('\n')[0] ?? '';
        const frame = Buffer.from(line.slice(Math.max(0, line.indexOf('#'))), 'latin1');
        const { turns } = converse([Buffer.from(`#L#${ident};x\r\n`), frame, Buffer.from('\n')]);
        const direct = turns.flatMap(({ readings }) => readings);
        const found = readTelemetry(datagramOf({ version: '1.1', ident }, frame), anybody);
        if (direct.length > 0) expect(found).toMatchObject({ right: { readings: direct } });
      }),
      { numRuns: 1_000 },
    );
  });
});
