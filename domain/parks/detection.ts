import { z } from 'zod';
import { Reference } from '#domain/kernel/fields.ts';
import { Digest } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';

const DAY_S = 86_400;
/** So many fences a park at most; their references and digests fit into one event. */
export const FENCES_MAX = 200;

/**
 * How detectors judge the vehicles of a park, in whole numbers; what is left out takes the default.
 *
 * Of trips and parking the minimum durations and distances, the longest silence and that ignition is not used
 * are what Traccar takes (`report.trip.minimalTripDuration`, `minimalTripDistance`, `minimalParkingDuration`,
 * `minimalNoDataDuration`, `useIgnition`). Below `moving_min_kmh` the speed of a receiver at rest is noise;
 * who comes no further in a silence than at `creep_max_kmh` stood for most of it. `unposted_limit_kmh` holds
 * where no limit is posted, null: none does. The 120 s of idling are those of the common idle ratio; the
 * thresholds of harsh driving, in hundredths of a metre per second squared, are a convention, about four
 * tenths of gravity, and no standard. `fence_leaves_beyond_m` is how far outside of its border a vehicle has
 * left a fence, `fence_dwell_s` how long it must be inside, or outside, for that to be so.
 */
export const DetectionSettings = z.strictObject({
  parking_min_s: z.int().min(10).max(DAY_S).default(300),
  silence_max_s: z.int().min(60).max(DAY_S).default(3_600),
  moving_min_kmh: z.int().min(0).max(50).default(2),
  creep_max_kmh: z.int().min(0).max(20).default(3),
  use_ignition: z.boolean().default(false),
  trip_min_s: z.int().min(0).max(DAY_S).default(300),
  trip_min_m: z.int().min(0).max(100_000).default(500),
  unposted_limit_kmh: z.int().min(0).max(400).nullable().default(null),
  speeding_begins_over_kmh: z.int().min(0).max(50).default(0),
  speeding_ends_under_kmh: z.int().min(0).max(50).default(0),
  speeding_silence_max_s: z.int().min(5).max(3_600).default(60),
  idling_min_s: z.int().min(1).max(3_600).default(120),
  idling_moving_min_kmh: z.int().min(0).max(50).default(2),
  idling_silence_max_s: z.int().min(5).max(3_600).default(600),
  braking_cmps2: z.int().min(50).max(2_000).default(400),
  acceleration_cmps2: z.int().min(50).max(2_000).default(350),
  cornering_cmps2: z.int().min(50).max(2_000).default(400),
  harsh_sample_max_ms: z.int().min(100).max(10_000).default(3_000),
  cornering_min_kmh: z.int().min(0).max(100).default(15),
  unrented_min_m: z.int().min(0).max(100_000).default(200),
  offline_after_s: z
    .int()
    .min(10)
    .max(30 * DAY_S)
    .default(3_600),
  fence_leaves_beyond_m: z.int().min(0).max(10_000).default(25),
  fence_dwell_s: z.int().min(0).max(3_600).default(30),
});
export type DetectionSettings = z.infer<typeof DetectionSettings>;

/** What holds in a park of which nothing was ever said. */
export const defaultSettings: DetectionSettings = DetectionSettings.parse({});

/** What a stay in a fence is: noted as a condition, or a violation. */
export const FenceRule = z.enum(['noted', 'forbidden']);

/** Which fences are watched, each by its name and the digest of its shape. No two share a name. */
export const WatchedFences = z
  .array(z.strictObject({ fence: Reference, digest: Digest, rule: FenceRule }))
  .max(FENCES_MAX)
  .refine((fences) => new Set(fences.map(({ fence }) => fence)).size === fences.length);
export type WatchedFences = z.infer<typeof WatchedFences>;

/** What holds in a park from an instant on, until the next one in the sequence. */
export interface Detection {
  readonly from: Instant;
  readonly settings: DetectionSettings;
  readonly fences: WatchedFences;
}

/** The last of a sequence, ordered by time, that holds at an instant; null before the first. */
export const detectionAt = (sequence: readonly Detection[], at: Instant): Detection | null =>
  sequence.findLast(({ from }) => from <= at) ?? null;
