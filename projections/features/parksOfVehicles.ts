import { z } from 'zod';
import { ParkId, type Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Connection } from './readIntervals.ts';

const Membership = z.array(z.object({ vehicle: VehicleId, park: ParkId }));

/** Every park that each of some vehicles ever was in. */
export const parksOf = async (
  sql: Connection,
  tenant: Tenant,
  vehicles: readonly VehicleId[],
): Promise<ReadonlyMap<VehicleId, readonly ParkId[]>> => {
  const rows = Membership.parse(
    await sql`
      select distinct vehicle, park from intervals
       where tenant = ${tenant} and kind = 'membership' and vehicle = any(${[...vehicles]}::text[])`,
  );
  const parks = new Map<VehicleId, ParkId[]>();
  for (const { vehicle, park } of rows) parks.set(vehicle, [...(parks.get(vehicle) ?? []), park]);
  return parks;
};
