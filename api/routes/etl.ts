import { z } from 'zod';
import { problems } from '#api/problem.ts';
import type { App } from '#api/zod.ts';
import { Instant, instantOf } from '#domain/kernel/instant.ts';
import type { ReadModelStatus } from '#projections/lag.ts';

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

/** GET /etl/status: how every read model stands against the end of the log. */
export const etlRoutes = (app: App, status: () => Promise<readonly ReadModelStatus[]>): void => {
  app.get(
    '/etl/status',
    {
      schema: {
        tags: ['etl'],
        summary: 'How far the read models are, what is parked, and whether their account closes',
        response: { 200: z.strictObject({ read_models: z.array(Status) }), default: problems },
      },
    },
    async (_request, reply) => {
      const all = await status();
      return reply.send({ read_models: all.map(told) });
    },
  );
};
