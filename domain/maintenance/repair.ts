import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { unreachable } from '#domain/kernel/decider.ts';
import type { RepairId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import type { Currency } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { Repair, RepairPhase, Vehicle, VehicleEvent } from '#domain/registry/vehicleState.ts';
import {
  type CostLine,
  RepairCancelled,
  type RepairCancelReason,
  RepairCompleted,
  RepairCostAdded,
  RepairOpened,
  type RepairReason,
  RepairRequested,
  type Severity,
} from './events.ts';

const COST_LINES_MAX = 200;

interface Found {
  readonly reason: z.infer<typeof RepairReason>;
  readonly severity: z.infer<typeof Severity>;
}

/** What one may ask about a vehicle's repairs. */
export type RepairCommand =
  | ({ readonly type: 'RequestRepair'; readonly repair: RepairId; readonly when: Moment } & Found)
  | {
      readonly type: 'OpenRepair';
      readonly repair: RepairId;
      /** Null: as it was requested. */
      readonly found: Found | null;
      readonly when: Moment;
    }
  | {
      readonly type: 'AddRepairCost';
      readonly repair: RepairId;
      readonly line: CostLine;
      readonly when: Moment;
    }
  | {
      readonly type: 'CompleteRepair';
      readonly repair: RepairId;
      readonly odometer_m: number | null;
      readonly when: Moment;
    }
  | {
      readonly type: 'CancelRepair';
      readonly repair: RepairId;
      readonly reason: z.infer<typeof RepairCancelReason>;
      readonly when: Moment;
    };

export type RepairRefusal =
  | { readonly code: 'RepairUnknown'; readonly repair: RepairId }
  | { readonly code: 'RepairPhaseConflict'; readonly repair: RepairId; readonly phase: RepairPhase }
  | { readonly code: 'RepairCostLinesExceeded'; readonly cost_lines_max: number }
  | { readonly code: 'ForeignCurrency'; readonly expected: Currency }
  | { readonly code: 'EndBeforeStart' };

type Decision = Either<RepairRefusal, readonly VehicleEvent[]>;
const nothing: Decision = right([]);

const request = (
  command: Extract<RepairCommand, { type: 'RequestRepair' }>,
  vehicle: Vehicle,
): Decision => {
  const { repair, reason, severity, when } = command;
  if (vehicle.repairs.has(repair)) return nothing;
  const data = { repair, vehicle: vehicle.vehicle, park: vehicle.park, reason, severity };
  return right([fact(RepairRequested, when, data)]);
};

const open = (
  command: Extract<RepairCommand, { type: 'OpenRepair' }>,
  vehicle: Vehicle,
): Decision => {
  const { repair, when } = command;
  const requested = vehicle.repairs.get(repair);
  const found = command.found ?? requested;
  if (!found) return left({ code: 'RepairUnknown', repair });
  const phase = requested?.phase ?? 'requested';
  if (phase === 'open') return nothing;
  if (phase !== 'requested') return left({ code: 'RepairPhaseConflict', repair, phase });
  const { reason, severity } = found;
  const data = { repair, vehicle: vehicle.vehicle, park: vehicle.park, reason, severity };
  return right([fact(RepairOpened, when, data)]);
};

const addCost = (
  { line, when }: Extract<RepairCommand, { type: 'AddRepairCost' }>,
  vehicle: Vehicle,
  { repair, phase, park, costLines }: Repair,
): Decision => {
  // An invoice may come after the work is done.
  if (phase !== 'open' && phase !== 'completed') {
    return left({ code: 'RepairPhaseConflict', repair, phase });
  }
  if (line.amount.currency !== vehicle.currency) {
    return left({ code: 'ForeignCurrency', expected: vehicle.currency });
  }
  if (costLines >= COST_LINES_MAX) {
    return left({ code: 'RepairCostLinesExceeded', cost_lines_max: COST_LINES_MAX });
  }
  return right([fact(RepairCostAdded, when, { repair, vehicle: vehicle.vehicle, park, line })]);
};

const complete = (
  { odometer_m, when }: Extract<RepairCommand, { type: 'CompleteRepair' }>,
  vehicle: Vehicle,
  { repair, phase, park, openedAt }: Repair,
): Decision => {
  if (phase === 'completed') return nothing;
  if (phase !== 'open') return left({ code: 'RepairPhaseConflict', repair, phase });
  if (openedAt !== null && when.at < openedAt) return left({ code: 'EndBeforeStart' });
  const data = { repair, vehicle: vehicle.vehicle, park, odometer_m };
  return right([fact(RepairCompleted, when, data)]);
};

const cancel = (
  { reason, when }: Extract<RepairCommand, { type: 'CancelRepair' }>,
  vehicle: Vehicle,
  { repair, phase, park, openedAt }: Repair,
): Decision => {
  if (phase === 'cancelled') return nothing;
  if (phase === 'completed') return left({ code: 'RepairPhaseConflict', repair, phase });
  if (openedAt !== null && when.at < openedAt) return left({ code: 'EndBeforeStart' });
  return right([fact(RepairCancelled, when, { repair, vehicle: vehicle.vehicle, park, reason })]);
};

/** Decides what is asked about the repairs of a registered vehicle. */
export const decideRepair = (command: RepairCommand, vehicle: Vehicle): Decision => {
  if (command.type === 'RequestRepair') return request(command, vehicle);
  if (command.type === 'OpenRepair') return open(command, vehicle);
  const repair = vehicle.repairs.get(command.repair);
  if (!repair) return left({ code: 'RepairUnknown', repair: command.repair });
  switch (command.type) {
    case 'AddRepairCost':
      return addCost(command, vehicle, repair);
    case 'CompleteRepair':
      return complete(command, vehicle, repair);
    case 'CancelRepair':
      return cancel(command, vehicle, repair);
    default:
      return unreachable(command);
  }
};
