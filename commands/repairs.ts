import type { z } from 'zod';
import { RepairId, type VehicleId, vehicleOf as vehicleIn } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type {
  CostLine,
  RepairCancelReason,
  RepairReason,
  Severity,
} from '#domain/maintenance/events.ts';
import type { VehicleRefusal } from '#domain/registry/vehicle.ts';
import { deriveUuid } from './identity.ts';
import { onVehicle } from './vehicles.ts';
import type { Outcome, Request, Workspace } from './workspace.ts';

interface Found {
  readonly reason: z.infer<typeof RepairReason>;
  readonly severity: z.infer<typeof Severity>;
  readonly at: Instant;
}

type RepairOutcome = Outcome<RepairId, VehicleRefusal>;

/** Reports a defect; with `begun`, also says that work on it has begun. The repair gets an id of its own. */
export const reportRepair =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: Found & { readonly vehicle: VehicleId; readonly begun: boolean },
  ): RepairOutcome => {
    const { vehicle, reason, severity, begun, at } = asked;
    const local = deriveUuid('repair', request.origin.command);
    const repair = RepairId.parse(`${vehicle}~${local}`);
    return onVehicle(workspace)(request, { vehicle, id: repair, at }, (_, when) =>
      begun
        ? { type: 'OpenRepair', vehicle, repair, found: { reason, severity }, when }
        : { type: 'RequestRepair', vehicle, repair, reason, severity, when },
    );
  };

/** Begins to work on a defect that was reported. */
export const openRepair =
  (workspace: Workspace) =>
  async (
    request: Request,
    { repair, at }: { readonly repair: RepairId; readonly at: Instant },
  ): RepairOutcome => {
    const vehicle = vehicleIn(repair);
    return onVehicle(workspace)(request, { vehicle, id: repair, at }, (_, when) => ({
      type: 'OpenRepair',
      vehicle,
      repair,
      found: null,
      when,
    }));
  };

/** Adds a part or work to a repair. */
export const addRepairCost =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: { readonly repair: RepairId; readonly line: CostLine; readonly at: Instant },
  ): RepairOutcome => {
    const { repair, line, at } = asked;
    const vehicle = vehicleIn(repair);
    return onVehicle(workspace)(request, { vehicle, id: repair, at }, (_, when) => ({
      type: 'AddRepairCost',
      vehicle,
      repair,
      line,
      when,
    }));
  };

/** The work is done. */
export const completeRepair =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: { readonly repair: RepairId; readonly odometer_m: number | null; readonly at: Instant },
  ): RepairOutcome => {
    const { repair, odometer_m, at } = asked;
    const vehicle = vehicleIn(repair);
    return onVehicle(workspace)(request, { vehicle, id: repair, at }, (_, when) => ({
      type: 'CompleteRepair',
      vehicle,
      repair,
      odometer_m,
      when,
    }));
  };

/** The repair is not carried out, or no further. */
export const cancelRepair =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly repair: RepairId;
      readonly reason: z.infer<typeof RepairCancelReason>;
      readonly at: Instant;
    },
  ): RepairOutcome => {
    const { repair, reason, at } = asked;
    const vehicle = vehicleIn(repair);
    return onVehicle(workspace)(request, { vehicle, id: repair, at }, (_, when) => ({
      type: 'CancelRepair',
      vehicle,
      repair,
      reason,
      when,
    }));
  };
