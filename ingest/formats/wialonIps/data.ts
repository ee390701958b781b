import { isUtf8 } from 'node:buffer';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { unreachable } from '#domain/kernel/decider.ts';
import type { DeviceIdent } from '#domain/kernel/ids.ts';
import { begin, finish, flag, other } from '#ingest/formats/draft.ts';
import { rejectAt } from '#ingest/formats/format.ts';
import {
  type Context,
  type ElementReject,
  type Harvest,
  READINGS_MAX,
  type Reading,
  type Reject,
  reject,
} from '#ingest/formats/reading.ts';
import { bodyOf, type Line, type Version } from './line.ts';
import { type RecordContext, readRecord } from './record.ts';

/** Whose line it is, in which version, and when it came. */
export interface LineContext {
  readonly version: Version;
  readonly ident: DeviceIdent;
  readonly context: Context;
}

/** The lines that carry readings. */
const DATA_TYPES = ['SD', 'D', 'B', 'M'] as const;
export type DataType = (typeof DATA_TYPES)[number];

/** Whether lines of a type carry readings: short data, data, black box, message of the driver. */
export const isDataType = (type: string): type is DataType =>
  DATA_TYPES.some((known) => known === type);

const single = (read: Either<Reject, Reading>): Harvest =>
  isLeft(read)
    ? { readings: [], rejects: [rejectAt(0, read.left)] }
    : { readings: [read.right], rejects: [] };

/**
 * The records of a black box. In version 2.0 a bar follows each, in 1.1 it stands between them: an empty
 * piece at the end is none.
 */
const readBlackBox = (text: string, record: RecordContext): Either<Reject, Harvest> => {
  const bodies = text.split('|', READINGS_MAX + 2);
  if (bodies.at(-1) === '') bodies.pop();
  if (bodies.length > READINGS_MAX) return reject('TooManyReadings');
  if (bodies.length === 0) return reject('FrameMalformed');
  const readings: Reading[] = [];
  const rejects: ElementReject[] = [];
  bodies.forEach((body, index) => {
    const read = readRecord(body, 'either', record);
    if (isLeft(read)) rejects.push(rejectAt(index, read.left));
    else readings.push(read.right);
  });
  return right({ readings, rejects });
};

/**
 * What a driver wrote. It tells neither time nor place: a reading of the moment of arrival with the text in
 * `rest` as `driver_message`.
 */
const readMessage = (text: string, { ident, context, mended }: RecordContext): Harvest => {
  if (text === '') return single(reject('FrameMalformed'));
  const draft = begin(ident, context.received_at_us);
  flag(draft, 'time_assumed');
  if (mended) flag(draft, 'text_mended');
  other(draft, text, 'driver_message');
  return { readings: [finish(draft, context)], rejects: [] };
};

/**
 * What a line with readings says. Left: its checksum is wrong, or it holds too many records or none. Right:
 * every record is a reading or a reject.
 */
export const readData = (
  line: Line,
  type: DataType,
  { version, ident, context }: LineContext,
): Either<Reject, Harvest> => {
  const body = bodyOf(line, version);
  if (isLeft(body)) return body;
  const text = body.right.toString('utf8');
  const record = { ident, context, buffered: type === 'B', mended: !isUtf8(body.right) };
  switch (type) {
    case 'SD':
      return right(single(readRecord(text, 'short', record)));
    case 'D':
      return right(single(readRecord(text, 'extended', record)));
    case 'B':
      return readBlackBox(text, record);
    case 'M':
      return right(readMessage(text, record));
    default:
      return unreachable(type);
  }
};
