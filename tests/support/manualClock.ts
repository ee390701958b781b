import type { Clock } from '#ingest/clock.ts';

interface Timer {
  readonly due_ms: number;
  readonly work: () => void;
}

/** A clock that goes on only when it is told to, and does then what was due, in order. */
export const manualClock = (
  start_ms = Date.parse('2026-03-02T08:00:00.000Z'),
): Clock & { readonly advance: (by_ms: number) => void } => {
  let now_ms = start_ms;
  const timers = new Set<Timer>();
  const nextBefore = (end_ms: number): Timer | undefined =>
    [...timers]
      .filter(({ due_ms }) => due_ms <= end_ms)
      .toSorted((left, right) => left.due_ms - right.due_ms)[0];
  return {
    now_ms: () => now_ms,
    after: (delay_ms, work) => {
      const timer = { due_ms: now_ms + delay_ms, work };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    advance: (by_ms) => {
      const end_ms = now_ms + by_ms;
      for (let timer = nextBefore(end_ms); timer; timer = nextBefore(end_ms)) {
        timers.delete(timer);
        now_ms = Math.max(now_ms, timer.due_ms);
        timer.work();
      }
      now_ms = end_ms;
    },
  };
};
