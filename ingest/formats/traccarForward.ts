import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { deviceTime } from './deviceTime.ts';
import {
  begin,
  boolean,
  type Draft,
  finish,
  flag,
  identOf,
  number,
  other,
  placeAt,
  skip,
  type Take,
  takeAll,
} from './draft.ts';
import { jsonFormat } from './format.ts';
import { type Context, type Reading, type Reject, reject } from './reading.ts';
import { traccarAttributes } from './traccarAttributes.ts';
import { type Fields, isFields, KMH_PER_KNOT } from './values.ts';

/** Fields of the position lie in `rest` as `position.<name>`: an attribute may have the same name. */
const positional: Take = (draft, value, key) => other(draft, value, `position.${key}`);

/** Ids and times of the server that forwards are passed over: they differ when a reading comes again. */
const table: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['id', skip],
  ['deviceId', skip],
  ['type', skip],
  ['serverTime', skip],
  ['deviceTime', skip],
  ['fixTime', skip],
  ['latitude', skip],
  ['longitude', skip],
  ['attributes', skip],
  ['outdated', skip],
  ['altitude', number('altitude_m')],
  ['speed', number('speed_kmh', KMH_PER_KNOT)],
  ['course', number('course_deg')],
  ['valid', boolean('valid')],
]);

const takeFields = (draft: Draft, position: Fields): void => {
  for (const key of Object.keys(position)) {
    const take = table.get(key) ?? positional;
    take(draft, position[key], key);
  }
  const attributes = position['attributes'];
  if (isFields(attributes)) takeAll(draft, attributes, traccarAttributes);
  else positional(draft, attributes, 'attributes');
  if (position['outdated'] === true) flag(draft, 'fix_outdated');
  else positional(draft, position['outdated'] === false ? null : position['outdated'], 'outdated');
  const fixed = position['fixTime'];
  if (fixed !== position['deviceTime']) positional(draft, fixed, 'fixTime');
};

const readOne = (element: Fields, context: Context): Either<Reject, Reading> => {
  const { device, position } = element;
  if (!isFields(device) || !isFields(position)) return reject('ElementMalformed');
  const ident = identOf(device['uniqueId'], 'device.uniqueId', context);
  if (isLeft(ident)) return ident;
  const told = position['deviceTime'] ?? position['fixTime'];
  const time = deviceTime(told, 'position.deviceTime');
  if (isLeft(time)) return time;
  const draft = begin(ident.right, time.right.at_us);
  if (!time.right.zoned) flag(draft, 'zone_assumed');
  takeFields(draft, position);
  const { latitude: lat, longitude: lon } = position;
  const placed = placeAt(draft, { lat, lon }, 'position');
  return isLeft(placed) ? placed : right(finish(draft, context));
};

/**
 * What Traccar forwards: `{position, device}`, speeds in knots. The time is that of the device; where the fix
 * is of another time, that lies in `rest`. Of the device only its id is taken: names, phones and contacts say
 * nothing about the vehicle and much about people.
 */
export const traccarForward = jsonFormat({
  name: 'traccar',
  recognises: ({ position, device }) => isFields(position) && isFields(device),
  readOne,
});
