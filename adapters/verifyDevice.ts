import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import type { DeviceAccess, DeviceRefused, Grant } from '#ingest/deviceAccess.ts';
import { isSecretOf, nobodysHash, type SaltedHash, trialKey } from './deviceSecret.ts';
import { inTurns } from './inTurns.ts';
import { leastRecentlyUsed } from './leastRecentlyUsed.ts';

/** How long a device's row is believed without looking again: that long a revoked secret may still do. */
const BELIEVED_MS = 30_000;
const ROWS_MAX = 50_000;
const GOOD_TRIALS_MAX = 50_000;
const BAD_TRIALS_MAX = 5_000;
/** How many secrets are checked at once, and how many may wait for it; more come back later. */
const CHECKS = { running_max: 2, waiting_max: 4_096 };
const SECRET_MAX_CHARS = 128;

/** A device as it is kept. `secret` null: revoked. */
export interface DeviceRow {
  readonly ident: DeviceIdent;
  readonly tenant: Tenant;
  readonly datagrams: boolean;
  readonly secretId: string;
  readonly secret: SaltedHash | null;
}

const refused: Either<DeviceRefused, never> = left({ code: 'DeviceRefused' });

/**
 * What listeners ask, over whatever keeps the rows. Rows are believed for half a minute. That a secret fits
 * a hash, or does not, is true for ever, so a trial is remembered as long as there is room; bad ones have a
 * room of their own, where they drive out no good ones. `forget` is to be called when a row has changed.
 */
export const verifyDevice = (
  fetch: (ident: DeviceIdent) => Promise<Either<Unavailable, DeviceRow | null>>,
  clock_ms: () => number = Date.now,
): DeviceAccess & { readonly forget: (ident: DeviceIdent) => void } => {
  const rows = leastRecentlyUsed<{ readonly row: DeviceRow | null; readonly until_ms: number }>(
    ROWS_MAX,
  );
  const good = leastRecentlyUsed<true>(GOOD_TRIALS_MAX);
  const bad = leastRecentlyUsed<true>(BAD_TRIALS_MAX);
  const check = inTurns(CHECKS);

  const rowOf = async (ident: DeviceIdent): Promise<Either<Unavailable, DeviceRow | null>> => {
    const held = rows.get(ident);
    if (held && clock_ms() < held.until_ms) return right(held.row);
    const fetched = await fetch(ident);
    if (isLeft(fetched)) return fetched;
    rows.put(ident, { row: fetched.right, until_ms: clock_ms() + BELIEVED_MS });
    return fetched;
  };

  const fits = async (
    row: DeviceRow | null,
    secret: string,
  ): Promise<Either<Unavailable, boolean>> => {
    const trial = trialKey(row?.secretId ?? 'nobody', secret);
    if (good.get(trial)) return right(true);
    if (bad.get(trial)) return right(false);
    const isRight = await check(() => isSecretOf(secret, row?.secret ?? nobodysHash));
    if (isRight === null) return left({ code: 'Unavailable', detail: 'too many logins' });
    (isRight ? good : bad).put(trial, true);
    return right(isRight);
  };

  return {
    verify:
      ({ ident, secret }) =>
      async (): Promise<Either<Unavailable | DeviceRefused, Grant>> => {
        if (secret === '' || secret.length > SECRET_MAX_CHARS) return refused;
        const row = await rowOf(ident);
        if (isLeft(row)) return row;
        const isRight = await fits(row.right, secret);
        if (isLeft(isRight)) return isRight;
        if (!isRight.right || !row.right?.secret) return refused;
        const { tenant, secretId } = row.right;
        return right({ tenant, ident, secretId });
      },
    stands: (grant) => async () => {
      const row = await rowOf(grant.ident);
      if (isLeft(row)) return row;
      const { tenant, secretId, secret } = row.right ?? { secret: null };
      return right(secret !== null && tenant === grant.tenant && secretId === grant.secretId);
    },
    ownerOf: (ident) => async () => {
      const row = await rowOf(ident);
      if (isLeft(row)) return row;
      return right(row.right && { tenant: row.right.tenant, datagrams: row.right.datagrams });
    },
    forget: (ident) => rows.drop(ident),
  };
};
