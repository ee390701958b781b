import { type Either, right } from 'fp-ts/lib/Either.js';
import { type Reject, reject } from '#ingest/formats/reading.ts';
import { crcMatches } from './crc16.ts';

/**
 * The versions that are spoken. 2.1 is taken as 2.0: what is known of it is that it adds video and fractions
 * of seconds.
 */
export type Version = '1.1' | '2.0';

/** A line `#TYPE#body`. */
export interface Line {
  readonly type: string;
  readonly body: Buffer;
}

const HASH = 0x23;
const SEMICOLON = 0x3b;
const BAR = 0x7c;
const TYPE_MAX_BYTES = 4;

/** A line taken apart; null if it is none of the protocol. */
export const lineOf = (bytes: Buffer): Line | null => {
  if (bytes[0] !== HASH) return null;
  const end = bytes.indexOf(HASH, 1);
  if (end < 2 || end > TYPE_MAX_BYTES) return null;
  return { type: bytes.toString('latin1', 1, end), body: bytes.subarray(end + 1) };
};

/** The body without its checksum, if that is there and right. It covers all before it, the separator too. */
const verified = ({ type, body }: Line): Buffer | null => {
  const separator = body.lastIndexOf(type === 'B' ? BAR : SEMICOLON);
  if (separator < 0) return null;
  const covered = body.subarray(0, separator + 1);
  const spelt = body.toString('latin1', separator + 1).trim();
  return crcMatches(spelt, covered) ? body.subarray(0, separator) : null;
};

/**
 * The body of a line without its checksum. Version 2.0 must have a right one in all lines but pings; in 1.1
 * there is none, but devices are seen that send one, and where it is right it is taken off.
 */
export const bodyOf = (line: Line, version: Version): Either<Reject, Buffer> => {
  const body = verified(line);
  if (body !== null) return right(body);
  return version === '1.1' ? right(line.body) : reject('ChecksumWrong');
};
