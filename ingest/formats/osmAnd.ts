import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { type DeviceTime, deviceTime } from './deviceTime.ts';
import {
  begin,
  boolean,
  fallback,
  finish,
  flag,
  identOf,
  number,
  other,
  placeAt,
  type Take,
} from './draft.ts';
import { type Format, rejectAt } from './format.ts';
import { type Context, type Reading, type Reject, reject } from './reading.ts';
import { traccarAttributes } from './traccarAttributes.ts';
import { KMH_PER_KNOT } from './values.ts';

const QUERY_MAX_CHARS = 16 * 1024;

/** A query names a device or a place. */
const SHAPE = /(?:^|[?&])(?:id|deviceid|lat|location)=/;

/** Fields that are no attributes. What they mean is dealt with in `readOne`. */
const SPOKEN_FOR: ReadonlySet<string> = new Set([
  'id',
  'deviceid',
  'timestamp',
  'lat',
  'lon',
  'location',
]);

const table: ReadonlyMap<string, Take> = new Map<string, Take>([
  ...traccarAttributes,
  ['speed', number('speed_kmh', KMH_PER_KNOT)],
  ['bearing', number('course_deg')],
  ['heading', fallback('course_deg')],
  ['altitude', number('altitude_m')],
  ['valid', boolean('valid')],
]);

const NUMERAL = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;

/** A value as it is kept: numbers and yes or no as such, all else, long numbers too, as texts. */
const attributeOf = (text: string): string | number | boolean => {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return NUMERAL.test(text) ? Number(text) : text;
};

const timeOf = (
  told: string | undefined,
  { received_at_us }: Context,
): Either<Reject, DeviceTime> =>
  told === undefined
    ? right({ at_us: received_at_us, zoned: true })
    : deviceTime(told, 'timestamp');

/** Where a query says the device is: `lat` and `lon`, or both in `location` with a comma between them. */
const placeOf = (fields: ReadonlyMap<string, string>): { lat: unknown; lon: unknown } => {
  const both = fields.get('location');
  if (both === undefined) return { lat: fields.get('lat'), lon: fields.get('lon') };
  const [lat, lon, ...more] = both.split(',');
  return more.length > 0 ? { lat: both, lon: both } : { lat, lon };
};

const readOne = (
  fields: ReadonlyMap<string, string>,
  repeated: boolean,
  context: Context,
): Either<Reject, Reading> => {
  const ident = identOf(fields.get('id') ?? fields.get('deviceid'), 'id', context);
  if (isLeft(ident)) return ident;
  const time = timeOf(fields.get('timestamp'), context);
  if (isLeft(time)) return time;
  const draft = begin(ident.right, time.right.at_us);
  if (!fields.has('timestamp')) flag(draft, 'time_assumed');
  if (!time.right.zoned) flag(draft, 'zone_assumed');
  if (repeated) flag(draft, 'key_repeated');
  for (const [key, text] of fields) {
    if (SPOKEN_FOR.has(key)) continue;
    const take = table.get(key) ?? other;
    take(draft, attributeOf(text), key);
  }
  const placed = placeAt(draft, placeOf(fields), 'location');
  return isLeft(placed) ? placed : right(finish(draft, context));
};

/**
 * The query of OsmAnd and of Traccar's older apps, as it stands behind the `?` of an address or in a form:
 * `id` or `deviceid`, speed in knots, the time as seconds, milliseconds or ISO 8601. Any other key is one of
 * Traccar's attributes. Without a time it is that of arrival.
 */
export const osmAnd: Format = {
  name: 'osmand',
  recognises: ({ text }) => text !== null && SHAPE.test(text.slice(0, QUERY_MAX_CHARS).trim()),
  read: ({ text }, context) => {
    if (text === null) return reject('NotText');
    if (text.length > QUERY_MAX_CHARS) return reject('MessageTooLarge');
    const query = text.trim();
    const start = /^[^=&]*\?/.exec(query)?.[0].length ?? 0;
    const fields = new Map<string, string>();
    let repeated = false;
    for (const [key, value] of new URLSearchParams(query.slice(start))) {
      if (fields.has(key)) repeated = true;
      else fields.set(key, value);
    }
    if (fields.has('location') && fields.has('lat')) repeated = true;
    if (fields.has('id') && fields.has('deviceid')) repeated = true;
    const read = readOne(fields, repeated, context);
    return isLeft(read)
      ? right({ readings: [], rejects: [rejectAt(0, read.left)] })
      : right({ readings: [read.right], rejects: [] });
  },
};
