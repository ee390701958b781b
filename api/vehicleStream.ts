import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import type { VehicleNow } from '#ingest/vehicleNow.ts';
import type { Caller } from './caller.ts';
import type { KeptTelemetry } from './ports.ts';
import { nowReply } from './telemetryReply.ts';
import { type VehicleMailbox, vehicleMailbox } from './vehicleMailbox.ts';
import type { vehicleScope, WantedVehicles } from './vehicleScope.ts';

const RECONNECT_MS = 2_000;
const STALL_LOOKS = 4;

/** How often a stream beats, looks at its scope anew, and for how long a reader may read nothing. */
export interface StreamPace {
  readonly heart_beat_ms: number;
  readonly scope_ms: number;
  readonly stall_max_ms: number;
}

export const STREAM_PACE: StreamPace = {
  heart_beat_ms: 15_000,
  scope_ms: 30_000,
  stall_max_ms: 60_000,
};

interface Deps {
  readonly kept: Pick<KeptTelemetry, 'store' | 'live'>;
  readonly scopeOf: ReturnType<typeof vehicleScope>;
  readonly pace: StreamPace;
  /** Told of what must not happen. */
  readonly failed: (error: unknown) => void;
}

/** Who listens to what. `since`: the mark in the last frame that the client got; null: it got none. */
interface Wanted {
  readonly caller: Caller;
  readonly wanted: WantedVehicles;
  readonly since: bigint | null;
  readonly signal: AbortSignal;
  /** Hangs up on a reader that reads nothing. */
  readonly hangUp: () => void;
}

const idLine = (mark: bigint | null): string => (mark === null ? '' : `id: ${mark}\n`);

const frameOf = (state: VehicleNow, mark: bigint | null): string => {
  const reply = nowReply(state, { park_id: null, at_us: Date.now() * 1_000 });
  return `${idLine(mark)}data: ${JSON.stringify(reply)}\n\n`;
};

/**
 * What waits in a mailbox, as server-sent events, until the signal fires. Only the frame with which nothing
 * waits any more has an id: whoever comes back with it has missed nothing. A frame without data keeps the
 * line open. Source: HTML Living Standard, section 9.2.
 */
async function* framesOf(
  box: VehicleMailbox,
  { heart_beat_ms }: StreamPace,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  yield `retry: ${RECONNECT_MS}\n${idLine(box.mark())}\n`;
  let beat_ms = performance.now() + heart_beat_ms;
  while (!signal.aborted) {
    const letter = box.take();
    if (letter) {
      yield frameOf(letter.state, letter.mark);
      beat_ms = performance.now() + heart_beat_ms;
      continue;
    }
    const left_ms = beat_ms - performance.now();
    if (left_ms > 0) {
      await box.wait(left_ms, signal);
      continue;
    }
    yield `${idLine(box.mark())}: beat\n\n`;
    beat_ms = performance.now() + heart_beat_ms;
  }
}

/** Does something again and again, not twice at a time, until the signal fires. */
const every = (
  pause_ms: number,
  signal: AbortSignal,
  { work, failed }: { readonly work: () => Promise<void>; readonly failed: Deps['failed'] },
): void => {
  let working = false;
  const timer = setInterval(async () => {
    if (working) return;
    working = true;
    await work().catch(failed);
    working = false;
  }, pause_ms);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  if (signal.aborted) clearInterval(timer);
};

/**
 * What is known of vehicles, and what changes about it, as a stream. It begins with the state of all of them;
 * with a mark, where the vehicles are the same as they were then, with what has changed since.
 */
export const vehicleStream =
  ({ kept, scopeOf, pace, failed }: Deps) =>
  async (asked: Wanted): Promise<Either<Unavailable, AsyncIterable<string>>> => {
    const { caller, wanted, signal, hangUp } = asked;
    const { tenant } = caller;
    const box = vehicleMailbox();
    let scope = await scopeOf(caller, wanted);
    const isTheirs = (vehicle: VehicleId): boolean => scope === null || scope.has(vehicle);
    const changed = (vehicles: readonly VehicleId[] | null, since: bigint | null) =>
      kept.store.changedNow({ tenant, vehicles, since })();

    const lookAgain = async (): Promise<void> => {
      const before = scope;
      const next = await scopeOf(caller, wanted);
      if (before === null || next === null) return;
      const added = [...next].filter((vehicle) => !before.has(vehicle));
      scope = next;
      box.keepOnly(isTheirs);
      const found = added.length === 0 ? null : await changed(added, null);
      if (found === null) return;
      // What could not be read now is added the next time.
      if (isLeft(found)) scope = before;
      else box.putBefore(found.right.states, found.right.mark);
    };

    const joined = await kept.live.join(({ states, mark }) => {
      const theirs = states.filter((each) => each.tenant === tenant && isTheirs(each.vehicle));
      box.put(theirs, mark);
    });
    if (isLeft(joined)) return joined;
    // A vehicle that came into a park meanwhile may not have changed since, and has to be told all the same.
    const since = wanted.park === null && caller.parks === '*' ? asked.since : null;
    const known = await changed(scope && [...scope], since);
    if (isLeft(known) || signal.aborted) joined.right();
    if (isLeft(known)) return known;
    signal.addEventListener('abort', joined.right, { once: true });
    box.putBefore(known.right.states, known.right.mark);
    every(pace.scope_ms, signal, { work: lookAgain, failed });
    const hangUpOnStalled = async () => {
      if (box.stalled_ms() > pace.stall_max_ms) hangUp();
    };
    every(pace.stall_max_ms / STALL_LOOKS, signal, { work: hangUpOnStalled, failed });
    return right(framesOf(box, pace, signal));
  };
