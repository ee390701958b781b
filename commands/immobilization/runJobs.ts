import { isLeft } from 'fp-ts/lib/Either.js';
import { driveJob } from './driveJob.ts';
import type { ReleaseMemory } from './driveRelease.ts';
import type { DrivingParts, Next } from './parts.ts';
import type { ClaimedJob, JobQueue, QueuedJob } from './ports.ts';

/** So many jobs are driven at once by one process. */
const IN_FLIGHT_MAX = 2_000;
const CLAIM_MAX = 200;
const CLAIM_EVERY_MS = 250;
/** A process that dies gives its jobs back after so long. */
const LEASE_S = 10;
const RENEW_EVERY_MS = 3_000;
/** What is due within that is waited for here; the rest goes back into the queue. */
const WAIT_HERE_S = 1;
/** A job that throws is tried again after so long. */
const BROKEN_S = 15;

/** So many jobs are remembered from one turn to the next. */
const REMEMBERED_MAX = 10_000;

/**
 * When this process last sent each release: one that waits goes back into the queue between two looks, and
 * would be sent at every look otherwise.
 */
const memories = () => {
  const kept = new Map<string, ReleaseMemory>();
  const keyOf = ({ tenant, job }: QueuedJob): string => `${tenant} ${job}`;
  return {
    of: (queued: QueuedJob): ReleaseMemory => {
      const memory = kept.get(keyOf(queued)) ?? { sent_ms: null, sends: 0 };
      kept.set(keyOf(queued), memory);
      const oldest = kept.keys().next();
      if (kept.size > REMEMBERED_MAX && !oldest.done) kept.delete(oldest.value);
      return memory;
    },
    forget: (queued: QueuedJob): void => {
      kept.delete(keyOf(queued));
    },
  };
};

interface Deps extends DrivingParts {
  readonly queue: JobQueue;
  /** Told of what must not happen. */
  readonly failed: (error: unknown) => void;
}

/**
 * Drives the jobs of the queue until the signal fires, many at once, each by one process at a time. `nudge`
 * has it look at once. What was begun when the signal fires is finished to its next step.
 */
export const runJobs = (deps: Deps) => {
  const { queue, failed, sleep, monotonic_ms } = deps;
  const drive = driveJob(deps);
  const driven = new Map<ClaimedJob, Promise<void>>();
  const remembered = memories();
  let wake = (): void => {};

  const toTheEnd = async (claimed: ClaimedJob, signal: AbortSignal): Promise<Next> => {
    const memory = remembered.of(claimed);
    for (;;) {
      const next = await drive(claimed, memory);
      if (next.done || next.in_s > WAIT_HERE_S || signal.aborted) return next;
      await sleep(next.in_s * 1_000);
    }
  };

  const own = async (claimed: ClaimedJob, signal: AbortSignal): Promise<void> => {
    const next = await toTheEnd(claimed, signal).catch((error: unknown): Next => {
      failed(error);
      return { done: false, in_s: BROKEN_S };
    });
    if (next.done) remembered.forget(claimed);
    const given = next.done
      ? await queue.remove(claimed)()
      : await queue.postpone(claimed, next.in_s)();
    // Where the queue is away the lease runs out, and somebody drives the job again.
    if (isLeft(given)) deps.observe({ type: 'failed', code: given.left.code });
  };

  const claim = async (signal: AbortSignal): Promise<number> => {
    const jobs_max = Math.min(CLAIM_MAX, IN_FLIGHT_MAX - driven.size);
    if (jobs_max <= 0) return 0;
    const claimed = await queue.claim({ jobs_max, lease_s: LEASE_S })();
    if (isLeft(claimed)) return 0;
    for (const job of claimed.right) {
      const owned = own(job, signal)
        .catch(failed)
        .finally(() => driven.delete(job));
      driven.set(job, owned);
    }
    return claimed.right.length;
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    let renewed_ms = monotonic_ms();
    const stopped = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    while (!signal.aborted) {
      if (monotonic_ms() - renewed_ms >= RENEW_EVERY_MS && driven.size > 0) {
        renewed_ms = monotonic_ms();
        await queue.renew([...driven.keys()], LEASE_S)();
      }
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if ((await claim(signal)) === CLAIM_MAX) continue;
      await Promise.race([woken, sleep(CLAIM_EVERY_MS), stopped]);
    }
    await Promise.allSettled(driven.values());
  };
  return { run, nudge: (): void => wake(), inFlight: (): number => driven.size };
};
