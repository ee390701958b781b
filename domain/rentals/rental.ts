import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { unreachable } from '#domain/kernel/decider.ts';
import type { CommandId, DriverId, RentalId } from '#domain/kernel/ids.ts';
import { type Instant, type Moment, overlaps } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  hasCriticalDefect,
  type Rental,
  type Vehicle,
  type VehicleEvent,
  type VehicleState,
} from '#domain/registry/vehicleState.ts';
import {
  RentalEnded,
  type RentalEndReason,
  RentalRecorded,
  RentalStarted,
  RentalVoided,
  type RentalVoidReason,
} from './events.ts';

interface Agreement {
  readonly driver: DriverId;
  readonly plan: string | null;
  readonly rate: string | null;
}

/** What one may ask about who has a vehicle. `operation` is the command that took the claim on the driver. */
export type RentalCommand =
  | ({
      readonly type: 'StartRental';
      readonly rental: RentalId;
      readonly operation: CommandId;
      readonly odometer_m: number | null;
      readonly when: Moment;
    } & Agreement)
  | {
      readonly type: 'EndRental';
      readonly rental: RentalId;
      readonly reason: z.infer<typeof RentalEndReason>;
      readonly odometer_m: number | null;
      readonly when: Moment;
    }
  | ({
      readonly type: 'RecordRental';
      readonly rental: RentalId;
      readonly endedAt: Instant;
      readonly when: Moment;
    } & Agreement)
  | {
      readonly type: 'VoidRental';
      readonly rental: RentalId;
      readonly reason: z.infer<typeof RentalVoidReason>;
      readonly when: Moment;
    };

export type RentalRefusal =
  | { readonly code: 'VehicleNotCommissioned' }
  | { readonly code: 'VehicleOutOfService' }
  | { readonly code: 'VehicleInRepair' }
  | { readonly code: 'VehicleHasCriticalDefect' }
  | { readonly code: 'VehicleImmobilized' }
  | { readonly code: 'VehicleRented'; readonly rental: RentalId }
  | { readonly code: 'RentalUnknown'; readonly rental: RentalId }
  | { readonly code: 'RentalAlreadyEnded'; readonly rental: RentalId }
  | { readonly code: 'RentalIsVoid'; readonly rental: RentalId }
  | { readonly code: 'OperationAbandoned' }
  | { readonly code: 'EndBeforeStart' };

type Decision = Either<RentalRefusal, readonly VehicleEvent[]>;
const nothing: Decision = right([]);

const rivalOf = (vehicle: Vehicle, span: { from: Instant; to: Instant | null }): Rental | null =>
  [...vehicle.rentals.values()].find((rental) => !rental.voided && overlaps(rental, span)) ?? null;

const repairedDuring = (vehicle: Vehicle, span: { from: Instant; to: Instant | null }): boolean =>
  [...vehicle.repairs.values()].some(
    ({ openedAt, closedAt }) =>
      openedAt !== null && overlaps({ from: openedAt, to: closedAt }, span),
  );

/** Why a rental that begins now and has no end yet may not begin; null if it may. */
const hindrance = (vehicle: Vehicle): RentalRefusal | null => {
  if (!vehicle.commissioned) return { code: 'VehicleNotCommissioned' };
  if (vehicle.withdrawn) return { code: 'VehicleOutOfService' };
  if (hasCriticalDefect(vehicle)) return { code: 'VehicleHasCriticalDefect' };
  if (vehicle.immobilization.engine !== 'free') return { code: 'VehicleImmobilized' };
  return null;
};

type Start = Extract<RentalCommand, { type: 'StartRental' }>;

const start = (command: Start, vehicle: Vehicle, state: VehicleState): Decision => {
  const { rental, driver, plan, rate, odometer_m, operation, when } = command;
  const { vehicle: id, park } = vehicle;
  if (vehicle.rentals.has(rental)) return nothing;
  if (state.abandoned.has(operation)) return left({ code: 'OperationAbandoned' });
  const hindered = hindrance(vehicle);
  if (hindered) return left(hindered);
  const span = { from: when.at, to: null };
  const rival = rivalOf(vehicle, span);
  if (rival) return left({ code: 'VehicleRented', rental: rival.rental });
  if (repairedDuring(vehicle, span)) return left({ code: 'VehicleInRepair' });
  const data = { rental, vehicle: id, driver, park, plan, rate, odometer_m };
  return right([fact(RentalStarted, when, data)]);
};

const end = (
  command: Extract<RentalCommand, { type: 'EndRental' }>,
  vehicle: Vehicle,
): Decision => {
  const { rental, reason, odometer_m, when } = command;
  const held = vehicle.rentals.get(rental);
  if (!held) return left({ code: 'RentalUnknown', rental });
  if (held.voided) return left({ code: 'RentalIsVoid', rental });
  if (held.to === when.at) return nothing;
  if (held.to !== null) return left({ code: 'RentalAlreadyEnded', rental });
  if (when.at < held.from) return left({ code: 'EndBeforeStart' });
  const { driver, park } = held;
  const data = { rental, vehicle: vehicle.vehicle, driver, park, reason, odometer_m };
  return right([fact(RentalEnded, when, data)]);
};

type Record = Extract<RentalCommand, { type: 'RecordRental' }>;

const record = (command: Record, vehicle: Vehicle): Decision => {
  const { rental, driver, plan, rate, endedAt, when } = command;
  if (vehicle.rentals.has(rental)) return nothing;
  if (endedAt < when.at) return left({ code: 'EndBeforeStart' });
  const rival = rivalOf(vehicle, { from: when.at, to: endedAt });
  if (rival) return left({ code: 'VehicleRented', rental: rival.rental });
  const data = {
    rental,
    vehicle: vehicle.vehicle,
    driver,
    park: vehicle.park,
    plan,
    rate,
    endedAt,
  };
  return right([fact(RentalRecorded, when, data)]);
};

type Void = Extract<RentalCommand, { type: 'VoidRental' }>;

const voidRental = ({ rental, reason, when }: Void, vehicle: Vehicle): Decision => {
  const held = vehicle.rentals.get(rental);
  if (!held) return left({ code: 'RentalUnknown', rental });
  if (held.voided) return nothing;
  const { driver, park } = held;
  const data = { rental, vehicle: vehicle.vehicle, driver, park, reason };
  return right([fact(RentalVoided, when, data)]);
};

/** Decides what is asked about the rentals of a registered vehicle. */
export const decideRental = (
  command: RentalCommand,
  vehicle: Vehicle,
  state: VehicleState,
): Decision => {
  switch (command.type) {
    case 'StartRental':
      return start(command, vehicle, state);
    case 'EndRental':
      return end(command, vehicle);
    case 'RecordRental':
      return record(command, vehicle);
    case 'VoidRental':
      return voidRental(command, vehicle);
    default:
      return unreachable(command);
  }
};
