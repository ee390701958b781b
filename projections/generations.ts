import type { ISql } from 'postgres';
import { z } from 'zod';
import { digestOf } from './digest.ts';
import type { Database } from './ports.ts';
import type { AnyProjection } from './projection.ts';

/** The position of a checkpoint before the first event. No store gives out a negative one. */
export const BEFORE_ALL = -1n;

const GENERATIONS_MAX = 10_000;
const INDEXING_MAX_MS = 3_600_000;

/**
 * One filling of one version of a read model, in a table of its own. `building`: by a rebuild; `scratch`:
 * by a verification; `live`: what readers see; `retired`: replaced.
 */
export interface Generation {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly table: string;
}

/** How deliveries ended: see migrations/0003_projections.sql. handled + ignored + parked = read. */
export interface Account {
  readonly handled: number;
  readonly ignored: number;
  readonly parked: number;
  readonly read: number;
}

/** How far a generation has got, and the stamp that the next write must build on. */
export interface Checkpoint {
  readonly position: bigint;
  readonly recorded_ms: number;
  readonly digest: bigint;
  readonly account: Account;
  readonly stamp: string;
}

const count = z.bigint().transform(Number);

const Stored = z
  .object({
    name: z.string(),
    version: z.int(),
    generation: z.int(),
    table_name: z.string(),
    position: z.bigint(),
    recorded_ms: count,
    digest: z.string(),
    handled: count,
    ignored: count,
    parked: count,
    read: count,
    stamp: z.string(),
    halted_reason: z.string().nullable(),
  })
  .transform((row) => ({
    generation: {
      name: row.name,
      version: row.version,
      generation: row.generation,
      table: row.table_name,
    },
    checkpoint: {
      position: row.position,
      recorded_ms: row.recorded_ms,
      digest: digestOf(row.digest),
      account: {
        handled: row.handled,
        ignored: row.ignored,
        parked: row.parked,
        read: row.read,
      },
      stamp: row.stamp,
    },
    halted: row.halted_reason,
  }));

/** A generation with its checkpoint, and why it is halted, null where it is not. */
export type StoredGeneration = z.infer<typeof Stored>;

/** The generations in a state, of all names or of one, by name and number. */
export const generationsIn = async (
  sql: ISql<{ bigint: bigint }>,
  wanted: { readonly state: 'building' | 'scratch' | 'live' | 'retired'; readonly name?: string },
): Promise<readonly StoredGeneration[]> =>
  Stored.array().parse(
    await sql`
      select name, version, generation, table_name, position, recorded_ms, digest, handled, ignored, parked, read,
             stamp, halted_reason
        from read_models join read_model_checkpoints using (name, generation)
       where state = ${wanted.state} and name = coalesce(${wanted.name ?? null}, name)
       order by name, generation limit ${GENERATIONS_MAX}`,
  );

/** A generation whatever its state, null where there is no such one. `lock` holds back all writers of it. */
export const storedGeneration = async (
  sql: ISql<{ bigint: bigint }>,
  wanted: { readonly name: string; readonly generation: number; readonly lock?: boolean },
): Promise<StoredGeneration | null> =>
  Stored.array().parse(
    await sql`
      select name, version, generation, table_name, position, recorded_ms, digest, handled, ignored, parked, read,
             stamp, halted_reason
        from read_models join read_model_checkpoints as c using (name, generation)
       where name = ${wanted.name} and generation = ${wanted.generation}
       ${wanted.lock ? sql`for update of c` : sql``}`,
  )[0] ?? null;

const Numbered = z.tuple([z.object({ generation: z.int() })]);

/**
 * Adds a generation with an empty table: a live one with its indexes and the readers' view, one that is built
 * with neither, and a scratch one as bare as can be.
 */
export const createGeneration = async (
  sql: Database,
  { name, version, columns, indexes }: AnyProjection,
  state: 'building' | 'scratch' | 'live',
): Promise<Generation> => {
  const described = Object.entries(columns).map(([column, { path, type }]) => ({
    name: column,
    path,
    type,
  }));
  const [{ generation }] = Numbered.parse(
    await sql`
      select create_read_model(${name}, ${version}, ${state}, ${JSON.stringify(described)}::text::jsonb,
                               ${JSON.stringify(indexes)}::text::jsonb) as generation`,
  );
  return { name, version, generation, table: `${name}_v${version}_g${generation}` };
};

/** Makes the indexes that a generation has not got yet; on a full table that may take minutes. */
export const indexGeneration = (
  sql: Database,
  { name, generation }: Generation,
  { indexes }: AnyProjection,
): Promise<void> =>
  sql.begin(async (tx) => {
    await tx`set local statement_timeout = ${tx.unsafe(String(INDEXING_MAX_MS))}`;
    await tx`select index_read_model(${name}, ${generation}, ${JSON.stringify(indexes)}::text::jsonb)`;
  });

/** Drops the table of a generation and what was parked in it; its number stays used. */
export const dropGeneration = async (
  sql: Database,
  { name, generation }: Generation,
): Promise<void> => {
  await sql`select drop_read_model(${name}, ${generation})`;
};

/**
 * Makes sure that every projection has a live generation; the first one of a name is live from the start,
 * empty.
 */
export const ensureLive = async (
  sql: Database,
  projections: readonly AnyProjection[],
): Promise<void> => {
  const live = new Set((await generationsIn(sql, { state: 'live' })).map((g) => g.generation.name));
  for (const projection of projections) {
    if (live.has(projection.name)) continue;
    // Another process may have been quicker: then the unique index on live generations refuses this one.
    await createGeneration(sql, projection, 'live').catch((error: unknown) => {
      if (!isDuplicate(error)) throw error;
    });
  }
};

/** The SQLSTATE of a database error, or the code of a connection error; '' for anything else. */
export const codeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
};

const isDuplicate = (error: unknown): boolean => codeOf(error) === '23505';
