import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { ChangedNow, TelemetryStore } from './store.ts';
import type { VehicleNow } from './vehicleNow.ts';

const POLL_MS = 1_000;

/** Told, after every look, of the vehicles of which more is known, and of the mark it then is at. */
type Listener = (changed: ChangedNow) => void;

/**
 * What changes about vehicles, whichever process took the reading. `join` answers how to leave again, once it
 * is certain that everything that changes from then on will be told.
 */
export interface LiveStates {
  readonly join: (listener: Listener) => Promise<Either<Unavailable, () => void>>;
}

interface Deps {
  readonly store: Pick<TelemetryStore, 'changedNow'>;
  readonly poll_ms?: number;
  /** Told of what must not happen. */
  readonly failed: (error: unknown) => void;
}

const keyOf = ({ tenant, vehicle }: VehicleNow): string => `${tenant} ${vehicle}`;

/**
 * One look a second for all listeners of the process, and none while there is no listener. A look that fails
 * is made up for by the next one, which goes on from the same mark.
 */
export const liveStates = ({ store, poll_ms = POLL_MS, failed }: Deps): LiveStates => {
  const listeners = new Set<Listener>();
  let mark: bigint | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let looking = false;
  /** What the last look found: while a long transaction holds the mark back, it comes again and again. */
  let told = new Map<string, string>();

  const note = (found: ChangedNow): void => {
    mark = found.mark;
    told = new Map(found.states.map((state) => [keyOf(state), JSON.stringify(state)]));
  };

  /** Takes a mark to begin with, and what a long transaction would have the first look find behind it. */
  const begin = async (): Promise<Either<Unavailable, null>> => {
    const first = await store.changedNow({ tenant: null, vehicles: [], since: null })();
    if (isLeft(first)) return first;
    const held = await store.changedNow({
      tenant: null,
      vehicles: null,
      since: first.right.mark,
    })();
    if (isLeft(held)) return held;
    if (mark === null) note(held.right);
    return right(null);
  };

  const look = async (): Promise<void> => {
    const found = await store.changedNow({ tenant: null, vehicles: null, since: mark })();
    if (isLeft(found)) return;
    const before = told;
    note(found.right);
    const states = found.right.states.filter((state) => {
      const key = keyOf(state);
      return before.get(key) !== told.get(key);
    });
    for (const listener of listeners) listener({ mark: found.right.mark, states });
  };

  /** Whoever joins after a while begins with a mark of that time, instead of hearing of all since. */
  const rest = (): void => {
    if (listeners.size > 0 || looking) return;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    mark = null;
  };

  const goOn = (): void => {
    if (timer !== null || looking || listeners.size === 0) return;
    timer = setTimeout(async () => {
      timer = null;
      looking = true;
      await look().catch(failed);
      looking = false;
      rest();
      goOn();
    }, poll_ms);
  };

  return {
    join: async (listener) => {
      if (mark === null) {
        const begun = await begin();
        if (isLeft(begun)) return begun;
      }
      listeners.add(listener);
      goOn();
      return right(() => {
        listeners.delete(listener);
        rest();
      });
    },
  };
};
