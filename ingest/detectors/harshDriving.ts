import { z } from 'zod';
import { type Conclusion, Manoeuvre, openedBy } from './conclusion.ts';
import { type Detector, type Step, US_PER_S } from './detector.ts';
import { Mark, markOf } from './mark.ts';
import type { Observed } from './observed.ts';

const KMH_PER_MPS = 3.6;
const HUNDREDTHS = 100;

/**
 * Above which acceleration a manoeuvre is harsh, in metres per second squared; how far apart two readings may
 * be to tell; and below which speed a change of course is noise. The thresholds are conventions, about four
 * tenths of gravity, and no standard: whoever judges drivers by them should set them.
 */
export const HarshDrivingSettings = z.strictObject({
  braking_mps2: z.number().min(0.5).max(20).default(4),
  acceleration_mps2: z.number().min(0.5).max(20).default(3.5),
  cornering_mps2: z.number().min(0.5).max(20).default(4),
  sample_max_s: z.number().min(0.1).max(10).default(3),
  cornering_min_kmh: z.number().min(0).max(100).default(15),
});
export type HarshDrivingSettings = z.infer<typeof HarshDrivingSettings>;

const Open = z.strictObject({ opened: Mark, last_us: z.int(), peak_mps2: z.number() }).nullable();
type Open = z.infer<typeof Open>;

const State = z.strictObject({
  before: z
    .strictObject({
      time_us: z.int(),
      speed_kmh: z.number(),
      course_deg: z.number().nullable(),
    })
    .nullable(),
  braking: Open,
  acceleration: Open,
  cornering: Open,
});
type State = z.infer<typeof State>;

type Forces = Readonly<Record<Manoeuvre, number>>;
const none: Forces = { braking: 0, acceleration: 0, cornering: 0 };

/** The smaller angle between two courses, in radians. */
const turned_rad = (from_deg: number, to_deg: number): number => {
  const apart_deg = Math.abs(to_deg - from_deg) % 360;
  return (Math.min(apart_deg, 360 - apart_deg) * Math.PI) / 180;
};

/** What drew at the vehicle between two readings, in each direction; nothing where they lie too far apart. */
const forces = (
  { sample_max_s, cornering_min_kmh }: HarshDrivingSettings,
  before: State['before'],
  { device_time_us, speed_kmh, course_deg }: Observed,
): Forces => {
  if (before === null || speed_kmh === null) return none;
  const elapsed_s = (device_time_us - before.time_us) / US_PER_S;
  if (elapsed_s <= 0 || elapsed_s > sample_max_s) return none;
  const along_mps2 = (speed_kmh - before.speed_kmh) / KMH_PER_MPS / elapsed_s;
  const slower_kmh = Math.min(speed_kmh, before.speed_kmh);
  const turns =
    course_deg !== null && before.course_deg !== null && slower_kmh >= cornering_min_kmh;
  const turned = turns ? turned_rad(before.course_deg ?? 0, course_deg) : 0;
  return {
    braking: Math.max(0, -along_mps2),
    acceleration: Math.max(0, along_mps2),
    cornering: (slower_kmh / KMH_PER_MPS) * (turned / elapsed_s),
  };
};

const told = (manoeuvre: Manoeuvre, open: NonNullable<Open>, to_us: number | null): Conclusion => ({
  kind: 'harsh_driving',
  ...openedBy('harsh_driving', open.opened, { to_us, matter: manoeuvre }),
  manoeuvre,
  peak_mps2: Math.round(open.peak_mps2 * HUNDREDTHS) / HUNDREDTHS,
});

/** What a force makes of a manoeuvre, the reading being the one at which it is felt. */
const felt = (
  settings: HarshDrivingSettings,
  { manoeuvre, open, force }: { manoeuvre: Manoeuvre; open: Open; force: number },
  reading: Observed,
): { readonly open: Open; readonly conclusions: readonly Conclusion[] } => {
  if (force < settings[`${manoeuvre}_mps2`]) {
    return { open: null, conclusions: open ? [told(manoeuvre, open, open.last_us)] : [] };
  }
  const last_us = reading.device_time_us;
  if (open) {
    const peak_mps2 = Math.max(open.peak_mps2, force);
    return { open: { ...open, last_us, peak_mps2 }, conclusions: [] };
  }
  const begun = { opened: markOf(reading), last_us, peak_mps2: force };
  return { open: begun, conclusions: [told(manoeuvre, begun, null)] };
};

const passed =
  ({ sample_max_s }: HarshDrivingSettings) =>
  (state: State, upTo_us: number): Step<State> => {
    const { before } = state;
    if (before === null || upTo_us - before.time_us <= sample_max_s * US_PER_S) {
      return { state, conclusions: [] };
    }
    const conclusions = Manoeuvre.options.flatMap((manoeuvre) => {
      const open = state[manoeuvre];
      return open ? [told(manoeuvre, open, open.last_us)] : [];
    });
    return { state: { ...state, braking: null, acceleration: null, cornering: null }, conclusions };
  };

const step =
  (settings: HarshDrivingSettings) =>
  (state: State, reading: Observed): Step<State> => {
    const { device_time_us: time_us, speed_kmh, course_deg } = reading;
    // What tells no speed lies between two readings that do, and does not part them.
    if (speed_kmh === null) return passed(settings)(state, time_us);
    const force = forces(settings, state.before, reading);
    const of = (manoeuvre: Manoeuvre) =>
      felt(settings, { manoeuvre, open: state[manoeuvre], force: force[manoeuvre] }, reading);
    const [braking, acceleration, cornering] = [of('braking'), of('acceleration'), of('cornering')];
    return {
      state: {
        before: { time_us, speed_kmh, course_deg },
        braking: braking.open,
        acceleration: acceleration.open,
        cornering: cornering.open,
      },
      conclusions: [...braking.conclusions, ...acceleration.conclusions, ...cornering.conclusions],
    };
  };

/** Harsh braking, acceleration and cornering, from the first reading at which it is felt to the last. */
export const harshDriving: Detector<State, HarshDrivingSettings> = {
  name: 'harsh_driving',
  version: 1,
  state: State,
  settings: HarshDrivingSettings,
  initial: { before: null, braking: null, acceleration: null, cornering: null },
  step,
  passed,
};
