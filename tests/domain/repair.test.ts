import { describe, it } from 'vitest';
import { RepairId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  RepairCompleted,
  RepairCostAdded,
  RepairOpened,
  RepairRequested,
} from '#domain/maintenance/events.ts';
import { VehicleCommissioned, VehicleRegistered } from '#domain/registry/events.ts';
import { vehicleDecider } from '#domain/registry/vehicle.ts';
import {
  berlin,
  euro,
  evening,
  moment,
  money,
  morning,
  noon,
  operation,
  owner,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(vehicleDecider);

const start = moment('2026-03-01T06:00:00.000Z');
const repair = RepairId.parse(`${van}~${uuid8(0x70)}`);

const master = {
  vehicle: van,
  park: berlin,
  owner,
  make: 'Renault',
  model: 'Twizy',
  year: 2021,
  vinCheck: 'no_check_digit',
  currency: euro,
  odometer_m: 1_000,
  operation,
} as const;
const registered = fact(VehicleRegistered, start, master);
const commissioned = fact(VehicleCommissioned, start, { vehicle: van, park: berlin });
const fleet = [registered, commissioned] as const;

const defect = {
  repair,
  vehicle: van,
  park: berlin,
  reason: 'defect',
  severity: 'critical',
} as const;
const requested = fact(RepairRequested, morning, defect);
const opened = fact(RepairOpened, noon, defect);
const completed = fact(RepairCompleted, evening, {
  repair,
  vehicle: van,
  park: berlin,
  odometer_m: null,
});

describe('repairs', () => {
  const open = { type: 'OpenRepair', vehicle: van, repair, found: null, when: noon } as const;
  const line = {
    kind: 'part',
    reference: 'BRAKE-1',
    quantity_milli: 2_000,
    amount: money('12050'),
  } as const;
  const addCost = { type: 'AddRepairCost', vehicle: van, repair, line, when: evening } as const;

  it('are opened as they were requested, or straight away', () => {
    given(...fleet, requested)
      .when(open)
      .yields(opened);
    given(...fleet, requested, opened)
      .when(open)
      .yields();
    given(...fleet)
      .when(open)
      .refuses('RepairUnknown');
    given(...fleet)
      .when({ ...open, found: { reason: 'defect', severity: 'critical' } })
      .yields(opened);
    given(...fleet, opened, completed)
      .when(open)
      .refuses('RepairPhaseConflict');
  });

  it('cost money in the currency of the park', () => {
    const added = fact(RepairCostAdded, evening, { repair, vehicle: van, park: berlin, line });
    given(...fleet, opened)
      .when(addCost)
      .yields(added);
    given(...fleet, opened, completed)
      .when(addCost)
      .yields(added);
    given(...fleet, requested)
      .when(addCost)
      .refuses('RepairPhaseConflict');
    given(...fleet, opened)
      .when({ ...addCost, line: { ...line, amount: money('1', 'TRY') } })
      .refuses('ForeignCurrency');
    const full = Array.from({ length: 200 }, () => added);
    given(...fleet, opened, ...full)
      .when(addCost)
      .refuses('RepairCostLinesExceeded');
  });

  it('are completed or cancelled, not before they were opened', () => {
    const complete = {
      type: 'CompleteRepair',
      vehicle: van,
      repair,
      odometer_m: null,
      when: evening,
    } as const;
    given(...fleet, opened)
      .when(complete)
      .yields(completed);
    given(...fleet, opened, completed)
      .when(complete)
      .yields();
    given(...fleet, requested)
      .when(complete)
      .refuses('RepairPhaseConflict');
    given(...fleet, opened)
      .when({ ...complete, when: morning })
      .refuses('EndBeforeStart');
    const cancel = {
      type: 'CancelRepair',
      vehicle: van,
      repair,
      reason: 'not_needed',
      when: evening,
    } as const;
    given(...fleet, opened, completed)
      .when(cancel)
      .refuses('RepairPhaseConflict');
    given(...fleet)
      .when(cancel)
      .refuses('RepairUnknown');
  });
});
