import type { Conclusion } from '#ingest/detectors/conclusion.ts';
import { atStart, type Detector, foldReadings, lastWords } from '#ingest/detectors/detector.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { readingWith } from '#tests/ingest/formats/support.ts';

const US_PER_S = 1_000_000;
const START_S = 1_772_434_800;
/** A degree of latitude in metres, on the sphere that distances are measured on. */
const DEGREE_M = 111_195.08;

/** A moment that many seconds after the start of a test, in microseconds since 1970. */
export const second = (s: number): number => (START_S + s) * US_PER_S;

/** A place that many metres north of where tests begin. */
export const north = (m: number) => ({ lat: 45 + m / DEGREE_M, lon: 7 });

/** A reading that many seconds after the start, with what a test wants in it. */
export const at = (s: number, told: Partial<Reading> = {}): Reading =>
  readingWith({ device_time_us: second(s), ...told });

/**
 * A reading a second of a vehicle that goes north at a speed, from a second (with it) to another (without).
 */
export const going = (from_s: number, to_s: number, speed_kmh: number, from_m = 0): Reading[] =>
  Array.from({ length: to_s - from_s }, (_, index) =>
    at(from_s + index, { speed_kmh, ...north(from_m + (index * speed_kmh) / 3.6) }),
  );

/** The last words on what follows from some readings, by settings as they come from outside. */
export const concluded = <State, Settings>(
  detector: Detector<State, Settings>,
  readings: readonly Reading[],
  settings: unknown = {},
): readonly Conclusion[] => {
  const parsed = detector.settings.parse(settings);
  return lastWords(foldReadings(detector, parsed)(atStart(detector), readings).conclusions);
};

/** From and to of conclusions in seconds after the start; null while one goes on. */
export const spans = (conclusions: readonly Conclusion[]) =>
  conclusions.map(({ from_us, to_us }) => [
    from_us / US_PER_S - START_S,
    to_us === null ? null : to_us / US_PER_S - START_S,
  ]);
