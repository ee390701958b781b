import { z } from 'zod';
import { Measure, reportOf, unmeasured, withSample } from '#ingest/drives/measure.ts';
import { type Conclusion, openedBy } from './conclusion.ts';
import { type Detector, type Step, US_PER_S } from './detector.ts';
import { Mark, markOf } from './mark.ts';
import { Motion, MotionSettings, type Moved, movedBy, movedBySilence, unseen } from './motion.ts';
import type { Observed } from './observed.ts';
import { sampleOf } from './sample.ts';

/**
 * What makes a trip: it lasts or leads far enough. Source of the defaults: Traccar,
 * `report.trip.minimalTripDuration` and `minimalTripDistance`.
 */
export const TripSettings = z.strictObject({
  ...MotionSettings.shape,
  trip_min_s: z.int().min(0).max(86_400).default(300),
  trip_min_m: z.int().min(0).max(100_000).default(500),
  unposted_limit_kmh: z.number().min(0).max(400).nullable().default(null),
});
export type TripSettings = z.infer<typeof TripSettings>;

/**
 * A trip under way: what it has come to, and had come to when the vehicle stood still, null while it moves.
 */
const OpenTrip = z.strictObject({
  opened: Mark,
  measure: Measure,
  atStop: Measure.nullable(),
  confirmed: z.boolean(),
});
type OpenTrip = z.infer<typeof OpenTrip>;

const State = z.strictObject({ motion: Motion, open: OpenTrip.nullable() });
type State = z.infer<typeof State>;

const told = ({ opened, measure }: OpenTrip, to_us: number | null): Conclusion => ({
  kind: 'trip',
  ...openedBy('trip', opened, { to_us }),
  ...reportOf(measure),
});

/** The last word on a trip that ended with the reading since which the vehicle is parked. */
const ended = (open: OpenTrip | null, parked: Mark | null): readonly Conclusion[] => {
  if (open === null || parked === null || !open.confirmed) return [];
  return [told({ ...open, measure: open.atStop ?? open.measure }, parked.time_us)];
};

const begun = (reading: Observed, settings: TripSettings): OpenTrip => ({
  opened: markOf(reading),
  measure: withSample(unmeasured, sampleOf(reading, settings.unposted_limit_kmh)),
  atStop: null,
  confirmed: false,
});

const goneOn = (
  open: OpenTrip,
  reading: Observed,
  { moving, settings }: { readonly moving: Moved['moving']; readonly settings: TripSettings },
): OpenTrip => {
  const measure = withSample(open.measure, sampleOf(reading, settings.unposted_limit_kmh));
  const atStop = moving === false ? (open.atStop ?? measure) : moving ? null : open.atStop;
  const duration_us = reading.device_time_us - open.opened.time_us;
  const isTrip =
    moving === true &&
    (duration_us >= settings.trip_min_s * US_PER_S || measure.distance_m >= settings.trip_min_m);
  return { ...open, measure, atStop, confirmed: open.confirmed || isTrip };
};

const step =
  (settings: TripSettings) =>
  ({ motion, open }: State, reading: Observed): Step<State> => {
    const moved = movedBy(settings)(motion, reading);
    const conclusions = [...ended(open, moved.parked)];
    const before = moved.parked === null ? open : null;
    const gone = before && goneOn(before, reading, { moving: moved.moving, settings });
    const next = moved.setOff ? begun(reading, settings) : gone;
    if (next?.confirmed && !before?.confirmed) conclusions.push(told(next, null));
    return { state: { motion: moved.motion, open: next }, conclusions };
  };

const passed =
  (settings: TripSettings) =>
  ({ motion, open }: State, upTo_us: number): Step<State> => {
    const moved = movedBySilence(settings)(motion, upTo_us);
    const conclusions = ended(open, moved.parked);
    return {
      state: { motion: moved.motion, open: moved.parked === null ? open : null },
      conclusions,
    };
  };

/**
 * Trips: from the first reading that moves to the one since which the vehicle is parked. Distance, top speed
 * and time above the limit are those of recorded drives. A trip is told of once it is known to be one, and
 * again when it is over.
 */
export const trips: Detector<State, TripSettings> = {
  name: 'trips',
  version: 1,
  state: State,
  settings: TripSettings,
  initial: { motion: unseen, open: null },
  step,
  passed,
};
