import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, vi } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import type { EventStore } from '#commands/ports.ts';
import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import { digestText, tableDigest } from '#projections/digest.ts';
import { BEFORE_ALL, generationsIn, type StoredGeneration } from '#projections/generations.ts';
import { readModelStatus } from '#projections/lag.ts';
import type { Database, EventSource, RecordedEvent, Sighting } from '#projections/ports.ts';
import type { AnyProjection, ProjectedEvent } from '#projections/projection.ts';
import type { EventsOfSubject } from '#projections/refold.ts';
import { projectionRunner } from '#projections/runner.ts';
import { testDatabase } from '#tests/support/database.ts';
import { happen, testPool } from '#tests/support/testProjections.ts';

const WAIT_MS = 15_000;
const READ_EVENTS_MAX = 5_000;

/** A database, a log in memory or on Postgres, and what happens in it. */
export const testLedger = async (
  kind: 'memory' | 'postgres' = 'memory',
  now_ms: () => number = Date.now,
) => {
  const database = await testDatabase();
  const sql = testPool(database.url);
  const store: EventStore =
    kind === 'memory'
      ? memoryEventStore(memoryLog(), now_ms)
      : postgresEventStore({ url: database.url });
  return {
    url: database.url,
    sql,
    store,
    happen: happen(store),
    close: async (): Promise<void> => {
      await store.close();
      await sql.end({ timeout: 5 });
      await database.drop();
    },
  };
};

export type TestLedger = Awaited<ReturnType<typeof testLedger>>;

/** A runner that runs until `stop`, and what it has told. */
export const started = (
  { sql, store }: { readonly sql: Database; readonly store: EventSource },
  projections: readonly AnyProjection[],
  progressed: () => void = () => {},
) => {
  const seen: Sighting[] = [];
  const stopper = new AbortController();
  const observe = (sighting: Sighting) => seen.push(sighting);
  const runner = projectionRunner({ sql, source: store, projections, observe, progressed });
  const running = runner.run(stopper.signal);
  return {
    runner,
    seen,
    stop: async (): Promise<void> => {
      stopper.abort();
      await running;
    },
  };
};

/** The live generation of a read model. */
export const liveOf = async (sql: Database, name: string): Promise<StoredGeneration> => {
  const live = (await generationsIn(sql, { state: 'live', name }))[0];
  if (!live) throw new Error(`${name} is not live`);
  return live;
};

/** Waits until live read models have got to a position. */
export const reached = (
  sql: Database,
  position: bigint,
  projections: readonly AnyProjection[],
): Promise<void> =>
  vi.waitFor(
    async () => {
      for (const { name } of projections) {
        const { checkpoint } = await liveOf(sql, name);
        if (checkpoint.position < position) throw new Error(`${name} is at ${checkpoint.position}`);
      }
    },
    { timeout: WAIT_MS, interval: 10 },
  );

/** Everything in a log. */
export const wholeLog = async (source: EventSource): Promise<readonly RecordedEvent[]> => {
  const all: RecordedEvent[] = [];
  for (;;) {
    const after = all.at(-1)?.position ?? null;
    const page = await source.readAll({ after, limit: READ_EVENTS_MAX })();
    if (isLeft(page)) throw new Error('the log is away');
    if (page.right.length === 0) return all;
    all.push(...page.right);
  }
};

/** Decodes a log the plain way, with the running maximum of its clock. */
export const decodedLog = (records: readonly RecordedEvent[]): readonly ProjectedEvent[] => {
  let maximum_ms = 0;
  return records.map((record) => {
    maximum_ms = Math.max(maximum_ms, record.rawTime_ms);
    const { id, tenant, stream, actor, keys, ...rest } = parseEvent(record.text);
    const { position, revision } = record;
    const recordedAt = instantOf(maximum_ms);
    const fact = decodeFact({ id, tenant, stream, actor, keys, ...rest });
    return { id, tenant, stream, actor, keys, position, revision, recordedAt, fact };
  });
};

/** The rows that a log comes to, folded one event after another: a row that fails once stays as it was. */
export const freshFold = (
  projection: AnyProjection,
  events: readonly ProjectedEvent[],
): Readonly<Record<string, unknown>> => {
  const rows = new Map<string, unknown>();
  const stuck = new Set<string>();
  for (const event of events) {
    if (projection.handles !== 'all' && !projection.handles.includes(event.fact.type)) continue;
    for (const key of new Set(projection.keys(event))) {
      if (stuck.has(key)) continue;
      try {
        rows.set(key, projection.evolve(rows.get(key) ?? null, event, key));
      } catch {
        stuck.add(key);
      }
    }
  }
  return Object.fromEntries([...rows].filter(([, row]) => row !== null).sort());
};

/** The rows that readers see. */
export const shownRows = async (
  sql: Database,
  { name }: AnyProjection,
): Promise<Readonly<Record<string, unknown>>> => {
  const rows = await sql<{ key: string; row: unknown }[]>`
    select key, row from ${sql(name)} order by key`;
  return Object.fromEntries(rows.map(({ key, row }) => [key, row]));
};

/**
 * Finds the events of a subject by looking through the whole log, as `asset_timeline` will through an index.
 */
export const timelineOf =
  (source: EventSource): EventsOfSubject =>
  async (tenant, subject, upTo) =>
    decodedLog(await wholeLog(source)).filter(
      (event) => event.tenant === tenant && event.keys.includes(subject) && event.position <= upTo,
    );

/** How many deliveries a log makes: one per event and distinct key, and one for an event without any. */
const deliveriesOf = (projection: AnyProjection, events: readonly ProjectedEvent[]): number =>
  events.reduce((sum, event) => {
    const { handles } = projection;
    if (handles !== 'all' && !handles.includes(event.fact.type)) return sum + 1;
    return sum + Math.max(1, new Set(projection.keys(event)).size);
  }, 0);

/** Rows, digests and accounts of all read models are those of the log, folded the plain way. */
export const expectFaithful = async (
  { sql, store }: TestLedger,
  projections: readonly AnyProjection[],
): Promise<void> => {
  const events = decodedLog(await wholeLog(store));
  for (const projection of projections) {
    expect(await shownRows(sql, projection)).toEqual(freshFold(projection, events));
    const { generation, checkpoint } = await liveOf(sql, projection.name);
    const { digest } = await tableDigest(sql, generation.table);
    expect(digestText(checkpoint.digest)).toBe(digestText(digest));
    expect(checkpoint.account.read).toBe(deliveriesOf(projection, events));
    expect(checkpoint.position).toBe(events.at(-1)?.position ?? BEFORE_ALL);
  }
  const status = await readModelStatus({ sql, source: store, densePositions: true })();
  expect(status.filter(({ isClosed }) => !isClosed)).toEqual([]);
};

/**
 * Cuts the connections that write read models, as a failing network or an administrator would; spares those
 * that are just being opened, of which postgres.js 3.4.9 lets a rejection go unhandled.
 */
export const cutConnections = async (url: string): Promise<number> => {
  const admin = postgresPool({
    url,
    connections_max: 1,
    statement_timeout_ms: 5_000,
    application: 'ledger-tests-admin',
  });
  try {
    const cut = await admin`
      select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'ledger-projections' and datname = current_database()
         and query <> '' and query not like '%pg_catalog.pg_type%'`;
    return cut.length;
  } finally {
    await admin.end();
  }
};
