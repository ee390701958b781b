import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyStore } from '#adapters/keyStore.ts';
import { DEFAULT_RETENTION_DAYS } from '#adapters/retention.ts';
import { postgresVault } from '#adapters/vault.ts';
import type { VaultHarness } from '#tests/contracts/vaultHarness.ts';
import { testDatabase } from './database.ts';
import { faultProxy } from './faultProxy.ts';

const STATEMENT_TIMEOUT_MS = 10_000;

/** A directory for a key store that is thrown away. */
export const temporaryKeys = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-keys-'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
};

/** A vault on a database and a key store of its own, reached over a wire that can break. */
export const postgresVaultHarness = async (): Promise<
  VaultHarness & { readonly url: string; readonly directory: string }
> => {
  const database = await testDatabase();
  const { directory, remove } = await temporaryKeys();
  const proxy = await faultProxy(Number(new URL(database.url).port));
  const url = new URL(database.url);
  url.port = String(proxy.port);
  const keys = await keyStore(directory);
  const logged = new Set<string>();
  return {
    url: database.url,
    directory,
    open: (retention_days = DEFAULT_RETENTION_DAYS) =>
      postgresVault({
        url: url.href,
        keys,
        isLogged: async (events) => new Set(events.filter((event) => logged.has(event))),
        retention_days,
        statement_timeout_ms: STATEMENT_TIMEOUT_MS,
      }),
    log: (event) => logged.add(event),
    down: proxy.refuse,
    up: proxy.heal,
    close: async () => {
      await proxy.close();
      await database.drop();
      await remove();
    },
  };
};
