import type { Either } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import { DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { askAll } from './askAll.ts';
import { boundedPool } from './boundedPool.ts';
import { attempt } from './postgresFailure.ts';
import type { PostgresPool } from './postgresPool.ts';

const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 4;
const CLOSE_TIMEOUT_S = 5;

/** The columns that name a watch. */
export const WatchColumns = z.object({ tenant: Tenant, vehicle: VehicleId, ident: DeviceIdent });

/** The connections of detection, and how it asks over them. */
export const detectionAsker = (url: string) => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-detection',
    arrays: false,
  });

  /** Does some work, or says that the database is away. */
  const doing = <Result>(
    work: (sql: PostgresPool) => Promise<Result>,
  ): Promise<Either<Unavailable, Result>> => attempt(() => pool.run(work));

  const find = askAll(pool);

  return { doing, find, close: () => pool.end(CLOSE_TIMEOUT_S) };
};

export type DetectionAsker = ReturnType<typeof detectionAsker>;
