import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedPostgres } from '#adapters/embeddedPostgres.ts';
import { migrate } from '#adapters/migrate.ts';
import { postgresPool } from '#adapters/postgresPool.ts';

const STATEMENT_TIMEOUT_MS = 120_000;
const WAL_MIB = 600;

/** A Postgres server for a benchmark, with the settings and the durability of the embedded default. */
export interface Rig {
  readonly emptyDatabase: () => Promise<string>;
  readonly ledgerDatabase: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** A pool for the raw statements that we are measured against. */
export const rawPool = (url: string, connections_max: number) =>
  postgresPool({
    url,
    connections_max,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'bench',
  });

/**
 * Has the server write as much of its write-ahead log as it keeps files for (`min_wal_size` in
 * `adapters/embeddedPostgres.ts`). From then on it uses them again, as a server does that has been up for a
 * while; a new one stops everything for 50 ms for each 16 MiB that are written, to make one more file.
 */
const settle = async (url: string): Promise<void> => {
  const sql = rawPool(url, 1);
  await sql`
    select pg_logical_emit_message(false, 'filler', repeat('x', 1048576)) from generate_series(1, ${WAL_MIB})`;
  await sql`checkpoint`;
  await sql.end();
};

/** Starts the server in a folder of its own that goes with it. */
export const rig = async (): Promise<Rig> => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-bench-'));
  await chmod(directory, 0o711);
  const server = await embeddedPostgres(directory);
  await settle(server.urlOf('postgres'));
  const emptyDatabase = async () => {
    const name = `bench_${randomBytes(6).toString('hex')}`;
    const sql = rawPool(server.urlOf('postgres'), 1);
    await sql`create database ${sql(name)}`;
    await sql.end();
    return server.urlOf(name);
  };
  return {
    emptyDatabase,
    ledgerDatabase: async () => {
      const url = await emptyDatabase();
      await migrate(url);
      return url;
    },
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
