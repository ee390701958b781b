import { type Either, left } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { evenGroups, groupCommit } from '#commands/groupCommit.ts';
import type { ClaimedJob, JobQueue, QueuedJob } from '#commands/immobilization/ports.ts';
import type { Unavailable } from '#commands/ports.ts';
import { JobId, Tenant } from '#domain/kernel/ids.ts';
import { boundedPool } from './boundedPool.ts';
import { attempt } from './postgresFailure.ts';
import type { PostgresPool } from './postgresPool.ts';

const STATEMENT_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 4;
const CLOSE_TIMEOUT_S = 5;
const GROUP_ITEMS_MAX = 500;
const WAITING_MAX_MS = 5_000;

const Claimed = z.tuple([
  z.object({
    claimed: z
      .array(
        z.object({ tenant: Tenant, job: JobId, version: z.coerce.number(), lease: z.string() }),
      )
      .nullable(),
  }),
]);
const Size = z.tuple([z.object({ size: z.coerce.number() })]);

/** The queue of jobs in Postgres. Its clock alone says what is due. */
export const jobQueue = ({
  url,
}: {
  readonly url: string;
}): JobQueue & { readonly close: () => Promise<void> } => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-jobs',
  });
  /** Does what some common table expressions do. */
  const write = (statement: (sql: PostgresPool) => ReturnType<PostgresPool>) =>
    attempt(async () => {
      await pool.ask(
        (sql, mark) => sql`
          with ${statement(sql)} select ${mark}::text as mark`,
      );
      return null;
    });
  /** Does one thing with all jobs that somebody asks for while it is being done with others. */
  const together = <Asked>(
    statement: (sql: PostgresPool, asked: string) => ReturnType<PostgresPool>,
  ) =>
    groupCommit<Asked, Either<Unavailable, null>>({
      limits: evenGroups(GROUP_ITEMS_MAX, WAITING_MAX_MS),
      commit: async (asked) => {
        const done = await write((sql) => statement(sql, JSON.stringify(asked)));
        return asked.map(() => done);
      },
      refused: (detail) => left({ code: 'Unavailable', detail }),
      failed: (error) => {
        throw error;
      },
    });
  /** What was asked, as a table of jobs. */
  const table = (sql: PostgresPool, asked: string) => sql`
    json_to_recordset(${asked}::text::json)
      as asked (tenant text, job text, urgent boolean, version bigint, lease uuid, in_s float8)`;
  const puts = together<QueuedJob & { readonly urgent: boolean }>(
    (sql, asked) => sql`written as (
      insert into immobilization_jobs (tenant, job, urgent, version)
      select tenant, job, bool_or(urgent), count(*) from ${table(sql, asked)} group by tenant, job
      on conflict (tenant, job) do update
         set due_at = clock_timestamp(), version = immobilization_jobs.version + excluded.version)`,
  );
  const postponements = together<ClaimedJob & { readonly in_s: number }>(
    (sql, asked) => sql`written as (
      update immobilization_jobs as jobs
         set lease = null, leased_until = null,
             due_at = case when jobs.version = asked.version
                           then clock_timestamp() + make_interval(secs => asked.in_s)
                           else clock_timestamp() end
        from ${table(sql, asked)}
       where jobs.tenant = asked.tenant and jobs.job = asked.job and jobs.lease = asked.lease)`,
  );
  const removals = together<ClaimedJob>(
    (sql, asked) => sql`
      asked as (select * from ${table(sql, asked)}),
      gone as (
        delete from immobilization_jobs as jobs using asked
         where jobs.tenant = asked.tenant and jobs.job = asked.job and jobs.lease = asked.lease
           and jobs.version = asked.version),
      kept as (
        update immobilization_jobs as jobs
           set lease = null, leased_until = null, due_at = clock_timestamp()
          from asked
         where jobs.tenant = asked.tenant and jobs.job = asked.job and jobs.lease = asked.lease
           and jobs.version <> asked.version)`,
  );

  return {
    put: (job) => () => puts.submit(job, 1),
    claim:
      ({ jobs_max, lease_s }) =>
      () =>
        attempt(async () => {
          const rows = await pool.ask(
            (sql, mark) => sql`
              with due as (
                select tenant, job from immobilization_jobs
                 where due_at <= clock_timestamp()
                   and (leased_until is null or leased_until < clock_timestamp())
                 order by urgent desc, due_at limit ${jobs_max} for update skip locked),
              claimed as (
                update immobilization_jobs as jobs
                   set lease = gen_random_uuid(),
                       leased_until = clock_timestamp() + make_interval(secs => ${lease_s})
                  from due where jobs.tenant = due.tenant and jobs.job = due.job
                returning jobs.tenant, jobs.job, jobs.version, jobs.lease)
              select ${mark}::text as mark, (select json_agg(claimed) from claimed) as claimed`,
          );
          return Claimed.parse(rows)[0].claimed ?? [];
        }),
    renew: (jobs, lease_s) => () =>
      write(
        (sql) => sql`written as (
          update immobilization_jobs
             set leased_until = clock_timestamp() + make_interval(secs => ${lease_s})
           where lease = any(${jobs.map(({ lease }) => lease)}::uuid[]))`,
      ),
    postpone: (job, in_s) => () => postponements.submit({ ...job, in_s }, 1),
    remove: (job) => () => removals.submit(job, 1),
    size: () => () =>
      attempt(
        async () =>
          Size.parse(
            await pool.ask(
              (sql, mark) =>
                sql`select ${mark}::text as mark, count(*) as size from immobilization_jobs`,
            ),
          )[0].size,
      ),
    close: async () => {
      await Promise.all([puts.drained(), postponements.drained(), removals.drained()]);
      await pool.end(CLOSE_TIMEOUT_S);
    },
  };
};
