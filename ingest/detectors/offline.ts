import { z } from 'zod';
import { type Conclusion, openedBy } from './conclusion.ts';
import { type Detector, US_PER_S } from './detector.ts';
import { Mark, markOf } from './mark.ts';

/** After which silence a device counts as offline: what Traccar takes as no data. */
export const OfflineSettings = z.strictObject({
  offline_after_s: z
    .int()
    .min(10)
    .max(30 * 86_400)
    .default(3_600),
});
export type OfflineSettings = z.infer<typeof OfflineSettings>;

/** The last reading, and whether the silence after it has been told of. */
const State = z.strictObject({ last: Mark.nullable(), told: z.boolean() });
type State = z.infer<typeof State>;

const silence = (last: Mark, to_us: number | null): Conclusion => ({
  kind: 'offline',
  ...openedBy('offline', last, { to_us }),
});

const isOffline = ({ last }: State, time_us: number, { offline_after_s }: OfflineSettings) =>
  last !== null && time_us - last.time_us > offline_after_s * US_PER_S;

/** A device that told nothing for too long: from its last reading to the next, by its own clock. */
export const offline: Detector<State, OfflineSettings> = {
  name: 'offline',
  version: 1,
  state: State,
  settings: OfflineSettings,
  initial: { last: null, told: false },
  step: (settings) => (state, reading) => {
    const { device_time_us: time_us } = reading;
    const { last } = state;
    const was = last !== null && isOffline(state, time_us, settings);
    return {
      state: { last: markOf(reading), told: false },
      conclusions: was ? [silence(last, time_us)] : [],
    };
  },
  passed: (settings) => (state, upTo_us) => {
    const { last, told } = state;
    if (last === null || told || !isOffline(state, upTo_us, settings)) {
      return { state, conclusions: [] };
    }
    return { state: { last, told: true }, conclusions: [silence(last, null)] };
  },
};
