import { randomUUID } from 'node:crypto';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { DeviceIdent } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type {
  DeviceAccess,
  DeviceChange,
  DeviceRefusal,
  DeviceRegistry,
} from '#ingest/deviceAccess.ts';
import { newSecret, saltedHash } from './deviceSecret.ts';
import { type DeviceRow, verifyDevice } from './verifyDevice.ts';

interface Kept extends DeviceRow {
  readonly changedAt: Instant;
}

/** Devices in memory; what several adapters share. `up` false: away. */
export interface MemoryDevices {
  readonly rows: Map<DeviceIdent, Kept>;
  up: boolean;
}

export const memoryDevices = (): MemoryDevices => ({ rows: new Map(), up: true });

const away: Either<Unavailable, never> = left({ code: 'Unavailable', detail: 'memory' });

type Failure = Unavailable | DeviceRefusal;

/** Devices and the hashes of their secrets, for as long as the process lives. */
export const memoryDeviceAccess = (
  devices: MemoryDevices,
  clock_ms: () => number = Date.now,
): DeviceAccess & DeviceRegistry => {
  const { rows } = devices;
  const verifier = verifyDevice(
    async (ident) => (devices.up ? right(rows.get(ident) ?? null) : away),
    clock_ms,
  );

  const changed = <Result>(
    { tenant, ident, at }: DeviceChange,
    result: Result,
    secret: DeviceRow['secret'] | 'given up',
  ): Either<Failure, Result> => {
    if (!devices.up) return away;
    verifier.forget(ident);
    const row = rows.get(ident);
    if (row?.tenant !== tenant) return left({ code: 'DeviceUnknown' });
    if (secret === 'given up') rows.delete(ident);
    else rows.set(ident, { ...row, secret, secretId: randomUUID(), changedAt: at });
    return right(result);
  };

  return {
    verify: verifier.verify,
    stands: verifier.stands,
    ownerOf: verifier.ownerOf,
    register:
      ({ tenant, ident, datagrams, at }) =>
      async () => {
        if (!devices.up) return away;
        const secret = newSecret();
        const hash = await saltedHash(secret);
        const held = rows.get(ident);
        if (held) {
          return left({ code: held.tenant === tenant ? 'DeviceRegistered' : 'DeviceTaken' });
        }
        const row = { ident, tenant, datagrams, secretId: randomUUID(), secret: hash };
        rows.set(ident, { ...row, changedAt: at });
        verifier.forget(ident);
        return right({ ident, secret });
      },
    rotate: (asked) => async () => {
      const secret = newSecret();
      return changed(asked, { ident: asked.ident, secret }, await saltedHash(secret));
    },
    revoke: (asked) => async () => changed(asked, null, null),
    giveUp: (asked) => async () => changed(asked, null, 'given up'),
    list:
      ({ tenant, after, limit }) =>
      async () => {
        if (!devices.up) return away;
        const own = [...rows.values()].filter(
          (row) => row.tenant === tenant && (after === null || row.ident > after),
        );
        return right(
          own
            .sort((one, other) => (one.ident < other.ident ? -1 : 1))
            .slice(0, limit)
            .map(({ ident, datagrams, secret, changedAt }) => ({
              ident,
              active: secret !== null,
              datagrams,
              changedAt,
            })),
        );
      },
  };
};
