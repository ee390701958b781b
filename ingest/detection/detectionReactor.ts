import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { vehicleOf } from '#commands/aggregate.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Reactor, Stimulus } from '#commands/reactors/reactor.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { ParkId, RentalId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { epochUs } from '#ingest/microInstant.ts';
import type { Watches } from './ports.ts';

interface Deps {
  readonly workspace: Workspace;
  readonly watches: Pick<Watches, 'touch'>;
  /** The vehicles of a park by all that is known up to a position; `Behind`: that is not known yet. */
  readonly vehiclesOf: (asked: {
    readonly tenant: Tenant;
    readonly park: ParkId;
    readonly position: bigint;
  }) => Promise<Either<{ readonly code: string }, readonly VehicleId[]>>;
}

interface Touched {
  readonly vehicles: readonly VehicleId[];
  readonly since: Instant;
}

const ofRental = async (
  { workspace }: Deps,
  { event }: Stimulus,
  { vehicle: id, rental }: { readonly vehicle: VehicleId; readonly rental: RentalId },
): Promise<Either<Unavailable, Touched>> => {
  const loaded = await workspace.load(vehicleOf(event.tenant, id));
  if (isLeft(loaded)) return loaded;
  const since = loaded.right.state.vehicle?.rentals.get(rental)?.from ?? event.occurredAt;
  return right({ vehicles: [id], since });
};

/** Which vehicles are to be looked at anew, and from when on; null where none is. */
const touchedBy = async (
  deps: Deps,
  stimulus: Stimulus,
): Promise<Either<{ readonly code: string }, Touched | null>> => {
  const { event, fact, position } = stimulus;
  switch (fact.type) {
    case 'RentalStarted':
    case 'RentalRecorded':
    case 'RentalEnded':
      return right({ vehicles: [fact.data.vehicle], since: fact.when.at });
    case 'RentalVoided':
      return ofRental(deps, stimulus, fact.data);
    case 'DetectionConfigured': {
      const { park } = fact.data;
      const found = await deps.vehiclesOf({ tenant: event.tenant, park, position });
      return isLeft(found) ? found : right({ vehicles: found.right, since: fact.when.at });
    }
    default:
      return right(null);
  }
};

/**
 * Has detection look anew at what rests on more than readings: movement without a rental, when a rental
 * becomes known, and everything in a park, when other settings hold there.
 */
export const detectionReactor = (deps: Deps): Reactor => ({
  name: 'detection',
  handles: [
    'RentalStarted',
    'RentalRecorded',
    'RentalEnded',
    'RentalVoided',
    'DetectionConfigured',
  ],
  react: async (stimulus) => {
    const touched = await touchedBy(deps, stimulus);
    if (isLeft(touched) || touched.right === null) return touched;
    const { vehicles, since } = touched.right;
    const { tenant } = stimulus.event;
    const since_us = epochUs(since);
    return deps.watches.touch({ tenant, vehicles, since_us })();
  },
});
