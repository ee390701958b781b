/** A clock, and timers on it, so that tests need not wait. `after` answers how to call the work off. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now_ms: () => number;
  readonly after: (delay_ms: number, work: () => void) => () => void;
}

/** The clock of the machine. Its timers keep no process alive. */
export const wallClock: Clock = {
  now_ms: Date.now,
  after: (delay_ms, work) => {
    const timer = setTimeout(work, delay_ms).unref();
    return () => clearTimeout(timer);
  },
};
