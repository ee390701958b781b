import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type JobResult, type JobWithMetadata, PgBoss } from 'pg-boss';
import type { BatchJob, BatchJobs, BatchSchedule, BatchWork } from '#commands/batchJobs.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Unavailable } from '#commands/ports.ts';
import { deadJobs, JOBS_SCHEMA, jobCounts, kindOfDead, StoredJob } from './batchJobRows.ts';
import { boundedPool } from './boundedPool.ts';
import { attempt } from './postgresFailure.ts';

const CONNECTIONS_MAX = 4;
const READ_CONNECTIONS_MAX = 2;
const STATEMENT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_S = 5;
/** A job is known by its key for more than a year, then it is gone, and so is a dead one. */
const KEPT_S = 400 * 86_400;
const SCHEDULE_PREFIX = 'tick_';

/** How jobs are tried: each for so long at most, and again after longer and longer. */
export interface JobTiming {
  readonly work_max_s: number;
  readonly retries_max: number;
  readonly retry_s: number;
  readonly retry_max_s: number;
  readonly poll_s: number;
  /** How often it is looked for jobs whose time is over, and for schedules that are due. */
  readonly watch_s: number;
}

/** Five minutes a job; seven tries, the last within about two hours. */
const TIMING: JobTiming = {
  work_max_s: 300,
  retries_max: 6,
  retry_s: 60,
  retry_max_s: 1_800,
  poll_s: 2,
  watch_s: 30,
};

interface Options {
  readonly url: string;
  readonly kinds: readonly string[];
  /** Told of what went wrong behind the scenes: a bug in some work, the database away. */
  readonly observe: (error: unknown) => void;
  readonly timing?: JobTiming;
}

/** Classes of SQLSTATE: the server is away or overburdened. Source: PostgreSQL manual, appendix A. */
const OUTAGES = /^(?:08|53|57)/;

/** Whether the server itself refused a statement, and not for want of anything: that is a bug. */
const isBug = (error: unknown): boolean =>
  error instanceof Error &&
  'severity' in error &&
  'code' in error &&
  typeof error.code === 'string' &&
  !OUTAGES.test(error.code);

/** Does what may as well be done twice. Throws a bug. */
const asked =
  <Result>(work: () => Promise<Result>): TaskEither<Unavailable, Result> =>
  async () => {
    try {
      return right(await work());
    } catch (error) {
      if (isBug(error)) throw error;
      return left({ code: 'Unavailable', detail: 'pg-boss' });
    }
  };

/** The id of a job follows from what makes it one. */
const idOf = ({ kind, tenant, key }: BatchJob): string => deriveUuid('batch', kind, tenant, key);

/**
 * Work in the background on pg-boss: in the database, so that it outlives the process, and shared by all
 * processes on it.
 */
export const batchJobs = async ({ url, kinds, observe, timing = TIMING }: Options) => {
  const { work_max_s, retries_max, retry_s, retry_max_s, poll_s, watch_s } = timing;
  const boss = new PgBoss({
    connectionString: url,
    schema: JOBS_SCHEMA,
    application_name: 'ledger-batch',
    max: CONNECTIONS_MAX,
    superviseIntervalSeconds: watch_s,
    monitorIntervalSeconds: watch_s,
    cronMonitorIntervalSeconds: watch_s,
    cronWorkerIntervalSeconds: watch_s,
  });
  boss.on('error', observe);
  await boss.start();
  for (const kind of kinds) {
    await boss.createQueue(kind, {
      expireInSeconds: work_max_s,
      retryLimit: retries_max,
      retryDelay: retry_s,
      retryDelayMax: retry_max_s,
      retryBackoff: true,
      retentionSeconds: KEPT_S,
      deleteAfterSeconds: KEPT_S,
    });
  }
  const reader = boundedPool({
    url,
    connections_max: READ_CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-batch-read',
  });
  const kindOf = kindOfDead(reader);
  const dead = deadJobs(reader);
  const counts = jobCounts(reader);

  const resultOf = async (
    kind: string,
    work: BatchWork,
    { id, data, signal }: JobWithMetadata<unknown>,
  ): Promise<JobResult> => {
    try {
      const done = await work({ kind, ...StoredJob.parse(data) }, signal);
      if (!isLeft(done)) return { id, status: 'completed' };
      const { code, again } = done.left;
      return { id, status: again ? 'failed' : 'deadletter', output: { code } };
    } catch (error) {
      // What was thrown may name somebody; it goes into the log's hands and not into the database.
      observe(error);
      return { id, status: 'failed', output: { code: 'bug' } };
    }
  };

  const jobs: BatchJobs = {
    put: (job) => {
      const { kind, tenant, key, data } = job;
      return asked(
        async () => (await boss.send(kind, { tenant, key, data }, { id: idOf(job) })) !== null,
      );
    },
    dead: (wanted) => () => attempt(() => dead(wanted)),
    replay: (wanted) => async () => {
      const kind = await attempt(() => kindOf(wanted));
      if (isLeft(kind)) return kind;
      const { right: name } = kind;
      if (name === null) return right(false);
      const done = await asked(() => boss.retry(name, wanted.id))();
      return isLeft(done) ? done : right(true);
    },
    counts: (tenant) => () => attempt(() => counts(tenant)),
  };

  return {
    ...jobs,
    /** From now on jobs of a kind are done here, one at a time. */
    work: async (kind: string, work: BatchWork): Promise<void> => {
      const options = {
        pollingIntervalSeconds: poll_s,
        perJobResults: true,
        includeMetadata: true,
      } as const;
      await boss.work(kind, options, (some: JobWithMetadata<unknown>[]) =>
        Promise.all(some.map((job) => resultOf(kind, work, job))),
      );
    },
    /** From now on these are the schedules that there are. */
    every: async (schedules: readonly BatchSchedule[]): Promise<void> => {
      const names = new Set(schedules.map(({ name }) => `${SCHEDULE_PREFIX}${name}`));
      for (const { name } of await boss.getSchedules()) {
        if (!names.has(name)) await boss.unschedule(name);
      }
      for (const { name, cron, zone, tick } of schedules) {
        const queue = `${SCHEDULE_PREFIX}${name}`;
        await boss.createQueue(queue, { policy: 'exclusive', retryLimit: 0 });
        await boss.schedule(queue, cron, null, { tz: zone });
        await boss.work(queue, { pollingIntervalSeconds: poll_s }, async () => {
          try {
            await tick();
          } catch (error) {
            observe(error);
          }
        });
      }
    },
    /** Lets the jobs under way end, for a while. */
    close: async (): Promise<void> => {
      await boss.stop({ graceful: true, timeout: CLOSE_TIMEOUT_MS });
      await reader.end(CLOSE_TIMEOUT_S);
    },
  };
};
