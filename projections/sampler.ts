import { z } from 'zod';
import { Tenant } from '#domain/kernel/ids.ts';
import { generationsIn } from './generations.ts';
import type { Database, Observe } from './ports.ts';
import type { AnyProjection } from './projection.ts';
import { type EventsOfSubject, eventsOfRow, refold, sameRow, shownRow } from './refold.ts';

const SMALL_TABLE_ROWS = 10_000;
const BLOCK_ROWS = 20;
const SAMPLE_ROWS_MAX = 1_000;

/** What a sampler works with. */
export interface SamplerParts {
  readonly sql: Database;
  readonly eventsOfSubject: EventsOfSubject;
  readonly observe: Observe;
}

/** A row that is not what its events make of it. */
export interface Drift {
  readonly readModel: string;
  readonly tenant: Tenant;
  readonly key: string;
  readonly position: bigint;
}

const Key = z.object({ tenant: Tenant, key: z.string() });
const Estimate = z.tuple([z.object({ rows: z.number() })]);

/** Random rows; of a large table out of random blocks, so that it is not read as a whole. */
const randomKeys = async (sql: Database, table: string, rows_max: number) => {
  const [{ rows }] = Estimate.parse(
    await sql`select reltuples::float8 as rows from pg_class where oid = ${table}::regclass`,
  );
  const percent = Math.min(100, (100 * rows_max * BLOCK_ROWS) / Math.max(1, rows));
  const blocks = rows < SMALL_TABLE_ROWS ? sql`` : sql`tablesample system (${percent})`;
  return Key.array().parse(
    await sql`select tenant, key from ${sql(table)} ${blocks} order by random() limit ${rows_max}`,
  );
};

const isDrifted = async (
  { sql, eventsOfSubject }: SamplerParts,
  projection: AnyProjection,
  { tenant, key }: z.infer<typeof Key>,
): Promise<{ readonly position: bigint; readonly drifted: boolean } | null> => {
  const shown = await shownRow(sql, projection, { tenant, key });
  if (!shown) return null;
  const { position, row, skips } = shown;
  const history = await eventsOfSubject(tenant, projection.subject(key), position);
  if (!history) return null;
  const events = eventsOfRow(projection, key, history);
  const fresh = refold(projection, key, { events, skips });
  return { position, drifted: !sameRow(fresh.row, row) };
};

/**
 * Folds some random rows of a live read model anew from their events and compares; every row that differs
 * is reported to the observer and returned. A row that was deleted by hand has no key left to be drawn:
 * `verify` finds it.
 */
export const sampleRows =
  (parts: SamplerParts) =>
  async (projection: AnyProjection, rows_max: number): Promise<readonly Drift[]> => {
    const { name: readModel, version } = projection;
    const live = (await generationsIn(parts.sql, { state: 'live', name: readModel }))[0];
    if (live?.generation.version !== version) return [];
    const limit = Math.min(rows_max, SAMPLE_ROWS_MAX);
    const drifts: Drift[] = [];
    let rows = 0;
    for (const address of await randomKeys(parts.sql, live.generation.table, limit)) {
      const found = await isDrifted(parts, projection, address);
      if (!found) continue;
      rows += 1;
      if (!found.drifted) continue;
      const drift = { readModel, ...address, position: found.position };
      drifts.push(drift);
      parts.observe({ type: 'drifted', ...drift });
    }
    parts.observe({ type: 'sampled', readModel, rows });
    return drifts;
  };

/**
 * Samples one read model after the other, for ever, until `signal` fires; what fails is told and tried again.
 */
export const runSampler = async (
  parts: SamplerParts,
  options: {
    readonly projections: readonly AnyProjection[];
    readonly rows_max: number;
    readonly pause_ms: number;
    readonly signal: AbortSignal;
    readonly failed: (error: unknown) => void;
  },
): Promise<void> => {
  const { projections, rows_max, pause_ms, signal, failed } = options;
  while (!signal.aborted) {
    for (const projection of projections) {
      if (signal.aborted) return;
      await sampleRows(parts)(projection, rows_max).catch(failed);
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, pause_ms);
        signal.addEventListener('abort', done, { once: true });
        if (signal.aborted) done();
      });
    }
  }
};
