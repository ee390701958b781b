import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Unavailable } from '#commands/ports.ts';
import type { cachedBindings } from './cachedBindings.ts';
import type { BindingsOfDevice, Device } from './ports.ts';
import type { TelemetryStore } from './store.ts';

const DEVICES_MAX = 100;
/** A hundred thousand devices: as many as the writer remembers. */
const ROUNDS_MAX = 1_000;

/**
 * A device whose rows were not brought in line with its bindings yet, or only once. `version`: of which
 * bindings; versions of a device rise.
 */
export interface DueDevice extends Device {
  readonly version: bigint;
}

/** Devices that told something, and the bindings with which their rows are in line. */
export interface BoundDevices {
  /** Those whose bindings are others than then, and those that have to be gone over once more. */
  readonly due: (limit: number) => TaskEither<Unavailable, readonly DueDevice[]>;
  /** Notes that the rows of a device are in line with a version. */
  readonly bound: (device: DueDevice) => TaskEither<Unavailable, unknown>;
}

interface Deps {
  readonly devices: BoundDevices;
  /** The bindings themselves, not what is remembered of them. */
  readonly bindingsOf: BindingsOfDevice;
  readonly remembered: Pick<ReturnType<typeof cachedBindings>, 'forget'>;
  readonly store: Pick<TelemetryStore, 'bind'>;
}

/**
 * Brings stored rows to the vehicles that their devices were in, wherever bindings became others: told late,
 * corrected or struck out. Each device twice, the second time after a while: what was stored in between by
 * the bindings that some process still remembered is put right then. Answers how many rows were moved.
 * Several processes may do it side by side. Stops at the first failure, and with the signal.
 */
export const sweepBindings =
  ({ devices, bindingsOf, remembered, store }: Deps, signal: AbortSignal) =>
  async (): Promise<Either<Unavailable, number>> => {
    let moved = 0;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const due = await devices.due(DEVICES_MAX)();
      if (isLeft(due)) return due;
      if (due.right.length === 0) break;
      for (const device of due.right) {
        if (signal.aborted) return right(moved);
        remembered.forget(device);
        const bindings = await bindingsOf(device)();
        if (isLeft(bindings)) return bindings;
        const bound = await store.bind({ ...device, bindings: bindings.right })();
        if (isLeft(bound)) return bound;
        moved += bound.right;
        const noted = await devices.bound(device)();
        if (isLeft(noted)) return noted;
      }
    }
    return right(moved);
  };
