import { join } from 'node:path';
import { accessRecords } from '#adapters/accessRecords.ts';
import { actorSurrogates } from '#adapters/actorSurrogates.ts';
import { claimHash } from '#adapters/claimHash.ts';
import { deviceAccess } from '#adapters/deviceAccess.ts';
import { eventStoreDb } from '#adapters/eventStoreDb.ts';
import { fenceShapes } from '#adapters/fenceShapes.ts';
import { importFiles } from '#adapters/importFiles.ts';
import { keyStore } from '#adapters/keyStore.ts';
import { openings } from '#adapters/openings.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import { ledgerSpans } from '#adapters/tracing.ts';
import { postgresVault } from '#adapters/vault.ts';
import { stateCache } from '#commands/stateCache.ts';
import { workspace } from '#commands/workspace.ts';
import { type Instant, instantOf, Zone } from '#domain/kernel/instant.ts';
import type { Config } from './config.ts';
import { isLogged } from './isLogged.ts';
import { ledgerMetrics } from './metrics.ts';
import { openDatabase } from './openDatabase.ts';

const CONNECTIONS_MAX = 10;
const STATEMENT_TIMEOUT_MS = 30_000;
const STATES_REMEMBERED = 10_000;
const platformZone = Zone.parse('UTC');

const now = (): Instant => instantOf(Date.now());

/**
 * Everything that reads and writes the ledger, put together by a configuration: what the server and the
 * command line share. `close` lets go of it in order.
 */
export const openLedger = async (config: Config, beside: { readonly keepAdopted: boolean }) => {
  const database = await openDatabase(config, beside);
  const metrics = ledgerMetrics();
  const { url } = database;
  const { eventStoreUrl } = config;
  const bare =
    eventStoreUrl === null
      ? postgresEventStore({ url, observeGroup: metrics.observeGroup })
      : eventStoreDb({ url: eventStoreUrl });
  const spans = ledgerSpans();
  const store = spans.traced(metrics.timed(bare));
  const sql = postgresPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger',
  });
  const keysDirectory = join(config.keysDirectory, 'store');
  const keys = await keyStore(keysDirectory);
  const safe = postgresVault({ url, keys, isLogged: isLogged(store) });
  const hash = await claimHash(keysDirectory);
  const records = accessRecords({ url });
  const surrogates = actorSurrogates({ url, claimHash: hash });
  const devices = deviceAccess({ url });
  const fences = fenceShapes({ url });
  const opened = openings({ url });
  const imported = importFiles({ url });
  const ledger = workspace({
    store,
    vault: safe,
    claimHash: hash,
    cache: stateCache({ entries_max: STATES_REMEMBERED }),
    now,
    platformZone,
    observeConflict: metrics.observeConflict,
  });
  return {
    config,
    url,
    store,
    sql,
    metrics,
    traceProjection: spans.traceProjection,
    vault: safe,
    ledger,
    now,
    platformZone,
    densePositions: eventStoreUrl === null,
    accessRecords: records,
    surrogates,
    devices,
    fenceShapes: fences,
    openings: opened,
    importFiles: imported,
    close: async (): Promise<void> => {
      await store.close();
      const besides = [safe, records, surrogates, devices, fences, opened, imported];
      await Promise.all(besides.map((each) => each.close()));
      await sql.end({ timeout: 5 });
      await database.release();
    },
  };
};

export type OpenLedger = Awaited<ReturnType<typeof openLedger>>;
