import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { IncidentKind } from '#domain/incidents/events.ts';
import type { IncidentCommand, IncidentRefusal } from '#domain/incidents/incident.ts';
import { type DriverId, IncidentId, type TripId, type VehicleId } from '#domain/kernel/ids.ts';
import { type Instant, type Moment, secondsBetween } from '#domain/kernel/instant.ts';
import { incidentOf } from './aggregate.ts';
import { attribute, type CustodyRefused } from './custody.ts';
import { digestOf } from './digest.ts';
import { deriveUuid } from './identity.ts';
import { momentOf } from './localDate.ts';
import { type Outcome, type Request, scope, submitAs, type Workspace } from './workspace.ts';

export type IncidentFailure = IncidentRefusal | CustodyRefused;

export interface NewIncident {
  readonly vehicle: VehicleId;
  readonly named: DriverId | null;
  readonly kind: z.infer<typeof IncidentKind>;
  readonly at: Instant;
  readonly endedAt: Instant;
  readonly trip: TripId | null;
  readonly max_speed_kmh: number | null;
  readonly limit_kmh: number | null;
}

/**
 * Records a violation or an incident, laid at the door of whoever had the vehicle. Its id follows from what
 * it says, so the same one told again writes nothing.
 */
export const recordIncident =
  (workspace: Workspace) =>
  async (request: Request, asked: NewIncident): Outcome<IncidentId, IncidentFailure> => {
    const { origin } = request;
    const { vehicle: id, named, kind, at, endedAt, trip, max_speed_kmh, limit_kmh } = asked;
    const attributed = await attribute(workspace)(request, { vehicle: id, at, named });
    if (isLeft(attributed)) return attributed;
    const { vehicle, driver, rental } = attributed.right;
    const said = { type: 'IncidentRecorded', vehicle: id, at, endedAt, kind };
    const factHash = digestOf({ ...said, max_speed_kmh, limit_kmh });
    const incident = IncidentId.parse(deriveUuid('incident', origin.tenant, factHash));
    return submitAs(workspace)(incident, {
      origin,
      aggregate: incidentOf(origin.tenant, incident),
      command: {
        type: 'RecordIncident',
        incident,
        vehicle: id,
        park: vehicle.park,
        driver,
        rental,
        kind,
        endedAt,
        trip,
        max_speed_kmh,
        limit_kmh,
        duration_s: Math.max(0, secondsBetween({ from: at, to: endedAt })),
        factHash,
        when: momentOf(at, vehicle.zone),
      },
      authorize: () => scope(request)(vehicle.park),
    })();
  };

/** Submits a step of an incident that is there and in the caller's scope. */
export const onIncident =
  (workspace: Workspace) =>
  async (
    request: Request,
    { incident, at }: { readonly incident: IncidentId; readonly at: Instant },
    build: (when: Moment) => IncidentCommand,
  ): Outcome<IncidentId, IncidentRefusal> => {
    const { origin } = request;
    const aggregate = incidentOf(origin.tenant, incident);
    const loaded = await workspace.load(aggregate);
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    if (state.phase === 'unknown' || isLeft(scope(request)(state.park))) {
      return left({ code: 'IncidentUnknown', incident });
    }
    return submitAs(workspace)(incident, {
      origin,
      aggregate,
      command: build(momentOf(at, state.when.zone)),
      authorize: () => scope(request)(state.park),
    })();
  };
