import { isLeft } from 'fp-ts/lib/Either.js';
import { type EventBatch, type EventStore, READ_EVENTS_MAX } from '#commands/ports.ts';

const RETRY_DELAY_MS = 100;

/**
 * Tells any number of followers that the log may have grown. A follower notes `raised()`, looks, and waits
 * with that number: a sign that was raised while it looked ends the wait at once, so none is ever missed.
 */
export interface GrowthSign {
  readonly raised: () => number;
  /** Ends at the first sign behind the `seen`-th, after `timeout_ms`, or on `signal`. */
  readonly wait: (seen: number, timeout_ms: number, signal: AbortSignal) => Promise<void>;
  readonly raise: () => void;
}

/** A sign that has not been raised yet. */
export const growthSign = (): GrowthSign => {
  const waiting = new Set<() => void>();
  let count = 0;
  return {
    raised: () => count,
    raise: () => {
      count += 1;
      for (const wake of waiting) wake();
    },
    wait: (seen, timeout_ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, timeout_ms);
        signal.addEventListener('abort', done, { once: true });
        waiting.add(done);
        if (count > seen || signal.aborted) done();
      }),
  };
};

interface Follow {
  readonly readAll: EventStore['readAll'];
  readonly sign: GrowthSign;
  /** How long to sleep without a sign before looking again, should a sign get lost. */
  readonly poll_ms: number;
}

/**
 * A subscription by reading on: a page at a time, the next one only when the consumer asks, so that memory is
 * bounded by a page. Ends only with `signal`; while the store is away it keeps trying.
 */
export async function* followLog(
  { readAll, sign, poll_ms }: Follow,
  { after, signal }: { readonly after: bigint | null; readonly signal: AbortSignal },
): AsyncGenerator<EventBatch> {
  let position = after;
  let announced = false;
  while (!signal.aborted) {
    const seen = sign.raised();
    const page = await readAll({ after: position, limit: READ_EVENTS_MAX })();
    if (signal.aborted) return;
    if (isLeft(page)) {
      await sign.wait(seen, RETRY_DELAY_MS, signal);
      continue;
    }
    const events = page.right;
    const caughtUp = events.length < READ_EVENTS_MAX;
    position = events.at(-1)?.position ?? position;
    if (events.length > 0 || !announced) yield { events, caughtUp };
    announced = caughtUp;
    if (caughtUp) await sign.wait(seen, poll_ms, signal);
  }
}
