import { z } from 'zod';
import { distanceBetween, isImpossibleJump } from './distance.ts';

const US_PER_S = 1_000_000;
/** A sample speaks for the time until the next, but no longer than that: what lies in a gap is not known. */
const SAMPLE_SPEAKS_MAX_US = 5 * US_PER_S;

/**
 * What is known of a moment of a drive, `time_us` in microseconds since 1970. Null is: not known. Place comes
 * whole or not at all; `limit_kmh` is the limit that holds there.
 */
export interface Sample {
  readonly time_us: number;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly speed_kmh: number | null;
  readonly limit_kmh: number | null;
}

/** What a drive has come to so far, and of its last sample what the next one needs. */
export const Measure = z.strictObject({
  distance_m: z.number(),
  max_speed_kmh: z.number(),
  over_limit_us: z.number(),
  limits_known: z.boolean(),
  time_us: z.int().nullable(),
  is_over: z.boolean(),
  place: z.strictObject({ lat: z.number(), lon: z.number(), time_us: z.int() }).nullable(),
});
export type Measure = z.infer<typeof Measure>;

/** A drive of which nothing is known yet. */
export const unmeasured: Measure = {
  distance_m: 0,
  max_speed_kmh: 0,
  over_limit_us: 0,
  limits_known: false,
  time_us: null,
  is_over: false,
  place: null,
};

/** Whether a sample tells of a speed above the limit. */
const isOverLimit = ({ speed_kmh, limit_kmh }: Sample): boolean =>
  speed_kmh !== null && limit_kmh !== null && speed_kmh > limit_kmh;

/** The way to the place of a sample; a place that cannot be reached in time is passed over. */
const went = ({ distance_m, place }: Measure, { time_us, lat, lon }: Sample) => {
  if (lat === null || lon === null) return { distance_m, place };
  const here = { lat, lon, time_us };
  if (place === null) return { distance_m, place: here };
  const leg_m = distanceBetween(place, here);
  return isImpossibleJump(leg_m, time_us - place.time_us)
    ? { distance_m, place }
    : { distance_m: distance_m + leg_m, place: here };
};

/** A drive with one sample more, which is not older than the last. */
export const withSample = (measure: Measure, sample: Sample): Measure => {
  const { time_us, speed_kmh, limit_kmh } = sample;
  const since_us = measure.time_us === null ? 0 : time_us - measure.time_us;
  const over_us = measure.is_over ? Math.min(since_us, SAMPLE_SPEAKS_MAX_US) : 0;
  return {
    ...went(measure, sample),
    max_speed_kmh: Math.max(measure.max_speed_kmh, speed_kmh ?? 0),
    over_limit_us: measure.over_limit_us + over_us,
    limits_known: measure.limits_known || limit_kmh !== null,
    time_us,
    is_over: isOverLimit(sample),
  };
};

/** A drive as it is told of, in whole units; time above the limit is null where no limit was known. */
export const reportOf = (measure: Measure) => ({
  distance_m: Math.round(measure.distance_m),
  max_speed_kmh: Math.round(measure.max_speed_kmh),
  over_limit_s: measure.limits_known ? Math.round(measure.over_limit_us / US_PER_S) : null,
});
