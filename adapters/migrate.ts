import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresPool } from './postgresPool.ts';

const MIGRATIONS = join(import.meta.dirname, '..', 'migrations');
const STATEMENT_TIMEOUT_MS = 600_000;
const MIGRATION_LOCK = 4913620848n;

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

const readMigrations = async (): Promise<readonly Migration[]> => {
  const files = (await readdir(MIGRATIONS)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort();
  return Promise.all(
    files.map(async (name) => {
      const text = await readFile(join(MIGRATIONS, name), 'utf8');
      const checksum = createHash('sha256').update(text).digest('hex');
      return { version: Number(name.slice(0, 4)), name, text, checksum };
    }),
  );
};

/**
 * Brings a database to the newest schema, forward only, each step in a transaction of its own; processes that
 * start together take turns. Throws if a step that was applied has changed since. Returns how many steps were
 * applied.
 */
export const migrate = async (url: string): Promise<number> => {
  const sql = postgresPool({
    url,
    connections_max: 1,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-migrate',
  });
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await sql`
      create table if not exists schema_migrations (
        version int primary key, name text not null, checksum text not null,
        applied_at timestamptz not null default now()
      )`;
    const applied = new Map(
      (await sql`select version, checksum from schema_migrations`).map((row) => [
        Number(row['version']),
        String(row['checksum']),
      ]),
    );
    let count = 0;
    for (const { version, name, text, checksum } of await readMigrations()) {
      const before = applied.get(version);
      if (before === checksum) continue;
      if (before !== undefined)
        throw new Error(`migration ${name} was changed after it was applied`);
      await sql.begin(async (transaction) => {
        await transaction.unsafe(text);
        await transaction`
          insert into schema_migrations (version, name, checksum) values (${version}, ${name}, ${checksum})`;
      });
      count += 1;
    }
    return count;
  } finally {
    await sql.end({ timeout: 5 });
  }
};
