import { boolean, driverTag, fallback, number, skip, type Take } from './draft.ts';
import { dtcs } from './dtcs.ts';
import { flatFormat } from './flatFormat.ts';

const METRES_PER_KM = 1_000;

/**
 * What flespi's names mean to us: speeds in km/h, mileages in kilometres, fuel levels in percent and volumes
 * in litres, consumption in litres per hour. What tells of the way a message took (peer, channel, time of
 * the server) is passed over: it is not about the vehicle, and it differs when the same reading comes again.
 */
const table: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['ident', skip],
  ['timestamp', skip],
  ['server.timestamp', skip],
  ['channel.id', skip],
  ['peer', skip],
  ['protocol.id', skip],
  ['device.id', skip],
  ['device.name', skip],
  ['device.type.id', skip],
  ['position.latitude', skip],
  ['position.longitude', skip],
  ['position.altitude', number('altitude_m')],
  ['position.speed', number('speed_kmh')],
  ['position.direction', number('course_deg')],
  ['position.satellites', number('satellites')],
  ['position.hdop', number('hdop')],
  ['position.valid', boolean('valid')],
  ['engine.ignition.status', boolean('ignition')],
  ['vehicle.mileage', number('odometer_m', METRES_PER_KM)],
  ['can.vehicle.mileage', fallback('odometer_m', METRES_PER_KM)],
  ['gps.vehicle.mileage', fallback('odometer_m', METRES_PER_KM)],
  ['can.engine.rpm', number('engine_rpm')],
  ['engine.rpm', fallback('engine_rpm')],
  ['can.fuel.level', number('fuel_level_pct')],
  ['fuel.level', fallback('fuel_level_pct')],
  ['can.fuel.volume', number('fuel_l')],
  ['fuel.volume', fallback('fuel_l')],
  ['can.fuel.consumption', number('fuel_rate_lph')],
  ['external.powersource.voltage', number('external_v')],
  ['battery.voltage', number('battery_v')],
  ['din', number('din')],
  ['dout', number('dout')],
  ['can.dtc', dtcs],
  ['ibutton.code', driverTag],
  ['message.buffered.status', boolean('buffered')],
  ['custom.speed_limit', number('limit_kmh')],
]);

/**
 * Messages of flespi, flat objects with dotted keys. `timestamp` is in seconds with microseconds as
 * decimals, or ISO 8601 as its HTTP channel takes it.
 */
export const flespi = flatFormat({
  name: 'flespi',
  time: 'timestamp',
  lat: 'position.latitude',
  lon: 'position.longitude',
  table,
});
