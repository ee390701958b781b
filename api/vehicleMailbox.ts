import type { VehicleId } from '#domain/kernel/ids.ts';
import type { VehicleNow } from '#ingest/vehicleNow.ts';

/** A state to be told. `mark`: what may be told as reached with it; null while more waits. */
interface Letter {
  readonly state: VehicleNow;
  readonly mark: bigint | null;
}

/**
 * What waits for one reader of a stream: of each vehicle the newest state and no other, in the order in which
 * they first changed. So a slow reader costs no more than its vehicles, and misses no vehicle's latest state.
 */
export const vehicleMailbox = () => {
  const waiting = new Map<VehicleId, VehicleNow>();
  let reached: bigint | null = null;
  let taken_ms = performance.now();
  let wake = (): void => {};

  return {
    /** Puts in what changed up to a mark, in place of older states of the same vehicles. */
    put: (states: readonly VehicleNow[], mark: bigint): void => {
      if (waiting.size === 0 && states.length > 0) taken_ms = performance.now();
      for (const state of states) waiting.set(state.vehicle, state);
      reached = mark;
      if (states.length > 0) wake();
    },
    /** Puts in what was known at a mark: it gives way to what changed meanwhile. */
    putBefore: (states: readonly VehicleNow[], mark: bigint): void => {
      if (waiting.size === 0) taken_ms = performance.now();
      for (const state of states) {
        if (!waiting.has(state.vehicle)) waiting.set(state.vehicle, state);
      }
      reached ??= mark;
      wake();
    },
    /** Takes out the first; null where nothing waits. */
    take: (): Letter | null => {
      taken_ms = performance.now();
      const first = waiting.entries().next();
      if (first.done) return null;
      const [vehicle, state] = first.value;
      waiting.delete(vehicle);
      return { state, mark: waiting.size === 0 ? reached : null };
    },
    /** Waits until something is there, at most so long, or until the signal fires. */
    wait: (timeout_ms: number, signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          wake = () => {};
          resolve();
        };
        const timer = setTimeout(done, timeout_ms);
        signal.addEventListener('abort', done, { once: true });
        wake = done;
        if (waiting.size > 0 || signal.aborted) done();
      }),
    /** Forgets what waits of vehicles that are none of the reader's business any more. */
    keepOnly: (isTheirs: (vehicle: VehicleId) => boolean): void => {
      for (const vehicle of waiting.keys()) if (!isTheirs(vehicle)) waiting.delete(vehicle);
    },
    /** For how long something has waited without the reader taking anything. */
    stalled_ms: (): number => (waiting.size === 0 ? 0 : performance.now() - taken_ms),
    /** What may be told as reached; null while anything waits. */
    mark: (): bigint | null => (waiting.size === 0 ? reached : null),
  };
};

export type VehicleMailbox = ReturnType<typeof vehicleMailbox>;
