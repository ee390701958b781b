import { z } from 'zod';
import { Measure, reportOf, unmeasured, withSample } from '#ingest/drives/measure.ts';
import { type Conclusion, openedBy } from './conclusion.ts';
import type { Detector, Step } from './detector.ts';
import { Mark, markOf } from './mark.ts';
import { Motion, MotionSettings, movedBy, movedBySilence, unseen } from './motion.ts';
import type { Observed } from './observed.ts';
import { sampleOf } from './sample.ts';

const RENTALS_MAX = 2_000;

/**
 * When the vehicle was rented, from a moment (with it) to another (without it; null: it still is), in
 * microseconds since 1970; and how far it must go without for that to be told.
 */
export const UnrentedMovementSettings = z.strictObject({
  ...MotionSettings.shape,
  rentals: z
    .array(z.strictObject({ from_us: z.int(), to_us: z.int().nullable() }))
    .max(RENTALS_MAX),
  unrented_min_m: z.int().min(0).max(100_000).default(200),
});
export type UnrentedMovementSettings = z.infer<typeof UnrentedMovementSettings>;

/** A movement that nobody rented the vehicle for, and its last reading. */
const Open = z.strictObject({
  opened: Mark,
  measure: Measure,
  last_us: z.int(),
  told: z.boolean(),
});
type Open = z.infer<typeof Open>;

const State = z.strictObject({ motion: Motion, open: Open.nullable() });
type State = z.infer<typeof State>;

const isRented = ({ rentals }: UnrentedMovementSettings, time_us: number): boolean =>
  rentals.some(({ from_us, to_us }) => from_us <= time_us && (to_us === null || time_us < to_us));

const told = ({ opened, measure }: Open, to_us: number | null): Conclusion => ({
  kind: 'unrented_movement',
  ...openedBy('unrented_movement', opened, { to_us }),
  distance_m: reportOf(measure).distance_m,
});

const closed = (open: Open | null): readonly Conclusion[] =>
  open?.told ? [told(open, open.last_us)] : [];

const goneOn = (
  open: Open | null,
  reading: Observed,
  { unrented_min_m }: UnrentedMovementSettings,
): Open => {
  const held = open ?? { opened: markOf(reading), measure: unmeasured, told: false };
  const measure = withSample(held.measure, sampleOf(reading));
  const isFar = measure.distance_m >= unrented_min_m;
  return { ...held, measure, last_us: reading.device_time_us, told: held.told || isFar };
};

const step =
  (settings: UnrentedMovementSettings) =>
  ({ motion, open }: State, reading: Observed): Step<State> => {
    const moved = movedBy(settings)(motion, reading);
    const rented = isRented(settings, reading.device_time_us);
    const isOver = moved.parked !== null || rented;
    const conclusions = isOver ? [...closed(open)] : [];
    const before = isOver ? null : open;
    const next = moved.moving && !rented ? goneOn(before, reading, settings) : before;
    if (next?.told && !before?.told) conclusions.push(told(next, null));
    return { state: { motion: moved.motion, open: next }, conclusions };
  };

const passed =
  (settings: UnrentedMovementSettings) =>
  ({ motion, open }: State, upTo_us: number): Step<State> => {
    const moved = movedBySilence(settings)(motion, upTo_us);
    if (moved.parked === null) return { state: { motion, open }, conclusions: [] };
    return { state: { motion: moved.motion, open: null }, conclusions: closed(open) };
  };

/**
 * Movement without a rental: from the first reading that moves while nobody has the vehicle to the last one,
 * until it is parked or rented. A rental that becomes known late changes the settings, and so needs a fold
 * from further back.
 */
export const unrentedMovement: Detector<State, UnrentedMovementSettings> = {
  name: 'unrented_movement',
  version: 1,
  state: State,
  settings: UnrentedMovementSettings,
  initial: { motion: unseen, open: null },
  step,
  passed,
};
