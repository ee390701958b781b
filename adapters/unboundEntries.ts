import { z } from 'zod';
import { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import type { UnboundEntries } from '#ingest/sweepUnbound.ts';
import type { Database } from '#projections/ports.ts';
import { attempt, attemptFilled } from './postgresFailure.ts';

const ENTRIES_OF_DEVICE_MAX = 100;

const Due = z.array(
  z.object({ tenant: Tenant, ident: DeviceIdent, id: z.bigint(), version: z.bigint() }),
);

/**
 * Messages that wait for a binding, in Postgres beside the read model of bindings. Devices that fill
 * quarantine are few, so they are gone through, and looked up in the read model; their entries come by an
 * index.
 */
export const unboundEntries = (sql: Database): UnboundEntries => ({
  // Nobody may have filled the read model yet.
  due: (limit) => () =>
    attemptFilled(async () => {
      const rows = await sql`
        select u.tenant, u.ident, q.id, b.version
          from telemetry_quarantine_use u
         cross join lateral (
           select max((d."row"->>'position')::bigint) as version from device_bindings d
            where d.tenant = u.tenant and d.ident = u.ident) as b
         cross join lateral (
           select w.id from telemetry_quarantine w
            where w.tenant = u.tenant and w.ident = u.ident and w.code = 'DeviceUnbound' and w.tried < b.version
            order by w.tried, w.id limit ${ENTRIES_OF_DEVICE_MAX}) as q
         where u.entries > 0 and u.ident <> ''
         order by q.id limit ${limit}`;
      return Due.parse(rows);
    }),
  tried:
    ({ tenant, id, version }) =>
    () =>
      attempt(async () => {
        await sql`
          update telemetry_quarantine set tried = ${version} where tenant = ${tenant} and id = ${id}`;
        return null;
      }),
});
