import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Sightings } from '#commands/immobilization/ports.ts';
import type { FenceShapes } from '#commands/ports.ts';
import type { Sighting } from '#domain/immobilization/stillness.ts';
import { vehicleOf } from '#domain/kernel/ids.ts';
import type { Fence } from '#domain/parks/fence.ts';
import { placeIn } from './detectors/fence.ts';
import { epochUs, instantAt } from './microInstant.ts';
import type { TelemetryStore } from './store.ts';
import type { RowFlag, TelemetryRow } from './telemetryRow.ts';

/** Fewer fix no place in three dimensions and time. Source: GPS Standard Positioning Service, 4 unknowns. */
const SATELLITES_MIN = 4;
/** What says that a position is not of the reading's time and place. */
const UNTRUE = new Set<RowFlag>(['fix_outdated', 'fix_mocked', 'position_jump', 'zero_fix']);
/** What says that a reading may be older than it tells. */
const UNTIMED = new Set<RowFlag>(['time_assumed', 'arrived_late', 'clock_unset']);
/** Under what names senders tell what the accelerometer says: Traccar's, and flespi's. */
const MOTION_KEYS = ['motion', 'movement.status'] as const;

interface Deps {
  readonly store: Pick<TelemetryStore, 'recentRows'>;
  readonly shapes: Pick<FenceShapes, 'read'>;
}

const motionOf = ({ rest }: TelemetryRow): boolean | null => {
  const told = MOTION_KEYS.map((key) => rest[key]);
  if (told.includes(true)) return true;
  return told.includes(false) ? false : null;
};

/** The no-stop zone that a reading was in; `unknown` where it tells no place, or a zone's shape is gone. */
const zoneOf = ({ lat, lon }: TelemetryRow, zones: readonly (Fence | null)[]): Sighting['zone'] => {
  if (zones.length === 0) return null;
  if (lat === null || lon === null) return 'unknown';
  const found = zones.find((zone) => zone !== null && placeIn(zone, { lat, lon }).within);
  if (found) return found.fence;
  return zones.includes(null) ? 'unknown' : null;
};

/** Whether the device vouches for its place, or, where it says nothing of that, has satellites enough. */
const hasFix = ({ valid, lat, satellites, flags }: TelemetryRow): boolean =>
  lat !== null &&
  (valid ?? (satellites ?? 0) >= SATELLITES_MIN) &&
  !flags.some((flag) => UNTRUE.has(flag));

/** A row as what it tells of whether the vehicle stands. Times are cut off to milliseconds. */
export const sightingOf = (row: TelemetryRow, zones: readonly (Fence | null)[]): Sighting => ({
  at: instantAt(row.device_time_us),
  receivedAt: instantAt(row.received_at_us),
  buffered: row.buffered === true || row.flags.some((flag) => UNTIMED.has(flag)),
  valid: hasFix(row),
  speed_kmh: row.speed_kmh,
  ignition: row.ignition,
  moved: motionOf(row),
  dout: row.dout,
  zone: zoneOf(row, zones),
});

/**
 * What devices told of a vehicle lately, from the rows of telemetry. Rows that came before the stretch are
 * not of it, whatever time they tell: a clock that was once ahead does not speak of today.
 */
export const sightingsOf = ({ store, shapes }: Deps): Sightings => ({
  since:
    ({ tenant, job, from, noStop }) =>
    async () => {
      const asked = { tenant, vehicle: vehicleOf(job), from_us: epochUs(from) };
      const rows = await store.recentRows(asked)();
      if (isLeft(rows)) return rows;
      const digests = noStop.map(({ digest }) => digest);
      const kept = digests.length === 0 ? right(new Map()) : await shapes.read(tenant, digests)();
      if (isLeft(kept)) return left(kept.left);
      const zones = digests.map((digest) => kept.right.get(digest) ?? null);
      return right(rows.right.toReversed().map((row) => sightingOf(row, zones)));
    },
});
