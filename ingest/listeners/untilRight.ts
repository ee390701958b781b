import { setTimeout as sleep } from 'node:timers/promises';
import { type Either, isRight } from 'fp-ts/lib/Either.js';

const PAUSE_FIRST_MS = 100;
const PAUSE_MAX_MS = 5_000;

/**
 * Does work until it succeeds, and answers with its result; null: not before the signal fired, which is only
 * asked for if the first try fails. The pauses between the tries grow, and differ, so that thousands who wait
 * do not come back at once.
 */
export const untilRight = async <Result>(
  work: () => Promise<Either<unknown, Result>>,
  signalOf: () => AbortSignal,
): Promise<Result | null> => {
  const first = await work();
  if (isRight(first)) return first.right;
  const signal = signalOf();
  for (let pause_ms = PAUSE_FIRST_MS; ; pause_ms = Math.min(PAUSE_MAX_MS, pause_ms * 2)) {
    const waited_ms = pause_ms * (0.5 + Math.random());
    await sleep(waited_ms, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return null;
    const next = await work();
    if (isRight(next)) return next.right;
  }
};
