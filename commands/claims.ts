import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { ClaimCommand, ClaimHolder, ClaimRefusal } from '#domain/claims/claim.ts';
import type { ClaimKind } from '#domain/claims/events.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import {
  type CommandId,
  type DriverId,
  RentalId,
  type Tenant,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import { openRental, type Vehicle } from '#domain/registry/vehicleState.ts';
import { claimOf } from './aggregate.ts';
import { ownerIn, settle } from './claimHolder.ts';
import type { HandleFailure } from './handle.ts';
import { deriveUuid } from './identity.ts';
import type { Origin } from './origin.ts';
import { platformTenant } from './platform.ts';
import type { Unavailable } from './ports.ts';
import { everywhere, followUp, type Workspace } from './workspace.ts';

const TAKE_ATTEMPTS_MAX = 3;

/** Something of which there is only one, wanted by an operation on behalf of the stream `owner`. */
export interface Wanted {
  readonly kind: ClaimKind;
  readonly value: string;
  readonly owner: StreamName;
  readonly subject: SubjectKey;
  readonly when: Moment;
}

/**
 * The id of the rental that a command begins: it names the operation, so a claim's holder can be looked up.
 */
export const rentalIdOf = (vehicle: VehicleId, operation: CommandId): RentalId =>
  RentalId.parse(`${vehicle}~${deriveUuid('rental', operation)}`);

/** Whether what a vehicle's operation took the claim for still holds. */
const holdsStill = ({ kind, operation }: ClaimHolder, vehicle: Vehicle | null): boolean => {
  if (vehicle === null) return false;
  switch (kind) {
    case 'vin':
      return vehicle.retiredAt === null;
    case 'plate':
      return vehicle.retiredAt === null && vehicle.plateOperation === operation;
    case 'vehicle_of_driver':
      return openRental(vehicle)?.rental === rentalIdOf(vehicle.vehicle, operation);
    case 'relay_unit':
      return vehicle.immobilization.installation?.operation === operation;
    case 'device_ident':
      throw new Error('idents are claimed for stretches of time');
    default:
      return unreachable(kind);
  }
};

/**
 * Whose claims of a kind are: a device that a relay reaches must not be two tenants’, all else is each
 * one’s own.
 */
const tenantOf = (kind: ClaimKind, { tenant }: Origin): Tenant =>
  kind === 'relay_unit' ? platformTenant : tenant;

type Failure = HandleFailure | ClaimRefusal;

/** Whether a holder has lost its claim: its operation has ended, or never began. */
const isForfeit =
  (workspace: Workspace) =>
  async (holder: ClaimHolder, origin: Origin, when: Moment): Promise<Either<Failure, boolean>> => {
    const settled = await settle(workspace)(holder, origin, when);
    if (isLeft(settled)) return settled;
    if (settled.right === null) return right(false);
    const { began, vehicle } = settled.right;
    return right(!began || !holdsStill(holder, vehicle));
  };

/**
 * Takes a claim for the operation of `origin`. A claim whose holder's operation ended or never began heals:
 * it passes to the new holder. Refuses with ClaimHeld and the holder where it is held in earnest. A request
 * that comes again after its claim was given back, since it was refused then, takes it anew: each taking is
 * a command of its own, named by the revision it found.
 */
export const takeClaim =
  (workspace: Workspace) =>
  async (origin: Origin, wanted: Wanted): Promise<Either<Failure, null>> => {
    const { kind, value, owner, subject, when } = wanted;
    const aggregate = claimOf(tenantOf(kind, origin), workspace.claimHash.of({ kind, value }));
    let over: CommandId | null = null;
    const operation = origin.command;
    for (let attempt = 0; attempt < TAKE_ATTEMPTS_MAX; attempt += 1) {
      const found = await workspace.load(aggregate);
      if (isLeft(found)) return found;
      if (found.right.state.holder?.operation === operation) return right(null);
      const command: ClaimCommand = {
        type: 'TakeClaim',
        kind,
        owner,
        operation,
        subject,
        over,
        when,
      };
      const taken = await workspace.submit({
        origin: {
          ...followUp(origin, 'claim', kind, String(found.right.revision)),
          tenant: tenantOf(kind, origin),
        },
        aggregate,
        command,
        authorize: everywhere,
      })();
      if (!isLeft(taken)) return right(null);
      if (taken.left.code !== 'ClaimHeld') return taken;
      const forfeit = await isForfeit(workspace)(taken.left.holder, origin, when);
      if (isLeft(forfeit)) return forfeit;
      if (!forfeit.right) return left(taken.left);
      over = taken.left.holder.operation;
    }
    return left({ code: 'TooManyConflicts' });
  };

/**
 * Gives a claim back, if `operation` still holds it. Failing is no harm: what is not given back heals when
 * somebody wants it.
 */
export const releaseClaim =
  ({ submit, claimHash }: Workspace) =>
  async (
    origin: Origin,
    {
      kind,
      value,
      operation,
      when,
    }: Pick<Wanted, 'kind' | 'value' | 'when'> & { operation: CommandId },
  ): Promise<void> => {
    await submit({
      origin: {
        ...followUp(origin, 'release', kind, operation),
        tenant: tenantOf(kind, origin),
      },
      aggregate: claimOf(tenantOf(kind, origin), claimHash.of({ kind, value })),
      command: { type: 'ReleaseClaim', operation, when },
      authorize: everywhere,
    })();
  };

/** Gives back the claim on a driver that a rental holds, if it still does. */
export const releaseDriver =
  (workspace: Workspace) =>
  async (
    origin: Origin,
    { driver, rental, when }: { driver: DriverId; rental: RentalId; when: Moment },
  ): Promise<Either<Unavailable, null>> => {
    const kind = 'vehicle_of_driver';
    const claim = await workspace.load(
      claimOf(origin.tenant, workspace.claimHash.of({ kind, value: driver })),
    );
    if (isLeft(claim)) return claim;
    const { holder } = claim.right.state;
    if (!holder) return right(null);
    const held = rentalIdOf(ownerIn(holder.owner).vehicle, holder.operation);
    if (held !== rental) return right(null);
    await releaseClaim(workspace)(origin, {
      kind,
      value: driver,
      operation: holder.operation,
      when,
    });
    return right(null);
  };
