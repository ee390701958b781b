import { right } from 'fp-ts/lib/Either.js';
import { watches } from '#adapters/watches.ts';
import { type IgnoredReadings, lookAtWatch } from '#ingest/detection/lookAtWatch.ts';
import type { Timeline, WatchSettings } from '#ingest/detection/watchSettings.ts';
import type { Conclusion } from '#ingest/detectors/conclusion.ts';
import { FaultSettings } from '#ingest/detectors/faults.ts';
import { GeofenceSettings } from '#ingest/detectors/geofences.ts';
import { HarshDrivingSettings } from '#ingest/detectors/harshDriving.ts';
import { IdlingSettings } from '#ingest/detectors/idling.ts';
import { MotionSettings } from '#ingest/detectors/motion.ts';
import { OfflineSettings } from '#ingest/detectors/offline.ts';
import { SpeedingSettings } from '#ingest/detectors/speeding.ts';
import { TripSettings } from '#ingest/detectors/trips.ts';
import { UnrentedMovementSettings } from '#ingest/detectors/unrentedMovement.ts';
import { telemetryHarness } from '#tests/support/telemetryHarness.ts';
import { DAY_US, NOON_US, rightOf } from '#tests/support/telemetrySamples.ts';

/** What holds where nobody has set anything, for a vehicle that is never rented, but for its parking. */
export const settingsWith = (parking_min_s: number): WatchSettings => ({
  trips: TripSettings.parse({ parking_min_s }),
  parking: MotionSettings.parse({ parking_min_s }),
  speeding: SpeedingSettings.parse({}),
  idling: IdlingSettings.parse({}),
  harshDriving: HarshDrivingSettings.parse({}),
  geofences: GeofenceSettings.parse({ fences: [] }),
  unrentedMovement: UnrentedMovementSettings.parse({ parking_min_s, rentals: [] }),
  faults: FaultSettings.parse({}),
  offline: OfflineSettings.parse({}),
});

/** A store with detection beside it, and a clock that tests move. */
export const detectionHarness = async (parking_min_s = 300) => {
  const harness = await telemetryHarness();
  let now_us = NOON_US;
  const store = harness.open({ now_us: () => now_us });
  const memory = watches({ url: harness.url });
  const timeline: Timeline = [{ from_us: 0, settings: settingsWith(parking_min_s) }];
  const ignored: IgnoredReadings[] = [];
  const look = lookAtWatch({
    ignore: async (readings) => {
      ignored.push(readings);
      return right(null);
    },
    watches: memory,
    timelineOf: async () => right(timeline),
    raw_retention_us: 7 * DAY_US,
    now_us: () => now_us,
  });
  return {
    store,
    memory,
    url: harness.url,
    now_us: () => now_us,
    at: (moment_us: number) => {
      now_us = moment_us;
    },
    /** Looks at whatever is due by now, until nothing is; answers what had to be ignored. */
    lookAround: async (): Promise<readonly IgnoredReadings[]> => {
      ignored.length = 0;
      for (let round = 0; round < 100; round += 1) {
        const due = rightOf(await memory.take({ now_us, limit: 50, rest_us: 0 })());
        if (due.length === 0) return [...ignored];
        for (const each of due) rightOf(await look(each));
      }
      throw new Error('there is no end of looking');
    },
    close: async (): Promise<void> => {
      await memory.close();
      await store.close();
      await harness.close();
    },
  };
};

/** Conclusions without their ids, in one order. */
export const plain = (conclusions: readonly Conclusion[]) =>
  conclusions
    .map(({ id: _, ...rest }) => rest)
    .toSorted((one, other) => {
      const [left, right] = [`${one.kind} ${one.from_us}`, `${other.kind} ${other.from_us}`];
      return Number(left > right) - Number(left < right);
    });
