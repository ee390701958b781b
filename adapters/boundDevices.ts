import { z } from 'zod';
import { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import type { BoundDevices } from '#ingest/sweepBindings.ts';
import type { Database } from '#projections/ports.ts';
import { attempt, attemptFilled } from './postgresFailure.ts';

/** Bindings are remembered for 5 s, and a batch takes 11 s at most to be stored or not. */
const SETTLE_MS = 30_000;

const Due = z.array(z.object({ tenant: Tenant, ident: DeviceIdent, version: z.bigint() }));

interface Options {
  readonly sql: Database;
  /** How long after a change the rows of a device are gone over once more. */
  readonly settle_ms?: number;
}

/** Which devices' rows are in line with their bindings, in Postgres beside the read model of these. */
export const boundDevices = ({ sql, settle_ms = SETTLE_MS }: Options): BoundDevices => ({
  // Nobody may have filled the read model yet.
  due: (limit) => () =>
    attemptFilled(async () => {
      const rows = await sql`
        select t.tenant, t.ident, b.version
          from (select distinct tenant, ident from telemetry_devices) as t
         cross join lateral (
           select max((d."row"->>'position')::bigint) as version from device_bindings d
            where d.tenant = t.tenant and d.ident = t.ident) as b
          left join telemetry_bound k on k.tenant = t.tenant and k.ident = t.ident
         where b.version > coalesce(k.version, -1)
            or (not k.settled and k.done_at < clock_timestamp() - ${settle_ms} * interval '1 millisecond')
         order by t.tenant, t.ident limit ${limit}`;
      return Due.parse(rows);
    }),
  bound:
    ({ tenant, ident, version }) =>
    () =>
      attempt(async () => {
        await sql`
          insert into telemetry_bound as k (tenant, ident, version, settled, done_at)
          values (${tenant}, ${ident}, ${version}, false, clock_timestamp())
          on conflict (tenant, ident) do update set
            settled = k.version = excluded.version
                      and (k.settled or k.done_at < clock_timestamp() - ${settle_ms} * interval '1 millisecond'),
            done_at = case when k.version = excluded.version then k.done_at else excluded.done_at end,
            version = excluded.version
          where excluded.version >= k.version`;
        return null;
      }),
});
