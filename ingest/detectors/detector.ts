import { z } from 'zod';
import type { Conclusion } from './conclusion.ts';
import type { Observed } from './observed.ts';

export const US_PER_S = 1_000_000;

/** The state after a reading, and what followed from it. */
export interface Step<State> {
  readonly state: State;
  readonly conclusions: readonly Conclusion[];
}

/**
 * What follows from the readings of one device, in the order of its clock. Pure: the same readings give the
 * same conclusions, however they come in batches. States are small, bounded JSON, to be kept between batches;
 * another meaning of them is another `version`. Settings are data.
 *
 * `passed` says what follows from silence: no reading of a time before `upTo_us` is to come any more. It must
 * say nothing that the next reading would not have said, so that a replay without it comes to the same.
 */
export interface Detector<State, Settings> {
  readonly name: string;
  readonly version: number;
  readonly state: z.ZodType<State>;
  readonly settings: z.ZodType<Settings>;
  readonly initial: State;
  readonly step: (settings: Settings) => (state: State, reading: Observed) => Step<State>;
  readonly passed: (settings: Settings) => (state: State, upTo_us: number) => Step<State>;
}

/** For detectors to which silence says nothing. */
export const silenceSaysNothing =
  () =>
  <State>(state: State): Step<State> => ({ state, conclusions: [] });

/** How far a detector has got with a device; `time_us` is null before the first reading. */
export interface Progress<State> {
  readonly time_us: number | null;
  readonly state: State;
}

/** The schema of how far a detector has got, for keeping it. */
export const progressOf = <State>({ state }: Pick<Detector<State, never>, 'state'>) =>
  z.strictObject({ time_us: z.int().nullable(), state });

/** Where a detector begins. */
export const atStart = <State>({ initial }: Pick<Detector<State, never>, 'initial'>) => ({
  time_us: null,
  state: initial,
});

/** How far it has got, with what followed, and how many readings came too late to count. */
export interface Folded<State> {
  readonly progress: Progress<State>;
  readonly conclusions: readonly Conclusion[];
  readonly late: number;
}

/**
 * Folds readings of one device, in the order of its clock, into what was known. A reading of an earlier time
 * than the last is late: it is passed over and counted, and needs a fold from further back.
 */
export const foldReadings =
  <State, Settings>(detector: Detector<State, Settings>, settings: Settings) =>
  (before: Progress<State>, readings: Iterable<Observed>): Folded<State> => {
    const step = detector.step(settings);
    const conclusions: Conclusion[] = [];
    let { time_us, state } = before;
    let late = 0;
    for (const reading of readings) {
      if (time_us !== null && reading.device_time_us < time_us) {
        late += 1;
        continue;
      }
      const next = step(state, reading);
      conclusions.push(...next.conclusions);
      ({ state } = next);
      time_us = reading.device_time_us;
    }
    return { progress: { time_us, state }, conclusions, late };
  };

/** Folds the silence of a device up to a moment before which nothing is to come any more. */
export const foldSilence =
  <State, Settings>(detector: Detector<State, Settings>, settings: Settings) =>
  ({ time_us, state }: Progress<State>, upTo_us: number): Folded<State> => {
    const next = detector.passed(settings)(state, upTo_us);
    return { progress: { time_us, state: next.state }, conclusions: next.conclusions, late: 0 };
  };

/** The last word on each conclusion, in the order in which they were opened. */
export const lastWords = (conclusions: Iterable<Conclusion>): readonly Conclusion[] => {
  const last = new Map<string, Conclusion>();
  for (const conclusion of conclusions) last.set(conclusion.id, conclusion);
  return [...last.values()];
};
