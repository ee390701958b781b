import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedPostgres } from '#adapters/embeddedPostgres.ts';
import { migrate } from '#adapters/migrate.ts';
import { postgresPool } from '#adapters/postgresPool.ts';

const STATEMENT_TIMEOUT_MS = 120_000;

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

/** Starts the server in a folder of its own that goes with it. */
export const rig = async (): Promise<Rig> => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-bench-'));
  await chmod(directory, 0o711);
  const server = await embeddedPostgres(directory);
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
