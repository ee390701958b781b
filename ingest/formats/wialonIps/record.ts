import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { DeviceIdent } from '#domain/kernel/ids.ts';
import { utc_us } from '#ingest/formats/deviceTime.ts';
import {
  begin,
  type Draft,
  driverTag,
  finish,
  flag,
  number,
  other,
  placeAt,
} from '#ingest/formats/draft.ts';
import { type Context, type Reading, type Reject, reject } from '#ingest/formats/reading.ts';
import { numberOf } from '#ingest/formats/values.ts';
import { takeParams } from './params.ts';

const SHORT_FIELDS = 10;
const PARAMS_FIELD = 15;
const ADC_MAX = 64;
const DEGREE_DECIMALS = 1e8;

/** A record's device and the moment of its arrival, and what there is to know before it is looked at. */
export interface RecordContext {
  readonly ident: DeviceIdent;
  readonly context: Context;
  /** Whether it came out of a black box, so later than it was written. */
  readonly buffered: boolean;
  /** Whether its bytes were no UTF-8 and had to be replaced. */
  readonly mended: boolean;
}

const isAbsent = (field: string | undefined): boolean =>
  field === undefined || field === '' || field === 'NA';

const DATE = /^(\d\d)(\d\d)(\d\d)$/;
const TIME = /^(\d\d)(\d\d)(\d\d)(?:\.(\d+))?$/;

/**
 * DDMMYY and HHMMSS in UTC, of the years 2000 to 2099; a fraction of the second, which version 2.1 brings, is
 * taken in any version. Both absent: null, the time is that of arrival.
 */
const timeOf = (date: string, time: string): Either<Reject, number | null> => {
  if (isAbsent(date) && isAbsent(time)) return right(null);
  const [, day, month, year] = DATE.exec(date) ?? [];
  const [, hour, minute, second, fraction] = TIME.exec(time) ?? [];
  if (year === undefined || second === undefined) return reject('TimeUnreadable', 'date');
  const at_us = utc_us({
    year: 2_000 + Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    fraction,
  });
  return at_us === null ? reject('TimeImpossible', 'date') : right(at_us);
};

const ANGLE = /^(\d{1,7})(?:\.(\d*))?$/;

/**
 * Degrees of `DDMM.MM` with its hemisphere, to eight decimals, about a millimetre; null if unreadable. Sixty
 * minutes and more are seen in the field and are carried over, with a flag.
 */
const degreesOf = (draft: Draft, angle: string, hemisphere: string, halves: string) => {
  const [, whole, fraction] = ANGLE.exec(angle) ?? [];
  const half = halves.indexOf(hemisphere.toUpperCase());
  if (whole === undefined || hemisphere.length !== 1 || half < 0) return null;
  const minutes = (Number(whole) % 100) + Number(`0.${fraction || '0'}`);
  if (minutes >= 60) flag(draft, 'minutes_over_60');
  const degrees = Math.floor(Number(whole) / 100) + minutes / 60;
  const rounded = Math.round(degrees * DEGREE_DECIMALS) / DEGREE_DECIMALS;
  return half === 0 ? rounded : -rounded;
};

/** Puts the position there. Coordinates that are absent mean that there was no fix: `valid` is no then. */
const takePosition = (draft: Draft, fields: readonly string[]): Either<Reject, Draft> => {
  const [angle1 = '', half1 = '', angle2 = '', half2 = ''] = fields.slice(2, 6);
  if (isAbsent(angle1) && isAbsent(angle2)) {
    draft.reading.valid = false;
    return right(draft);
  }
  if (isAbsent(angle1) || isAbsent(angle2)) return reject('PositionIncomplete', 'lat1');
  const lat = degreesOf(draft, angle1, half1, 'NS');
  const lon = degreesOf(draft, angle2, half2, 'EW');
  if (lat === null || lon === null) return reject('PositionUnreadable', 'lat1');
  return placeAt(draft, { lat, lon }, 'lat1');
};

/** The fields that are numbers or `NA`, by their place, with the protocol's names and our columns. */
const NUMBERS = [
  [6, 'speed', number('speed_kmh')],
  [7, 'course', number('course_deg')],
  [8, 'height', number('altitude_m')],
  [9, 'sats', number('satellites')],
  [10, 'hdop', number('hdop')],
  [11, 'inputs', number('din')],
  [12, 'outputs', number('dout')],
] as const;

const takeNumbers = (draft: Draft, fields: readonly string[]): Reject | null => {
  for (const [place, name, take] of NUMBERS) {
    const field = fields[place];
    if (isAbsent(field)) continue;
    if (numberOf(field) === null) return { code: 'FieldUnreadable', field: name };
    take(draft, field, name);
  }
  return null;
};

/** Analogue inputs, in the device's unit, as the list `adc` in `rest`; a gap in it stays a gap. */
const takeAdc = (draft: Draft, field: string | undefined): boolean => {
  if (field === undefined || isAbsent(field)) return true;
  const values = field.split(',').map((piece) => (isAbsent(piece) ? null : numberOf(piece)));
  const told = field.split(',').filter((piece) => !isAbsent(piece));
  if (values.filter((value) => value !== null).length !== told.length) return false;
  if (values.length > ADC_MAX) flag(draft, 'rest_trimmed');
  other(draft, values.slice(0, ADC_MAX), 'adc');
  return true;
};

/** A text without the semicolons at its end. */
const trimmed = (text: string): string => {
  let end = text.length;
  while (text[end - 1] === ';') end -= 1;
  return text.slice(0, end);
};

const takeRest = (draft: Draft, fields: readonly string[]): Reject | null => {
  const numbers = takeNumbers(draft, fields);
  if (numbers) return numbers;
  if (!takeAdc(draft, fields[13])) return { code: 'FieldUnreadable', field: 'adc' };
  if (!isAbsent(fields[14])) driverTag(draft, fields[14], 'ibutton');
  // A semicolon inside a text parted it; what stands behind the last field but one belongs together.
  const params = trimmed(fields.slice(PARAMS_FIELD).join(';'));
  if (isAbsent(params)) return null;
  return takeParams(draft, params) ? null : { code: 'FieldUnreadable', field: 'params' };
};

/**
 * Reads the body of a short or an extended record, its checksum taken off. What the protocol calls an error
 * is a reject: a structure, time, position or field that cannot be read. A number that can be read but
 * cannot be is flagged, as in every other format. Fields missing at the end are absent ones.
 */
export const readRecord = (
  body: string,
  kind: 'short' | 'extended' | 'either',
  { ident, context, buffered, mended }: RecordContext,
): Either<Reject, Reading> => {
  const fields = body.split(';');
  const surplus = fields.length > SHORT_FIELDS && fields.slice(SHORT_FIELDS).some(Boolean);
  if (fields.length < SHORT_FIELDS || (kind === 'short' && surplus))
    return reject('FrameMalformed');
  const [date = '', time = ''] = fields;
  const at_us = timeOf(date, time);
  if (isLeft(at_us)) return at_us;
  const draft = begin(ident, at_us.right ?? context.received_at_us);
  if (at_us.right === null) flag(draft, 'time_assumed');
  if (mended) flag(draft, 'text_mended');
  draft.reading.buffered = buffered;
  const placed = takePosition(draft, fields);
  if (isLeft(placed)) return placed;
  const wrong = takeRest(draft, fields);
  return wrong ? reject(wrong.code, wrong.field) : right(finish(draft, context));
};
