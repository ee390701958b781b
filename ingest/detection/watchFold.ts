import type { Conclusion } from '#ingest/detectors/conclusion.ts';
import type { Detector } from '#ingest/detectors/detector.ts';
import { faults } from '#ingest/detectors/faults.ts';
import { geofences } from '#ingest/detectors/geofences.ts';
import { harshDriving } from '#ingest/detectors/harshDriving.ts';
import { idling } from '#ingest/detectors/idling.ts';
import type { Observed } from '#ingest/detectors/observed.ts';
import { offline } from '#ingest/detectors/offline.ts';
import { parking } from '#ingest/detectors/parking.ts';
import { speeding } from '#ingest/detectors/speeding.ts';
import { trips } from '#ingest/detectors/trips.ts';
import { unrentedMovement } from '#ingest/detectors/unrentedMovement.ts';
import type { KeptStates } from './watch.ts';
import type { WatchSettings } from './watchSettings.ts';

/** One detector under way, whatever its state and settings are. */
interface Course {
  readonly step: (settings: WatchSettings, reading: Observed) => readonly Conclusion[];
  readonly passed: (settings: WatchSettings, upTo_us: number) => readonly Conclusion[];
  readonly kept: () => unknown;
}

interface Named {
  readonly name: string;
  readonly version: number;
  readonly begin: (kept: unknown) => Course;
}

/** `kept` undefined: from the beginning. What was kept and does not parse is corruption, and throws. */
const named = <State, Settings>(
  detector: Detector<State, Settings>,
  pick: (settings: WatchSettings) => Settings,
): Named => ({
  name: detector.name,
  version: detector.version,
  begin: (kept) => {
    let state = kept === undefined ? detector.initial : detector.state.parse(kept);
    return {
      step: (settings, reading) => {
        const next = detector.step(pick(settings))(state, reading);
        ({ state } = next);
        return next.conclusions;
      },
      passed: (settings, upTo_us) => {
        const next = detector.passed(pick(settings))(state, upTo_us);
        ({ state } = next);
        return next.conclusions;
      },
      kept: () => state,
    };
  },
});

/** Every detector that watches a device. */
const detectors: readonly Named[] = [
  named(trips, (settings) => settings.trips),
  named(parking, (settings) => settings.parking),
  named(speeding, (settings) => settings.speeding),
  named(idling, (settings) => settings.idling),
  named(harshDriving, (settings) => settings.harshDriving),
  named(geofences, (settings) => settings.geofences),
  named(unrentedMovement, (settings) => settings.unrentedMovement),
  named(faults, (settings) => settings.faults),
  named(offline, (settings) => settings.offline),
];

/** All detectors at once, over the readings of one device. */
export interface WatchFold {
  readonly step: (settings: WatchSettings, reading: Observed) => readonly Conclusion[];
  readonly passed: (settings: WatchSettings, upTo_us: number) => readonly Conclusion[];
  readonly kept: () => KeptStates;
}

/**
 * Begins where states were kept. A detector that is new, or of which another version kept its state, begins
 * afresh from there.
 */
export const watchFold = (states: KeptStates): WatchFold => {
  const courses = detectors.map(({ name, version, begin }) => {
    const before = states[name];
    return { name, version, course: begin(before?.version === version ? before.state : undefined) };
  });
  return {
    step: (settings, reading) => courses.flatMap(({ course }) => course.step(settings, reading)),
    passed: (settings, upTo_us) =>
      courses.flatMap(({ course }) => course.passed(settings, upTo_us)),
    kept: () =>
      Object.fromEntries(
        courses.map(({ name, version, course }) => [name, { version, state: course.kept() }]),
      ),
  };
};
