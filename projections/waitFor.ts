import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { generationsIn } from './generations.ts';
import type { Database } from './ports.ts';

const POLL_MS = 25;
const WAITERS_MAX = 10_000;

/**
 * The read model has not got there in time; `reached` is where it was last seen, null where there is none.
 */
interface ProjectionBehind {
  readonly code: 'projection_behind';
  readonly readModel: string;
  readonly reached: bigint | null;
}

/** Waits until a read model has taken in the log up to a position, for at most `timeout_ms`. */
export interface PositionWaiter {
  readonly waitFor: (request: {
    readonly readModel: string;
    readonly position: bigint;
    readonly timeout_ms: number;
  }) => Promise<Either<ProjectionBehind, bigint>>;
  /**
   * Says that a checkpoint may have moved, so that nobody waits for the next look; cheap, for every batch.
   */
  readonly nudge: () => void;
}

interface Waiting {
  readonly readModel: string;
  readonly position: bigint;
  readonly settle: (outcome: Either<ProjectionBehind, bigint>) => void;
}

/**
 * Looks when asked to, one look at a time, and then every 25 ms for as long as somebody waits. An outage is
 * waited out: whoever waits has a timeout.
 */
const sharedLook = (look: () => Promise<void>, somebodyWaits: () => boolean): (() => void) => {
  let looking = false;
  let asked = false;
  let scheduled = false;
  const ask = async (): Promise<void> => {
    asked = true;
    if (looking || !somebodyWaits()) return;
    looking = true;
    while (asked && somebodyWaits()) {
      asked = false;
      await look().catch(() => {});
    }
    looking = false;
    if (scheduled || !somebodyWaits()) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      void ask();
    }, POLL_MS);
  };
  return () => void ask();
};

/**
 * The waiter for one process. All who wait share one look at the checkpoints: at every nudge by the runner
 * in the same process, and 40 times a second for a runner elsewhere. While nobody waits it does nothing.
 */
export const positionWaiter = (sql: Database): PositionWaiter => {
  const waiting = new Set<Waiting>();
  let reached = new Map<string, bigint>();

  const behind = (readModel: string) =>
    left({
      code: 'projection_behind',
      readModel,
      reached: reached.get(readModel) ?? null,
    } as const);

  const look = async (): Promise<void> => {
    const live = await generationsIn(sql, { state: 'live' });
    reached = new Map(live.map((each) => [each.generation.name, each.checkpoint.position]));
    for (const each of waiting) {
      const position = reached.get(each.readModel);
      if (position !== undefined && position >= each.position) each.settle(right(position));
    }
  };

  const nudge = sharedLook(look, () => waiting.size > 0);

  return {
    nudge,
    waitFor: ({ readModel, position, timeout_ms }) =>
      new Promise((resolve) => {
        if (waiting.size >= WAITERS_MAX) {
          resolve(behind(readModel));
          return;
        }
        const limit = setTimeout(() => each.settle(behind(readModel)), timeout_ms);
        const each: Waiting = {
          readModel,
          position,
          settle: (outcome) => {
            clearTimeout(limit);
            waiting.delete(each);
            resolve(outcome);
          },
        };
        waiting.add(each);
        nudge();
      }),
  };
};
