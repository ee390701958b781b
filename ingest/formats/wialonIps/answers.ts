import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { unreachable } from '#domain/kernel/decider.ts';
import type { Harvest, Reject } from '#ingest/formats/reading.ts';
import type { DataType } from './data.ts';

/**
 * What is said to the device, with CR LF: `stored` once everything the frame brought is safely kept, the
 * readings and the rejects, `unstored` if that failed. Without readings the two are the same.
 */
export interface Answer {
  readonly stored: string;
  readonly unstored: string;
}

const line = (type: string, body: string): string => `#${type}#${body}\r\n`;

/** An answer that does not depend on anything being kept. */
export const plain = (type: string, body: string): Answer => {
  const text = line(type, body);
  return { stored: text, unstored: text };
};

/** The protocol's error for a field, by its name. */
const FIELD_CODES: ReadonlyMap<string | null, string> = new Map([
  ['speed', '11'],
  ['course', '11'],
  ['height', '11'],
  ['sats', '12'],
  ['hdop', '12'],
  ['inputs', '13'],
  ['outputs', '13'],
  ['adc', '14'],
  ['params', '15'],
]);

/** What says "not registered" without blaming a field: structure. */
const STRUCTURE = '-1';

/** The number by which the answer to a record calls a reject. Source: Wialon IPS 2.0, packets SD and D. */
const recordCode = (type: 'SD' | 'D', { code, field }: Reject): string => {
  switch (code) {
    case 'TimeMissing':
    case 'TimeUnreadable':
    case 'TimeImpossible':
      return '0';
    case 'PositionUnreadable':
    case 'PositionIncomplete':
    case 'PositionImpossible':
      return '10';
    case 'FieldUnreadable':
      return FIELD_CODES.get(field) ?? STRUCTURE;
    case 'ChecksumWrong':
      return type === 'SD' ? '13' : '16';
    default:
      return STRUCTURE;
  }
};

const recordAnswer = (type: 'SD' | 'D', read: Either<Reject, Harvest>): Answer => {
  const wrong = isLeft(read) ? read.left : read.right.rejects[0];
  if (wrong) return plain(`A${type}`, recordCode(type, wrong));
  return { stored: line(`A${type}`, '1'), unstored: line(`A${type}`, STRUCTURE) };
};

/** A black box is answered with the count of what was registered; with nothing if its checksum is wrong. */
const blackBoxAnswer = (read: Either<Reject, Harvest>): Answer => {
  if (isLeft(read)) return plain('AB', read.left.code === 'ChecksumWrong' ? '' : '0');
  return { stored: line('AB', String(read.right.readings.length)), unstored: line('AB', '0') };
};

const messageAnswer = (read: Either<Reject, Harvest>): Answer => {
  if (isLeft(read)) return plain('AM', read.left.code === 'ChecksumWrong' ? '01' : '0');
  if (read.right.readings.length === 0) return plain('AM', '0');
  return { stored: line('AM', '1'), unstored: line('AM', '0') };
};

/**
 * The answer to a line with readings. The protocol has no number for "could not be kept": a record is
 * answered with -1 then, a black box and a message with 0, and the device sends them again.
 */
export const dataAnswer = (type: DataType, read: Either<Reject, Harvest>): Answer => {
  switch (type) {
    case 'SD':
    case 'D':
      return recordAnswer(type, read);
    case 'B':
      return blackBoxAnswer(read);
    case 'M':
      return messageAnswer(read);
    default:
      return unreachable(type);
  }
};

const BLOCK_INDEX = { I: 1, T: 2 } as const;

/**
 * The refusal of a photo (`#I#size;index;…`) or of a tachograph block (`#T#code;size;index;…`): 0, "not
 * received", for the block by its index. The connection stays; nothing of the block is kept.
 */
export const binaryRefusal = (type: 'I' | 'T', body: string): Answer => {
  const index = body.split(';')[BLOCK_INDEX[type]] ?? '';
  return plain(`A${type}`, `${/^\d{1,9}$/.test(index) ? index : 'NA'};0`);
};
