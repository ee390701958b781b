import { type Either, left } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Json } from '#domain/kernel/canonical.ts';
import { DeviceIdent } from '#domain/kernel/ids.ts';

/**
 * Bounds of what one message may bring. The 5,000 readings are what Wialon IPS 2.0 allows in a black box;
 * keys and characters of a text are that protocol's bounds of parameters. Sizes of `rest` are counted in
 * UTF-16 units of its JSON, roughly.
 */
export const MESSAGE_MAX_BYTES = 1024 * 1024;
export const READINGS_MAX = 5_000;
export const REST_KEYS_MAX = 200;
export const REST_KEY_MAX_CHARS = 64;
export const REST_TEXT_MAX_CHARS = 1_344;
export const REST_MAX_CHARS = 16 * 1024;
export const REST_DEPTH_MAX = 8;
export const DTCS_MAX = 64;
const DRIVER_TAG_MAX_CHARS = 64;
const FLAGS_MAX = 64;

interface Bound {
  readonly min: number;
  readonly max: number;
  /** `must`: a fraction is an error. `rounded`: to the next whole. `no`: fractions are kept. */
  readonly whole: 'must' | 'rounded' | 'no';
}

/**
 * The columns that are numbers, each with the least and the greatest value that an honest device of a road
 * vehicle tells. What lies beyond is a unit mistaken or a sensor broken: the column stays null, the reading
 * is flagged, and the value as it was sent lies in `rest`.
 */
export const BOUNDS = {
  altitude_m: { min: -1_000, max: 20_000, whole: 'no' },
  speed_kmh: { min: 0, max: 400, whole: 'no' },
  limit_kmh: { min: 0, max: 400, whole: 'no' },
  course_deg: { min: 0, max: 360, whole: 'no' },
  satellites: { min: 0, max: 100, whole: 'must' },
  hdop: { min: 0, max: 100, whole: 'no' },
  odometer_m: { min: 0, max: 5_000_000_000, whole: 'rounded' },
  engine_rpm: { min: 0, max: 20_000, whole: 'rounded' },
  fuel_level_pct: { min: 0, max: 100, whole: 'no' },
  fuel_l: { min: 0, max: 10_000, whole: 'no' },
  fuel_rate_lph: { min: 0, max: 3_500, whole: 'no' },
  external_v: { min: 0, max: 1_000, whole: 'no' },
  battery_v: { min: 0, max: 1_000, whole: 'no' },
  din: { min: 0, max: 0xffff_ffff, whole: 'must' },
  dout: { min: 0, max: 0xffff_ffff, whole: 'must' },
  seq: { min: 0, max: Number.MAX_SAFE_INTEGER, whole: 'must' },
} as const satisfies Readonly<Record<string, Bound>>;

export type NumberColumn = keyof typeof BOUNDS;

const column = ({ min, max, whole }: Bound) =>
  (whole === 'no' ? z.number() : z.int()).min(min).max(max).nullable();

/** The columns that are yes, no or, as null, not told. */
const BooleanColumn = z.enum(['valid', 'ignition', 'buffered']);
export type BooleanColumn = z.infer<typeof BooleanColumn>;

const Column = z.enum([
  'altitude_m',
  'speed_kmh',
  'limit_kmh',
  'course_deg',
  'satellites',
  'hdop',
  'odometer_m',
  'engine_rpm',
  'fuel_level_pct',
  'fuel_l',
  'fuel_rate_lph',
  'external_v',
  'battery_v',
  'din',
  'dout',
  'seq',
  'dtcs',
  'driver_tag',
  ...BooleanColumn.options,
]);

/**
 * What looked wrong about a reading that was kept all the same.
 * `clock_ahead`: its time lies ahead of ours, beyond what clocks may differ by.
 * `clock_unset`: its time lies before 2010, where receivers begin whose clock was never set.
 * `time_assumed`: it told no time, which its format allows; the time is that of arrival.
 * `zone_assumed`: its time told no zone and was taken as UTC.
 * `zero_fix`: it told latitude and longitude 0, which is no fix; both are null.
 * `fix_outdated`: the position is an earlier one, repeated. `fix_mocked`: an app of the phone made it up.
 * `minutes_over_60`: a coordinate told 60 or more minutes of arc; they were carried over.
 * `key_repeated`: a key came twice; the first was taken. `number_rounded`: a whole number beyond 2^53.
 * `rest_trimmed`: something in `rest` broke a bound and was cut. `text_mended`: a text was no proper Unicode.
 * `<column>_impossible`, `<column>_unreadable`: the column is null, the value as sent lies in `rest`.
 */
export const Flag = z.union([
  z.enum([
    'clock_ahead',
    'clock_unset',
    'time_assumed',
    'zone_assumed',
    'zero_fix',
    'fix_outdated',
    'fix_mocked',
    'minutes_over_60',
    'key_repeated',
    'number_rounded',
    'rest_trimmed',
    'text_mended',
  ]),
  z.templateLiteral([Column, '_', z.enum(['impossible', 'unreadable'])]),
]);
export type Flag = z.infer<typeof Flag>;

/** Anything JSON can say, as deep as the bound of `rest` allows. */
const RestValue: z.ZodType<Json> = z.json();

/**
 * One thing that a device told, in our units whatever it was told in. Null is: not told.
 *
 * - `device_time_us`: microseconds since 1970-01-01T00:00:00Z by the device's clock, a whole number. An
 *   Instant has three decimals; trackers send six, and two readings of one millisecond are two.
 * - `seq`: the device's own count, null where it has none.
 * - `lat`, `lon`: degrees, WGS 84; null together. `valid`: whether the device vouches for them.
 * - `limit_kmh`: the limit posted at that place, where the device knows it.
 * - `din`, `dout`: inputs and outputs as bits, the first is the lowest.
 * - `dtcs`: fault codes; an empty list is "none", null is "not told".
 * - `buffered`: it was kept back and sent later, so it must neither raise a live alarm nor count as now.
 * - `rest`: what has no column, under the sender's names and in the sender's units.
 *
 * This is all that a message says. Vehicle, time of arrival and source are not in it: the writer adds them,
 * from the binding, from `Context.received_at_us` and from the listener's name with that of the format.
 * The same bytes give the same reading again, but for an assumed time and for the flags of the clock, which
 * depend on when they came: a hash of its content must leave the flags out.
 * Readings are built by hand for speed; tests hold them to this schema.
 */
export const Reading = z.strictObject({
  ident: DeviceIdent,
  device_time_us: z.int().min(0),
  seq: column(BOUNDS.seq),
  lat: z.number().min(-90).max(90).nullable(),
  lon: z.number().min(-180).max(180).nullable(),
  altitude_m: column(BOUNDS.altitude_m),
  speed_kmh: column(BOUNDS.speed_kmh),
  limit_kmh: column(BOUNDS.limit_kmh),
  course_deg: column(BOUNDS.course_deg).refine((degrees) => degrees !== 360),
  satellites: column(BOUNDS.satellites),
  hdop: column(BOUNDS.hdop),
  valid: z.boolean().nullable(),
  ignition: z.boolean().nullable(),
  odometer_m: column(BOUNDS.odometer_m),
  engine_rpm: column(BOUNDS.engine_rpm),
  fuel_level_pct: column(BOUNDS.fuel_level_pct),
  fuel_l: column(BOUNDS.fuel_l),
  fuel_rate_lph: column(BOUNDS.fuel_rate_lph),
  external_v: column(BOUNDS.external_v),
  battery_v: column(BOUNDS.battery_v),
  din: column(BOUNDS.din),
  dout: column(BOUNDS.dout),
  dtcs: z
    .array(z.string().regex(/^[A-Z0-9][A-Z0-9:._-]{0,31}$/))
    .max(DTCS_MAX)
    .nullable(),
  driver_tag: z.string().min(1).max(DRIVER_TAG_MAX_CHARS).nullable(),
  buffered: z.boolean(),
  rest: z.record(z.string().min(1).max(REST_KEY_MAX_CHARS), RestValue),
  flags: z.array(Flag).max(FLAGS_MAX),
});
export type Reading = z.infer<typeof Reading>;

/** Whether a text will do as a driver's tag. */
export const isDriverTag = (text: string): boolean =>
  text.length > 0 && text.length <= DRIVER_TAG_MAX_CHARS;

/**
 * What is known about a message besides its bytes: when it came, by our clock, in microseconds since 1970,
 * and whose it must be (the ident of the topic, the login or the token; null where the sender may speak for
 * many devices).
 */
export interface Context {
  readonly received_at_us: number;
  readonly ident: DeviceIdent | null;
}

/** Why a message, or one element of it, gave no reading. The codes are stable: quarantine stores them. */
export const RejectCode = z.enum([
  'MessageTooLarge',
  'TooManyReadings',
  'NotText',
  'NotJson',
  'FormatUnknown',
  'ElementMalformed',
  'IdentMissing',
  'IdentMalformed',
  'IdentForeign',
  'TimeMissing',
  'TimeUnreadable',
  'TimeImpossible',
  'PositionUnreadable',
  'PositionIncomplete',
  'PositionImpossible',
  'FieldUnreadable',
  'ChecksumWrong',
  'FrameMalformed',
  'FrameUnsupported',
  'LineTooLong',
  'BinaryUnbounded',
  'CompressionBroken',
  'InflatedTooLarge',
  'LoginMalformed',
  'NotLoggedIn',
]);
export type RejectCode = z.infer<typeof RejectCode>;

/** A reason, and the sender's name of the field where there is one. Never a value of it. */
export interface Reject {
  readonly code: RejectCode;
  readonly field: string | null;
}

/** The reason for one element of a message; elements count from 0. */
export interface ElementReject extends Reject {
  readonly index: number;
}

/**
 * What a message came to. Every element of it is in exactly one of the two lists, so that nothing gets lost
 * because of its neighbour.
 */
export interface Harvest {
  readonly readings: readonly Reading[];
  readonly rejects: readonly ElementReject[];
}

/** A message of which nothing could be made: as a whole it is one reject. */
export const reject = (code: RejectCode, field: string | null = null): Either<Reject, never> =>
  left({ code, field });
