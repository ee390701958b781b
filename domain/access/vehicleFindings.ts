import type { RepairId } from '#domain/kernel/ids.ts';
import { type Held, type HeldOf, type History, saying } from './held.ts';
import { type Finding, finding } from './reason.ts';

const isRegistered = saying('VehicleRegistered');
const isCommissioned = saying('VehicleCommissioned');
const isRetired = saying('VehicleRetired');
const isService = saying('VehicleWithdrawn', 'VehicleReinstated');
const isBegun = saying('RepairRequested', 'RepairOpened');
const isOver = saying('RepairCompleted', 'RepairCancelled');

/** Repairs that are asked for or under way, each by the last event that said so. */
const openRepairs = (happened: History): readonly HeldOf<'RepairRequested' | 'RepairOpened'>[] => {
  const open = new Map<RepairId, HeldOf<'RepairRequested' | 'RepairOpened'>>();
  for (const held of happened) {
    if (isBegun(held)) open.set(held.fact.data.repair, held);
    if (isOver(held)) open.delete(held.fact.data.repair);
  }
  return [...open.values()];
};

const when = (is: boolean, code: Finding['code'], events: readonly Held[]): readonly Finding[] =>
  is ? [finding(code, events)] : [];

/** What makes a vehicle unfit to be driven, by what had happened by a moment. */
export const vehicleFindings = (happened: History): readonly Finding[] => {
  const retired = happened.filter(isRetired).slice(-1);
  const service = happened.filter(isService).slice(-1);
  const repairs = openRepairs(happened);
  const worked = repairs.filter(({ fact }) => fact.type === 'RepairOpened');
  const critical = repairs.filter(({ fact }) => fact.data.severity === 'critical');
  return [
    ...when(
      !happened.some(isCommissioned),
      'vehicle_not_commissioned',
      happened.filter(isRegistered),
    ),
    ...when(retired.length > 0, 'vehicle_retired', retired),
    ...when(service[0]?.fact.type === 'VehicleWithdrawn', 'vehicle_withdrawn', service),
    ...when(worked.length > 0, 'vehicle_in_repair', worked),
    ...when(critical.length > 0, 'vehicle_critical_defect', critical),
  ];
};
