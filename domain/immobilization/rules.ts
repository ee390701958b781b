import { z } from 'zod';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { Digest } from '#domain/kernel/ids.ts';

const DAY_S = 86_400;
/** So many no-stop zones at most; their names and digests fit into one event. */
const ZONES_MAX = 200;

/**
 * The notices that must have been given before an engine is blocked for money: of each step so many, by
 * different modes, the last of them so long before the request. `emergency_start_s`: for how long a driver
 * gets the engine back in an emergency. The law of some places asks for 72 hours and two modes, and for 24
 * or 48 hours of emergency start. Sources: New Jersey Stat. 56:8-206; California Civ. Code 2983.37.
 */
const Ladder = z.strictObject({
  jurisdiction: Reference,
  notices: z
    .array(
      z.strictObject({
        step: Code,
        modes_min: z.int().min(1).max(5),
        before_s: z
          .int()
          .min(0)
          .max(90 * DAY_S),
      }),
    )
    .min(1)
    .max(10),
  emergency_start_s: z
    .int()
    .min(DAY_S)
    .max(7 * DAY_S),
});

/**
 * When an engine may be blocked, in whole numbers; what is left out takes the default. A vehicle stands
 * while its receiver tells no more than `still_speed_max_kmh` (below that it is noise) and a second signal
 * agrees, for `still_hold_s`, with no more than `still_gap_max_s` between two readings, the last of them no
 * older than `fix_age_max_s`, which cannot be set beyond 30 s. A block waits `wait_max_s` for a safe moment
 * and is then given up; an approval must come within `approve_within_s`, a review of a block for theft or
 * safety within `review_within_s`. A tracker that is silent meanwhile is asked for its position `asks_max`
 * times, `ask_every_s` apart. In no-stop zones no engine is blocked. Without a ladder none is blocked for
 * money.
 */
export const ImmobilizationRules = z.strictObject({
  still_speed_max_kmh: z.int().min(0).max(5).default(2),
  still_hold_s: z.int().min(10).max(900).default(60),
  still_gap_max_s: z.int().min(5).max(300).default(65),
  fix_age_max_s: z.int().min(5).max(30).default(30),
  wait_max_s: z
    .int()
    .min(30)
    .max(7 * DAY_S)
    .default(3_600),
  approve_within_s: z.int().min(30).max(3_600).default(600),
  review_within_s: z
    .int()
    .min(3_600)
    .max(30 * DAY_S)
    .default(3 * DAY_S),
  asks_max: z.int().min(0).max(60).default(12),
  ask_every_s: z.int().min(10).max(3_600).default(20),
  no_stop: z
    .array(z.strictObject({ fence: Reference, digest: Digest }))
    .max(ZONES_MAX)
    .default([]),
  ladder: Ladder.nullable().default(null),
});
export type ImmobilizationRules = z.infer<typeof ImmobilizationRules>;

/** What holds where nobody has said anything. */
export const defaultRules: ImmobilizationRules = ImmobilizationRules.parse({});
