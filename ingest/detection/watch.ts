import { z } from 'zod';
import type { DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { Conclusion } from '#ingest/detectors/conclusion.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';

/** A device in a vehicle, as long as it tells about it: what is watched. */
export interface WatchKey {
  readonly tenant: Tenant;
  readonly vehicle: VehicleId;
  readonly ident: DeviceIdent;
}

/** What each detector kept, by its name. */
export const KeptStates = z.record(
  z.string(),
  z.strictObject({ version: z.int(), state: z.unknown() }),
);
export type KeptStates = z.infer<typeof KeptStates>;

/** The last row that was folded: device time, fingerprint and when it came, in microseconds since 1970. */
export const WatchPlace = z.strictObject({
  time_us: z.int(),
  fingerprint: z.string().regex(/^-?\d{1,19}$/),
  received_us: z.int(),
});
export type WatchPlace = z.infer<typeof WatchPlace>;

/**
 * What is known of a watch after a row, null before the first. `open`: the last word on every conclusion that
 * goes on there.
 */
export const WatchBase = z.strictObject({
  place: WatchPlace.nullable(),
  states: KeptStates,
  open: z.array(Conclusion),
});
export type WatchBase = z.infer<typeof WatchBase>;

/** The place of a row in its watch. */
export const placeOf = (row: TelemetryRow): WatchPlace => ({
  time_us: row.device_time_us,
  fingerprint: String(row.fingerprint),
  received_us: row.received_at_us,
});

/** A watch of which nothing is known yet. */
export const unwatched: WatchBase = { place: null, states: {}, open: [] };

/**
 * Where a fold can begin again, and until when (microseconds since 1970, by our clock) all rows from there to
 * the next such base are sure to be kept; null: there are none.
 */
export interface Segment {
  readonly from: WatchBase;
  readonly kept_until_us: number | null;
}

/** The earlier of two moments, of which null is none. */
export const earlier_us = (one: number | null, other: number | null): number | null => {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
};
