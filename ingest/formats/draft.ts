import { type Either, right } from 'fp-ts/lib/Either.js';
import { type DeviceIdent, isDeviceIdent } from '#domain/kernel/ids.ts';
import {
  BOUNDS,
  type BooleanColumn,
  type Context,
  type Flag,
  isDriverTag,
  type NumberColumn,
  type Reading,
  type Reject,
  reject,
} from './reading.ts';
import { keep, type Taken } from './rest.ts';
import { booleanOf, type Fields, numberOf, properText, rounded3 } from './values.ts';

/** 2010-01-01T00:00:00Z: clocks that were never set, or fell back by 1,024 weeks, tell an earlier time. */
const CLOCK_UNSET_BEFORE_US = 1_262_304_000_000_000;
/** How far a device's clock may be ahead of ours before that is remarked upon. */
const CLOCK_AHEAD_MAX_US = 120 * 1_000_000;

/** A reading in the making. */
export interface Draft {
  readonly reading: Reading;
  readonly taken: Taken;
}

/** Does with one field of a message what has to be done: puts it into a column, or nothing. */
export type Take = (draft: Draft, value: unknown, key: string) => void;

/** Remarks upon a reading, once. */
export const flag = ({ reading }: Draft, remark: Flag): void => {
  if (!reading.flags.includes(remark)) reading.flags.push(remark);
};

/** The ident a message claims, or failing that the one it must have come from; never another than that. */
export const identOf = (
  claimed: unknown,
  field: string,
  { ident }: Context,
): Either<Reject, DeviceIdent> => {
  if (claimed === undefined || claimed === null || claimed === '') {
    return ident === null ? reject('IdentMissing', field) : right(ident);
  }
  const text = Number.isSafeInteger(claimed) ? String(claimed) : claimed;
  if (typeof text !== 'string' || !isDeviceIdent(text)) return reject('IdentMalformed', field);
  return ident === null || text === ident ? right(text) : reject('IdentForeign', field);
};

/** A reading of which only the device and the time are known. */
export const begin = (ident: DeviceIdent, device_time_us: number): Draft => ({
  reading: {
    ident,
    device_time_us,
    seq: null,
    lat: null,
    lon: null,
    altitude_m: null,
    speed_kmh: null,
    limit_kmh: null,
    course_deg: null,
    satellites: null,
    hdop: null,
    valid: null,
    ignition: null,
    odometer_m: null,
    engine_rpm: null,
    fuel_level_pct: null,
    fuel_l: null,
    fuel_rate_lph: null,
    external_v: null,
    battery_v: null,
    din: null,
    dout: null,
    dtcs: null,
    driver_tag: null,
    buffered: false,
    rest: {},
    flags: [],
  },
  taken: { keys: 0, chars: 0 },
});

/** Keeps a field for which there is no column, under its own name. */
export const other: Take = (draft, value, key) => {
  const { reading, taken } = draft;
  for (const remark of keep(reading.rest, taken, key, value)) flag(draft, remark);
};

/** Passes over a field that was dealt with, or says nothing about the vehicle. */
export const skip: Take = () => undefined;

/**
 * Puts a number into its column, multiplied by the factor between the units and then rounded to three
 * decimals. What is no number or beyond the bounds goes to `rest` with a flag.
 */
export const number =
  (column: NumberColumn, factor = 1): Take =>
  (draft, value, key) => {
    if (value === null || value === undefined || value === '') return;
    const told = numberOf(value);
    if (told === null) {
      flag(draft, `${column}_unreadable`);
      other(draft, value, key);
      return;
    }
    const { min, max, whole } = BOUNDS[column];
    const converted = factor === 1 ? told : rounded3(told * factor);
    const fitting = whole === 'rounded' ? Math.round(converted) : converted;
    if (fitting < min || fitting > max || (whole === 'must' && !Number.isInteger(fitting))) {
      flag(draft, `${column}_impossible`);
      other(draft, value, key);
      return;
    }
    // Adding nothing turns a negative zero into the zero it is.
    draft.reading[column] = column === 'course_deg' && fitting === 360 ? 0 : fitting + 0;
  };

/** As `number`, for a second best source: it stays in `rest` too, and gives way to the first. */
export const fallback = (column: NumberColumn, factor = 1): Take => {
  const take = number(column, factor);
  return (draft, value, key) => {
    if (draft.reading[column] === null) take(draft, value, key);
    other(draft, value, key);
  };
};

/** Puts yes or no into its column; what another field has said otherwise before stays. */
export const boolean =
  (column: BooleanColumn): Take =>
  (draft, value, key) => {
    if (value === null || value === undefined || value === '') return;
    const told = booleanOf(value);
    const before = column === 'buffered' ? null : draft.reading[column];
    if (told !== null && (before === null || before === told)) {
      draft.reading[column] = told;
      return;
    }
    flag(draft, told === null ? `${column}_unreadable` : 'key_repeated');
    other(draft, value, key);
  };

/** Puts the driver's tag into its column: a text, or a whole number. */
export const driverTag: Take = (draft, value, key) => {
  if (value === null || value === undefined || value === '') return;
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text === 'string' && isDriverTag(text)) {
    const proper = properText(text);
    if (proper !== text) flag(draft, 'text_mended');
    draft.reading.driver_tag = proper;
    return;
  }
  flag(draft, 'driver_tag_unreadable');
  other(draft, value, key);
};

/** Takes every field of an object as the table says, and keeps those it does not know. */
export const takeAll = (draft: Draft, fields: Fields, table: ReadonlyMap<string, Take>): void => {
  for (const key of Object.keys(fields)) {
    const take = table.get(key) ?? other;
    take(draft, fields[key], key);
  }
};

const absent = (value: unknown): boolean => value === null || value === undefined || value === '';

/**
 * Puts the position into the reading, to be called after everything else: 0, 0 is no fix, whatever the device
 * says of its validity. A position that is told and cannot be makes the reading a reject.
 */
export const placeAt = (
  draft: Draft,
  position: { readonly lat: unknown; readonly lon: unknown },
  field: string,
): Either<Reject, Draft> => {
  if (absent(position.lat) && absent(position.lon)) return right(draft);
  if (absent(position.lat) || absent(position.lon)) return reject('PositionIncomplete', field);
  const lat = numberOf(position.lat);
  const lon = numberOf(position.lon);
  if (lat === null || lon === null) return reject('PositionUnreadable', field);
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return reject('PositionImpossible', field);
  if (lat === 0 && lon === 0) {
    flag(draft, 'zero_fix');
    draft.reading.valid = false;
    return right(draft);
  }
  draft.reading.lat = lat + 0;
  draft.reading.lon = lon + 0;
  return right(draft);
};

/** The finished reading, with what is to be said of its time. */
export const finish = (draft: Draft, { received_at_us }: Context): Reading => {
  const { reading } = draft;
  if (reading.device_time_us > received_at_us + CLOCK_AHEAD_MAX_US) flag(draft, 'clock_ahead');
  if (reading.device_time_us < CLOCK_UNSET_BEFORE_US) flag(draft, 'clock_unset');
  return reading;
};
