import { z } from 'zod';
import type { Checkpoint, Generation, StoredGeneration } from './generations.ts';
import type { Database } from './ports.ts';
import type { AnyProjection } from './projection.ts';
import { type RowCache, rowCache } from './rowCache.ts';

/**
 * Parked deliveries wait in the database, but every batch looks the keys up: more than this many halt a
 * projection.
 */
export const PARKED_KEYS_MAX = 10_000;
const SKIPS_MAX = 100_000;

/** A row that waits, since one of its events could not be folded. */
interface ParkedKey {
  readonly tenant: string;
  readonly key: string;
  readonly attempts: number;
  readonly retry_at_ms: number;
}

/**
 * A projection on its way through the log, as it stands in memory: what the last write left in the
 * database. Whoever holds one is the only one to change it. `written` settles when every write that was
 * begun is over.
 */
export interface Follower {
  readonly projection: AnyProjection;
  readonly generation: Generation;
  readonly handles: ReadonlySet<string> | 'all';
  readonly rows: RowCache;
  readonly parked: Map<string, ParkedKey>;
  readonly skips: ReadonlySet<string>;
  checkpoint: Checkpoint;
  halted: string | null;
  written: Promise<unknown>;
}

/** A row's name in memory. A tenant holds no blank. */
export const rowId = (tenant: string, key: string): string => `${tenant} ${key}`;

/** The name in memory of a skip: an event that a row passes over. */
export const skipId = (id: string, event: string): string => `${event} ${id}`;

const Parked = z.object({
  tenant: z.string(),
  key: z.string(),
  attempts: z.int(),
  retry_at: z.date(),
});
const Skip = z.object({ tenant: z.string(), key: z.string(), event: z.string() });

/** Memory for rows: see `rowCache`. */
export interface RowRoom {
  readonly chars_max: number;
  readonly filter_bytes: number;
}

/** A generation taken up where its checkpoint says. */
export const takeUp =
  (sql: Database, room: RowRoom) =>
  async (
    projection: AnyProjection,
    { generation, checkpoint, halted }: StoredGeneration,
  ): Promise<Follower> => {
    const { name } = generation;
    const parked = Parked.array().parse(
      await sql`
        select tenant, key, attempts, retry_at from read_model_parked_keys
         where name = ${name} and generation = ${generation.generation} limit ${PARKED_KEYS_MAX + 1}`,
    );
    const skips = Skip.array().parse(
      await sql`select tenant, key, event from read_model_skips where name = ${name} limit ${SKIPS_MAX}`,
    );
    return {
      projection,
      generation,
      handles: projection.handles === 'all' ? 'all' : new Set<string>(projection.handles),
      rows: rowCache({ ...room, tableIsEmpty: checkpoint.account.read === 0 }),
      parked: new Map(
        parked.map(({ tenant, key, attempts, retry_at }) => [
          rowId(tenant, key),
          { tenant, key, attempts, retry_at_ms: retry_at.getTime() },
        ]),
      ),
      skips: new Set(skips.map(({ tenant, key, event }) => skipId(rowId(tenant, key), event))),
      checkpoint,
      halted,
      written: Promise.resolve(),
    };
  };
