import { z } from 'zod';
import type { RunningRentals } from '#commands/driverAccounts/chargeOpenRentals.ts';
import { RentalId, Tenant } from '#domain/kernel/ids.ts';
import type { Database } from '#projections/ports.ts';

const Rows = z.array(z.object({ tenant: Tenant, rental: RentalId }));

/** Finds rentals that are open or ended lately in their read model, over all tenants. */
export const runningRentals = (sql: Database): RunningRentals => ({
  page: async ({ endedSince, after, limit }) =>
    Rows.parse(
      await sql`
        select tenant, key as rental from rentals
         where (status = 'open' or ended_at >= ${endedSince}::text::timestamptz)
           and (tenant, key) > (${after?.tenant ?? ''}::text, ${after?.rental ?? ''}::text)
         order by tenant, key limit ${limit}`,
    ),
});
