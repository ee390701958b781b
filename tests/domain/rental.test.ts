import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { CommandId, RepairId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairOpened, RepairRequested } from '#domain/maintenance/events.ts';
import {
  VehicleClaimAbandoned,
  VehicleCommissioned,
  VehicleRegistered,
  VehicleWithdrawn,
} from '#domain/registry/events.ts';
import { vehicleDecider } from '#domain/registry/vehicle.ts';
import { custodyAt, vehicleStatus } from '#domain/registry/vehicleState.ts';
import {
  RentalEnded,
  RentalRecorded,
  RentalStarted,
  RentalVoided,
} from '#domain/rentals/events.ts';
import {
  ann,
  berlin,
  bob,
  euro,
  evening,
  instant,
  moment,
  morning,
  noon,
  operation,
  owner,
  rentalOfAnn,
  rentalOfBob,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(vehicleDecider);

const start = moment('2026-03-01T06:00:00.000Z');
const repair = RepairId.parse(`${van}~${uuid8(0x70)}`);
const otherOperation = CommandId.parse(uuid8(0x99));

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

const party = { rental: rentalOfAnn, vehicle: van, driver: ann, park: berlin };
const agreed = { plan: 'P1', rate: null };
const startRental = {
  type: 'StartRental',
  vehicle: van,
  rental: rentalOfAnn,
  driver: ann,
  ...agreed,
  odometer_m: null,
  operation,
  when: morning,
} as const;
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

describe('rentals', () => {
  it('begin where the vehicle is free and fit', () => {
    given(...fleet)
      .when(startRental)
      .yields(rented);
    given(...fleet, rented)
      .when(startRental)
      .yields();
    given(registered).when(startRental).refuses('VehicleNotCommissioned');
    given(...fleet, requested)
      .when({ ...startRental, when: noon })
      .refuses('VehicleHasCriticalDefect');
    const minor = fact(RepairOpened, morning, { ...defect, severity: 'minor' });
    given(...fleet, minor)
      .when({ ...startRental, when: noon })
      .refuses('VehicleInRepair');
    const data = { vehicle: van, park: berlin, reason: 'other' } as const;
    given(...fleet, fact(VehicleWithdrawn, start, data))
      .when(startRental)
      .refuses('VehicleOutOfService');
  });

  it('are one at a time', () => {
    const other = { ...startRental, rental: rentalOfBob, driver: bob, operation: otherOperation };
    given(...fleet, rented)
      .when({ ...other, when: noon })
      .refuses('VehicleRented');
    // It would begin before the one that is known, and not have ended then.
    given(...fleet, rented)
      .when({ ...other, when: start })
      .refuses('VehicleRented');
    given(...fleet, rented, returned)
      .when({ ...other, when: noon })
      .yields(
        fact(RentalStarted, noon, {
          ...party,
          rental: rentalOfBob,
          driver: bob,
          ...agreed,
          odometer_m: null,
        }),
      );
  });

  it('do not begin once their claim was given up', () => {
    const abandoned = fact(VehicleClaimAbandoned, start, { vehicle: van, operation, reason: 'x' });
    given(...fleet, abandoned)
      .when(startRental)
      .refuses('OperationAbandoned');
  });

  it('end once, after they began', () => {
    const end = {
      type: 'EndRental',
      vehicle: van,
      rental: rentalOfAnn,
      reason: 'returned',
      odometer_m: null,
      when: noon,
    } as const;
    given(...fleet, rented)
      .when(end)
      .yields(returned);
    given(...fleet, rented, returned)
      .when(end)
      .yields();
    given(...fleet, rented, returned)
      .when({ ...end, when: evening })
      .refuses('RentalAlreadyEnded');
    given(...fleet, rented)
      .when({ ...end, when: start })
      .refuses('EndBeforeStart');
    given(...fleet)
      .when(end)
      .refuses('RentalUnknown');
  });

  it('may become known when they are over, and say who had the vehicle then', () => {
    const record = {
      type: 'RecordRental',
      vehicle: van,
      rental: rentalOfBob,
      driver: bob,
      ...agreed,
      endedAt: evening.at,
      when: noon,
    } as const;
    const data = { ...party, rental: rentalOfBob, driver: bob, ...agreed, endedAt: evening.at };
    const recorded = fact(RentalRecorded, noon, data);
    given(...fleet, rented, returned)
      .when(record)
      .yields(recorded);
    given(...fleet, rented)
      .when(record)
      .refuses('VehicleRented');
    given(...fleet)
      .when({ ...record, endedAt: start.at })
      .refuses('EndBeforeStart');
    const { vehicle } = replay(vehicleDecider, [...fleet, rented, returned, recorded]);
    const driverAt = (at: string) => vehicle && (custodyAt(vehicle, instant(at))?.driver ?? null);
    expect(driverAt('2026-03-02T07:59:59.999Z')).toBeNull();
    expect(driverAt('2026-03-02T08:00:00.000Z')).toBe(ann);
    expect(driverAt('2026-03-02T12:00:00.000Z')).toBe(bob);
    expect(driverAt('2026-03-02T18:00:00.000Z')).toBeNull();
  });

  it('that never were do not count', () => {
    const reason = 'wrong_driver';
    const command = {
      type: 'VoidRental',
      vehicle: van,
      rental: rentalOfAnn,
      reason,
      when: evening,
    } as const;
    const voided = fact(RentalVoided, evening, { ...party, reason });
    given(...fleet, rented)
      .when(command)
      .yields(voided);
    given(...fleet, rented, voided)
      .when(command)
      .yields();
    const { vehicle } = replay(vehicleDecider, [...fleet, rented, voided]);
    expect(vehicle && custodyAt(vehicle, noon.at)).toBeNull();
    expect(vehicle && vehicleStatus(vehicle)).toBe('available');
  });
});
