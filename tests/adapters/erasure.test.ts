import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessRecords } from '#adapters/accessRecords.ts';
import { actorSurrogates } from '#adapters/actorSurrogates.ts';
import { claimHash } from '#adapters/claimHash.ts';
import { type EmbeddedServer, embeddedPostgres } from '#adapters/embeddedPostgres.ts';
import { type KeyStore, keyStore } from '#adapters/keyStore.ts';
import { migrate } from '#adapters/migrate.ts';
import { type PostgresPool, postgresPool } from '#adapters/postgresPool.ts';
import { DEFAULT_RETENTION_DAYS } from '#adapters/retention.ts';
import { unseal } from '#adapters/seal.ts';
import { postgresVault } from '#adapters/vault.ts';
import { openEntry } from '#adapters/vaultEntry.ts';
import { EntryRow, placeOf } from '#adapters/vaultRows.ts';
import type { PersonalEntry } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { PiiClass, type PiiDigest } from '#domain/kernel/event.ts';
import type { EventId } from '#domain/kernel/ids.ts';
import {
  entry,
  later,
  randomEvent,
  randomPerson,
  readAll,
  rightOf,
  start,
} from '#tests/contracts/vaultHarness.ts';
import { keyNeedles, searchFiles, textNeedles } from '#tests/support/byteSearch.ts';
import { acme } from '#tests/support/samples.ts';

const SALT_BYTES = 32;
const SEARCH_TIMEOUT_MS = 120_000;
/** What a fresh server has is more than that; fewer files would mean that nothing was looked at. */
const FILES_MIN = 500;
const CONTROL = 'unmistakable-control-Ω';
const LOGIN = 'unmistakable-login-subject';

interface Person {
  readonly id: string;
  readonly event: EventId;
  readonly texts: readonly string[];
  readonly entries: readonly PersonalEntry[];
}

/** Somebody whose every word can be found again if it is anywhere. */
const person = (name: string): Person => {
  const id = randomPerson();
  const [full, phone, licence, plate, account] = [
    `unmistakable-${name}-Ünal-Ağaoğlu`,
    `+49-30-${name}-5550199`,
    `LICENCE-${name}-00417`,
    `PLATE-${name}-B-EQ-77`,
    `ACCOUNT-${name}-000815`,
  ];
  return {
    id,
    event: randomEvent(),
    texts: [full, phone, licence, plate, account],
    entries: [
      entry(id, 'identity', { name: full, born: '1984-05-23' }),
      entry(id, 'contact', { phone }),
      entry(id, 'document', { number: licence }),
      entry(id, 'vehicle_identity', { plate }),
      entry(id, 'bank_account', { account }),
    ],
  };
};

const [ann, bob, cid] = [person('ann'), person('bob'), person('cid')];
const people = [ann, bob, cid];
const dataOf = ({ entries }: Person) =>
  Object.fromEntries(entries.map((kept) => [kept.class, kept.data]));
const ownersOf = ({ id }: Person) =>
  PiiClass.options.map((kind) => ({ tenant: acme, subject: id, class: kind }));

const keysOf = async (keys: KeyStore, someone: Person): Promise<Buffer[]> =>
  (await keys.find(ownersOf(someone))).flatMap((key) => (key ? [key.bytes] : []));

describe('an erased person', () => {
  let directory = '';
  let server: EmbeddedServer | undefined;
  const keysIn = () => join(directory, 'keys');
  const urlOf = (database: string): string => {
    if (!server) throw new Error('the server has not been started');
    return server.urlOf(database);
  };
  const withSql = async <Result>(
    database: string,
    work: (sql: PostgresPool) => Promise<Result>,
  ): Promise<Result> => {
    const sql = postgresPool({
      url: urlOf(database),
      connections_max: 1,
      statement_timeout_ms: 60_000,
      application: 'ledger-tests',
    });
    try {
      return await work(sql);
    } finally {
      await sql.end();
    }
  };
  const openVault = (keys: KeyStore) =>
    postgresVault({
      url: urlOf('ledger'),
      keys,
      isLogged: async (events) => new Set(events),
      retention_days: { ...DEFAULT_RETENTION_DAYS, document: 0, bank_account: 0 },
    });
  const rowsOf = ({ id }: Person) =>
    withSql('ledger', async (sql) =>
      EntryRow.array().parse(
        await sql`
          select tenant, event_id, entry_index, subject, class, key_id, sealed, digest
            from vault_entries where subject = ${id} order by entry_index`,
      ),
    );

  const before = {
    digests: new Map<Person, readonly PiiDigest[]>(),
    dataKeys: new Map<Person, readonly Buffer[]>(),
    epochKey: Buffer.alloc(0),
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ledger-erasure-'));
    // Run by root, the server belongs to another user, who has to get at its folder.
    await chmod(directory, 0o711);
    server = await embeddedPostgres(join(directory, 'server'));
    await chmod(join(directory, 'server'), 0o711);
    await withSql('postgres', (sql) => sql`create database ledger`);
    await migrate(urlOf('ledger'));
    const keys = await keyStore(keysIn());
    const vault = openVault(keys);
    for (const someone of people) {
      const { event, entries } = someone;
      const put = await vault.put({ tenant: acme, event, entries, at: start })();
      before.digests.set(someone, rightOf(put));
      before.dataKeys.set(someone, await keysOf(keys, someone));
    }
    before.epochKey = await readFile(join(keysIn(), 'epoch-1.key'));
    const surrogates = actorSurrogates({
      url: urlOf('ledger'),
      claimHash: await claimHash(keysIn()),
    });
    const login = { issuer: 'https://login.example', subject: LOGIN };
    const actor = rightOf(await surrogates.of(login)());
    await surrogates.close();
    const records = accessRecords({ url: urlOf('ledger') });
    const reading = { tenant: acme, actor, role: 'auditor', subject: ann.id, classes: [] };
    const told = { ...reading, purpose: 'file', requestId: 'r1', at: start };
    rightOf(await records.record(told)());
    await records.close();
    await vault.close();

    await withSql('postgres', (sql) => sql`create database yesterday template ledger`);
    const today = openVault(keys);
    const at = later(start, 60_000);
    const erased = rightOf(await today.erase({ tenant: acme, subject: ann.id, at })());
    expect(erased).toEqual({ erased: PiiClass.options, held: [] });
    await today.close();
    await withSql('postgres', async (sql) => {
      await sql`drop database ledger`;
      await sql`create database ledger template yesterday`;
    });
  });
  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('is in yesterday’s backup, and cannot be read with today’s keys; the others can', async () => {
    expect(await rowsOf(ann)).toHaveLength(ann.entries.length);
    const vault = openVault(await keyStore(keysIn()));
    expect(await readAll(vault, acme, ann.id)).toEqual({});
    for (const other of [bob, cid]) {
      expect(await readAll(vault, acme, other.id)).toEqual(dataOf(other));
    }
    // A command of hers that comes again is answered as ever, and brings nothing back.
    const { event, entries } = ann;
    const again = await vault.put({ tenant: acme, event, entries, at: start })();
    expect(rightOf(again)).toEqual(before.digests.get(ann));
    expect(await readAll(vault, acme, ann.id)).toEqual({});
    await vault.close();
  });

  it('is opened by no key there is', async () => {
    const keys = await keyStore(keysIn());
    const left = [...(await keysOf(keys, bob)), ...(await keysOf(keys, cid))];
    const stores = ['epoch-2.key', 'claim.key'].map((name) => readFile(join(keysIn(), name)));
    const every = [...left, ...(await Promise.all(stores))];
    expect(every).toHaveLength(2 * PiiClass.options.length + 2);
    for (const row of await rowsOf(ann)) {
      const { tenant, event, index, subject, class: kind } = placeOf(row);
      const context = ['vault-entry', tenant, subject, kind, event, index];
      for (const key of every) {
        expect(unseal({ key, context }, Buffer.from(row.sealed))).toBeNull();
      }
      // The same attempt succeeds with the key that is gone: it was the right attempt.
      const lost = before.dataKeys.get(ann) ?? [];
      const opened = lost.map((key) => unseal({ key, context }, Buffer.from(row.sealed)));
      expect(opened.filter((opening) => opening !== null)).toHaveLength(1);
    }
  });

  it('leaves every digest valid: her own as stored, those of the others to be recomputed', async () => {
    const stored = (await rowsOf(ann)).map(({ digest }) => digest);
    expect(stored).toEqual(before.digests.get(ann)?.map(({ digest }) => digest));
    const keys = await keyStore(keysIn());
    for (const other of [bob, cid]) {
      const rows = await rowsOf(other);
      expect(rows).toHaveLength(other.entries.length);
      const found = await keys.find(rows.map((row) => placeOf(row)));
      rows.forEach((row, index) => {
        const key = found[index];
        if (!key) throw new Error('a survivor has lost a key');
        const opening = openEntry(key.bytes, placeOf(row), row.sealed);
        const [salt, text] = [opening.subarray(0, SALT_BYTES), opening.subarray(SALT_BYTES)];
        expect(text.toString()).toBe(canonicalJson(other.entries[index]?.data));
        const recomputed = createHash('sha256').update(salt).update(text).digest('hex');
        expect(recomputed).toBe(before.digests.get(other)?.[index]?.digest);
      });
    }
  });

  it(
    'is in no byte of the server’s files and the key store',
    async () => {
      await withSql('ledger', async (sql) => {
        const utf16 = Buffer.from(CONTROL, 'utf16le');
        await sql`create table control (text text, bytes bytea, base64 text)`;
        await sql`
          insert into control values (${CONTROL}, ${utf16}, ${Buffer.from(CONTROL).toString('base64')})`;
      });
      await server?.stop();
      server = undefined;
      const cluster = join(directory, 'server');

      // That what is there would be found.
      const control = await searchFiles([cluster], textNeedles(CONTROL));
      expect(control.files.length).toBeGreaterThan(FILES_MIN);
      expect(new Set(control.found.map(({ needle }) => needle))).toEqual(
        new Set([
          `${CONTROL} (UTF-8)`,
          `${CONTROL} (UTF-16, little end first)`,
          `${CONTROL} (UTF-8), base64 at offset 0`,
        ]),
      );
      expect(control.found.some(({ file }) => file.includes('pg_wal'))).toBe(true);
      expect(control.found.some(({ file }) => file.includes('/base/'))).toBe(true);
      const today = await readFile(join(keysIn(), 'epoch-2.key'));
      expect((await searchFiles([keysIn()], keyNeedles('today', today))).found).toHaveLength(1);

      const keys = [...before.dataKeys.values()].flat();
      expect(keys).toHaveLength(people.length * PiiClass.options.length);
      const needles = [
        ...[...people.flatMap(({ texts }) => texts), LOGIN].flatMap(textNeedles),
        ...keys.flatMap((key, index) => keyNeedles(`data key ${index}`, key)),
        ...keyNeedles('the epoch key of yesterday', before.epochKey),
      ];
      const { found } = await searchFiles([cluster, keysIn()], needles);
      expect(found).toEqual([]);
    },
    SEARCH_TIMEOUT_MS,
  );
});
