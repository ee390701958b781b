import type { Json } from '#domain/kernel/canonical.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { KMH_PER_KNOT } from '#ingest/formats/values.ts';
import { instantAt } from '#ingest/microInstant.ts';
import { toldOf } from './encodeFlespi.ts';

/** Traccar writes the offset out. */
const timeOf = ({ device_time_us }: Reading): string =>
  instantAt(device_time_us).replace('Z', '+00:00');

const knots = (speed_kmh: number | null): number | null =>
  speed_kmh === null ? null : speed_kmh / KMH_PER_KNOT;

/**
 * A reading as Traccar would forward it. Rounded on the way: time down to the millisecond, speeds and limits,
 * which travel in knots, to a thousandth of a km/h. Not carried: the flags.
 */
export const forwardedMessage = (reading: Reading): Readonly<Record<string, Json>> => {
  const time = timeOf(reading);
  return {
    device: { uniqueId: reading.ident },
    position: toldOf({
      deviceTime: time,
      fixTime: time,
      outdated: false,
      valid: reading.valid,
      latitude: reading.lat,
      longitude: reading.lon,
      altitude: reading.altitude_m,
      speed: knots(reading.speed_kmh),
      course: reading.course_deg,
      attributes: toldOf({
        ...reading.rest,
        ignition: reading.ignition,
        rpm: reading.engine_rpm,
        fuelLevel: reading.fuel_level_pct,
        fuel: reading.fuel_l,
        fuelConsumption: reading.fuel_rate_lph,
        power: reading.external_v,
        battery: reading.battery_v,
        input: reading.din,
        output: reading.dout,
        sat: reading.satellites,
        hdop: reading.hdop,
        odometer: reading.odometer_m,
        speedLimit: knots(reading.limit_kmh),
        dtcs: reading.dtcs?.join(' ') ?? null,
        driverUniqueId: reading.driver_tag,
        archive: reading.buffered || null,
        index: reading.seq,
      }),
    }),
  };
};
