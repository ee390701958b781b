import { deflateSync } from 'node:zlib';
import type { Json } from '#domain/kernel/canonical.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { crcText } from './crc16.ts';
import { BLOCK_HEAD_BYTES, BLOCK_MARK } from './inflate.ts';
import type { Version } from './line.ts';
import type { Login } from './session.ts';

/** Hundred-thousandths of a minute of arc, at most 1.9 cm of the surface. */
const UNITS_PER_MINUTE = 100_000;
const UNITS_PER_DEGREE = 60 * UNITS_PER_MINUTE;
const ABSENT = 'NA';

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

const dateAndTime = ({ device_time_us }: Reading): string => {
  const date = new Date(Math.floor(device_time_us / 1_000));
  const day = [date.getUTCDate(), date.getUTCMonth() + 1, date.getUTCFullYear() % 100];
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  return [day, time].map((parts) => parts.map((part) => digits(part, 2)).join('')).join(';');
};

/** `DDMM.MMMMM;N` and its like. */
const angle = (
  degrees: number | null,
  width: number,
  halves: readonly [string, string],
): string => {
  if (degrees === null) return `${ABSENT};${ABSENT}`;
  const units = Math.round(Math.abs(degrees) * UNITS_PER_DEGREE);
  const whole = digits(Math.floor(units / UNITS_PER_DEGREE), width);
  const minutes = ((units % UNITS_PER_DEGREE) / UNITS_PER_MINUTE).toFixed(5).padStart(8, '0');
  return `${whole}${minutes};${degrees < 0 ? halves[1] : halves[0]}`;
};

const whole = (value: number | null): string =>
  value === null ? ABSENT : String(Math.round(value));

const exact = (value: number | null): string => (value === null ? ABSENT : String(value));

const shortBody = (reading: Reading): string =>
  [
    dateAndTime(reading),
    angle(reading.lat, 2, ['N', 'S']),
    angle(reading.lon, 3, ['E', 'W']),
    whole(reading.speed_kmh),
    reading.course_deg === null ? ABSENT : String(Math.round(reading.course_deg) % 360),
    whole(reading.altitude_m),
    exact(reading.satellites),
  ].join(';');

/** Columns that travel as parameters under their own names. */
const PARAM_COLUMNS = [
  'limit_kmh',
  'odometer_m',
  'engine_rpm',
  'fuel_level_pct',
  'fuel_l',
  'fuel_rate_lph',
  'external_v',
  'battery_v',
  'seq',
] as const;

const NAME = /^[^\s,:#;|]{1,38}$/;
const TEXT = /^[^,:#;|\r\n]*$/;

const numeric = (name: string, value: number): string =>
  `${name}:${Number.isInteger(value) ? 1 : 2}:${value}`;

/** A field of `rest` as a parameter; nothing for what the protocol cannot say. */
const restParam = ([name, value]: readonly [string, Json]): readonly string[] => {
  if (!NAME.test(name)) return [];
  if (typeof value === 'number') return [numeric(name, value)];
  if (typeof value === 'boolean') return [`${name}:3:${value}`];
  return typeof value === 'string' && TEXT.test(value) ? [`${name}:3:${value}`] : [];
};

const paramsOf = (reading: Reading): string => {
  const columns = PARAM_COLUMNS.flatMap((name) => {
    const value = reading[name];
    return value === null ? [] : [numeric(name, value)];
  });
  const ignition = reading.ignition === null ? [] : [`ign:1:${reading.ignition ? 1 : 0}`];
  const dtcs = reading.dtcs === null ? [] : [`dtcs:3:${reading.dtcs.join(' ')}`];
  const rest = Object.entries(reading.rest).flatMap(restParam);
  return [...ignition, ...columns, ...dtcs, ...rest].join(',') || ABSENT;
};

const adcOf = ({ rest }: Reading): string => {
  const adc = rest['adc'];
  if (!Array.isArray(adc)) return '';
  return adc.map((value: Json) => (typeof value === 'number' ? String(value) : '')).join(',');
};

const fullBody = (reading: Reading): string =>
  [
    shortBody(reading),
    exact(reading.hdop),
    exact(reading.din),
    exact(reading.dout),
    adcOf(reading),
    reading.driver_tag !== null && TEXT.test(reading.driver_tag) ? reading.driver_tag : ABSENT,
    paramsOf(reading),
  ].join(';');

const framed = (version: Version, type: string, body: string, separator = ';'): Buffer => {
  if (version === '1.1') return Buffer.from(`#${type}#${body}\r\n`);
  const covered = `${body}${separator}`;
  return Buffer.from(`#${type}#${covered}${crcText(Buffer.from(covered))}\r\n`);
};

/** The login of a device, the other side of what the listener hears. */
export const loginFrame = ({ version, ident, password }: Login): Buffer => {
  const named = `${ident};${password ?? ABSENT}`;
  return framed(version, 'L', version === '1.1' ? named : `2.0;${named}`);
};

/**
 * A reading as an extended record. Rounded on the way: time down to whole seconds, coordinates to
 * hundred-thousandths of a minute, speed, course and altitude to whole numbers. Not carried: `valid` of a
 * fix, the flags, lists and objects in `rest` other than `adc`, and texts with separators in them.
 */
export const dataFrame = (version: Version, reading: Reading): Buffer =>
  framed(version, 'D', fullBody(reading));

/** A reading as a short record: time, position, speed, course, altitude and satellites, rounded likewise. */
export const shortDataFrame = (version: Version, reading: Reading): Buffer =>
  framed(version, 'SD', shortBody(reading));

/** Readings that were kept back, as a black box of extended records. */
export const blackBoxFrame = (version: Version, readings: readonly Reading[]): Buffer =>
  framed(version, 'B', readings.map(fullBody).join('|'), '|');

/** A driver's message; the caller sees to it that there is no end of line in it. */
export const messageFrame = (version: Version, text: string): Buffer => framed(version, 'M', text);

/** Frames as one compressed block. */
export const compressedBlock = (frames: Buffer): Buffer => {
  const content = deflateSync(frames);
  const head = Buffer.alloc(BLOCK_HEAD_BYTES);
  head.writeUInt8(BLOCK_MARK, 0);
  head.writeUInt16LE(content.length, 1);
  return Buffer.concat([head, content]);
};
