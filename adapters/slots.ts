import type { Clock } from '#ingest/clock.ts';

/**
 * Places of which there are only so many. `take` waits for one, so long at most, and answers how to give it
 * back; null where none came free in time, or more are waiting than may.
 */
export const slots = (
  clock: Clock,
  bounds: { readonly running_max: number; readonly waiting_max: number },
) => {
  const waiting = new Set<() => void>();
  let running = 0;
  const giveBack = (): void => {
    const [next] = waiting;
    if (next) next();
    else running -= 1;
  };
  return {
    load: (): number => running + waiting.size,
    take: (wait_max_ms: number): Promise<(() => void) | null> => {
      if (running < bounds.running_max) {
        running += 1;
        return Promise.resolve(giveBack);
      }
      if (waiting.size >= bounds.waiting_max) return Promise.resolve(null);
      return new Promise((resolve) => {
        const enter = (): void => {
          cancel();
          waiting.delete(enter);
          resolve(giveBack);
        };
        const cancel = clock.after(wait_max_ms, () => {
          waiting.delete(enter);
          resolve(null);
        });
        waiting.add(enter);
      });
    },
  };
};
