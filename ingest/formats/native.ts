import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { deviceTime } from './deviceTime.ts';
import {
  begin,
  boolean,
  driverTag,
  finish,
  flag,
  identOf,
  number,
  placeAt,
  skip,
  type Take,
  takeAll,
} from './draft.ts';
import { dtcs } from './dtcs.ts';
import { jsonFormat } from './format.ts';
import type { Context, Reading, Reject } from './reading.ts';
import type { Fields } from './values.ts';

/** The names of the columns, units included. */
const table: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['ident', skip],
  ['device_time', skip],
  ['lat', skip],
  ['lon', skip],
  ['altitude_m', number('altitude_m')],
  ['speed_kmh', number('speed_kmh')],
  ['limit_kmh', number('limit_kmh')],
  ['course_deg', number('course_deg')],
  ['satellites', number('satellites')],
  ['hdop', number('hdop')],
  ['odometer_m', number('odometer_m')],
  ['engine_rpm', number('engine_rpm')],
  ['fuel_level_pct', number('fuel_level_pct')],
  ['fuel_l', number('fuel_l')],
  ['fuel_rate_lph', number('fuel_rate_lph')],
  ['external_v', number('external_v')],
  ['battery_v', number('battery_v')],
  ['din', number('din')],
  ['dout', number('dout')],
  ['seq', number('seq')],
  ['valid', boolean('valid')],
  ['ignition', boolean('ignition')],
  ['buffered', boolean('buffered')],
  ['dtcs', dtcs],
  ['driver_tag', driverTag],
]);

const readOne = (element: Fields, context: Context): Either<Reject, Reading> => {
  const ident = identOf(element['ident'], 'ident', context);
  if (isLeft(ident)) return ident;
  const time = deviceTime(element['device_time'], 'device_time');
  if (isLeft(time)) return time;
  const draft = begin(ident.right, time.right.at_us);
  if (!time.right.zoned) flag(draft, 'zone_assumed');
  takeAll(draft, element, table);
  const { lat, lon } = element;
  const placed = placeAt(draft, { lat, lon }, 'position');
  return isLeft(placed) ? placed : right(finish(draft, context));
};

/**
 * Our own format, for `fleet/{tenant}/{ident}/up` and everywhere else: the columns of a reading by their
 * names, `device_time` in ISO 8601 or as a number, and whatever else one likes to say. The ident may be left
 * to the topic.
 */
export const native = jsonFormat({
  name: 'native',
  recognises: (element) => element['device_time'] !== undefined,
  readOne,
});
