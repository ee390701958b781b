import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { problems, refuse } from '#api/problem.ts';
import { ImportReply, type Imports, importReply, lastImports } from '#api/routes/imports.ts';
import type { App } from '#api/zod.ts';
import type { BatchJobs, DeadJob } from '#commands/batchJobs.ts';
import { Instant, instantOf } from '#domain/kernel/instant.ts';
import type { ReadModelStatus } from '#projections/lag.ts';

const DEAD_MAX = 100;

const Account = z.strictObject({
  handled: z.int(),
  ignored: z.int(),
  parked: z.int(),
  read: z.int(),
  closes: z.boolean().meta({ description: 'Whether handled + ignored + parked = read.' }),
});
const Status = z.strictObject({
  read_model: z.string(),
  version: z.int(),
  generation: z.int(),
  position: z.string(),
  head: z.string().nullable(),
  lag_ms: z.number().nullable(),
  behind_events: z.string().nullable(),
  parked_keys: z.int(),
  halted_reason: z.string().nullable(),
  progressed_at: Instant,
  account: Account,
});

const text = (number: bigint | null): string | null => (number === null ? null : String(number));

const told = (status: ReadModelStatus): z.infer<typeof Status> => ({
  read_model: status.readModel,
  version: status.version,
  generation: status.generation,
  position: String(status.position),
  head: text(status.head),
  lag_ms: status.lag_ms,
  behind_events: text(status.behind_events),
  parked_keys: status.parkedKeys,
  halted_reason: status.haltedReason,
  progressed_at: instantOf(status.progressed_ms),
  account: { ...status.account, closes: status.isClosed },
});

const Counts = z.strictObject({
  ...{ kind: z.string(), waiting: z.int(), running: z.int(), done: z.int(), dead: z.int() },
});
const Dead = z.strictObject({
  job_id: z.string(),
  kind: z.string(),
  key: z.string(),
  data: z.record(z.string(), z.string()),
  code: z.string().meta({ description: 'Why the last try failed.' }),
  attempts: z.int(),
  at: Instant,
});
const Jobs = z.strictObject({
  counts: z.array(Counts),
  dead: z.array(Dead).meta({ description: 'What nobody tries any more, the last ones first.' }),
});
const params = z.strictObject({ batch_job_id: z.uuid() });

const toldDead = ({ id, kind, key, data, code, attempts, at }: DeadJob): z.infer<typeof Dead> => ({
  ...{ job_id: id, kind, key, data, code, attempts, at },
});

/** What whoever looks after the work in the background needs of it. */
export type JobsToLookAt = Pick<BatchJobs, 'counts' | 'dead' | 'replay'>;

/** How every read model stands against the end of the log, and the work in the background. */
export const etlRoutes = (
  app: App,
  {
    readModelStatus,
    batchJobs,
    imports,
  }: {
    readonly readModelStatus: () => Promise<readonly ReadModelStatus[]>;
    readonly batchJobs: JobsToLookAt;
    readonly imports: Imports;
  },
): void => {
  app.get(
    '/etl/status',
    {
      schema: {
        tags: ['etl'],
        summary:
          'How far the read models are, what is parked, whether their account closes; jobs and dead ones; imports',
        response: {
          200: z.strictObject({
            read_models: z.array(Status),
            jobs: Jobs,
            imports: z.array(ImportReply).meta({ description: 'Files, the last ones first.' }),
          }),
          default: problems,
        },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const all = await readModelStatus();
      const counts = await batchJobs.counts(tenant)();
      if (isLeft(counts)) return refuse(reply, counts.left);
      const dead = await batchJobs.dead({ tenant, limit: DEAD_MAX })();
      if (isLeft(dead)) return refuse(reply, dead.left);
      const jobs = { counts: [...counts.right], dead: dead.right.map(toldDead) };
      const taken = await lastImports(imports, tenant);
      if (isLeft(taken)) return refuse(reply, taken.left);
      const files = taken.right.map(importReply);
      return reply.send({ read_models: all.map(told), jobs, imports: files });
    },
  );
  app.post(
    '/etl/jobs/:batch_job_id/replay',
    {
      schema: {
        tags: ['etl'],
        summary: 'Have a dead job tried once more',
        params,
        response: { 200: z.strictObject({ job_id: z.string() }), default: problems },
      },
    },
    async (request, reply) => {
      const { tenant } = callerOf(request);
      const { batch_job_id: id } = request.params;
      const replayed = await batchJobs.replay({ tenant, id })();
      if (isLeft(replayed)) return refuse(reply, replayed.left);
      return replayed.right
        ? reply.send({ job_id: id })
        : refuse(reply, { code: 'DeadJobUnknown' });
    },
  );
};
