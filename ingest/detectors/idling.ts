import { z } from 'zod';
import { type Conclusion, openedBy } from './conclusion.ts';
import { type Detector, type Step, US_PER_S } from './detector.ts';
import { Mark, markOf } from './mark.ts';
import type { Observed } from './observed.ts';

/**
 * How long an engine may run at rest before it idles, below which speed it is at rest, and after which
 * silence it is not known any more. Source of the 120 s: the common definition of the idle ratio.
 */
export const IdlingSettings = z.strictObject({
  idling_min_s: z.int().min(1).max(3_600).default(120),
  moving_min_kmh: z.number().min(0).max(50).default(2),
  silence_max_s: z.int().min(5).max(3_600).default(600),
});
export type IdlingSettings = z.infer<typeof IdlingSettings>;

const State = z.strictObject({
  open: z.strictObject({ opened: Mark, last_us: z.int(), told: z.boolean() }).nullable(),
});
type State = z.infer<typeof State>;
type Open = NonNullable<State['open']>;

const told = ({ opened }: Open, to_us: number | null): Conclusion => ({
  kind: 'idling',
  ...openedBy('idling', opened, { to_us }),
});

/** Whether the engine runs at rest; null where the reading does not tell. */
const isIdle = ({ ignition, engine_rpm, speed_kmh }: Observed, moving_min_kmh: number) => {
  const runs = engine_rpm === null ? ignition : engine_rpm > 0;
  if (runs === null || speed_kmh === null) return null;
  return runs && speed_kmh < moving_min_kmh;
};

const isIdling = ({ opened }: Open, to_us: number, { idling_min_s }: IdlingSettings): boolean =>
  to_us - opened.time_us > idling_min_s * US_PER_S;

const closed = (open: Open, to_us: number, settings: IdlingSettings): readonly Conclusion[] =>
  isIdling(open, to_us, settings) ? [told(open, to_us)] : [];

/** Of an engine that was heard of too long ago it is known only that it ran at the last reading. */
const silenced = (settings: IdlingSettings, { open }: State, time_us: number): Step<State> => {
  if (open === null || time_us - open.last_us <= settings.silence_max_s * US_PER_S) {
    return { state: { open }, conclusions: [] };
  }
  return { state: { open: null }, conclusions: closed(open, open.last_us, settings) };
};

/** Idling: an engine that runs while the vehicle stands, for longer than it may. */
export const idling: Detector<State, IdlingSettings> = {
  name: 'idling',
  version: 1,
  state: State,
  settings: IdlingSettings,
  initial: { open: null },
  step: (settings) => (state, reading) => {
    const { device_time_us: time_us } = reading;
    const before = silenced(settings, state, time_us);
    const idle = isIdle(reading, settings.moving_min_kmh);
    if (idle === null) return before;
    const { open } = before.state;
    if (!idle) {
      const over = open === null ? [] : closed(open, time_us, settings);
      return { state: { open: null }, conclusions: [...before.conclusions, ...over] };
    }
    const held = { opened: open?.opened ?? markOf(reading), last_us: time_us, told: false };
    const next = { ...held, told: isIdling(held, time_us, settings) };
    const first = next.told && !open?.told ? [told(next, null)] : [];
    return { state: { open: next }, conclusions: [...before.conclusions, ...first] };
  },
  passed: (settings) => (state, upTo_us) => silenced(settings, state, upTo_us),
};
