import { z } from 'zod';
import { DTCS_MAX } from '#ingest/formats/reading.ts';
import { type Conclusion, openedBy } from './conclusion.ts';
import { type Detector, type Step, silenceSaysNothing } from './detector.ts';
import { Mark, markOf } from './mark.ts';
import type { Observed } from './observed.ts';

/** Faults are as the vehicle tells them: there is nothing to set. */
export const FaultSettings = z.strictObject({});
export type FaultSettings = z.infer<typeof FaultSettings>;

/** The codes that are set, each with the reading that first told of it; a reading tells of 64 at most. */
const State = z.strictObject({
  present: z.record(z.string(), Mark).refine((codes) => Object.keys(codes).length <= DTCS_MAX),
});
type State = z.infer<typeof State>;

const told = (dtc: string, opened: Mark, to_us: number | null): Conclusion => ({
  kind: 'fault',
  ...openedBy('fault', opened, { to_us, matter: dtc }),
  dtc,
});

const step = ({ present }: State, reading: Observed): Step<State> => {
  // An empty list says that there is no fault; none says nothing.
  if (reading.dtcs === null) return { state: { present }, conclusions: [] };
  const mark = markOf(reading);
  const codes = new Set(reading.dtcs);
  const cleared = Object.entries(present)
    .filter(([dtc]) => !codes.has(dtc))
    .map(([dtc, opened]) => told(dtc, opened, mark.time_us));
  const appeared = [...codes].filter((dtc) => !Object.hasOwn(present, dtc));
  return {
    state: {
      present: Object.fromEntries([...codes].map((dtc) => [dtc, present[dtc] ?? mark] as const)),
    },
    conclusions: [...cleared, ...appeared.map((dtc) => told(dtc, mark, null))],
  };
};

/** Fault codes: each from the reading that first tells of it to the first that does not. */
export const faults: Detector<State, FaultSettings> = {
  name: 'faults',
  version: 1,
  state: State,
  settings: FaultSettings,
  initial: { present: {} },
  step: () => step,
  passed: silenceSaysNothing,
};
