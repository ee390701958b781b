import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { AttributedFacts } from '#commands/reactors/attributionReactor.ts';
import { FineId, IncidentId } from '#domain/kernel/ids.ts';
import type { Database } from '#projections/ports.ts';
import type { PositionWaiter } from '#projections/waitFor.ts';

const WAIT_MS = 2_000;
const FACTS_MAX = 10_000;

const Fines = z.array(z.object({ key: FineId }));
const Incidents = z.array(z.object({ key: IncidentId }));

/** Finds fines and incidents of a vehicle in their read models, once those have got far enough. */
export const attributedFacts = (sql: Database, waiter: PositionWaiter): AttributedFacts => ({
  ofVehicle: async ({ tenant, vehicle, since, position }) => {
    for (const readModel of ['fines', 'incidents']) {
      const reached = await waiter.waitFor({ readModel, position, timeout_ms: WAIT_MS });
      if (isLeft(reached)) return left({ code: 'Behind' });
    }
    const fines = Fines.parse(
      await sql`
        select key from fines
         where tenant = ${tenant} and vehicle = ${vehicle} and offence_at >= ${since}::text::timestamptz limit ${FACTS_MAX}`,
    );
    const incidents = Incidents.parse(
      await sql`
        select key from incidents
         where tenant = ${tenant} and vehicle = ${vehicle} and started_at >= ${since}::text::timestamptz limit ${FACTS_MAX}`,
    );
    return right({
      fines: fines.map(({ key }) => key),
      incidents: incidents.map(({ key }) => key),
    });
  },
});
