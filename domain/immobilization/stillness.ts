import { z } from 'zod';
import { Reference } from '#domain/kernel/fields.ts';
import { epochMs, Instant } from '#domain/kernel/instant.ts';
import type { Installation } from './installation.ts';
import type { ImmobilizationRules } from './rules.ts';

/** So many sightings are looked at; they fit into one event. */
export const SIGHTINGS_MAX = 120;
/** What a device's clock may be ahead of ours. */
const AHEAD_MAX_MS = 2_000;

/**
 * What a device told of a vehicle at one time. `at` by its clock, `receivedAt` by ours; `moved`: what its
 * accelerometer says; `dout`: its outputs as bits; `zone`: the no-stop zone it is in, null: in none,
 * `unknown` without a place. Null elsewhere: not told. The place itself is not here: it must not enter an
 * event.
 */
export const Sighting = z.strictObject({
  at: Instant,
  receivedAt: Instant,
  buffered: z.boolean(),
  valid: z.boolean(),
  speed_kmh: z.number().min(0).max(400).nullable(),
  ignition: z.boolean().nullable(),
  moved: z.boolean().nullable(),
  dout: z.int().min(0).max(0xffff_ffff).nullable(),
  zone: z.union([Reference, z.literal('unknown')]).nullable(),
});
export type Sighting = z.infer<typeof Sighting>;

/** Why it is not certain that a vehicle stands. */
export const Doubt = z.enum([
  'unseen',
  'stale',
  'clock_ahead',
  'no_fix',
  'moving',
  'ignition_on',
  'motion_felt',
  'one_signal_only',
  'not_held',
  'no_stop_zone',
  'place_unknown',
]);
export type Doubt = z.infer<typeof Doubt>;

type Judging = Pick<
  ImmobilizationRules,
  'still_speed_max_kmh' | 'still_hold_s' | 'still_gap_max_s' | 'fix_age_max_s'
>;

interface Question {
  readonly at: Instant;
  readonly rules: Judging;
  readonly ignitionFrom: Installation['ignition_from'];
}

/** What contradicts that the vehicle stood when the sighting was made. */
const against = (
  { speed_kmh, ignition, moved }: Sighting,
  { rules, ignitionFrom }: Question,
): Doubt[] => [
  ...(speed_kmh !== null && speed_kmh > rules.still_speed_max_kmh ? (['moving'] as const) : []),
  ...(ignition === true && ignitionFrom !== 'none' ? (['ignition_on'] as const) : []),
  ...(moved === true ? (['motion_felt'] as const) : []),
];

/** Whether a signal that does not come from the satellites says that the vehicle stands. */
const secondSignal = ({ ignition, moved }: Sighting, { ignitionFrom }: Question): boolean =>
  (ignition === false && (ignitionFrom === 'wire' || ignitionFrom === 'can')) || moved === false;

/** Whether a sighting came when it was made, rather than from a buffer. */
const isLive = ({ at, receivedAt, buffered }: Sighting, { rules }: Question): boolean =>
  !buffered && epochMs(receivedAt) - epochMs(at) <= rules.fix_age_max_s * 1_000;

/** Whether a live sighting tells of a fix and a speed, and a second signal beside it. */
const isWhole = (sighting: Sighting, question: Question): boolean =>
  sighting.valid && sighting.speed_kmh !== null && secondSignal(sighting, question);

/** How far back, from the newest on, whole sightings follow each other without a gap; milliseconds. */
const heldFor_ms = (whole: readonly Sighting[], gap_ms: number): number => {
  const times = whole.map(({ at }) => epochMs(at)).toSorted((a, b) => b - a);
  const [newest] = times;
  let oldest = newest;
  for (const time of times) {
    if (oldest === undefined || oldest - time > gap_ms) break;
    oldest = time;
  }
  return (newest ?? 0) - (oldest ?? 0);
};

const lacking = (newest: Sighting, question: Question): Doubt => {
  if (!newest.valid || newest.speed_kmh === null) return 'no_fix';
  return secondSignal(newest, question) ? 'stale' : 'one_signal_only';
};

/**
 * Why it is not certain that a vehicle stands at a moment, and has stood for the time that the rules ask
 * for; empty: it is certain. Unknown is doubt. Two signals must say so, of which the satellites' speed is
 * one: a jammed receiver tells 0 too. The newest whole reading must be fresh by the device's clock and by
 * ours, and not from a buffer; what any reading of that time contradicts, buffered or not, is not certain.
 */
export const doubtsOf = (sightings: readonly Sighting[], question: Question): readonly Doubt[] => {
  const { at, rules } = question;
  const now_ms = epochMs(at);
  const ahead = sightings.some(
    (each) => epochMs(each.at) > now_ms + AHEAD_MAX_MS || each.receivedAt > at,
  );
  if (ahead) return ['clock_ahead'];
  const live = sightings.filter((each) => isLive(each, question));
  const newest = live.reduce<Sighting | null>(
    (last, each) => (last === null || each.at >= last.at ? each : last),
    null,
  );
  if (newest === null) return ['unseen'];
  const isFresh = ({ at: seen, receivedAt }: Sighting): boolean =>
    now_ms - Math.min(epochMs(seen), epochMs(receivedAt)) <= rules.fix_age_max_s * 1_000;
  const doubts = new Set<Doubt>();
  if (!isFresh(newest)) doubts.add('stale');
  const whole = live.filter((each) => isWhole(each, question));
  const fresh = whole.filter(isFresh);
  if (fresh.length === 0) doubts.add(lacking(newest, question));
  const hold_ms = rules.still_hold_s * 1_000;
  if (heldFor_ms(whole, rules.still_gap_max_s * 1_000) < hold_ms) doubts.add('not_held');
  for (const each of sightings) {
    const isRecent = epochMs(each.at) >= epochMs(newest.at) - hold_ms;
    if (!isRecent) continue;
    for (const doubt of against(each, question)) doubts.add(doubt);
    if (each.zone !== null && each.zone !== 'unknown') doubts.add('no_stop_zone');
  }
  if (fresh.some(({ zone }) => zone === 'unknown')) doubts.add('place_unknown');
  return Doubt.options.filter((doubt) => doubts.has(doubt));
};
