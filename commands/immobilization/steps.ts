import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { digestOf } from '#commands/digest.ts';
import type { HandleFailure } from '#commands/handle.ts';
import { deriveUuid, freshCommandId } from '#commands/identity.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { everywhere, type Workspace } from '#commands/workspace.ts';
import type { DriversCommand } from '#domain/immobilization/commands.ts';
import type { ImmobilizationJob } from '#domain/immobilization/state.ts';
import { ActorId, vehicleOf as vehicleIn } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import type { VehicleRefusal } from '#domain/registry/vehicle.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';
import type { QueuedJob } from './ports.ts';

/** A job, and the vehicle whose stream holds it. */
export interface KnownJob {
  readonly vehicle: Vehicle;
  readonly job: ImmobilizationJob;
}

type StepOf<Command> = Command extends DriversCommand ? Omit<Command, 'job' | 'when'> : never;
/** What whoever drives a job says of it; which job, and when, is added. */
export type DriversStep = StepOf<DriversCommand>;

type StepFailure = VehicleRefusal | HandleFailure;

const actor = {
  kind: 'system',
  id: ActorId.parse(deriveUuid('actor', 'immobilizer')),
  role: 'immobilizer',
} as const;

/** Finds a job in the stream of its vehicle; null where there is none. */
export const findJob =
  ({ load }: Pick<Workspace, 'load'>) =>
  async ({ tenant, job: id }: QueuedJob): Promise<Either<Unavailable, KnownJob | null>> => {
    const loaded = await load(vehicleOf(tenant, vehicleIn(id)));
    if (isLeft(loaded)) return loaded;
    const { vehicle } = loaded.right.state;
    const job = vehicle?.immobilization.jobs.get(id);
    return right(vehicle && job ? { vehicle, job } : null);
  };

const commanded = (step: DriversStep, { job }: QueuedJob, when: Moment): DriversCommand => ({
  ...step,
  job,
  when,
});

/**
 * Takes a step of a job, and answers whether it was this call that wrote it down. Every step is a command
 * of its own: of two who take the same one at once, only one writes it, and only that one may act on it.
 */
export const takeStep =
  ({ submit, now }: Pick<Workspace, 'submit' | 'now'>) =>
  async (
    queued: QueuedJob,
    { zone, vehicle }: Pick<Vehicle, 'zone' | 'vehicle'>,
    step: DriversStep,
  ): Promise<Either<StepFailure, boolean>> => {
    const done = await submit({
      origin: {
        tenant: queued.tenant,
        actor,
        command: freshCommandId(),
        content: digestOf({ step: step.type, job: queued.job }),
        correlationId: deriveUuid('immobilization', queued.job),
        causationId: null,
      },
      aggregate: vehicleOf(queued.tenant, vehicle),
      command: { ...commanded(step, queued, momentOf(now(), zone)), vehicle },
      authorize: everywhere,
    })();
    if (isLeft(done)) return left(done.left);
    return right(done.right.events.length > 0);
  };
