import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { type Context, type ElementReject, Reading, type Reject } from '#ingest/formats/reading.ts';
import type { Recognised } from '#ingest/formats/recognise.ts';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import { plainReading } from '#tests/support/plainReading.ts';

/** Microseconds since 1970 of an ISO time with up to three decimals. */
export const us = (iso: string): number => Date.parse(iso) * 1_000;

/** An ident for tests; of the length of an IMEI, but nobody's. */
export const ident = DeviceIdent.parse('000000000000017');

/** The moment at which messages of tests come in, and no word on whose they must be. */
export const anybody: Context = { received_at_us: us('2026-03-02T12:00:00.000Z'), ident: null };

/** The same, with the device known beforehand. */
export const known: Context = { ...anybody, ident };

/** A reading of which only device and time are known, with some of its columns. */
export const readingWith = (columns: Partial<Reading>): Reading => ({
  ...plainReading(ident, us('2026-03-02T11:59:58.000Z')),
  ...columns,
});

/** The bytes of a value as JSON, or of a text. */
export const bytesOf = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

/** What a message that is understood comes to; every reading is held to its schema. */
export const understood = (message: unknown, context: Context = anybody): Recognised => {
  const bytes = Buffer.isBuffer(message) ? message : bytesOf(message);
  const read = readTelemetry(bytes, context);
  if (isLeft(read)) throw new Error(`rejected: ${read.left.code}`);
  for (const reading of read.right.readings) expect(Reading.parse(reading)).toEqual(reading);
  return read.right;
};

/** The one reading of a message that has no other and nothing to complain of. */
export const only = (message: unknown, context: Context = anybody): Reading => {
  const { readings, rejects } = understood(message, context);
  expect(rejects).toEqual([]);
  const [reading] = readings;
  if (!reading || readings.length !== 1) throw new Error(`${readings.length} readings`);
  return reading;
};

/** The rejects of a message of which some element could be told. */
export const rejectsOf = (message: unknown, context: Context = anybody): readonly ElementReject[] =>
  understood(message, context).rejects;

/** Why a message as a whole was rejected. */
export const rejection = (read: Either<Reject, unknown>): string =>
  isLeft(read) ? read.left.code : 'understood';

/** The bytes of a text whose characters stand for one byte each. */
export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
