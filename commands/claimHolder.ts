import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { ClaimHolder } from '#domain/claims/claim.ts';
import { holds } from '#domain/kernel/growingMap.ts';
import { type CommandId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import { vehicleOf } from './aggregate.ts';
import { digestOf } from './digest.ts';
import type { Origin } from './origin.ts';
import { platformActor } from './platform.ts';
import type { Unavailable } from './ports.ts';
import { everywhere, followUp, type Workspace } from './workspace.ts';

/**
 * The vehicle that a claim was taken for, null where there is none, and whether the operation that took it
 * is in the vehicle's stream. Where it is not, it never will be.
 */
export interface Settled {
  readonly vehicle: Vehicle | null;
  readonly began: boolean;
}

/** The tenant and the vehicle of a vehicle's stream, by its name `vehicle-<tenant>.<id>`. */
export const ownerIn = (stream: StreamName) => {
  const dot = stream.indexOf('.');
  return {
    tenant: Tenant.parse(stream.slice(stream.indexOf('-') + 1, dot)),
    vehicle: VehicleId.parse(stream.slice(dot + 1)),
  };
};

/**
 * The command that gives an operation up. In another tenant's stream the installation itself does it: who
 * wanted the claim is nothing that the holder may learn.
 */
const abandoning = (origin: Origin, tenant: Tenant, operation: CommandId): Origin => {
  const step = followUp(origin, 'abandon', operation);
  if (tenant === origin.tenant) return step;
  const content = digestOf({ operation });
  return { ...step, tenant, actor: platformActor, content, correlationId: step.command };
};

/**
 * Finds out what became of the operation that took a claim. One that never began is made impossible in its
 * own stream first, at exact revision, so that it cannot begin while the claim changes hands. Null where
 * that cannot be settled now: then the claim is held in earnest.
 */
export const settle =
  ({ load, submit }: Workspace) =>
  async (
    { owner, operation }: ClaimHolder,
    origin: Origin,
    when: Moment,
  ): Promise<Either<Unavailable, Settled | null>> => {
    const { tenant, vehicle } = ownerIn(owner);
    const aggregate = vehicleOf(tenant, vehicle);
    const loaded = await load(aggregate);
    if (isLeft(loaded)) return loaded;
    const { state, commands } = loaded.right;
    if (holds(commands, operation)) return right({ vehicle: state.vehicle, began: true });
    const abandoned = await submit({
      origin: abandoning(origin, tenant, operation),
      aggregate,
      command: { type: 'AbandonVehicleClaim', vehicle, operation, reason: 'claim_wanted', when },
      authorize: everywhere,
    })();
    if (isLeft(abandoned)) return right(null);
    // It may have begun while it was being given up: then the stream holds it, and it is in force.
    const again = await load(aggregate);
    if (isLeft(again)) return again;
    const began = holds(again.right.commands, operation);
    return right({ vehicle: again.right.state.vehicle, began });
  };
