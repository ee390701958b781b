import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { RepairId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairCompleted, RepairOpened, RepairRequested } from '#domain/maintenance/events.ts';
import {
  OdometerRead,
  VehicleClaimAbandoned,
  VehicleCommissioned,
  VehicleMoved,
  VehicleRegistered,
  VehicleRetired,
  VehicleWithdrawn,
} from '#domain/registry/events.ts';
import { vehicleDecider } from '#domain/registry/vehicle.ts';
import { type VehicleEvent, vehicleStatus } from '#domain/registry/vehicleState.ts';
import { RentalEnded, RentalStarted } from '#domain/rentals/events.ts';
import {
  ann,
  berlin,
  euro,
  evening,
  izmir,
  lira,
  moment,
  morning,
  noon,
  operation,
  owner,
  rentalOfAnn,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(vehicleDecider);

const start = moment('2026-03-01T06:00:00.000Z');
const night = moment('2026-03-02T22:00:00.000Z');
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
const register = { type: 'RegisterVehicle', ...master, pii: [], when: start } as const;
const registered = fact(VehicleRegistered, start, master);
const commissioned = fact(VehicleCommissioned, start, { vehicle: van, park: berlin });
const fleet = [registered, commissioned] as const;

const party = { rental: rentalOfAnn, vehicle: van, driver: ann, park: berlin };
const agreed = { plan: 'P1', rate: null };
const rented = fact(RentalStarted, morning, { ...party, ...agreed, odometer_m: null });
const returned = fact(RentalEnded, noon, { ...party, reason: 'returned', odometer_m: null });

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

const statusAfter = (...events: readonly VehicleEvent[]) => {
  const { vehicle } = replay(vehicleDecider, events);
  return vehicle && vehicleStatus(vehicle);
};

describe('the master data of a vehicle', () => {
  it('is registered once', () => {
    given().when(register).yields(registered);
    given(registered).when(register).refuses('VehicleAlreadyRegistered');
  });

  it('is not registered by an operation that was given up', () => {
    const abandoned = fact(VehicleClaimAbandoned, start, { vehicle: van, operation, reason: 'x' });
    given(abandoned).when(register).refuses('OperationAbandoned');
  });

  it('must exist, and knows nothing of the time before', () => {
    const commission = { type: 'CommissionVehicle', vehicle: van, when: start } as const;
    given().when(commission).refuses('VehicleUnknown');
    given(registered)
      .when({ ...commission, when: moment('2026-02-28T00:00:00.000Z') })
      .refuses('FactBeforeRegistration');
  });

  it('moves between parks and takes over the currency of the new one', () => {
    const move = {
      type: 'MoveVehicle',
      vehicle: van,
      to: izmir,
      currency: lira,
      when: noon,
    } as const;
    const moved = fact(VehicleMoved, noon, {
      vehicle: van,
      from: berlin,
      to: izmir,
      currency: lira,
    });
    given(...fleet)
      .when(move)
      .yields(moved);
    given(...fleet, moved)
      .when(move)
      .yields();
    expect(replay(vehicleDecider, [...fleet, moved]).vehicle).toMatchObject({
      park: izmir,
      currency: lira,
    });
  });

  it('has an odometer that does not run backwards in time', () => {
    const read = { type: 'ReadOdometer', vehicle: van, odometer_m: 5_000, when: noon } as const;
    const known = fact(OdometerRead, noon, { vehicle: van, park: berlin, odometer_m: 5_000 });
    given(...fleet)
      .when(read)
      .yields(known);
    given(...fleet, known)
      .when(read)
      .yields();
    given(...fleet, known)
      .when({ ...read, odometer_m: 4_000, when: evening })
      .refuses('OdometerBackwards');
    // A reading of an earlier time comes late and is smaller, as it should be.
    given(...fleet, known)
      .when({ ...read, odometer_m: 4_000, when: morning })
      .yields(fact(OdometerRead, morning, { vehicle: van, park: berlin, odometer_m: 4_000 }));
  });

  it('retires only when it is back, except when it is gone', () => {
    const retire = { type: 'RetireVehicle', vehicle: van, reason: 'sold', when: evening } as const;
    const retired = fact(VehicleRetired, evening, { vehicle: van, park: berlin, reason: 'sold' });
    given(...fleet)
      .when(retire)
      .yields(retired);
    given(...fleet, rented)
      .when(retire)
      .refuses('VehicleNotIdle');
    given(...fleet, opened)
      .when(retire)
      .refuses('VehicleNotIdle');
    given(...fleet, opened)
      .when({ ...retire, reason: 'scrapped' })
      .yields(fact(VehicleRetired, evening, { vehicle: van, park: berlin, reason: 'scrapped' }));
    given(...fleet, retired)
      .when(retire)
      .yields();
    given(...fleet, retired)
      .when({ type: 'MoveVehicle', vehicle: van, to: izmir, currency: lira, when: night })
      .refuses('VehicleRetired');
  });
});

describe('the status of a vehicle', () => {
  it('follows from what happened', () => {
    expect(statusAfter(registered)).toBe('onboarding');
    expect(statusAfter(...fleet)).toBe('available');
    expect(statusAfter(...fleet, rented)).toBe('rented');
    expect(statusAfter(...fleet, rented, returned)).toBe('available');
    expect(statusAfter(...fleet, requested)).toBe('out_of_service');
    expect(statusAfter(...fleet, requested, opened)).toBe('in_repair');
    expect(statusAfter(...fleet, requested, opened, completed)).toBe('available');
    expect(statusAfter(...fleet, rented, opened)).toBe('in_repair');
    const data = { vehicle: van, park: berlin, reason: 'other' } as const;
    expect(statusAfter(...fleet, fact(VehicleWithdrawn, noon, data))).toBe('out_of_service');
  });
});
