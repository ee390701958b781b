import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { VehicleId } from '#domain/kernel/ids.ts';
import type { detectionReactor } from '#ingest/detection/detectionReactor.ts';
import type { Database } from '#projections/ports.ts';
import type { PositionWaiter } from '#projections/waitFor.ts';

const WAIT_MS = 2_000;
const VEHICLES_MAX = 100_000;

const Rows = z.array(z.object({ key: VehicleId }));

/** Finds the vehicles of a park in their read model, once that has got far enough. */
export const vehiclesOfPark =
  (sql: Database, waiter: PositionWaiter): Parameters<typeof detectionReactor>[0]['vehiclesOf'] =>
  async ({ tenant, park, position }) => {
    const reached = await waiter.waitFor({ readModel: 'vehicles', position, timeout_ms: WAIT_MS });
    if (isLeft(reached)) return left({ code: 'Behind' });
    const rows = await sql`
      select key from vehicles where tenant = ${tenant} and park = ${park} limit ${VEHICLES_MAX}`;
    return right(Rows.parse(rows).map(({ key }) => key));
  };
