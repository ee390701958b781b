import { z } from 'zod';
import type { Sample } from './measure.ts';

const US_PER_S = 1_000_000;
/**
 * A stretch above the limit counts as a violation when it lasts longer than that. Source: issue of the core.
 */
const VIOLATION_MIN_S = 10;

/**
 * A stretch above the limit: its first and its last sample above it, and speed and limit of its worst one,
 * the first of equals. Times in microseconds since 1970.
 */
export const OverLimit = z.strictObject({
  from_us: z.int(),
  last_us: z.int(),
  speed_kmh: z.number(),
  limit_kmh: z.number(),
});
export type OverLimit = z.infer<typeof OverLimit>;

/** How far above the limit a stretch begins, and how far below it one that has begun ends. */
export interface Hysteresis {
  readonly begins_over_kmh: number;
  readonly ends_under_kmh: number;
}

/** Every second above the limit counts, as it does for recorded drives. */
export const noHysteresis: Hysteresis = { begins_over_kmh: 0, ends_under_kmh: 0 };

/** The stretch that a sample is in, null where it is in none. */
export const overLimitAt =
  ({ begins_over_kmh, ends_under_kmh }: Hysteresis) =>
  (stretch: OverLimit | null, { time_us, speed_kmh, limit_kmh }: Sample): OverLimit | null => {
    if (speed_kmh === null || limit_kmh === null) return null;
    if (stretch === null) {
      return speed_kmh > limit_kmh + begins_over_kmh
        ? { from_us: time_us, last_us: time_us, speed_kmh, limit_kmh }
        : null;
    }
    if (speed_kmh <= limit_kmh - ends_under_kmh) return null;
    const isWorse = speed_kmh - limit_kmh > stretch.speed_kmh - stretch.limit_kmh;
    return { ...stretch, last_us: time_us, ...(isWorse && { speed_kmh, limit_kmh }) };
  };

/** Whether a stretch that lasts until then is a violation. */
export const isViolation = ({ from_us }: OverLimit, to_us: number): boolean =>
  Math.floor((to_us - from_us) / US_PER_S) > VIOLATION_MIN_S;

/** The worst of a stretch in whole km/h. The excess was judged before rounding. */
export const worstOf = ({ speed_kmh, limit_kmh }: OverLimit) => ({
  max_speed_kmh: Math.round(speed_kmh),
  limit_kmh: Math.round(limit_kmh),
});
