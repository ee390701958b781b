import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { PersonalEntry, Unavailable, Vault, VaultMismatch } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { PiiClass, type PiiDigest } from '#domain/kernel/event.ts';
import { boundedPool } from './boundedPool.ts';
import { keyStoreOutage } from './keyDisk.ts';
import type { DataKey, KeyOwner } from './keyEpoch.ts';
import type { KeyStore } from './keyStore.ts';
import { readFailure } from './postgresFailure.ts';
import {
  DEFAULT_RETENTION_DAYS,
  type IsLogged,
  type RetentionDays,
  type SweptVault,
} from './retention.ts';
import {
  digestOfOpening,
  ENTRIES_MAX,
  openEntry,
  openingOf,
  sealEntry,
  textOfOpening,
} from './vaultEntry.ts';
import { eraseSubjectOf, sweepVault } from './vaultErasure.ts';
import {
  EntryRow,
  insertEntries,
  lockForPut,
  placeOf,
  type Transaction,
  touchEntries,
} from './vaultRows.ts';

const STATEMENT_TIMEOUT_MS = 25_000;
const CONNECTIONS_MAX = 8;
const CLOSE_TIMEOUT_S = 5;

type PutRequest = Parameters<Vault['put']>[0];

interface Options {
  readonly url: string;
  readonly keys: KeyStore;
  /** Which of some events, at most 500, the log has; for finding entries that no event names. */
  readonly isLogged: IsLogged;
  readonly retention_days?: RetentionDays;
  readonly statement_timeout_ms?: number;
}

const attempt = async <Refusal, Result>(
  work: () => Promise<Either<Refusal, Result>>,
): Promise<Either<Refusal | Unavailable, Result>> => {
  try {
    return await work();
  } catch (error) {
    const outage = keyStoreOutage(error);
    return left(outage ? { code: 'Unavailable', detail: outage } : readFailure(error));
  }
};

const StoreRow = z.tuple([z.object({ store: z.string() })]);

/** Throws if the entries were sealed with another key store, all of whose keys would look erased. */
const checkKeyStore = async (pool: ReturnType<typeof boundedPool>, id: string): Promise<void> => {
  await pool.run(
    (sql) => sql`insert into vault_key_store (store) values (${id}) on conflict do nothing`,
  );
  const rows = await pool.run((sql) => sql`select store from vault_key_store`);
  if (StoreRow.parse(rows)[0].store !== id) {
    throw new Error('the vault was sealed with another key store');
  }
};

const ownerOf = ({ tenant }: PutRequest, entry: PersonalEntry): KeyOwner => ({
  tenant,
  subject: entry.subject,
  class: entry.class,
});

/** Whether a row is the entry, as far as can be told: what was erased cannot be compared. */
const isSame = (row: EntryRow, entry: PersonalEntry | undefined, key: DataKey | null): boolean => {
  if (row.subject !== entry?.subject || row.class !== entry.class) return false;
  if (row.key_id !== key?.id) return true;
  return (
    textOfOpening(openEntry(key.bytes, placeOf(row), row.sealed)) === canonicalJson(entry.data)
  );
};

const putAgain = async (
  keys: KeyStore,
  request: PutRequest,
  kept: readonly EntryRow[],
): Promise<Either<VaultMismatch, readonly PiiDigest[]>> => {
  const { entries } = request;
  const found = await keys.find(kept.map((row) => placeOf(row)));
  const same =
    kept.length === entries.length &&
    kept.every((row, index) => isSame(row, entries[index], found[index] ?? null));
  if (!same) return left({ code: 'VaultMismatch' });
  return right(kept.map(({ subject, class: kind, digest }) => ({ subject, class: kind, digest })));
};

const putFirst = async (
  sql: Transaction,
  keys: KeyStore,
  request: PutRequest,
): Promise<readonly PiiDigest[]> => {
  const { tenant, event, entries, at } = request;
  const made = await keys.ensure(entries.map((entry) => ownerOf(request, entry)));
  const sealed = entries.flatMap((entry, index) => {
    const key = made[index];
    if (!key) throw new Error('a key was not made');
    const place = { tenant, event, index, subject: entry.subject, class: entry.class };
    const opening = openingOf(entry.data);
    const digest = digestOfOpening(opening);
    return [{ place, keyId: key.id, sealed: sealEntry(key.bytes, place, opening), digest }];
  });
  await insertEntries(sql, sealed, at);
  return sealed.map(({ place, digest }) => ({
    subject: place.subject,
    class: place.class,
    digest,
  }));
};

const putIn =
  (keys: KeyStore, request: PutRequest) =>
  async (sql: Transaction): Promise<Either<VaultMismatch, readonly PiiDigest[]>> => {
    const subjects = [...new Set(request.entries.map(({ subject }) => subject))];
    await lockForPut(sql, { ...request, subjects });
    const kept = await touchEntries(sql, request);
    return kept.length > 0
      ? putAgain(keys, request, kept)
      : right(await putFirst(sql, keys, request));
  };

const Data = z.record(z.string(), z.unknown());

const readNewest = async (
  pool: ReturnType<typeof boundedPool>,
  keys: KeyStore,
  { tenant, subject }: Parameters<Vault['read']>[0],
): Promise<readonly PersonalEntry[]> => {
  const owners = PiiClass.options.map((kind) => ({ tenant, subject, class: kind }));
  const found = (await keys.find(owners)).filter((key) => key !== null);
  const rows = await pool.run(
    (sql) => sql`
      select distinct on (class) tenant, event_id, entry_index, subject, class, key_id, sealed, digest
        from vault_entries
       where tenant = ${tenant} and subject = ${subject} and key_id = any(${found.map(({ id }) => id)}::uuid[])
       order by class, put_at desc, number desc`,
  );
  return EntryRow.array()
    .parse(rows)
    .flatMap((row) => {
      const key = found.find(({ id }) => id === row.key_id);
      if (!key) return [];
      const text = textOfOpening(openEntry(key.bytes, placeOf(row), row.sealed));
      return [{ subject, class: row.class, data: Data.parse(JSON.parse(text)) }];
    });
};

/**
 * The vault on Postgres: entries sealed with keys that lie in the key store, outside the database and its
 * backups. Source: design, section 9. Both Postgres and the key store are needed for each call.
 */
export const postgresVault = (options: Options): SweptVault => {
  const { url, keys, isLogged, retention_days = DEFAULT_RETENTION_DAYS } = options;
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: options.statement_timeout_ms ?? STATEMENT_TIMEOUT_MS,
    application: 'ledger-vault',
  });
  const parts = { pool, keys, isLogged, retention_days };
  let checked = false;
  const checkedOnce = async (): Promise<void> => {
    if (checked) return;
    await checkKeyStore(pool, keys.id);
    checked = true;
  };
  /** A call: on the right key store, and with outages as values. */
  const call =
    <Refusal, Result>(work: () => Promise<Either<Refusal, Result>>) =>
    () =>
      attempt<Refusal, Result>(async () => {
        await checkedOnce();
        return work();
      });
  return {
    put: (request) => {
      if (request.entries.length > ENTRIES_MAX) throw new Error('too many entries for one event');
      if (request.entries.length === 0) return async () => right([]);
      return call(() => pool.run((sql) => sql.begin(putIn(keys, request))));
    },
    read: (request) => call(async () => right(await readNewest(pool, keys, request))),
    erase: (request) => call(async () => right(await eraseSubjectOf(parts, request))),
    sweep: (at) => call(async () => right(await sweepVault(parts, at))),
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
