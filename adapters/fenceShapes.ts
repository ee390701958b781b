import { isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { digestOf } from '#commands/digest.ts';
import type { FenceShapes } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { Digest } from '#domain/kernel/ids.ts';
import { Fence } from '#domain/parks/fence.ts';
import { askAll } from './askAll.ts';
import { boundedPool } from './boundedPool.ts';
import { leastRecentlyUsed } from './leastRecentlyUsed.ts';
import { attempt } from './postgresFailure.ts';

const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 2;
const CLOSE_TIMEOUT_S = 5;
/** Those of ten parks with as many fences as they may have; of ordinary parks all there are. */
const SHAPES_SEEN_MAX = 2_000;

const ShapeRow = z.object({ digest: Digest, shape: z.string() });

/** A shape as it was kept. Throws where it is not the one that its digest names: corruption. */
const shapeOf = ({ digest, shape }: z.infer<typeof ShapeRow>): readonly [Digest, Fence] => {
  const fence = Fence.parse(JSON.parse(shape));
  if (digestOf(fence) !== digest) throw new Error(`the shape ${digest} has been changed`);
  return [digest, fence];
};

/**
 * The shapes of fences in Postgres. Detection asks for those of a park at every look; since a shape never
 * changes, those that were read last are kept at hand.
 */
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
  const find = askAll(pool);
  const seen = leastRecentlyUsed<Fence>(SHAPES_SEEN_MAX);
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
    read: (tenant, digests) => async () => {
      const keyOf = (digest: Digest): string => `${tenant} ${digest}`;
      const shapes = new Map<Digest, Fence>();
      for (const digest of digests) {
        const shape = seen.get(keyOf(digest));
        if (shape) shapes.set(digest, shape);
      }
      const unseen = digests.filter((digest) => !shapes.has(digest));
      if (unseen.length === 0) return right(shapes);
      const found = await find(
        ShapeRow,
        (sql) => sql`
          select digest, shape from fence_shapes
           where tenant = ${tenant} and digest = any(${unseen}::text[])`,
      );
      if (isLeft(found)) return found;
      for (const [digest, shape] of found.right.map(shapeOf)) {
        seen.put(keyOf(digest), shape);
        shapes.set(digest, shape);
      }
      return right(shapes);
    },
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
