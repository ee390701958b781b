import type { Json } from '#domain/kernel/canonical.ts';
import type { Reading } from '#ingest/formats/reading.ts';

const US_PER_S = 1_000_000;
const METRES_PER_KM = 1_000;

/** Fields without those that are not told. */
export const toldOf = (
  fields: Readonly<Record<string, Json | null>>,
): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/**
 * A reading as flespi would send it. Nothing is rounded. Not carried: `seq`, for which flespi has no name,
 * and the flags.
 */
export const flespiMessage = (reading: Reading): Readonly<Record<string, Json>> => {
  const { odometer_m } = reading;
  return toldOf({
    ...reading.rest,
    ident: reading.ident,
    timestamp: reading.device_time_us / US_PER_S,
    'position.latitude': reading.lat,
    'position.longitude': reading.lon,
    'position.altitude': reading.altitude_m,
    'position.speed': reading.speed_kmh,
    'position.direction': reading.course_deg,
    'position.satellites': reading.satellites,
    'position.hdop': reading.hdop,
    'position.valid': reading.valid,
    'engine.ignition.status': reading.ignition,
    'vehicle.mileage': odometer_m === null ? null : odometer_m / METRES_PER_KM,
    'can.engine.rpm': reading.engine_rpm,
    'can.fuel.level': reading.fuel_level_pct,
    'can.fuel.volume': reading.fuel_l,
    'can.fuel.consumption': reading.fuel_rate_lph,
    'external.powersource.voltage': reading.external_v,
    'battery.voltage': reading.battery_v,
    din: reading.din,
    dout: reading.dout,
    'can.dtc': reading.dtcs,
    'ibutton.code': reading.driver_tag,
    'message.buffered.status': reading.buffered || null,
    'custom.speed_limit': reading.limit_kmh,
  });
};
