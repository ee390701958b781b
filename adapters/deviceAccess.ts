import { randomUUID } from 'node:crypto';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Unavailable, Unknown } from '#commands/ports.ts';
import { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import type {
  DeviceAccess,
  DeviceChange,
  DeviceRefusal,
  DeviceRegistry,
} from '#ingest/deviceAccess.ts';
import { boundedPool } from './boundedPool.ts';
import { newSecret, saltedHash } from './deviceSecret.ts';
import { readFailure, writeFailure } from './postgresFailure.ts';
import { type DeviceRow, verifyDevice } from './verifyDevice.ts';

const STATEMENT_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 4;
const CLOSE_TIMEOUT_S = 5;
const PAGE_MAX = 1_000;

const Found = z.tuple([
  z.object({
    ident: DeviceIdent.nullable(),
    tenant: Tenant.nullable(),
    datagrams: z.boolean().nullable(),
    secret_id: z.uuid().nullable(),
    salt: z.instanceof(Buffer).nullable(),
    hash: z.instanceof(Buffer).nullable(),
    cost: z.int().nullable(),
  }),
]);
const Registered = z.tuple([z.object({ added: z.bigint(), holder: Tenant.nullable() })]);
const Changed = z.tuple([z.object({ changed: z.bigint() })]);
const Listed = z.array(
  z.object({
    ident: DeviceIdent,
    active: z.boolean(),
    datagrams: z.boolean(),
    changed_at: z.date(),
  }),
);

const rowOf = (rows: unknown): DeviceRow | null => {
  const [{ ident, tenant, datagrams, secret_id, salt, hash, cost }] = Found.parse(rows);
  if (ident === null || tenant === null || secret_id === null) return null;
  const secret =
    salt === null || hash === null || cost === null
      ? null
      : { salt: Buffer.from(salt), hash: Buffer.from(hash), cost };
  return { ident, tenant, datagrams: datagrams === true, secretId: secret_id, secret };
};

type Failure = Unavailable | Unknown | DeviceRefusal;

const write = async <Result>(
  work: () => Promise<Either<Failure, Result>>,
): Promise<Either<Failure, Result>> => {
  try {
    return await work();
  } catch (error) {
    return left(writeFailure(error));
  }
};

/** Devices and the hashes of their secrets in Postgres. */
export const deviceAccess = ({
  url,
  clock_ms = Date.now,
}: {
  readonly url: string;
  readonly clock_ms?: () => number;
}): DeviceAccess & DeviceRegistry & { readonly close: () => Promise<void> } => {
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-devices',
  });

  const verifier = verifyDevice(async (ident) => {
    try {
      const rows = await pool.ask(
        (sql, mark) => sql`
          select ${mark}::text as mark, d.ident, d.tenant, d.datagrams, d.secret_id, d.salt, d.hash, d.cost
            from (select ${ident}::text as ident) as asked left join device_access as d using (ident)`,
      );
      return right(rowOf(rows));
    } catch (error) {
      return left(readFailure(error));
    }
  }, clock_ms);

  /** Changes the row of a device of one's own by a statement that says how many rows it changed. */
  const change =
    <Result>(
      { ident }: DeviceChange,
      result: Result,
      statement: Parameters<typeof pool.ask>[0],
    ): (() => Promise<Either<Failure, Result>>) =>
    () =>
      write(async () => {
        // Even if nobody knows whether it was done, what was believed before is no longer.
        const rows = await pool.ask(statement).finally(() => verifier.forget(ident));
        const [{ changed }] = Changed.parse(rows);
        return changed === 1n ? right(result) : left({ code: 'DeviceUnknown' });
      });

  const registered =
    ({ tenant, ident, actor, at, datagrams }: Parameters<DeviceRegistry['register']>[0]) =>
    () =>
      write(async () => {
        const secret = newSecret();
        const { salt, hash, cost } = await saltedHash(secret);
        const rows = await pool.ask(
          (sql, mark) => sql`
            with added as (
              insert into device_access
                (ident, tenant, secret_id, salt, hash, cost, datagrams, changed_by, changed_at)
              values (${ident}, ${tenant}, ${randomUUID()}, ${salt}, ${hash}, ${cost}, ${datagrams},
                      ${actor}, ${at})
              on conflict (ident) do nothing returning ident
            )
            select ${mark}::text as mark, (select count(*) from added) as added,
                   (select tenant from device_access where ident = ${ident}) as holder`,
        );
        verifier.forget(ident);
        const [{ added, holder }] = Registered.parse(rows);
        if (added === 1n) return right({ ident, secret });
        // Somebody else was registering it at this moment: who has it can be told at the next try.
        if (holder === null) return left({ code: 'Unavailable', detail: 'asked twice at once' });
        return left({ code: holder === tenant ? 'DeviceRegistered' : 'DeviceTaken' });
      });

  return {
    verify: verifier.verify,
    stands: verifier.stands,
    ownerOf: verifier.ownerOf,
    register: registered,
    rotate: (asked) => async () => {
      const secret = newSecret();
      const { salt, hash, cost } = await saltedHash(secret);
      const { tenant, ident, actor, at } = asked;
      return change(
        asked,
        { ident, secret },
        (sql, mark) => sql`
          with changed as (
            update device_access
               set secret_id = ${randomUUID()}, salt = ${salt}, hash = ${hash}, cost = ${cost},
                   changed_by = ${actor}, changed_at = ${at}
             where ident = ${ident} and tenant = ${tenant} returning ident
          )
          select ${mark}::text as mark, (select count(*) from changed) as changed`,
      )();
    },
    revoke: (asked) =>
      change(
        asked,
        null,
        (sql, mark) => sql`
          with changed as (
            update device_access
               set secret_id = ${randomUUID()}, salt = null, hash = null, cost = null,
                   changed_by = ${asked.actor}, changed_at = ${asked.at}
             where ident = ${asked.ident} and tenant = ${asked.tenant} returning ident
          )
          select ${mark}::text as mark, (select count(*) from changed) as changed`,
      ),
    giveUp: (asked) =>
      change(
        asked,
        null,
        (sql, mark) => sql`
          with changed as (
            delete from device_access
             where ident = ${asked.ident} and tenant = ${asked.tenant} returning ident
          )
          select ${mark}::text as mark, (select count(*) from changed) as changed`,
      ),
    list:
      ({ tenant, after, limit }) =>
      async () => {
        try {
          const rows = await pool.run(
            (sql) => sql`
              select ident, hash is not null as active, datagrams, changed_at from device_access
               where tenant = ${tenant} and ident > ${after ?? ''}
               order by ident limit ${Math.min(limit, PAGE_MAX)}`,
          );
          return right(
            Listed.parse(rows).map(({ changed_at, ...device }) => ({
              ...device,
              changedAt: instantOf(changed_at.getTime()),
            })),
          );
        } catch (error) {
          return left(readFailure(error));
        }
      },
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
