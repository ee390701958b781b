import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { deviceTime } from './deviceTime.ts';
import {
  begin,
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
import { type Fields, isFields, KMH_PER_MPS } from './values.ts';

/** Phones say -1 for what they do not know: nothing is put anywhere then. */
const unlessUnknown =
  (take: Take): Take =>
  (draft, value, key) => {
    if (value !== -1) take(draft, value, key);
  };

const coords: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['latitude', skip],
  ['longitude', skip],
  ['altitude', number('altitude_m')],
  ['speed', unlessUnknown(number('speed_kmh', KMH_PER_MPS))],
  ['heading', unlessUnknown(number('course_deg'))],
  ['accuracy', unlessUnknown(other)],
  ['speed_accuracy', unlessUnknown(other)],
  ['heading_accuracy', unlessUnknown(other)],
  ['altitude_accuracy', unlessUnknown(other)],
]);

const battery: Take = (draft, value, key) => {
  if (!isFields(value) || value['level'] !== -1) return other(draft, value, key);
  const { level: _unknown, ...known } = value;
  return other(draft, known, key);
};

const location: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['timestamp', skip],
  ['coords', skip],
  ['odometer', unlessUnknown(number('odometer_m'))],
  ['battery', battery],
]);

/** What else stands beside the location. */
const envelope: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['device_id', skip],
  ['location', skip],
]);

const takeFields = (draft: Draft, element: Fields, told: Fields, fix: Fields): void => {
  takeAll(draft, fix, coords);
  takeAll(draft, told, location);
  takeAll(draft, element, envelope);
  if (told['mock'] === true || fix['mock'] === true) flag(draft, 'fix_mocked');
};

const readOne = (element: Fields, context: Context): Either<Reject, Reading> => {
  const told = element['location'];
  if (!isFields(told)) return reject('ElementMalformed', 'location');
  const fix = told['coords'];
  if (!isFields(fix)) return reject('ElementMalformed', 'location.coords');
  const ident = identOf(element['device_id'], 'device_id', context);
  if (isLeft(ident)) return ident;
  const time = deviceTime(told['timestamp'], 'location.timestamp');
  if (isLeft(time)) return time;
  const draft = begin(ident.right, time.right.at_us);
  if (!time.right.zoned) flag(draft, 'zone_assumed');
  takeFields(draft, element, told, fix);
  const { latitude: lat, longitude: lon } = fix;
  const placed = placeAt(draft, { lat, lon }, 'location.coords');
  return isLeft(placed) ? placed : right(finish(draft, context));
};

/**
 * What the app Traccar Client sends: `{device_id, location}`, speed in metres per second, -1 where the phone
 * does not know, the phone's own odometer in metres. A battery's level stays a share of one, in `rest`.
 */
export const traccarClient = jsonFormat({
  name: 'traccar-client',
  recognises: (element) => isFields(element['location']) && element['device_id'] !== undefined,
  readOne,
});
