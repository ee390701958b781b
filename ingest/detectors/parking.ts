import { z } from 'zod';
import type { Conclusion } from './conclusion.ts';
import { openedBy } from './conclusion.ts';
import type { Detector, Step } from './detector.ts';
import { Mark } from './mark.ts';
import { Motion, MotionSettings, type Moved, movedBy, movedBySilence, unseen } from './motion.ts';

const State = z.strictObject({ motion: Motion, open: Mark.nullable() });
type State = z.infer<typeof State>;

const told = (opened: Mark, to_us: number | null): Conclusion => ({
  kind: 'parking',
  ...openedBy('parking', opened, { to_us }),
});

/** What movement makes of a parking; `time_us` is when the vehicle sets off, if it does. */
const after = (open: Mark | null, { motion, parked, setOff }: Moved, time_us: number) => {
  const parking = parked ?? open;
  if (parking !== null && setOff) {
    return { state: { motion, open: null }, conclusions: [told(parking, time_us)] };
  }
  const conclusions = parked === null ? [] : [told(parked, null)];
  return { state: { motion, open: parking }, conclusions };
};

/**
 * Parking: from the reading since which a vehicle stands to the one with which it sets off. It is told of
 * once it has lasted long enough, and again when it is over.
 */
export const parking: Detector<State, MotionSettings> = {
  name: 'parking',
  version: 1,
  state: State,
  settings: MotionSettings,
  initial: { motion: unseen, open: null },
  step:
    (settings) =>
    ({ motion, open }, reading): Step<State> =>
      after(open, movedBy(settings)(motion, reading), reading.device_time_us),
  passed:
    (settings) =>
    ({ motion, open }, upTo_us): Step<State> =>
      after(open, movedBySilence(settings)(motion, upTo_us), upTo_us),
};
