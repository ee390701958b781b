import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { ClaimRefusal } from '#domain/claims/claim.ts';
import { holds } from '#domain/kernel/growingMap.ts';
import {
  type DriverId,
  type RentalId,
  type VehicleId,
  vehicleOf as vehicleIn,
} from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { driverKey } from '#domain/kernel/subjects.ts';
import { type VehicleRefusal, vehicleDecider } from '#domain/registry/vehicle.ts';
import type { RentalEndReason, RentalVoidReason } from '#domain/rentals/events.ts';
import { type AccessDenied, decideRental, type KnownRest, restUnknown } from './access.ts';
import { driverOf, vehicleOf } from './aggregate.ts';
import { releaseClaim, releaseDriver, rentalIdOf, takeClaim } from './claims.ts';
import type { HandleFailure } from './handle.ts';
import { momentOf } from './localDate.ts';
import { onVehicle } from './vehicles.ts';
import { type Outcome, type Request, scope, type Workspace } from './workspace.ts';

/** Why a driver cannot have had a vehicle at some moment. */
export type DriverRefused =
  | { readonly code: 'DriverUnknown'; readonly driver: DriverId }
  | { readonly code: 'DriverInactive'; readonly driver: DriverId }
  | { readonly code: 'FactBeforeDriver'; readonly registeredAt: Instant };

export type RentalFailure = VehicleRefusal | ClaimRefusal | DriverRefused | AccessDenied;

interface Agreement {
  readonly vehicle: VehicleId;
  readonly driver: DriverId;
  readonly plan: string | null;
  readonly rate: string | null;
  readonly at: Instant;
}

/** Whether a driver exists, did so at that time, and, for what begins now, may take vehicles. */
const driverRefused =
  ({ load }: Workspace) =>
  async (
    request: Request,
    { driver, at, mustBeActive }: { driver: DriverId; at: Instant; mustBeActive: boolean },
  ): Promise<Either<DriverRefused | HandleFailure, null>> => {
    const loaded = await load(driverOf(request.origin.tenant, driver));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'DriverUnknown', driver });
    }
    const { registeredAt, inactive } = state;
    if (at < registeredAt) return left({ code: 'FactBeforeDriver', registeredAt });
    return mustBeActive && inactive ? left({ code: 'DriverInactive', driver }) : right(null);
  };

/**
 * A driver takes a vehicle: first the decision whether they may, then the claim on the driver, so that one
 * driver never has two vehicles. What the vehicle refuses anyway needs no decision.
 */
export const startRental =
  (workspace: Workspace, knownRest: KnownRest = restUnknown) =>
  async (
    request: Request,
    asked: Agreement & {
      readonly odometer_m: number | null;
      /** Seconds of rest the driver had in the last 24 hours, by the caller; null: look what is known. */
      readonly rest_s: number | null;
    },
  ): Outcome<RentalId, RentalFailure> => {
    const { origin } = request;
    const { vehicle, driver, plan, rate, odometer_m, at, rest_s } = asked;
    const loaded = await workspace.load(vehicleOf(origin.tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    if (!known || isLeft(scope(request)(known.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    const rental = rentalIdOf(vehicle, origin.command);
    const when = momentOf(at, known.zone);
    const kind = 'vehicle_of_driver';
    const operation = origin.command;
    const agreed = { vehicle, rental, driver, plan, rate, odometer_m, operation, when };
    const command = { type: 'StartRental', ...agreed } as const;
    const repeated = holds(loaded.right.commands, origin.command);
    if (!repeated) {
      const fit = await driverRefused(workspace)(request, { driver, at, mustBeActive: true });
      if (isLeft(fit)) return fit;
      // What the vehicle refuses anyway must not leave claims taken and given back behind.
      const foreseen = vehicleDecider.decide(command, loaded.right.state);
      if (isLeft(foreseen)) return foreseen;
      const handover = { driver, vehicle, park: known.park, at, rest_s };
      const decided = await decideRental(workspace, knownRest)(request, handover);
      if (isLeft(decided)) return decided;
      const owner = vehicleStream(origin.tenant, vehicle);
      const wanted = { kind, value: driver, owner, subject: driverKey(driver), when } as const;
      const taken = await takeClaim(workspace)(origin, wanted);
      if (isLeft(taken)) return taken;
    }
    const about = { vehicle, id: rental, at };
    const started = await onVehicle(workspace)(request, about, () => command);
    // What could not be told stays claimed: the claim heals when somebody wants it.
    if (isLeft(started) && !repeated && started.left.code !== 'Unknown') {
      await releaseClaim(workspace)(origin, { kind, value: driver, operation, when });
    }
    return started;
  };

/** A driver gives a vehicle back; the claim on the driver goes after the fact. */
export const endRental =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly rental: RentalId;
      readonly reason: z.infer<typeof RentalEndReason>;
      readonly odometer_m: number | null;
      readonly at: Instant;
    },
  ): Outcome<RentalId, VehicleRefusal> => {
    const { rental, reason, odometer_m, at } = asked;
    const vehicle = vehicleIn(rental);
    const ended = await onVehicle(workspace)(request, { vehicle, id: rental, at }, (_, when) => ({
      type: 'EndRental',
      vehicle,
      rental,
      reason,
      odometer_m,
      when,
    }));
    if (!isLeft(ended)) await releaseAfter(workspace)(request, rental, at);
    return ended;
  };

/** A rental that never was: struck out from its beginning on. */
export const voidRental =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly rental: RentalId;
      readonly reason: z.infer<typeof RentalVoidReason>;
      readonly at: Instant;
    },
  ): Outcome<RentalId, VehicleRefusal> => {
    const { rental, reason, at } = asked;
    const vehicle = vehicleIn(rental);
    const voided = await onVehicle(workspace)(request, { vehicle, id: rental, at }, (_, when) => ({
      type: 'VoidRental',
      vehicle,
      rental,
      reason,
      when,
    }));
    if (!isLeft(voided)) await releaseAfter(workspace)(request, rental, at);
    return voided;
  };

/** A rental that is over and becomes known only now. It needs no claim: nobody can take it twice. */
export const recordRental =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: Agreement & { readonly endedAt: Instant },
  ): Outcome<RentalId, RentalFailure> => {
    const { vehicle, driver, plan, rate, at, endedAt } = asked;
    const fit = await driverRefused(workspace)(request, { driver, at, mustBeActive: false });
    if (isLeft(fit)) return fit;
    const rental = rentalIdOf(vehicle, request.origin.command);
    return onVehicle(workspace)(request, { vehicle, id: rental, at }, (_, when) => ({
      type: 'RecordRental',
      vehicle,
      rental,
      driver,
      plan,
      rate,
      endedAt,
      when,
    }));
  };

const releaseAfter =
  (workspace: Workspace) =>
  async (request: Request, rental: RentalId, at: Instant): Promise<void> => {
    const { origin } = request;
    const loaded = await workspace.load(vehicleOf(origin.tenant, vehicleIn(rental)));
    if (isLeft(loaded)) return;
    const known = loaded.right.state.vehicle;
    const driver = known?.rentals.get(rental)?.driver;
    if (!known || !driver) return;
    await releaseDriver(workspace)(origin, { driver, rental, when: momentOf(at, known.zone) });
  };
