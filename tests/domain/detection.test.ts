import { describe, expect, it } from 'vitest';
import { DetectionSettings, defaultSettings } from '#domain/parks/detection.ts';
import { GeofenceSettings } from '#ingest/detectors/geofences.ts';
import { HarshDrivingSettings } from '#ingest/detectors/harshDriving.ts';
import { IdlingSettings } from '#ingest/detectors/idling.ts';
import { MotionSettings } from '#ingest/detectors/motion.ts';
import { OfflineSettings } from '#ingest/detectors/offline.ts';
import { SpeedingSettings } from '#ingest/detectors/speeding.ts';
import { TripSettings } from '#ingest/detectors/trips.ts';
import { UnrentedMovementSettings } from '#ingest/detectors/unrentedMovement.ts';

/** The same settings as the detectors take them. */
const asDetectors = (said: DetectionSettings) => ({
  motion: {
    parking_min_s: said.parking_min_s,
    silence_max_s: said.silence_max_s,
    moving_min_kmh: said.moving_min_kmh,
    creep_max_kmh: said.creep_max_kmh,
    use_ignition: said.use_ignition,
  },
  trips: {
    trip_min_s: said.trip_min_s,
    trip_min_m: said.trip_min_m,
    unposted_limit_kmh: said.unposted_limit_kmh,
  },
  speeding: {
    unposted_limit_kmh: said.unposted_limit_kmh,
    begins_over_kmh: said.speeding_begins_over_kmh,
    ends_under_kmh: said.speeding_ends_under_kmh,
    silence_max_s: said.speeding_silence_max_s,
  },
  idling: {
    idling_min_s: said.idling_min_s,
    moving_min_kmh: said.idling_moving_min_kmh,
    silence_max_s: said.idling_silence_max_s,
  },
  harsh: {
    braking_mps2: said.braking_cmps2 / 100,
    acceleration_mps2: said.acceleration_cmps2 / 100,
    cornering_mps2: said.cornering_cmps2 / 100,
    sample_max_s: said.harsh_sample_max_ms / 1_000,
    cornering_min_kmh: said.cornering_min_kmh,
  },
  unrented: { unrented_min_m: said.unrented_min_m },
  offline: { offline_after_s: said.offline_after_s },
  geofences: { leaves_beyond_m: said.fence_leaves_beyond_m, dwell_s: said.fence_dwell_s },
});

/** As the detectors' own schemas make it of what is said; throws where that is out of their bounds. */
const taken = (said: DetectionSettings) => {
  const given = asDetectors(said);
  const none = { rentals: [], fences: [] };
  return {
    motion: MotionSettings.parse(given.motion),
    trips: TripSettings.parse({ ...given.motion, ...given.trips }),
    speeding: SpeedingSettings.parse(given.speeding),
    idling: IdlingSettings.parse(given.idling),
    harsh: HarshDrivingSettings.parse(given.harsh),
    unrented: UnrentedMovementSettings.parse({
      ...given.motion,
      ...given.unrented,
      rentals: none.rentals,
    }),
    offline: OfflineSettings.parse(given.offline),
    geofences: GeofenceSettings.parse({ ...given.geofences, fences: none.fences }),
  };
};

/** The least or the most that each setting may be. */
const extreme = (which: 'minimum' | 'maximum'): DetectionSettings =>
  DetectionSettings.parse(
    Object.fromEntries(
      Object.entries(DetectionSettings.shape).map(([name, schema]) => {
        if (name === 'use_ignition') return [name, true];
        const inner = schema.unwrap();
        const bounded = 'unwrap' in inner ? inner.unwrap() : inner;
        return [
          name,
          'minValue' in bounded ? bounded[which === 'minimum' ? 'minValue' : 'maxValue'] : null,
        ];
      }),
    ),
  );

describe('the settings of detection', () => {
  it('default to what the detectors default to', () => {
    expect(taken(defaultSettings)).toEqual({
      motion: MotionSettings.parse({}),
      trips: TripSettings.parse({}),
      speeding: SpeedingSettings.parse({}),
      idling: IdlingSettings.parse({}),
      harsh: HarshDrivingSettings.parse({}),
      unrented: UnrentedMovementSettings.parse({ rentals: [] }),
      offline: OfflineSettings.parse({}),
      geofences: GeofenceSettings.parse({ fences: [] }),
    });
  });

  it('keep within the bounds of the detectors', () => {
    for (const said of [extreme('minimum'), extreme('maximum')]) {
      expect(Object.values(said).every((value) => value === true || Number.isInteger(value))).toBe(
        true,
      );
      expect(() => taken(said)).not.toThrow();
    }
  });

  it('are whole numbers, and no others than there are', () => {
    for (const wrong of [{ parking_min_s: 300.5 }, { braking_cmps2: 49 }, { parking_s: 300 }]) {
      expect(DetectionSettings.safeParse(wrong).success).toBe(false);
    }
  });
});
