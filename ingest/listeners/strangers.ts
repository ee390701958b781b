/** Those who have connected and not said who they are. */
export interface Strangers<One> {
  readonly enter: (one: One) => void;
  /** One has said who it is, or has gone. */
  readonly leave: (one: One) => void;
}

/**
 * Bounds how many strangers there may be. Of one too many the oldest has to go: a device says who it is
 * within a second, so whoever comes to fill the house crowds out his own.
 */
export const strangers = <One>(
  strangers_max: number,
  turnOut: (oldest: One) => void,
): Strangers<One> => {
  const all = new Set<One>();
  return {
    enter: (one) => {
      all.add(one);
      const [oldest] = all;
      if (all.size <= strangers_max || oldest === undefined) return;
      all.delete(oldest);
      turnOut(oldest);
    },
    leave: (one) => {
      all.delete(one);
    },
  };
};
