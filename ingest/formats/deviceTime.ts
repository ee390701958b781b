import { type Either, right } from 'fp-ts/lib/Either.js';
import { type Reject, reject } from './reading.ts';
import { numberOf } from './values.ts';

/** A device's time: microseconds since 1970-01-01T00:00:00Z, and whether it told its zone. */
export interface DeviceTime {
  readonly at_us: number;
  readonly zoned: boolean;
}

/** 2100-01-01T00:00:00Z; beyond it lies no clock, only a mistake. */
const LAST_US = 4_102_444_800_000_000;
/**
 * Numbers below are seconds (until the year 5138), milliseconds (from 1973 until 5138), microseconds. No
 * moment of our time can be read in two ways.
 */
const SECONDS_BELOW = 1e11;
const MILLISECONDS_BELOW = 1e14;
const MICROSECONDS_BELOW = 1e17;
const TEXT_MAX_CHARS = 40;

/**
 * ISO 8601 with a fraction of any length. A blank stands for the `T`, and for the `+` of the offset: queries
 * that were not escaped arrive that way.
 */
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:(Z)|([+ -])(\d\d):?(\d\d)?)?$/;

/** Whole microseconds of a fraction of a second, written in digits; what is finer is cut off. */
const fraction_us = (digits: string | undefined): number =>
  digits === undefined ? 0 : Number(digits.slice(0, 6).padEnd(6, '0'));

interface Calendar {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits after the point of the second. */
  readonly fraction: string | undefined;
}

/** Microseconds since 1970 of a day and time in UTC; null where the calendar or the clock has none such. */
export const utc_us = (told: Calendar): number | null => {
  const { year, month, day, hour, minute, second } = told;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const at_ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(at_ms);
  if (date.getUTCDate() !== day || date.getUTCMonth() !== month - 1) return null;
  if (date.getUTCFullYear() !== year) return null;
  return at_ms * 1_000 + fraction_us(told.fraction);
};

const ofIso = (text: string): DeviceTime | null => {
  const found = ISO.exec(text);
  if (!found) return null;
  const [, year, month, day, hour, minute, second, fraction, utc, sign, offsetHour, offsetMinute] =
    found;
  const local_us = utc_us({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second ?? 0),
    fraction,
  });
  if (local_us === null) return null;
  if (sign === undefined) return { at_us: local_us, zoned: utc !== undefined };
  const offset_min = Number(offsetHour) * 60 + Number(offsetMinute ?? 0);
  const offset_us = offset_min * 60_000_000;
  return { at_us: sign === '-' ? local_us + offset_us : local_us - offset_us, zoned: true };
};

const ofNumber = (told: number): number => {
  if (told < SECONDS_BELOW) return Math.round(told * 1e6);
  if (told < MILLISECONDS_BELOW) return Math.round(told * 1e3);
  return told < MICROSECONDS_BELOW ? Math.round(told) : Number.POSITIVE_INFINITY;
};

const readable = (value: unknown): DeviceTime | null => {
  const told = numberOf(value);
  // Adding nothing turns a negative zero into the zero it is.
  if (told !== null) return { at_us: ofNumber(told) + 0, zoned: true };
  return typeof value === 'string' && value.length <= TEXT_MAX_CHARS ? ofIso(value) : null;
};

/**
 * The time a device tells: seconds, milliseconds or microseconds since 1970, as a number or as digits, with
 * fractions, or ISO 8601. Fractions are kept down to the microsecond. `field` is the sender's name for it.
 */
export const deviceTime = (value: unknown, field: string): Either<Reject, DeviceTime> => {
  if (value === undefined || value === null || value === '') return reject('TimeMissing', field);
  const time = readable(value);
  if (time === null) return reject('TimeUnreadable', field);
  return time.at_us >= 0 && time.at_us <= LAST_US ? right(time) : reject('TimeImpossible', field);
};
