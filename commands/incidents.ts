import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type {
  IncidentAmendReason,
  IncidentKind,
  IncidentMeasure,
  IncidentVoidReason,
} from '#domain/incidents/events.ts';
import type {
  IncidentCommand,
  IncidentRefusal,
  IncidentState,
} from '#domain/incidents/incident.ts';
import {
  type ConclusionId,
  type Digest,
  type DriverId,
  IncidentId,
  type Tenant,
  type TripId,
  type VehicleId,
} from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { incidentOf } from './aggregate.ts';
import { attribute, type CustodyRefused } from './custody.ts';
import { digestOf } from './digest.ts';
import { deriveUuid } from './identity.ts';
import { momentOf } from './localDate.ts';
import type { Unavailable } from './ports.ts';
import { type Outcome, type Request, scope, submitAs, type Workspace } from './workspace.ts';

export type IncidentFailure = IncidentRefusal | CustodyRefused;

/** What is said of an incident, new or told otherwise; `endedAt` may be when it was last seen. */
interface Said extends IncidentMeasure {
  readonly at: Instant;
  readonly endedAt: Instant;
  readonly trip: TripId | null;
}

export interface NewIncident extends Said {
  readonly vehicle: VehicleId;
  readonly named: DriverId | null;
  readonly kind: z.infer<typeof IncidentKind>;
  /** The conclusion that it was drawn from, with the digest of its readings; null for any other. */
  readonly concluded: { readonly id: ConclusionId; readonly evidence: Digest | null } | null;
}

/** The id of the incident that a detector's conclusion becomes. */
export const concludedIncident = (tenant: Tenant, conclusion: ConclusionId): IncidentId =>
  IncidentId.parse(deriveUuid('concluded-incident', tenant, conclusion));

const measureOf = (said: IncidentMeasure): IncidentMeasure => {
  const { max_speed_kmh, limit_kmh, manoeuvre, peak_cmps2, distance_m, fence } = said;
  return { max_speed_kmh, limit_kmh, manoeuvre, peak_cmps2, distance_m, fence };
};

/** What an incident says, in one digest. Measures that came with schema 2 count only where there are any. */
const factHashOf = (asked: NewIncident): Digest => {
  const { vehicle, at, endedAt, kind, concluded } = asked;
  const { max_speed_kmh, limit_kmh, ...others } = measureOf(asked);
  const measured = Object.entries(others).filter(([, value]) => value !== null);
  return digestOf({
    ...{ type: 'IncidentRecorded', vehicle, at, endedAt, kind, max_speed_kmh, limit_kmh },
    ...Object.fromEntries(measured),
    ...(concluded && { concluded }),
  });
};

/**
 * Records a violation or an incident, laid at the door of whoever had the vehicle. Its id follows from what
 * it says, or from the conclusion that it was drawn from, so the same one told again writes nothing.
 */
export const recordIncident =
  (workspace: Workspace) =>
  async (request: Request, asked: NewIncident): Outcome<IncidentId, IncidentFailure> => {
    const { origin } = request;
    const { vehicle: id, named, kind, at, endedAt, trip, concluded } = asked;
    const attributed = await attribute(workspace)(request, { vehicle: id, at, named });
    if (isLeft(attributed)) return attributed;
    const { vehicle, driver, rental } = attributed.right;
    const factHash = factHashOf(asked);
    const incident = concluded
      ? concludedIncident(origin.tenant, concluded.id)
      : IncidentId.parse(deriveUuid('incident', origin.tenant, factHash));
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
        ...measureOf(asked),
        evidence: concluded?.evidence ?? null,
        factHash,
        when: momentOf(at, vehicle.zone),
      },
      authorize: () => scope(request)(vehicle.park),
    })();
  };

/** An incident that is there and in the caller's scope. */
const knownIncident =
  ({ load }: Workspace) =>
  async (
    request: Request,
    incident: IncidentId,
  ): Promise<
    Either<IncidentRefusal | Unavailable, Exclude<IncidentState, { phase: 'unknown' }>>
  > => {
    const loaded = await load(incidentOf(request.origin.tenant, incident));
    if (isLeft(loaded)) return loaded;
    const { state } = loaded.right;
    return state.phase === 'unknown' || isLeft(scope(request)(state.park))
      ? left({ code: 'IncidentUnknown', incident })
      : right(state);
  };

/**
 * An incident was measured otherwise, or went on; who answers for it is looked up anew, as of its beginning.
 * `evidence` is the digest of the readings that show it; null leaves what is there.
 */
export const amendIncident =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: Said & {
      readonly incident: IncidentId;
      readonly evidence: Digest | null;
      readonly reason: z.infer<typeof IncidentAmendReason>;
    },
  ): Outcome<IncidentId, IncidentFailure> => {
    const { incident, at, endedAt, trip, evidence, reason } = asked;
    const known = await knownIncident(workspace)(request, incident);
    if (isLeft(known)) return known;
    const { vehicle: id, park } = known.right;
    const attributed = await attribute(workspace)(request, { vehicle: id, at, named: null });
    if (isLeft(attributed)) return attributed;
    const { vehicle, driver, rental } = attributed.right;
    return submitAs(workspace)(incident, {
      origin: request.origin,
      aggregate: incidentOf(request.origin.tenant, incident),
      command: {
        type: 'AmendIncident',
        incident,
        driver,
        rental,
        endedAt,
        trip,
        ...measureOf(asked),
        evidence,
        reason,
        when: momentOf(at, vehicle.zone),
      },
      authorize: () => scope(request)(park),
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
    const known = await knownIncident(workspace)(request, incident);
    if (isLeft(known)) return known;
    const { park, when } = known.right;
    return submitAs(workspace)(incident, {
      origin,
      aggregate: incidentOf(origin.tenant, incident),
      command: build(momentOf(at, when.zone)),
      authorize: () => scope(request)(park),
    })();
  };

/** Strikes out an incident: the record does not stand, and never did. */
export const voidIncident =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly incident: IncidentId;
      readonly reason: z.infer<typeof IncidentVoidReason>;
      readonly at: Instant;
    },
  ): Outcome<IncidentId, IncidentRefusal> => {
    const { incident, reason } = asked;
    return onIncident(workspace)(request, asked, (when) => {
      return { type: 'VoidIncident', incident, reason, when };
    });
  };
