import type { DeviceIdent } from '#domain/kernel/ids.ts';
import type { Reading } from '#ingest/formats/reading.ts';

/** A reading of which only device and time are known. */
export const plainReading = (ident: DeviceIdent, device_time_us: number): Reading => ({
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
});
