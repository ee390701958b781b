import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { TimedClaimRefusal } from '#domain/claims/timedClaim.ts';
import type { DeviceRemovalReason, FittingVoidReason } from '#domain/devices/events.ts';
import { holds } from '#domain/kernel/growingMap.ts';
import {
  type DeviceIdent,
  type FittingId,
  type VehicleId,
  vehicleOf as vehicleIn,
} from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { type VehicleRefusal, vehicleDecider } from '#domain/registry/vehicle.ts';
import { vehicleOf } from './aggregate.ts';
import { fittingIdOf, releaseIdent, takeIdent } from './deviceClaims.ts';
import { momentOf } from './localDate.ts';
import { onVehicle } from './vehicles.ts';
import { type Outcome, type Request, scope, type Workspace } from './workspace.ts';

export type DeviceFailure = VehicleRefusal | TimedClaimRefusal;

type RemovalReason = z.infer<typeof DeviceRemovalReason>;

/** A device in a vehicle; `removed` is null where it is still in there. */
export interface NewFitting {
  readonly vehicle: VehicleId;
  readonly ident: DeviceIdent;
  readonly at: Instant;
  readonly removed: { readonly at: Instant; readonly reason: RemovalReason } | null;
}

/**
 * A device is fitted to a vehicle, or, with `removed`, was in it for a while: the claim on its ident first,
 * so that it never is in two vehicles at once, whichever tenants they belong to.
 */
export const fitDevice =
  (workspace: Workspace) =>
  async (request: Request, asked: NewFitting): Outcome<FittingId, DeviceFailure> => {
    const { origin } = request;
    const { vehicle, ident, at, removed } = asked;
    const loaded = await workspace.load(vehicleOf(origin.tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    if (!known || isLeft(scope(request)(known.park))) {
      return left({ code: 'VehicleUnknown', vehicle });
    }
    const operation = origin.command;
    const fitting = fittingIdOf(vehicle, operation);
    const when = momentOf(at, known.zone);
    const fitted = { vehicle, fitting, ident, operation, when };
    const command =
      removed === null
        ? ({ type: 'FitDevice', ...fitted } as const)
        : ({
            type: 'RecordFitting',
            ...fitted,
            reason: removed.reason,
            removed: momentOf(removed.at, known.zone),
          } as const);
    const repeated = holds(loaded.right.commands, operation);
    if (!repeated) {
      // What the vehicle refuses anyway must not leave claims taken and given back behind.
      const foreseen = vehicleDecider.decide(command, loaded.right.state);
      if (isLeft(foreseen)) return foreseen;
      const owner = vehicleStream(origin.tenant, vehicle);
      const wanted = { ident, owner, subject: assetKey(vehicle), when, until: removed?.at ?? null };
      const taken = await takeIdent(workspace)(origin, wanted);
      if (isLeft(taken)) return taken;
    }
    const about = { vehicle, id: fitting, at };
    const done = await onVehicle(workspace)(request, about, () => command);
    // What could not be told stays claimed: the claim heals when somebody wants it.
    if (isLeft(done) && !repeated && done.left.code !== 'Unknown') {
      await releaseIdent(workspace)(origin, { ident, operation, when });
    }
    return done;
  };

/** Gives back as much of the claim on an ident as the fitting, by now, does not need. */
const releaseAfter =
  (workspace: Workspace) =>
  async ({ origin }: Request, id: FittingId): Promise<void> => {
    const loaded = await workspace.load(vehicleOf(origin.tenant, vehicleIn(id)));
    if (isLeft(loaded)) return;
    const vehicle = loaded.right.state.vehicle;
    const fitting = vehicle?.fittings.get(id);
    if (!vehicle || !fitting) return;
    const { ident, operation, voided, from, to } = fitting;
    const end = voided ? from : to;
    if (end === null) return;
    await releaseIdent(workspace)(origin, { ident, operation, when: momentOf(end, vehicle.zone) });
  };

/** A device is taken out of its vehicle; the claim on its ident goes after the fact. */
export const removeDevice =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly vehicle: VehicleId;
      readonly fitting: FittingId;
      readonly reason: RemovalReason;
      readonly at: Instant;
    },
  ): Outcome<FittingId, VehicleRefusal> => {
    const { vehicle, fitting, reason, at } = asked;
    const about = { vehicle, id: fitting, at };
    const removed = await onVehicle(workspace)(request, about, (_, when) => {
      return { type: 'RemoveDevice', vehicle, fitting, reason, when };
    });
    if (!isLeft(removed)) await releaseAfter(workspace)(request, fitting);
    return removed;
  };

/** A fitting that never was: struck out from its beginning on. */
export const voidFitting =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly vehicle: VehicleId;
      readonly fitting: FittingId;
      readonly reason: z.infer<typeof FittingVoidReason>;
      readonly at: Instant;
    },
  ): Outcome<FittingId, VehicleRefusal> => {
    const { vehicle, fitting, reason, at } = asked;
    const about = { vehicle, id: fitting, at };
    const voided = await onVehicle(workspace)(request, about, (_, when) => {
      return { type: 'VoidFitting', vehicle, fitting, reason, when };
    });
    if (!isLeft(voided)) await releaseAfter(workspace)(request, fitting);
    return voided;
  };
