import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import { READ_EVENTS_MAX, type Unavailable } from '#commands/ports.ts';
import type { Request, Workspace } from '#commands/workspace.ts';
import type { ImmobilizationRefusal } from '#domain/immobilization/commands.ts';
import type { ImmobilizationJob } from '#domain/immobilization/state.ts';
import { type LedgerEvent, parseEvent } from '#domain/kernel/event.ts';
import {
  type JobId,
  type Tenant,
  type VehicleId,
  vehicleOf as vehicleIn,
} from '#domain/kernel/ids.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { jobKey } from '#domain/kernel/subjects.ts';
import type { Vehicle } from '#domain/registry/vehicleState.ts';

/** A job as its vehicle's stream tells it, with every event of it, in order. */
export interface ToldJob {
  readonly job: ImmobilizationJob;
  readonly events: readonly LedgerEvent[];
}

interface Who extends Pick<Request, 'mayActIn'> {
  readonly tenant: Tenant;
}

type Unknown = Extract<ImmobilizationRefusal, { code: 'JobUnknown' }>;

/** A vehicle that somebody may look at; null where there is none for them. */
export const seenVehicle =
  ({ load }: Pick<Workspace, 'load'>) =>
  async (who: Who, vehicle: VehicleId): Promise<Either<Unavailable, Vehicle | null>> => {
    const loaded = await load(vehicleOf(who.tenant, vehicle));
    if (isLeft(loaded)) return loaded;
    const known = loaded.right.state.vehicle;
    return right(known && who.mayActIn(known.park) ? known : null);
  };

/** Tells a job to whoever may look at its vehicle. */
export const tellJob =
  ({ load, store }: Pick<Workspace, 'load' | 'store'>) =>
  async (
    who: Who,
    { vehicle, job: id }: { readonly vehicle: VehicleId; readonly job: JobId },
  ): Promise<Either<Unknown | Unavailable, ToldJob>> => {
    const seen = await seenVehicle({ load })(who, vehicle);
    if (isLeft(seen)) return seen;
    const job = seen.right?.immobilization.jobs.get(id);
    if (!job || vehicleIn(id) !== vehicle) return left({ code: 'JobUnknown', job: id });
    const stream = vehicleStream(who.tenant, vehicle);
    const key = jobKey(id);
    const events: LedgerEvent[] = [];
    for (let from = 0n; ; from += BigInt(READ_EVENTS_MAX)) {
      const page = await store.readStream({ stream, from, limit: READ_EVENTS_MAX })();
      if (isLeft(page)) return page;
      for (const { text } of page.right) {
        const event = text.includes(key) ? parseEvent(text) : null;
        if (event?.keys.includes(key)) events.push(event);
      }
      if (page.right.length < READ_EVENTS_MAX) return right({ job, events });
    }
  };
