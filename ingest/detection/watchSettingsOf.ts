import type { DetectionSettings } from '#domain/parks/detection.ts';
import type { Fence } from '#domain/parks/fence.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import { epochUs } from '#ingest/microInstant.ts';
import type { WatchSettings } from './watchSettings.ts';

const MS_PER_S = 1_000;
const HUNDREDTHS = 100;

const rentalsOf = (vehicle: Vehicle | null) =>
  [...(vehicle?.rentals.values() ?? [])]
    .filter(({ voided }) => !voided)
    .map(({ from, to }) => ({
      from_us: epochUs(from),
      to_us: to === null ? null : epochUs(to),
    }));

/** What a park's settings mean to each detector, for a vehicle with its rentals. */
export const watchSettingsOf = (
  settings: DetectionSettings,
  fences: readonly Fence[],
  vehicle: Vehicle | null,
): WatchSettings => {
  const { parking_min_s, silence_max_s, moving_min_kmh, creep_max_kmh, use_ignition } = settings;
  const motion = { parking_min_s, silence_max_s, moving_min_kmh, creep_max_kmh, use_ignition };
  const { trip_min_s, trip_min_m, unposted_limit_kmh, cornering_min_kmh } = settings;
  return {
    trips: { ...motion, trip_min_s, trip_min_m, unposted_limit_kmh },
    parking: motion,
    speeding: {
      unposted_limit_kmh,
      begins_over_kmh: settings.speeding_begins_over_kmh,
      ends_under_kmh: settings.speeding_ends_under_kmh,
      silence_max_s: settings.speeding_silence_max_s,
    },
    idling: {
      idling_min_s: settings.idling_min_s,
      moving_min_kmh: settings.idling_moving_min_kmh,
      silence_max_s: settings.idling_silence_max_s,
    },
    harshDriving: {
      braking_mps2: settings.braking_cmps2 / HUNDREDTHS,
      acceleration_mps2: settings.acceleration_cmps2 / HUNDREDTHS,
      cornering_mps2: settings.cornering_cmps2 / HUNDREDTHS,
      sample_max_s: settings.harsh_sample_max_ms / MS_PER_S,
      cornering_min_kmh,
    },
    geofences: {
      fences: [...fences],
      leaves_beyond_m: settings.fence_leaves_beyond_m,
      dwell_s: settings.fence_dwell_s,
    },
    unrentedMovement: {
      ...motion,
      rentals: rentalsOf(vehicle),
      unrented_min_m: settings.unrented_min_m,
    },
    faults: {},
    offline: { offline_after_s: settings.offline_after_s },
  };
};
