import { z } from 'zod';
import { TelemetryRow } from '#ingest/telemetryRow.ts';

/** A row as it comes in JSON. */
export const StoredRow = TelemetryRow.extend({ fingerprint: z.string().transform(BigInt) });

/** A column's moment in microseconds since 1970. */
export const us = (column: string): string =>
  `(extract(epoch from ${column} - 'epoch'::timestamptz) * 1000000)::bigint`;

/** A row as `TelemetryRow` has it, from `t` and from the device `d`. */
export const ROW_COLUMNS = `
  t.ident, ${us('t.device_time')} as device_time_us, case when t.fingerprint >= 0 then t.fingerprint end as seq,
  t.lat, t.lon, t.altitude_m, t.speed_kmh, t.limit_kmh, t.course_deg, t.satellites, t.hdop, t.valid, t.ignition,
  t.odometer_m, t.engine_rpm, t.fuel_level_pct, t.fuel_l, t.fuel_rate_lph, t.external_v, t.battery_v, t.din,
  t.dout, t.dtcs, t.driver_tag, t.buffered, coalesce(t.rest, '{}') as rest, coalesce(t.flags, '{}') as flags,
  d.tenant, t.vehicle, ${us('t.received_at')} as received_at_us, t.source, t.fingerprint::text as fingerprint`;
