import { boolean, driverTag, fallback, number, type Take } from './draft.ts';
import { dtcs } from './dtcs.ts';
import { KMH_PER_KNOT } from './values.ts';

/**
 * What Traccar's attributes mean to us: odometers in metres, `fuel` in litres and `fuelLevel` in percent,
 * voltages in volts, a limit in knots like every speed of Traccar's own. `obdSpeed` has been knots in some
 * of its releases and km/h in others, and `hours` are milliseconds: both stay in `rest` as they came, like
 * `io239` and its kin, which mean different things from different devices.
 */
export const traccarAttributes: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['ignition', boolean('ignition')],
  ['rpm', number('engine_rpm')],
  ['fuelLevel', number('fuel_level_pct')],
  ['fuel', number('fuel_l')],
  ['fuelConsumption', number('fuel_rate_lph')],
  ['power', number('external_v')],
  ['battery', number('battery_v')],
  ['input', number('din')],
  ['output', number('dout')],
  ['sat', number('satellites')],
  ['hdop', number('hdop')],
  ['odometer', number('odometer_m')],
  ['obdOdometer', fallback('odometer_m')],
  ['speedLimit', number('limit_kmh', KMH_PER_KNOT)],
  ['dtcs', dtcs],
  ['driverUniqueId', driverTag],
  ['archive', boolean('buffered')],
  ['index', number('seq')],
]);
