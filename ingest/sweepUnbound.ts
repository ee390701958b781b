import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Unavailable } from '#commands/ports.ts';
import type { cachedBindings } from './cachedBindings.ts';
import type { Device, NotTaken } from './ports.ts';
import type { replayEntry } from './replay.ts';

const ENTRIES_MAX = 1_000;
/** A million entries: more than there is room for. */
const ROUNDS_MAX = 1_000;

/**
 * An entry whose device has bindings by now of which it knows nothing yet. `version`: which ones; versions of
 * a device rise.
 */
export interface DueEntry extends Device {
  readonly id: bigint;
  readonly version: bigint;
}

/** Messages that wait for a binding of their device. */
export interface UnboundEntries {
  /** Those that may be free by now, by what the read model of bindings says; a hundred a device at most. */
  readonly due: (limit: number) => TaskEither<Unavailable, readonly DueEntry[]>;
  /** Notes that an entry waits on under a version of bindings. */
  readonly tried: (entry: DueEntry) => TaskEither<Unavailable, unknown>;
}

interface Deps {
  readonly entries: UnboundEntries;
  readonly bindings: Pick<ReturnType<typeof cachedBindings>, 'forget'>;
  readonly replay: ReturnType<typeof replayEntry>;
  /** Told of what must not happen; the entry waits for an operator then, and holds up no other. */
  readonly failed: (error: unknown) => void;
}

/** How many entries of a sweep went out of quarantine, and how many wait on. */
export interface Swept {
  readonly released: number;
  readonly waiting: number;
}

/**
 * Reads again what waits for a binding of its device, once the bindings of that device are others than when
 * it was read last. To be done every few seconds: so a reading that was judged by what had been remembered of
 * the device before it was fitted gets out as well, and nothing is done for what has no hope. Several
 * processes may do it side by side. Stops at the first failure, and with the signal, and goes on there the
 * next time.
 */
export const sweepUnbound =
  ({ entries, bindings, replay, failed }: Deps, signal: AbortSignal) =>
  async (): Promise<Either<NotTaken | Unavailable, Swept>> => {
    const swept = { released: 0, waiting: 0 };
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const due = await entries.due(ENTRIES_MAX)();
      if (isLeft(due)) return due;
      if (due.right.length === 0) break;
      for (const device of due.right) bindings.forget(device);
      for (const entry of due.right) {
        if (signal.aborted) return right(swept);
        const replayed = await replay(entry).catch((error: unknown) => {
          failed(error);
          return right(null);
        });
        if (isLeft(replayed)) return replayed;
        if (replayed.right?.released) {
          swept.released += 1;
          continue;
        }
        const noted = await entries.tried(entry)();
        if (isLeft(noted)) return noted;
        swept.waiting += 1;
      }
    }
    return right(swept);
  };
