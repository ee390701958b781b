import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { fineOf, incidentOf, logbookOf, vehicleOf } from '#commands/aggregate.ts';
import { amendTrip } from '#commands/trips.ts';
import { everywhere, submitAs, type Workspace } from '#commands/workspace.ts';
import type { FineState } from '#domain/fines/fine.ts';
import type { IncidentState } from '#domain/incidents/incident.ts';
import { isSameAttribution } from '#domain/kernel/attribution.ts';
import type { FineId, IncidentId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { attributionAt, type Vehicle } from '#domain/registry/vehicleState.ts';
import { type Reactor, reactionTo, type Stimulus } from './reactor.ts';

const NAME = 'attribution';

/**
 * What is laid at a driver's door and has a stream of its own: found through a read model that has got at
 * least to `position`. `Behind` says that it has not yet.
 */
export interface AttributedFacts {
  readonly ofVehicle: (asked: {
    readonly tenant: Tenant;
    readonly vehicle: VehicleId;
    readonly since: Instant;
    readonly position: bigint;
  }) => Promise<
    Either<
      { readonly code: 'Behind' | 'Unavailable' },
      { readonly fines: readonly FineId[]; readonly incidents: readonly IncidentId[] }
    >
  >;
}

type Reaction = Promise<Either<{ readonly code: string }, unknown>>;

/** Who really had a vehicle when something was laid at somebody's door; null where that is the right one. */
const correctionOf = (vehicle: Vehicle, state: FineState | IncidentState) => {
  if (state.phase === 'unknown') return null;
  const { when } = state;
  const rightful = attributionAt(vehicle, when.at);
  // A correction acts at the time of what it corrects.
  return isSameAttribution(rightful, state) ? null : { ...rightful, when };
};

const moveFine =
  (workspace: Workspace) =>
  async (stimulus: Stimulus, vehicle: Vehicle, fine: FineId): Reaction => {
    const { event } = stimulus;
    const aggregate = fineOf(event.tenant, fine);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const correction = correctionOf(vehicle, loaded.right.state);
    if (!correction) return right(null);
    return submitAs(workspace)(fine, {
      origin: reactionTo(stimulus, NAME, fine).origin,
      aggregate,
      command: { type: 'ReattributeFine', fine, ...correction, basis: event.id },
      authorize: everywhere,
    })();
  };

const moveIncident =
  (workspace: Workspace) =>
  async (stimulus: Stimulus, vehicle: Vehicle, incident: IncidentId): Reaction => {
    const { event } = stimulus;
    const aggregate = incidentOf(event.tenant, incident);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const correction = correctionOf(vehicle, loaded.right.state);
    if (!correction) return right(null);
    return submitAs(workspace)(incident, {
      origin: reactionTo(stimulus, NAME, incident).origin,
      aggregate,
      command: { type: 'ReattributeIncident', incident, ...correction, basis: event.id },
      authorize: everywhere,
    })();
  };

const moveTrips =
  (workspace: Workspace) =>
  async (stimulus: Stimulus, vehicle: Vehicle, since: Instant): Reaction => {
    const loaded = await workspace.load(logbookOf(stimulus.event.tenant, vehicle.vehicle));
    if (isLeft(loaded)) return loaded;
    const { current, earlier } = loaded.right.state;
    const known = new Map([...earlier, current].flatMap(({ trips }) => [...trips]));
    for (const held of known.values()) {
      const { trip, from, to, measure, voided } = held;
      if (from < since || to === null || !measure || voided) continue;
      if (isSameAttribution(attributionAt(vehicle, from), held)) continue;
      const { duration_s: _, ...report } = measure;
      const moved = await amendTrip(workspace)(reactionTo(stimulus, NAME, trip), {
        trip,
        at: null,
        endedAt: to,
        report,
        evidence: null,
        reason: 'rental_changed',
      });
      if (isLeft(moved)) return moved;
    }
    return right(null);
  };

/** From when on an event of a vehicle may change who had it; null where it changes nothing. */
const changedSince = (stimulus: Stimulus, vehicle: Vehicle): Instant | null => {
  const { fact } = stimulus;
  switch (fact.type) {
    case 'RentalStarted':
    case 'RentalRecorded':
      return fact.when.at;
    case 'RentalEnded':
    case 'RentalVoided':
      return vehicle.rentals.get(fact.data.rental)?.from ?? fact.when.at;
    default:
      return null;
  }
};

const vehicleIn = ({ fact }: Stimulus): VehicleId | null => {
  switch (fact.type) {
    case 'RentalStarted':
    case 'RentalRecorded':
    case 'RentalEnded':
    case 'RentalVoided':
    case 'FineIssued':
    case 'IncidentRecorded':
    case 'IncidentAmended':
      return fact.data.vehicle;
    default:
      return null;
  }
};

/** Judges anew whatever happened to a vehicle since the beginning of a rental that became known. */
const rejudge =
  (workspace: Workspace, facts: AttributedFacts) =>
  async (stimulus: Stimulus, vehicle: Vehicle, since: Instant): Reaction => {
    const { tenant } = stimulus.event;
    const { position } = stimulus;
    const found = await facts.ofVehicle({ tenant, vehicle: vehicle.vehicle, since, position });
    if (isLeft(found)) return found;
    for (const fine of found.right.fines) {
      const moved = await moveFine(workspace)(stimulus, vehicle, fine);
      if (isLeft(moved)) return moved;
    }
    for (const incident of found.right.incidents) {
      const moved = await moveIncident(workspace)(stimulus, vehicle, incident);
      if (isLeft(moved)) return moved;
    }
    return moveTrips(workspace)(stimulus, vehicle, since);
  };

/**
 * Lays fines, incidents and trips at the right door when a fact about a rental comes late: whatever happened
 * since the beginning of that rental is judged again by all that is known of the vehicle's rentals. A fine or
 * incident that is just recorded or amended is judged once more too: a rental may have come between looking
 * and writing.
 */
export const attributionReactor = (workspace: Workspace, facts: AttributedFacts): Reactor => ({
  name: NAME,
  handles: [
    'RentalStarted',
    'RentalRecorded',
    'RentalEnded',
    'RentalVoided',
    'FineIssued',
    'IncidentRecorded',
    'IncidentAmended',
  ],
  react: async (stimulus) => {
    const id = vehicleIn(stimulus);
    if (id === null) return right(null);
    const loaded = await workspace.load(vehicleOf(stimulus.event.tenant, id));
    if (isLeft(loaded)) return loaded;
    const { vehicle } = loaded.right.state;
    if (!vehicle) return right(null);
    const { fact } = stimulus;
    if (fact.type === 'FineIssued') return moveFine(workspace)(stimulus, vehicle, fact.data.fine);
    if (fact.type === 'IncidentRecorded' || fact.type === 'IncidentAmended') {
      return moveIncident(workspace)(stimulus, vehicle, fact.data.incident);
    }
    const since = changedSince(stimulus, vehicle);
    return since === null ? right(null) : rejudge(workspace, facts)(stimulus, vehicle, since);
  },
});
