import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import type { EventStore } from '#commands/ports.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import { eventStoreContract } from '#tests/contracts/eventStore.ts';
import {
  anEvent,
  events,
  randomStream,
  randomTenant,
  rightOf,
} from '#tests/contracts/eventStoreSamples.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { postgresHarness } from '#tests/support/postgresHarness.ts';

const ROWS = 50_000;
const STREAMS = 500;
/** More often than the five times after which Postgres may choose another plan for a prepared statement. */
const TURNS = 20;
const PAGE = 100;

eventStoreContract({ name: 'on Postgres', start: postgresHarness, ordered: true, wire: true });

const admin = (url: string) =>
  postgresPool({
    url,
    connections_max: 1,
    statement_timeout_ms: 60_000,
    application: 'ledger-tests',
  });

/** Everything the adapter ever asks of the table, many times over. */
const exercise = async (store: EventStore, stream: StreamName): Promise<void> => {
  for (let turn = 0; turn < TURNS; turn += 1) {
    const expected = turn === 0 ? ('no_stream' as const) : BigInt(turn - 1);
    const request = { stream, expected, events: [anEvent(stream)] };
    rightOf(await store.append(request)());
    rightOf(await store.append(request)());
    await store.append({ ...request, events: events(stream, 2) })();
    const after = BigInt(turn * 1_000);
    expect(rightOf(await store.readAll({ after, limit: PAGE })())).toHaveLength(PAGE);
    rightOf(await store.readStream({ stream, from: BigInt(turn), limit: PAGE })());
    rightOf(await store.head()());
  }
};

describe('the events table', () => {
  let database: TestDatabase;
  let sql: ReturnType<typeof admin>;

  const scans = async () => {
    const [row] = await sql`
      select seq_scan::int, idx_scan::int, idx_tup_fetch::int
        from pg_stat_user_tables where relname = 'events'`;
    return { whole: row?.['seq_scan'], index: row?.['idx_scan'], rows: row?.['idx_tup_fetch'] };
  };

  beforeAll(async () => {
    database = await testDatabase();
    sql = admin(database.url);
    await sql`
      insert into events (position, stream, revision, id, type, raw_ms, body)
      select n, 'vehicle-other.' || n % ${STREAMS}, n / ${STREAMS}, gen_random_uuid(), 'TripEnded', 0, '{}'
        from generate_series(1, ${ROWS}::int) as n`;
    await sql`analyze events`;
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  it('is read by its indexes alone, and no further than asked for', async () => {
    await expect.poll(async () => (await scans()).whole, { timeout: 5_000 }).toBeTypeOf('number');
    const before = await scans();
    const store = postgresEventStore({ url: database.url });
    await exercise(store, randomStream(randomTenant()));
    // A connection hands in its counts when it ends.
    await store.close();
    const pages = async () => (await scans()).index - before.index;
    await expect.poll(pages, { timeout: 5_000 }).toBeGreaterThanOrEqual(TURNS * 6);
    const after = await scans();
    expect(after.whole).toBe(before.whole);
    expect(after.rows - before.rows).toBeLessThan(TURNS * (PAGE + TURNS + 20));
  });

  it('refuses every change of what it holds', async () => {
    const changes = [
      `update events set body = '{"altered":true}' where position = 1`,
      'update events set position = position where false',
      'delete from events where position = 1',
      'truncate events',
    ];
    for (const change of changes) {
      await expect(sql.unsafe(change), change).rejects.toThrow('append-only');
    }
    const [row] = await sql`select count(*)::int as count from events where body = '{}'`;
    expect(row?.['count']).toBe(ROWS);
  });
});
