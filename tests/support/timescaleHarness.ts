import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { migrate } from '#adapters/migrate.ts';
import { type PostgresPool, postgresPool } from '#adapters/postgresPool.ts';
import type { TestDatabase } from './database.ts';
import { telemetryHarness } from './telemetryHarness.ts';

const TIMEOUT_MS = 60_000;

const on = async (url: string, work: (sql: PostgresPool) => Promise<void>): Promise<void> => {
  const sql = postgresPool({
    url,
    connections_max: 1,
    statement_timeout_ms: TIMEOUT_MS,
    application: 'ledger-tests',
  });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

/** A fresh database with TimescaleDB in it and every migration applied, on somebody's server. */
const timescaleDatabase = async (server: string): Promise<TestDatabase> => {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await on(server, async (sql) => {
    await sql.unsafe(`create database ${name}`);
  });
  const url = new URL(server);
  url.pathname = `/${name}`;
  await on(url.href, async (sql) => {
    await sql.unsafe('create extension if not exists timescaledb');
    // By the server's clock the policies would let go of what tests tell of another day.
    await sql.unsafe('select _timescaledb_functions.stop_background_workers()');
  });
  await migrate(url.href);
  const drop = () =>
    on(server, async (sql) => {
      await sql.unsafe(`drop database ${name} with (force)`);
    });
  return { url: url.href, drop };
};

const Oldest = z.tuple([z.object({ oldest: z.date().nullable() })]);

/**
 * Telemetry on TimescaleDB, where refreshing is left to policies; here it is done at once, and like there no
 * further back than there are readings.
 */
export const timescaleHarness = (server: string) => async () => {
  const database = await timescaleDatabase(server);
  const refresh = () =>
    on(database.url, async (sql) => {
      const [{ oldest }] = Oldest.parse(
        await sql`
          select min(range_start) as oldest from timescaledb_information.chunks
           where hypertable_name = 'telemetry'`,
      );
      if (oldest === null) return;
      for (const table of ['telemetry_1m', 'telemetry_1h']) {
        await sql.unsafe(
          `call refresh_continuous_aggregate('${table}', '${oldest.toISOString()}'::timestamptz, null)`,
        );
      }
    });
  return telemetryHarness(Promise.resolve(database), refresh);
};
