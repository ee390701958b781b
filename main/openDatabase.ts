import { embeddedPostgres } from '#adapters/embeddedPostgres.ts';
import { migrate } from '#adapters/migrate.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import type { Config } from './config.ts';

const DATABASE = 'ledger';
const STATEMENT_TIMEOUT_MS = 30_000;

/** A database with every migration applied. `release` stops the server if this process started it. */
export interface OpenDatabase {
  readonly url: string;
  readonly release: () => Promise<void>;
}

const createIfAbsent = async (adminUrl: string): Promise<void> => {
  const sql = postgresPool({
    url: adminUrl,
    connections_max: 1,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-create',
  });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await sql`create database ${sql(DATABASE)}`;
  } finally {
    await sql.end({ timeout: 5 });
  }
};

/**
 * The configured database, or our own under the data directory. A server that a process which died has left
 * running is adopted; `keepAdopted` says that it is then left running, as a command beside a running server
 * must.
 */
export const openDatabase = async (
  { databaseUrl, dataDirectory }: Pick<Config, 'databaseUrl' | 'dataDirectory'>,
  { keepAdopted }: { readonly keepAdopted: boolean },
): Promise<OpenDatabase> => {
  if (databaseUrl !== null) {
    await migrate(databaseUrl);
    return { url: databaseUrl, release: async () => {} };
  }
  const server = await embeddedPostgres(dataDirectory);
  await createIfAbsent(server.urlOf('postgres'));
  const url = server.urlOf(DATABASE);
  await migrate(url);
  return { url, release: server.adopted && keepAdopted ? async () => {} : server.stop };
};
