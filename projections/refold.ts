import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import { rowId, skipId } from './follower.ts';
import { type Generation, generationsIn } from './generations.ts';
import type { Database } from './ports.ts';
import type { AnyProjection, ProjectedEvent } from './projection.ts';
import { keysOf, step } from './step.ts';

const SKIPS_MAX = 10_000;

/**
 * Every event of a subject up to a position, in order, as the `asset_timeline` read model finds them; null
 * while that read model has not got so far itself.
 */
export type EventsOfSubject = (
  tenant: Tenant,
  subject: SubjectKey,
  upTo: bigint,
) => Promise<readonly ProjectedEvent[] | null>;

/** A row as readers see it (null: there is none), and the checkpoint at which it says that. */
export interface ShownRow {
  readonly generation: Generation;
  readonly position: bigint;
  readonly row: unknown;
  readonly isParked: boolean;
  readonly skips: ReadonlySet<string>;
}

const Shown = z
  .array(
    z.object({
      position: z.bigint(),
      row: z.string().nullable(),
      parked: z.boolean(),
      skips: z.array(z.string()),
    }),
  )
  .max(1);

/**
 * Reads a row and the checkpoint it belongs to in one statement and so in one snapshot. Null where readers
 * have another version, or have just been switched to another table.
 */
export const shownRow = async (
  sql: Database,
  { name, version }: AnyProjection,
  { tenant, key }: { readonly tenant: Tenant; readonly key: string },
): Promise<ShownRow | null> => {
  const live = (await generationsIn(sql, { state: 'live', name }))[0];
  if (live?.generation.version !== version) return null;
  const { generation } = live;
  const [shown] = Shown.parse(
    await sql`
      select c.position,
             (select t.row::text from ${sql(generation.table)} as t where t.tenant = ${tenant} and t.key = ${key}) as row,
             exists (select 1 from read_model_parked_keys as k
                      where k.name = c.name and k.generation = c.generation
                        and k.tenant = ${tenant} and k.key = ${key}) as parked,
             array(select s.event::text from read_model_skips as s
                    where s.name = c.name and s.tenant = ${tenant} and s.key = ${key} limit ${SKIPS_MAX}) as skips
        from read_model_checkpoints as c
       where c.name = ${name} and c.generation = ${generation.generation}`,
  );
  if (!shown) return null;
  const { position, row, parked, skips } = shown;
  return {
    generation,
    position,
    row: row === null ? null : JSON.parse(row),
    isParked: parked,
    skips: new Set(skips.map((event) => skipId(rowId(tenant, key), event))),
  };
};

/** The events out of a subject's history that the projection folds into the row with that key. */
export const eventsOfRow = (
  projection: AnyProjection,
  key: string,
  history: readonly ProjectedEvent[],
): readonly ProjectedEvent[] => {
  const { handles } = projection;
  return history.filter((event) => {
    if (handles !== 'all' && !handles.includes(event.fact.type)) return false;
    const keys = keysOf(projection, event);
    return !isLeft(keys) && keys.right.includes(key);
  });
};

/** What the row would be if it were folded from these events alone: null is no row. */
export const refold = (
  projection: AnyProjection,
  key: string,
  {
    events,
    skips,
  }: { readonly events: readonly ProjectedEvent[]; readonly skips: ReadonlySet<string> },
): { readonly row: unknown; readonly stuckAt: ProjectedEvent | null } => {
  let row: unknown = null;
  for (const event of events) {
    const next = step(projection, { row, event, key });
    if (!isLeft(next)) row = next.right;
    else if (!skips.has(skipId(rowId(event.tenant, key), event.id))) return { row, stuckAt: event };
  }
  return { row, stuckAt: null };
};

/** Whether two rows say the same. */
export const sameRow = (one: unknown, other: unknown): boolean =>
  canonicalJson(one) === canonicalJson(other);
