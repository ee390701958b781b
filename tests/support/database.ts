import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { postgresPool } from '#adapters/postgresPool.ts';

export interface TestDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

const asAdmin = async (statement: string): Promise<void> => {
  const sql = postgresPool({
    url: inject('postgresUrl'),
    connections_max: 1,
    statement_timeout_ms: 60_000,
    application: 'ledger-tests',
  });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end({ timeout: 5 });
  }
};

/** A fresh database with every migration applied, cloned from the template. */
export const testDatabase = async (): Promise<TestDatabase> => {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(`create database ${name} template template_ledger`);
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(`drop database ${name} with (force)`) };
};
