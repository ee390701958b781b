import { right } from 'fp-ts/lib/Either.js';
import type { ClaimedJob, JobQueue, QueuedJob } from '#commands/immobilization/ports.ts';

interface Entry {
  readonly job: QueuedJob;
  due_ms: number;
  readonly urgent: boolean;
  version: number;
  lease: string | null;
  leased_until_ms: number;
}

/** The queue of jobs in memory, by the caller's clock; for tests. */
export const memoryJobQueue = (now_ms: () => number): JobQueue => {
  const entries = new Map<string, Entry>();
  let leases = 0;
  const keyOf = ({ tenant, job }: QueuedJob): string => `${tenant} ${job}`;
  const heldBy = (job: ClaimedJob): Entry | null => {
    const entry = entries.get(keyOf(job));
    return entry?.lease === job.lease ? entry : null;
  };
  const giveBack = (entry: Entry, due_ms: number): void => {
    Object.assign(entry, { lease: null, leased_until_ms: 0, due_ms });
  };
  return {
    put:
      ({ urgent, ...job }) =>
      async () => {
        const before = entries.get(keyOf(job));
        if (before) Object.assign(before, { due_ms: now_ms(), version: before.version + 1 });
        else {
          const fresh = { version: 1, lease: null, leased_until_ms: 0, urgent };
          entries.set(keyOf(job), { job, due_ms: now_ms(), ...fresh });
        }
        return right(null);
      },
    claim:
      ({ jobs_max, lease_s }) =>
      async () => {
        const due = [...entries.values()]
          .filter((entry) => entry.due_ms <= now_ms() && entry.leased_until_ms < now_ms())
          .toSorted(
            (one, other) => Number(other.urgent) - Number(one.urgent) || one.due_ms - other.due_ms,
          )
          .slice(0, jobs_max);
        return right(
          due.map((entry) => {
            leases += 1;
            const lease = String(leases);
            Object.assign(entry, { lease, leased_until_ms: now_ms() + lease_s * 1_000 });
            return { ...entry.job, version: entry.version, lease };
          }),
        );
      },
    renew: (jobs, lease_s) => async () => {
      for (const job of jobs) {
        const entry = heldBy(job);
        if (entry) entry.leased_until_ms = now_ms() + lease_s * 1_000;
      }
      return right(null);
    },
    postpone: (job, in_s) => async () => {
      const entry = heldBy(job);
      if (entry) giveBack(entry, now_ms() + (entry.version === job.version ? in_s * 1_000 : 0));
      return right(null);
    },
    remove: (job) => async () => {
      const entry = heldBy(job);
      if (entry?.version === job.version) entries.delete(keyOf(job));
      else if (entry) giveBack(entry, now_ms());
      return right(null);
    },
    size: () => async () => right(entries.size),
  };
};
