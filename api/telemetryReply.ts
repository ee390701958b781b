import { z } from 'zod';
import { DeviceIdent, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { TrackPoint } from '#ingest/exports/gpx.ts';
import { microInstant } from '#ingest/microInstant.ts';
import { Rollup } from '#ingest/store.ts';
import { TelemetryRow } from '#ingest/telemetryRow.ts';
import { isShown, VehicleNow } from '#ingest/vehicleNow.ts';

const US_PER_S = 1_000_000;

/** ISO 8601 in UTC, with six decimals of a second where three do not say it. */
const MicroInstant = z.iso.datetime().meta({
  description: 'ISO 8601, UTC, to the microsecond where the device told it so.',
});
const MicroInstantOrNull = MicroInstant.nullable();

const instantOrNull = (at_us: number | null): string | null =>
  at_us === null ? null : microInstant(at_us);

const ownFields = {
  tenant: true,
  vehicle: true,
  device_time_us: true,
  received_at_us: true,
  fingerprint: true,
} as const;

/** A reading as it is told. Null is: the device did not say. */
export const ReadingReply = z
  .strictObject({
    vehicle_id: VehicleId,
    device_time: MicroInstant,
    received_at: MicroInstant,
    ...TelemetryRow.omit(ownFields).shape,
    rest: z.record(z.string(), z.unknown()),
    flags: z.array(z.string()),
  })
  .meta({ id: 'TelemetryReading' });
export type ReadingReply = z.infer<typeof ReadingReply>;

/** A reading as it is told. */
export const readingReply = (row: TelemetryRow): ReadingReply => {
  const { tenant: _, vehicle, device_time_us, received_at_us, fingerprint: __, ...told } = row;
  return {
    vehicle_id: vehicle,
    device_time: microInstant(device_time_us),
    received_at: microInstant(received_at_us),
    ...told,
  };
};

/** A minute or hour as it is told; `bucket` is its beginning. */
export const RollupReply = z
  .strictObject({
    vehicle_id: VehicleId,
    bucket: MicroInstant,
    first_at: MicroInstant,
    last_at: MicroInstant,
    fix_at: MicroInstantOrNull,
    ...Rollup.omit({ bucket_us: true, first_at_us: true, last_at_us: true, fix_at_us: true }).shape,
  })
  .meta({ id: 'TelemetryRollup' });
export type RollupReply = z.infer<typeof RollupReply>;

/** A minute or hour of a vehicle as it is told. */
export const rollupReply =
  (vehicle_id: VehicleId) =>
  (rollup: Rollup): RollupReply => {
    const { bucket_us, first_at_us, last_at_us, fix_at_us, ...told } = rollup;
    return {
      vehicle_id,
      bucket: microInstant(bucket_us),
      first_at: microInstant(first_at_us),
      last_at: microInstant(last_at_us),
      fix_at: instantOrNull(fix_at_us),
      ...told,
    };
  };

/** What is known of a vehicle by now. `age_s`: whole seconds since it was seen, when the reply was made. */
export const NowReply = z
  .strictObject({
    vehicle_id: VehicleId,
    park_id: ParkId.nullable().meta({
      description: 'Null in a stream, which does not look it up.',
    }),
    ident: DeviceIdent,
    seen_at: MicroInstant,
    age_s: z.int().min(0),
    received_at: MicroInstant,
    fix_at: MicroInstantOrNull,
    ...VehicleNow.pick({ lat: true, lon: true, altitude_m: true, course_deg: true }).shape,
    speed_at: MicroInstantOrNull,
    speed_kmh: VehicleNow.shape.speed_kmh,
    ignition_at: MicroInstantOrNull,
    ignition: VehicleNow.shape.ignition,
  })
  .meta({ id: 'VehicleNow' });
export type NowReply = z.infer<typeof NowReply>;

/** What is known of a vehicle by now, as it is told at a moment. */
export const nowReply = (
  now: VehicleNow,
  { park_id, at_us }: { readonly park_id: ParkId | null; readonly at_us: number },
): NowReply => ({
  vehicle_id: now.vehicle,
  park_id,
  ident: now.ident,
  seen_at: microInstant(now.seen_at_us),
  age_s: Math.max(0, Math.floor((at_us - now.seen_at_us) / US_PER_S)),
  received_at: microInstant(now.received_at_us),
  fix_at: instantOrNull(now.fix_at_us),
  lat: now.lat,
  lon: now.lon,
  altitude_m: now.altitude_m,
  course_deg: now.course_deg,
  speed_at: instantOrNull(now.speed_at_us),
  speed_kmh: now.speed_kmh,
  ignition_at: instantOrNull(now.ignition_at_us),
  ignition: now.ignition,
});

/** The point of a track that a reading gives; none where it has no position, or none to show. */
export const pointOfRow = (row: TelemetryRow): TrackPoint[] => {
  const { device_time_us, lat, lon } = row;
  if (lat === null || lon === null || !isShown(row)) return [];
  const { altitude_m, satellites, hdop, speed_kmh, course_deg } = row;
  const told = { altitude_m, satellites, hdop, speed_kmh, course_deg };
  return [{ at_us: device_time_us, lat, lon, ...told }];
};

/** The point of a track that a minute or hour gives: its last position, where it has one. */
export const pointOfRollup = ({ fix_at_us, lat, lon }: Rollup): TrackPoint[] => {
  if (fix_at_us === null || lat === null || lon === null) return [];
  const told = {
    altitude_m: null,
    satellites: null,
    hdop: null,
    speed_kmh: null,
    course_deg: null,
  };
  return [{ at_us: fix_at_us, lat, lon, ...told }];
};
