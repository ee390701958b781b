/**
 * Does work a few at a time; null where more is waiting than may. What runs in Node's pool of threads has to
 * be held back here, because that pool takes first what came first, and everything else waits behind it.
 */
export const inTurns = (bounds: { readonly running_max: number; readonly waiting_max: number }) => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
    if (running >= bounds.running_max) {
      if (waiting.length >= bounds.waiting_max) return null;
      // Whoever is done hands over the place.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
};
