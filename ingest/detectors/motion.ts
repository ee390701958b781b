import { z } from 'zod';
import { US_PER_S } from './detector.ts';
import { Mark, markOf } from './mark.ts';
import type { Observed } from './observed.ts';
import { meanSpeed_kmh, sampleOf } from './sample.ts';

/**
 * When a vehicle counts as moving, and when as parked. The minimum of parking, the longest silence and that
 * ignition is not used are what Traccar takes (`report.trip.minimalParkingDuration`,
 * `minimalNoDataDuration`, `useIgnition`). Below `moving_min_kmh` the speed of a receiver at rest is noise.
 * Who comes no further in a silence than at `creep_max_kmh`, slower than a walk, stood for most of it.
 */
export const MotionSettings = z.strictObject({
  parking_min_s: z.int().min(10).max(86_400).default(300),
  silence_max_s: z.int().min(60).max(86_400).default(3_600),
  moving_min_kmh: z.number().min(0).max(50).default(2),
  creep_max_kmh: z.number().min(0).max(20).default(3),
  use_ignition: z.boolean().default(false),
});
export type MotionSettings = z.infer<typeof MotionSettings>;

/**
 * The last reading that told of movement and the last place; since when the vehicle has stood (null: it
 * moves), whether that is parking, and whether it has moved since it was last parked.
 */
export const Motion = z.strictObject({
  last: Mark.nullable(),
  place: z.strictObject({ time_us: z.int(), lat: z.number(), lon: z.number() }).nullable(),
  standing: Mark.nullable(),
  parked: z.boolean(),
  under_way: z.boolean(),
});
export type Motion = z.infer<typeof Motion>;

/** A vehicle of which nothing is known yet. */
export const unseen: Motion = {
  last: null,
  place: null,
  standing: null,
  parked: false,
  under_way: false,
};

/**
 * What a reading, or silence, shows. `moving`: that it moves now, null where it shows nothing of that.
 * `parked`: the reading since which the vehicle is parked, where that becomes known only now. `setOff`: that
 * it moves for the first time after parking, or ever.
 */
export interface Moved {
  readonly motion: Motion;
  readonly moving: boolean | null;
  readonly setOff: boolean;
  readonly parked: Mark | null;
}

const isMoving = (
  settings: MotionSettings,
  { place }: Motion,
  reading: Observed,
): boolean | null => {
  const { ignition, speed_kmh } = reading;
  if (settings.use_ignition && ignition !== null) return ignition;
  const speed = speed_kmh ?? meanSpeed_kmh(place, sampleOf(reading));
  if (speed !== null) return speed >= settings.moving_min_kmh;
  return ignition === false ? false : null;
};

/** Since when a vehicle turns out, at a time, to be parked by the clock alone; null where it does not. */
const parkedByTime = (
  { parking_min_s, silence_max_s }: MotionSettings,
  { last, standing, parked }: Motion,
  time_us: number,
): Mark | null => {
  if (parked || last === null) return null;
  if (standing !== null) {
    return time_us - standing.time_us >= parking_min_s * US_PER_S ? standing : null;
  }
  return time_us - last.time_us > silence_max_s * US_PER_S ? last : null;
};

/** Since when a vehicle that moved before a silence must have stood in it; null where it need not have. */
const parkedInSilence = (
  settings: MotionSettings,
  { last, place, standing, parked }: Motion,
  reading: Observed,
): Mark | null => {
  if (parked || last === null || standing !== null) return null;
  if (reading.device_time_us - last.time_us < settings.parking_min_s * US_PER_S) return null;
  const mean_kmh = meanSpeed_kmh(place, sampleOf(reading));
  return mean_kmh !== null && mean_kmh <= settings.creep_max_kmh ? last : null;
};

/** What silence up to a time shows. */
export const movedBySilence =
  (settings: MotionSettings) =>
  (motion: Motion, upTo_us: number): Moved => {
    const parked = parkedByTime(settings, motion, upTo_us);
    const at_rest = { standing: parked, parked: true, under_way: false };
    const next = parked === null ? motion : { ...motion, ...at_rest };
    return { motion: next, moving: null, setOff: false, parked };
  };

/** What a reading shows of how the vehicle moves. */
export const movedBy =
  (settings: MotionSettings) =>
  (motion: Motion, reading: Observed): Moved => {
    const { device_time_us: time_us } = reading;
    const { lat, lon } = sampleOf(reading);
    const place = lat === null || lon === null ? motion.place : { time_us, lat, lon };
    const moving = isMoving(settings, motion, reading);
    if (moving === null) {
      const silent = movedBySilence(settings)(motion, time_us);
      return { ...silent, motion: { ...silent.motion, place } };
    }
    const parked =
      parkedByTime(settings, motion, time_us) ?? parkedInSilence(settings, motion, reading);
    const mark = markOf(reading);
    const was_under_way = motion.under_way && parked === null;
    const next: Motion = {
      last: mark,
      place,
      standing: moving ? null : (parked ?? motion.standing ?? mark),
      parked: !moving && (motion.parked || parked !== null),
      under_way: moving || was_under_way,
    };
    return { motion: next, moving, setOff: moving && !was_under_way, parked };
  };
