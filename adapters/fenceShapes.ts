import { z } from 'zod';
import { digestOf } from '#commands/digest.ts';
import type { FenceShapes } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { Digest } from '#domain/kernel/ids.ts';
import { Fence } from '#domain/parks/fence.ts';
import { boundedPool } from './boundedPool.ts';
import { attempt } from './postgresFailure.ts';

const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 2;
const CLOSE_TIMEOUT_S = 5;

const Rows = z.array(z.object({ digest: Digest, shape: z.string() }));

/** A shape as it was kept. Throws where it is not the one that its digest names: corruption. */
const shapeOf = ({ digest, shape }: z.infer<typeof Rows>[number]): readonly [Digest, Fence] => {
  const fence = Fence.parse(JSON.parse(shape));
  if (digestOf(fence) !== digest) throw new Error(`the shape ${digest} has been changed`);
  return [digest, fence];
};

/** The shapes of fences in Postgres. */
export const fenceShapes = ({
  url,
}: {
  readonly url: string;
}): FenceShapes & { readonly close: () => Promise<void> } => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-fences',
  });
  return {
    keep: (tenant, shapes) => () =>
      attempt(async () => {
        const digests = shapes.map((shape) => digestOf(shape));
        await pool.ask(
          (sql, mark) => sql`
            with kept as (
              insert into fence_shapes (tenant, digest, shape)
              select distinct on (digest) ${tenant}, digest, shape
                from unnest(${digests}::text[], ${shapes.map((shape) => canonicalJson(shape))}::text[])
                     as new(digest, shape)
              on conflict do nothing)
            select ${mark}::text as mark`,
        );
        return digests;
      }),
    read: (tenant, digests) => () =>
      attempt(async () => {
        const rows = await pool.run(
          (sql) => sql`
            select digest, shape from fence_shapes
             where tenant = ${tenant} and digest = any(${[...digests]}::text[])`,
        );
        return new Map(Rows.parse(rows).map(shapeOf));
      }),
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
