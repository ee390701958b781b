import { z } from 'zod';
import { isViolation, OverLimit, overLimitAt, worstOf } from '#ingest/drives/overLimit.ts';
import { type Conclusion, openedBy } from './conclusion.ts';
import { type Detector, type Step, US_PER_S } from './detector.ts';
import { Mark, markOf } from './mark.ts';
import { sampleOf } from './sample.ts';

/**
 * Which limits hold where none is posted (null: none), how far above a limit a violation begins and how far
 * below it ends, and after which silence it is over. The defaults judge as recorded drives are judged.
 */
export const SpeedingSettings = z.strictObject({
  unposted_limit_kmh: z.number().min(0).max(400).nullable().default(null),
  begins_over_kmh: z.number().min(0).max(50).default(0),
  ends_under_kmh: z.number().min(0).max(50).default(0),
  silence_max_s: z.int().min(5).max(3_600).default(60),
});
export type SpeedingSettings = z.infer<typeof SpeedingSettings>;

const State = z.strictObject({
  open: z.strictObject({ opened: Mark, stretch: OverLimit, told: z.boolean() }).nullable(),
});
type State = z.infer<typeof State>;
type Open = NonNullable<State['open']>;

const told = ({ opened, stretch }: Open, to_us: number | null): Conclusion => ({
  kind: 'speeding',
  ...openedBy('speeding', opened, { to_us }),
  ...worstOf(stretch),
});

const closed = (open: Open, to_us: number): readonly Conclusion[] =>
  isViolation(open.stretch, to_us) ? [told(open, to_us)] : [];

/** The violation that has outlived its readings: it ended with the last of them that was above the limit. */
const silenced = (
  { silence_max_s }: SpeedingSettings,
  { open }: State,
  time_us: number,
): Step<State> => {
  if (open === null || time_us - open.stretch.last_us <= silence_max_s * US_PER_S) {
    return { state: { open }, conclusions: [] };
  }
  return { state: { open: null }, conclusions: closed(open, open.stretch.last_us) };
};

/**
 * Speeding: from the first reading above the limit to the first that is not, for longer than a violation must
 * last. Told of as soon as it has, and again when it is over.
 */
export const speeding: Detector<State, SpeedingSettings> = {
  name: 'speeding',
  version: 1,
  state: State,
  settings: SpeedingSettings,
  initial: { open: null },
  step: (settings) => (state, reading) => {
    const { device_time_us: time_us } = reading;
    // A reading without a speed says nothing of whether the limit is kept.
    if (reading.speed_kmh === null) return silenced(settings, state, time_us);
    const before = silenced(settings, state, time_us);
    const { open } = before.state;
    const sample = sampleOf(reading, settings.unposted_limit_kmh);
    const stretch = overLimitAt(settings)(open?.stretch ?? null, sample);
    if (stretch === null) {
      const over = open === null ? [] : closed(open, time_us);
      return { state: { open: null }, conclusions: [...before.conclusions, ...over] };
    }
    const isTold = isViolation(stretch, time_us);
    const next = { opened: open?.opened ?? markOf(reading), stretch, told: isTold };
    const first = isTold && !open?.told ? [told(next, null)] : [];
    return { state: { open: next }, conclusions: [...before.conclusions, ...first] };
  },
  passed: (settings) => (state, upTo_us) => silenced(settings, state, upTo_us),
};
