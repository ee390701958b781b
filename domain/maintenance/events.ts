import { z } from 'zod';
import { Odometer_m, Reference } from '#domain/kernel/fields.ts';
import { ParkId, RepairId, VehicleId } from '#domain/kernel/ids.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';
import { eventType } from '#domain/kernel/registry.ts';
import { assetKey, parkKey, repairKey, subjects } from '#domain/kernel/subjects.ts';

export const RepairReason = z.enum(['wear', 'accident', 'recall', 'inspection', 'defect', 'tyres']);
/**
 * How bad a defect is. A critical one keeps the vehicle from being rented until it is repaired or found
 * unfounded.
 */
export const Severity = z.enum(['minor', 'major', 'critical']);
export const RepairCancelReason = z.enum(['not_needed', 'duplicate', 'recorded_in_error']);

/**
 * What was used or done. `quantity_milli` is in thousandths of a piece, litre or hour; `amount` is for the
 * whole line.
 */
export const CostLine = z.strictObject({
  kind: z.enum(['part', 'labour']),
  reference: Reference,
  quantity_milli: z.int().min(1).max(1_000_000_000),
  amount: NonNegativeMoney,
});
export type CostLine = z.infer<typeof CostLine>;

const about = { repair: RepairId, vehicle: VehicleId, park: ParkId };
const found = { reason: RepairReason, severity: Severity };

type About = z.infer<z.ZodObject<typeof about>>;
const concerned = ({ repair, vehicle, park }: About) =>
  subjects(assetKey(vehicle), repairKey(repair), parkKey(park));

export const RepairRequested = eventType({
  type: 'RepairRequested',
  about: 'A defect was reported and a repair asked for.',
  data: z.strictObject({ ...about, ...found }),
  subjects: concerned,
});

export const RepairOpened = eventType({
  type: 'RepairOpened',
  about: 'Work on the vehicle began; until it is completed or cancelled the vehicle is in repair.',
  data: z.strictObject({ ...about, ...found }),
  subjects: concerned,
});

export const RepairCostAdded = eventType({
  type: 'RepairCostAdded',
  about: 'A part was used or work was done.',
  data: z.strictObject({ ...about, line: CostLine }),
  subjects: concerned,
});

export const RepairCompleted = eventType({
  type: 'RepairCompleted',
  about: 'The work is done.',
  data: z.strictObject({ ...about, odometer_m: Odometer_m.nullable() }),
  subjects: concerned,
});

export const RepairCancelled = eventType({
  type: 'RepairCancelled',
  about: 'The repair is not carried out, or no further.',
  data: z.strictObject({ ...about, reason: RepairCancelReason }),
  subjects: concerned,
});

export const maintenanceEvents = [
  RepairRequested,
  RepairOpened,
  RepairCostAdded,
  RepairCompleted,
  RepairCancelled,
] as const;
