import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { type DeviceIdent, isDeviceIdent } from '#domain/kernel/ids.ts';
import { type Format, rejectAt } from '#ingest/formats/format.ts';
import {
  type Context,
  type ElementReject,
  type Harvest,
  MESSAGE_MAX_BYTES,
  READINGS_MAX,
  type Reading,
  type Reject,
  reject,
} from '#ingest/formats/reading.ts';
import { isDataType, readData } from './data.ts';
import { BLOCK_HEAD_BYTES, BLOCK_MARK, blockBytes, inflated } from './inflate.ts';
import { lineOf, type Version } from './line.ts';

const LF = 0x0a;
const HASH = 0x23;
const HEAD_MAX_BYTES = 80;
const HEAD = /^(?:2\.[01];)?[^#;\s]{0,64}#(?:L|P|SD|D|B|M|I|IT|T)#/;
const VERSION = /^2\.[01];/;

/** Who sends, as it stands before the first frame: `ident`, or `2.0;ident`. */
interface Sender {
  readonly version: Version;
  readonly ident: DeviceIdent;
}

const senderOf = (prefix: string, { ident }: Context): Either<Reject, Sender> => {
  const version = VERSION.test(prefix) ? '2.0' : '1.1';
  const name = prefix.replace(VERSION, '');
  if (name === '') return ident ? right({ version, ident }) : reject('IdentMissing', 'imei');
  if (!isDeviceIdent(name)) return reject('IdentMalformed', 'imei');
  return ident === null || name === ident
    ? right({ version, ident: name })
    : reject('IdentForeign', 'imei');
};

const linesOf = (bytes: Buffer): readonly Buffer[] => {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LF, start);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(start, bytes[end - 1] === 0x0d ? end - 1 : end);
    if (line.length > 0) lines.push(line);
    start = end + 1;
  }
  return lines;
};

const readFrame = (frame: Buffer, sender: Sender, context: Context): Either<Reject, Harvest> => {
  const line = lineOf(frame);
  if (!line) return reject('FrameMalformed');
  if (line.type === 'P') return right({ readings: [], rejects: [] });
  if (!isDataType(line.type)) return reject('FrameUnsupported', line.type);
  return readData(line, line.type, { ...sender, context });
};

/** Reads lines, each of which may name its sender; one that does not has the sender of the line before. */
const readLines = (bytes: Buffer, context: Context): Either<Reject, Harvest> => {
  const lines = linesOf(bytes);
  if (lines.length > READINGS_MAX) return reject('TooManyReadings');
  const readings: Reading[] = [];
  const rejects: ElementReject[] = [];
  let sender = senderOf('', context);
  for (const line of lines) {
    const hash = line.indexOf(HASH);
    if (hash > 0)
      sender = senderOf(line.toString('utf8', 0, Math.min(hash, HEAD_MAX_BYTES)), context);
    const offset = readings.length + rejects.length;
    const read = isLeft(sender)
      ? sender
      : readFrame(line.subarray(Math.max(hash, 0)), sender.right, context);
    if (isLeft(read)) {
      rejects.push(rejectAt(offset, read.left));
      continue;
    }
    readings.push(...read.right.readings);
    for (const wrong of read.right.rejects) rejects.push(rejectAt(offset + wrong.index, wrong));
  }
  return right({ readings, rejects });
};

/** The text of a compressed datagram, which holds one block and perhaps the end of a line. */
const unpacked = (bytes: Buffer): Either<Reject, Buffer> => {
  if (bytes.length < BLOCK_HEAD_BYTES || bytes.length < blockBytes(bytes)) {
    return reject('CompressionBroken');
  }
  const trailing = bytes.subarray(blockBytes(bytes)).toString('latin1').trim();
  if (trailing !== '') return reject('CompressionBroken');
  const content = inflated(bytes.subarray(0, blockBytes(bytes)), MESSAGE_MAX_BYTES);
  return isLeft(content) ? reject(content.left) : content;
};

/**
 * Wialon IPS without a connection, as it comes by UDP: `ident#SD#…` in version 1.1, `2.0;ident#SD#…` in 2.0.
 * It goes one way, so nothing is answered, and a login has no meaning. Elements count over all records of all
 * lines. The fact sheet speaks of compression without saying where; a datagram that is one block is unpacked.
 */
export const wialonIps: Format = {
  name: 'wialon-ips',
  recognises: ({ bytes }) =>
    bytes[0] === BLOCK_MARK || HEAD.test(bytes.toString('latin1', 0, HEAD_MAX_BYTES)),
  read: ({ bytes }, context) => {
    if (bytes[0] !== BLOCK_MARK) return readLines(bytes, context);
    const text = unpacked(bytes);
    return isLeft(text) ? text : readLines(text.right, context);
  },
};

/**
 * A frame of a connection as a datagram, which needs no session to be read again: so it is put into
 * quarantine.
 */
export const datagramOf = ({ version, ident }: Sender, frame: Buffer): Buffer =>
  Buffer.concat([Buffer.from(version === '2.0' ? `2.0;${ident}` : ident), frame]);
