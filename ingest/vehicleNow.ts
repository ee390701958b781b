import { z } from 'zod';
import { DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { TelemetryRow } from './telemetryRow.ts';

const At = z.int().min(0).nullable();

/**
 * What is known of a vehicle by now; times in microseconds since 1970. `seen_at_us`: the newest time it told
 * of, and `received_at_us` when that came. Position, speed and ignition each have a time of their own, null
 * with them where they were never told. A time that is ahead of ours counts as that of its arrival, so that
 * a wrong clock does not stop the picture.
 */
export const VehicleNow = z.strictObject({
  tenant: Tenant,
  vehicle: VehicleId,
  ident: DeviceIdent,
  seen_at_us: z.int().min(0),
  received_at_us: z.int().min(0),
  fix_at_us: At,
  lat: z.number().nullable(),
  lon: z.number().nullable(),
  altitude_m: z.number().nullable(),
  course_deg: z.number().nullable(),
  speed_at_us: At,
  speed_kmh: z.number().nullable(),
  ignition_at_us: At,
  ignition: z.boolean().nullable(),
});
export type VehicleNow = z.infer<typeof VehicleNow>;

/** Whether a position is one to show: vouched for, of the reading's time, and within reach. */
export const isShown = ({
  lat,
  valid,
  flags,
}: Pick<TelemetryRow, 'lat' | 'valid' | 'flags'>): boolean =>
  lat !== null &&
  valid !== false &&
  !flags.includes('fix_outdated') &&
  !flags.includes('position_jump');

const ofRow = (row: TelemetryRow): VehicleNow => {
  const at_us = Math.min(row.device_time_us, row.received_at_us);
  const fix = isShown(row);
  return {
    tenant: row.tenant,
    vehicle: row.vehicle,
    ident: row.ident,
    seen_at_us: at_us,
    received_at_us: row.received_at_us,
    fix_at_us: fix ? at_us : null,
    lat: fix ? row.lat : null,
    lon: fix ? row.lon : null,
    altitude_m: fix ? row.altitude_m : null,
    course_deg: fix ? row.course_deg : null,
    speed_at_us: row.speed_kmh === null ? null : at_us,
    speed_kmh: row.speed_kmh,
    ignition_at_us: row.ignition === null ? null : at_us,
    ignition: row.ignition,
  };
};

const isNewer = (one: number | null, other: number | null): boolean =>
  one !== null && (other === null || one > other);

/** Of two states of a vehicle the newer of each part; of equally old ones the first. */
const newest = (before: VehicleNow, next: VehicleNow): VehicleNow => {
  const seen = isNewer(next.seen_at_us, before.seen_at_us) ? next : before;
  const fix = isNewer(next.fix_at_us, before.fix_at_us) ? next : before;
  const speed = isNewer(next.speed_at_us, before.speed_at_us) ? next : before;
  const ignition = isNewer(next.ignition_at_us, before.ignition_at_us) ? next : before;
  return {
    tenant: before.tenant,
    vehicle: before.vehicle,
    ident: seen.ident,
    seen_at_us: seen.seen_at_us,
    received_at_us: seen.received_at_us,
    fix_at_us: fix.fix_at_us,
    lat: fix.lat,
    lon: fix.lon,
    altitude_m: fix.altitude_m,
    course_deg: fix.course_deg,
    speed_at_us: speed.speed_at_us,
    speed_kmh: speed.speed_kmh,
    ignition_at_us: ignition.ignition_at_us,
    ignition: ignition.ignition,
  };
};

/** What rows say of their vehicles by now, in whatever order the rows are; one state for each vehicle. */
export const vehiclesNow = (rows: readonly TelemetryRow[]): readonly VehicleNow[] => {
  const states = new Map<string, VehicleNow>();
  for (const row of rows) {
    const before = states.get(row.vehicle);
    const next = ofRow(row);
    states.set(row.vehicle, before ? newest(before, next) : next);
  }
  return [...states.values()];
};
