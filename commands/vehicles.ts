import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { ClaimRefusal } from '#domain/claims/claim.ts';
import { holds } from '#domain/kernel/growingMap.ts';
import { type ParkId, type PartyId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import type { ParkState } from '#domain/parks/park.ts';
import type { VehicleCommand, VehicleRefusal } from '#domain/registry/vehicle.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import { checkVin } from '#domain/registry/vin.ts';
import { parkOf, vehicleOf } from './aggregate.ts';
import { takeClaim } from './claims.ts';
import type { HandleFailure } from './handle.ts';
import { deriveUuid } from './identity.ts';
import { keepPersonal } from './keepPersonal.ts';
import { momentOf } from './localDate.ts';
import type { Unavailable, VaultMismatch } from './ports.ts';
import {
  type Outcome,
  type OutsideScope,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from './workspace.ts';

/** Why nothing can be brought to a park. */
export type ParkRefused =
  | { readonly code: 'ParkUnknown'; readonly park: ParkId }
  | { readonly code: 'ParkClosed'; readonly park: ParkId };

export type VehicleFailure =
  | VehicleRefusal
  | ClaimRefusal
  | VaultMismatch
  | ParkRefused
  | { readonly code: 'VinCheckDigitWrong' };

export interface NewVehicle {
  readonly park: ParkId;
  readonly owner: PartyId;
  readonly vin: string;
  readonly plate: string | null;
  readonly make: string;
  readonly model: string;
  readonly year: number;
  readonly odometer_m: number;
  readonly at: Instant;
}

type OpenPark = Extract<ParkState, { phase: 'open' }>;
type ParkFailure = ParkRefused | OutsideScope | Unavailable;

/** A park that is open, for whoever may act in it. */
export const openParkFor =
  ({ load }: Workspace) =>
  async (request: Request, park: ParkId): Promise<Either<ParkFailure, OpenPark>> => {
    const loaded = await load(parkOf(request.origin.tenant, park));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown') return left({ code: 'ParkUnknown', park });
    const allowed = scope(request)(park);
    if (isLeft(allowed)) return allowed;
    return state.phase === 'open' ? right(state) : left({ code: 'ParkClosed', park });
  };

/** Registers a vehicle with a park: claims VIN and plate, lays both into the vault, and appends the fact. */
export const registerVehicle =
  (workspace: Workspace) =>
  async (request: Request, asked: NewVehicle): Outcome<VehicleId, VehicleFailure> => {
    const { origin } = request;
    const { park, owner, vin, plate, make, model, year, odometer_m, at } = asked;
    const vinCheck = checkVin(vin);
    if (vinCheck === 'check_digit_wrong') return left({ code: 'VinCheckDigitWrong' });
    const premises = await openParkFor(workspace)(request, park);
    if (isLeft(premises)) return premises;
    const { zone, currency } = premises.right;
    const vehicle = VehicleId.parse(deriveUuid('vehicle', origin.command));
    const when = momentOf(at, zone);
    const owned = {
      owner: vehicleStream(origin.tenant, vehicle),
      subject: assetKey(vehicle),
      when,
    };
    const claims = [
      { kind: 'vin', value: vin, ...owned } as const,
      ...(plate === null ? [] : [{ kind: 'plate', value: plate, ...owned } as const]),
    ];
    const aggregate = vehicleOf(origin.tenant, vehicle);
    const before = await workspace.load(aggregate);
    if (isLeft(before)) return before;
    // A request that comes again must not take back what has been given up since.
    const repeated = holds(before.right.commands, origin.command);
    for (const claim of repeated ? [] : claims) {
      const taken = await takeClaim(workspace)(origin, claim);
      if (isLeft(taken)) return taken;
    }
    const entry = { subject: vehicle, class: 'vehicle_identity', data: { vin, plate } } as const;
    const pii = await keepPersonal(workspace)(request, [entry]);
    if (isLeft(pii)) return pii;
    const data = { vehicle, park, owner, make, model, year, vinCheck, currency, odometer_m };
    const operation = origin.command;
    return submitAs(workspace)(vehicle, {
      origin,
      aggregate,
      command: { type: 'RegisterVehicle', ...data, operation, when, pii: pii.right },
      authorize: () => scope(request)(park),
    })();
  };

/** Lays another plate into the vault and into the vehicle's file. */
export const changePlate =
  (workspace: Workspace) =>
  async (
    request: Request,
    { vehicle, plate, at }: { vehicle: VehicleId; plate: string; at: Instant },
  ): Outcome<VehicleId, VehicleFailure> => {
    const { origin } = request;
    const aggregate = vehicleOf(origin.tenant, vehicle);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    if (!known || isLeft(scope(request)(known.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    const when = momentOf(at, known.zone);
    if (!holds(loaded.right.commands, origin.command)) {
      if (known.retiredAt !== null) {
        return left({ code: 'VehicleRetired', vehicle, since: known.retiredAt });
      }
      const owner = vehicleStream(origin.tenant, vehicle);
      const claim = {
        kind: 'plate',
        value: plate,
        owner,
        subject: assetKey(vehicle),
        when,
      } as const;
      const taken = await takeClaim(workspace)(origin, claim);
      if (isLeft(taken)) return taken;
    }
    const before = await workspace.vault.read({ tenant: origin.tenant, subject: vehicle })();
    if (isLeft(before)) return before;
    const identity = before.right.find((entry) => entry.class === 'vehicle_identity')?.data ?? {};
    const data = { ...identity, plate };
    const entry = { subject: vehicle, class: 'vehicle_identity', data } as const;
    const pii = await keepPersonal(workspace)(request, [entry]);
    if (isLeft(pii)) return pii;
    const operation = origin.command;
    return submitAs(workspace)(vehicle, {
      origin,
      aggregate,
      command: { type: 'ChangePlate', vehicle, operation, when, pii: pii.right },
      authorize: ({ vehicle: held }) => scope(request)(held?.park ?? known.park),
    })();
  };

/**
 * Submits a command about a vehicle that is there and in the caller's scope. `build` is given the vehicle as
 * it stands and the moment in its zone.
 */
export const onVehicle =
  (workspace: Workspace) =>
  async <Id extends string = VehicleId>(
    request: Request,
    asked: { readonly vehicle: VehicleId; readonly id: Id; readonly at: Instant },
    build: (vehicle: Vehicle, when: Moment) => VehicleCommand,
  ): Outcome<Id, VehicleRefusal> => {
    const { origin } = request;
    const { vehicle, id, at } = asked;
    const aggregate = vehicleOf(origin.tenant, vehicle);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    if (!known || isLeft(scope(request)(known.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    return submitAs(workspace)(id, {
      origin,
      aggregate,
      command: build(known, momentOf(at, known.zone)),
      authorize: ({ vehicle: held }) => scope(request)(held?.park ?? known.park),
    })();
  };

/** Moves a vehicle to another park that is open and in the caller's scope. */
export const moveVehicle =
  (workspace: Workspace) =>
  async (
    request: Request,
    { vehicle, to, at }: { vehicle: VehicleId; to: ParkId; at: Instant },
  ): Outcome<VehicleId, VehicleFailure | HandleFailure> => {
    const target = await openParkFor(workspace)(request, to);
    if (isLeft(target)) return target;
    const { currency, zone } = target.right;
    return onVehicle(workspace)(request, { vehicle, id: vehicle, at }, () => ({
      type: 'MoveVehicle',
      vehicle,
      to,
      currency,
      when: momentOf(at, zone),
    }));
  };
