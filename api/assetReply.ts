import { z } from 'zod';
import type { AssetState } from '#audit/assetState.ts';
import { Instant, Zone } from '#domain/kernel/instant.ts';
import { Money } from '#domain/kernel/money.ts';
import { RepairReason, Severity } from '#domain/maintenance/events.ts';
import { VEHICLE_STATUSES } from '#domain/registry/vehicleStatus.ts';

const Totals = z.strictObject({
  trips: z.int(),
  distance_m: z.int(),
  duration_s: z.int(),
  rentals: z.int(),
  incidents: z.int(),
  fines: z.int(),
  fined: z.array(Money),
  repairs: z.int(),
  repair_costs: z.array(Money),
});

/** An asset at a moment of true time, by what was known at another. */
export const AssetReply = z
  .strictObject({
    status: z.enum(VEHICLE_STATUSES),
    park_id: z.string(),
    zone: Zone,
    owner_id: z.string(),
    make: z.string(),
    model: z.string(),
    year: z.int(),
    odometer_m: z.int(),
    odometer_at: Instant,
    registered_at: Instant,
    retired_at: Instant.nullable(),
    custody: z
      .strictObject({ driver_id: z.string(), rental_id: z.string(), since: Instant })
      .nullable(),
    open_trip: z
      .strictObject({ trip_id: z.string(), driver_id: z.string().nullable(), since: Instant })
      .nullable(),
    open_repairs: z.array(
      z.strictObject({
        repair_id: z.string(),
        phase: z.string(),
        reason: RepairReason,
        severity: Severity,
        opened_at: Instant.nullable(),
      }),
    ),
    totals: Totals,
  })
  .meta({ id: 'AssetState' });
export type AssetReply = z.infer<typeof AssetReply>;

/** The state of an asset as it is told. */
export const assetReply = (state: AssetState): AssetReply => {
  const { vehicle, status, custody, openTrip, openRepairs, totals } = state;
  const { repairCosts, fined, ...counted } = totals;
  return {
    status,
    park_id: vehicle.park,
    zone: vehicle.zone,
    owner_id: vehicle.owner,
    make: vehicle.make,
    model: vehicle.model,
    year: vehicle.year,
    odometer_m: vehicle.odometer.odometer_m,
    odometer_at: vehicle.odometer.at,
    registered_at: vehicle.registeredAt,
    retired_at: vehicle.retiredAt,
    custody: custody && {
      driver_id: custody.driver,
      rental_id: custody.rental,
      since: custody.since,
    },
    open_trip: openTrip && {
      trip_id: openTrip.trip,
      driver_id: openTrip.driver,
      since: openTrip.since,
    },
    open_repairs: openRepairs.map(({ repair, phase, reason, severity, openedAt }) => ({
      repair_id: repair,
      phase,
      reason,
      severity,
      opened_at: openedAt,
    })),
    totals: { ...counted, fined: [...fined], repair_costs: [...repairCosts] },
  };
};
