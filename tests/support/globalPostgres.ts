import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { embeddedPostgres } from '#adapters/embeddedPostgres.ts';
import { migrate } from '#adapters/migrate.ts';
import { postgresPool } from '#adapters/postgresPool.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgresUrl: string;
  }
}

/** One Postgres server for the whole run, with a migrated template that every test clones. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-tests-'));
  // Run by root, the server belongs to another user, who has to get at its folder.
  await chmod(directory, 0o711);
  // The server is thrown away, so it need not survive the machine; it survives its clients all the same.
  // Some tests start the whole product, two at once even, each with some sixty connections.
  const server = await embeddedPostgres(directory, {
    ...{ fsync: 'off', full_page_writes: 'off', max_connections: '400' },
  });
  const sql = postgresPool({
    url: server.urlOf('postgres'),
    connections_max: 1,
    statement_timeout_ms: 60_000,
    application: 'ledger-tests',
  });
  await sql`create database template_ledger`;
  await sql.end();
  await migrate(server.urlOf('template_ledger'));
  project.provide('postgresUrl', server.urlOf('postgres'));
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
};
