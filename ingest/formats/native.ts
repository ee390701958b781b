import { boolean, driverTag, number, skip, type Take } from './draft.ts';
import { dtcs } from './dtcs.ts';
import { flatFormat } from './flatFormat.ts';

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

/**
 * Our own format, for `fleet/{tenant}/{ident}/up` and everywhere else: the columns of a reading by their
 * names, `device_time` in ISO 8601 or as a number, and whatever else one likes to say. The ident may be left
 * to the topic.
 */
export const native = flatFormat({
  name: 'native',
  time: 'device_time',
  lat: 'lat',
  lon: 'lon',
  table,
});
