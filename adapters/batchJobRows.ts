import { z } from 'zod';
import type { BatchJob, DeadJob, JobCounts } from '#commands/batchJobs.ts';
import { Tenant } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import type { boundedPool } from './boundedPool.ts';

/** The schema of the database that pg-boss has for itself. */
export const JOBS_SCHEMA = 'batch_jobs';

/** What a job is stored as, beside its kind. */
export const StoredJob = z.strictObject({
  tenant: Tenant,
  key: z.string(),
  data: z.record(z.string(), z.string()),
});

/** What is stored with a job that failed. Whatever else pg-boss wrote there is its own. */
const Output = z.object({ code: z.string() });

const Dead = z.tuple([
  z.object({
    found: z
      .array(
        z.object({
          id: z.string(),
          kind: z.string(),
          data: StoredJob,
          output: z.unknown(),
          attempts: z.int(),
          at_ms: z.number(),
        }),
      )
      .nullable(),
  }),
]);
const Counts = z.tuple([
  z.object({
    found: z
      .array(
        z.object({
          ...{ kind: z.string(), waiting: z.int(), running: z.int(), done: z.int(), dead: z.int() },
        }),
      )
      .nullable(),
  }),
]);

type Reader = ReturnType<typeof boundedPool>;

/** The dead jobs of a tenant, those that died last first. */
export const deadJobs =
  (reader: Reader) =>
  async ({
    tenant,
    limit,
  }: {
    readonly tenant: Tenant;
    readonly limit: number;
  }): Promise<readonly DeadJob[]> => {
    const rows = await reader.ask(
      (sql, mark) => sql`
        select ${mark}::text as mark,
               (select json_agg(last) from (
                 select id, name as kind, data, output, retry_count + 1 as attempts,
                        extract(epoch from completed_on)::float8 * 1000 as at_ms
                   from ${sql(JOBS_SCHEMA)}.job
                  where state = 'failed' and data ->> 'tenant' = ${tenant}
                  order by completed_on desc, id limit ${limit}) as last) as found`,
    );
    return (Dead.parse(rows)[0].found ?? []).map(({ id, kind, data, output, attempts, at_ms }) => ({
      ...{ id, kind, ...data, attempts },
      at: Instant.parse(new Date(at_ms).toISOString()),
      // It ran out of time, or its process died, where no code of ours is there.
      code: Output.safeParse(output).data?.code ?? 'gave_no_answer',
    }));
  };

/** The kind of a dead job of a tenant; null where there is none of that id. */
export const kindOfDead =
  (reader: Reader) =>
  async ({
    tenant,
    id,
  }: {
    readonly tenant: Tenant;
    readonly id: string;
  }): Promise<BatchJob['kind'] | null> => {
    const rows = await reader.ask(
      (sql, mark) => sql`
        select ${mark}::text as mark,
               (select name from ${sql(JOBS_SCHEMA)}.job
                 where id::text = ${id} and state = 'failed' and data ->> 'tenant' = ${tenant}
                 limit 1) as kind`,
    );
    return z.tuple([z.object({ kind: z.string().nullable() })]).parse(rows)[0].kind;
  };

/** How many jobs of each kind a tenant has, by where they are. */
export const jobCounts =
  (reader: Reader) =>
  async (tenant: Tenant): Promise<readonly JobCounts[]> => {
    const rows = await reader.ask(
      (sql, mark) => sql`
        select ${mark}::text as mark,
               (select json_agg(counted) from (
                 select name as kind,
                        count(*) filter (where state in ('created', 'retry')) as waiting,
                        count(*) filter (where state = 'active') as running,
                        count(*) filter (where state = 'completed') as done,
                        count(*) filter (where state = 'failed') as dead
                   from ${sql(JOBS_SCHEMA)}.job
                  where data ->> 'tenant' = ${tenant}
                  group by name order by name) as counted) as found`,
    );
    return Counts.parse(rows)[0].found ?? [];
  };
