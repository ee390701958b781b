import type { FaultSettings } from '#ingest/detectors/faults.ts';
import type { GeofenceSettings } from '#ingest/detectors/geofences.ts';
import type { HarshDrivingSettings } from '#ingest/detectors/harshDriving.ts';
import type { IdlingSettings } from '#ingest/detectors/idling.ts';
import type { MotionSettings } from '#ingest/detectors/motion.ts';
import type { OfflineSettings } from '#ingest/detectors/offline.ts';
import type { SpeedingSettings } from '#ingest/detectors/speeding.ts';
import type { TripSettings } from '#ingest/detectors/trips.ts';
import type { UnrentedMovementSettings } from '#ingest/detectors/unrentedMovement.ts';

/** The settings of every detector, as they hold at one time for one vehicle. */
export interface WatchSettings {
  readonly trips: TripSettings;
  readonly parking: MotionSettings;
  readonly speeding: SpeedingSettings;
  readonly idling: IdlingSettings;
  readonly harshDriving: HarshDrivingSettings;
  readonly geofences: GeofenceSettings;
  readonly unrentedMovement: UnrentedMovementSettings;
  readonly faults: FaultSettings;
  readonly offline: OfflineSettings;
}

/**
 * Settings one after another, each from a moment (microseconds since 1970) until the next one's; the first
 * holds for all time before, too.
 */
export type Timeline = readonly [
  { readonly from_us: number; readonly settings: WatchSettings },
  ...{ readonly from_us: number; readonly settings: WatchSettings }[],
];

/** The settings in force at a moment. */
export const settingsAt = (timeline: Timeline, time_us: number): WatchSettings => {
  let [{ settings }] = timeline;
  for (const each of timeline) {
    if (each.from_us > time_us) break;
    ({ settings } = each);
  }
  return settings;
};
