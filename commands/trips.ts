import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import {
  CommandId,
  type ConclusionId,
  type Digest,
  TripId,
  type VehicleId,
  vehicleOf as vehicleIn,
} from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { attributionAt, type Vehicle } from '#domain/registry/vehicleState.ts';
import type { TripAmendReason, TripVoidReason } from '#domain/trips/events.ts';
import {
  type LogbookCommand,
  type LogbookRefusal,
  SEGMENT_EVENTS_MAX,
  type TripReport,
} from '#domain/trips/logbook.ts';
import { type LogbookState, tripOf } from '#domain/trips/logbookState.ts';
import { logbookOf, vehicleOf } from './aggregate.ts';
import { digestOf } from './digest.ts';
import type { HandleFailure } from './handle.ts';
import { deriveUuid } from './identity.ts';
import type { Loaded } from './load.ts';
import { momentOf } from './localDate.ts';
import {
  everywhere,
  type Outcome,
  type OutsideScope,
  type Request,
  scope,
  submitAs,
  type Workspace,
} from './workspace.ts';

export type TripFailure =
  | LogbookRefusal
  | { readonly code: 'VehicleUnknown'; readonly vehicle: VehicleId };

interface Ready {
  readonly vehicle: Vehicle;
  readonly logbook: Loaded<LogbookState>;
}

/** The vehicle and its logbook, with room for one more event: a full segment is closed first. */
const prepare =
  ({ load, submit }: Workspace) =>
  async (
    request: Request,
    id: VehicleId,
    at: Instant,
  ): Promise<Either<TripFailure | HandleFailure | OutsideScope, Ready>> => {
    const { origin } = request;
    const loaded = await load(vehicleOf(origin.tenant, id));
    if (isLeft(loaded)) return loaded;
    const { vehicle } = loaded.right.state;
    if (!vehicle || isLeft(scope(request)(vehicle.park))) {
      return left({ code: 'VehicleUnknown', vehicle: id });
    }
    const aggregate = logbookOf(origin.tenant, id);
    const logbook = await load(aggregate);
    if (isLeft(logbook)) return logbook;
    const { segment, eventsInSegment } = logbook.right.state;
    if (eventsInSegment >= SEGMENT_EVENTS_MAX) {
      const closing = deriveUuid('close-segment', origin.tenant, id, String(segment));
      const when = momentOf(at, vehicle.zone);
      const closed = await submit({
        // Whoever comes first closes it; the content is the same for all.
        origin: { ...origin, command: CommandId.parse(closing), content: digestOf({ segment }) },
        aggregate,
        command: { type: 'CloseSegment', vehicle: id, park: vehicle.park, segment, when },
        authorize: everywhere,
      })();
      if (isLeft(closed)) return closed;
    }
    return right({ vehicle, logbook: logbook.right });
  };

const about = (vehicle: Vehicle, when: Moment) => ({
  vehicle: vehicle.vehicle,
  park: vehicle.park,
  bounds: { registeredAt: vehicle.registeredAt, retiredAt: vehicle.retiredAt },
  when,
});

const write =
  (workspace: Workspace) =>
  (request: Request, trip: TripId, { vehicle }: Ready, command: LogbookCommand) =>
    submitAs(workspace)(trip, {
      origin: request.origin,
      aggregate: logbookOf(request.origin.tenant, vehicle.vehicle),
      command,
      authorize: () => scope(request)(vehicle.park),
    })();

/** The vehicle sets off. */
export const startTrip =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly vehicle: VehicleId;
      readonly odometer_m: number | null;
      readonly at: Instant;
    },
  ): Outcome<TripId, TripFailure> => {
    const { vehicle: id, odometer_m, at } = asked;
    const ready = await prepare(workspace)(request, id, at);
    if (isLeft(ready)) return ready;
    const { vehicle } = ready.right;
    const trip = TripId.parse(`${id}~${deriveUuid('trip', request.origin.command)}`);
    return write(workspace)(request, trip, ready.right, {
      type: 'StartTrip',
      trip,
      odometer_m,
      ...about(vehicle, momentOf(at, vehicle.zone)),
      ...attributionAt(vehicle, at),
    });
  };

/** The vehicle arrives. */
export const endTrip =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly trip: TripId;
      readonly report: TripReport;
      readonly odometer_m: number | null;
      readonly at: Instant;
    },
  ): Outcome<TripId, TripFailure> => {
    const { trip, report, odometer_m, at } = asked;
    const ready = await prepare(workspace)(request, vehicleIn(trip), at);
    if (isLeft(ready)) return ready;
    const { vehicle } = ready.right;
    return write(workspace)(request, trip, ready.right, {
      type: 'EndTrip',
      trip,
      report,
      odometer_m,
      ...about(vehicle, momentOf(at, vehicle.zone)),
    });
  };

/** The id of the trip that a detector's conclusion becomes. */
export const concludedTrip = (vehicle: VehicleId, conclusion: ConclusionId): TripId =>
  TripId.parse(`${vehicle}~${conclusion}`);

/**
 * A whole trip, told afterwards. The same trip told again, under whatever key, writes nothing. One that was
 * concluded from telemetry goes by the id of the conclusion: told otherwise it has to be amended.
 */
export const recordTrip =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly vehicle: VehicleId;
      readonly at: Instant;
      readonly endedAt: Instant;
      readonly report: TripReport;
      /** The conclusion that it was drawn from, with the digest of its readings; null for any other. */
      readonly concluded: { readonly id: ConclusionId; readonly evidence: Digest | null } | null;
    },
  ): Outcome<TripId, TripFailure> => {
    const { vehicle: id, at, endedAt, report, concluded } = asked;
    const ready = await prepare(workspace)(request, id, at);
    if (isLeft(ready)) return ready;
    const { vehicle } = ready.right;
    const said = { type: 'TripRecorded', vehicle: id, at, endedAt, report };
    const factHash = digestOf(concluded ? { ...said, concluded } : said);
    const trip = concluded
      ? concludedTrip(id, concluded.id)
      : TripId.parse(`${id}~${deriveUuid('trip', request.origin.tenant, factHash)}`);
    return write(workspace)(request, trip, ready.right, {
      type: 'RecordTrip',
      trip,
      endedAt,
      report,
      evidence: concluded?.evidence ?? null,
      factHash,
      ...about(vehicle, momentOf(at, vehicle.zone)),
      ...attributionAt(vehicle, at),
    });
  };

/**
 * What is known of a trip changes; who drove is looked up anew, as of its start. `at` is where the trip turns
 * out to have started, `evidence` the digest of the readings that show it; null leaves what is there.
 */
export const amendTrip =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: {
      readonly trip: TripId;
      readonly at: Instant | null;
      readonly endedAt: Instant;
      readonly report: TripReport;
      readonly evidence: Digest | null;
      readonly reason: z.infer<typeof TripAmendReason>;
    },
  ): Outcome<TripId, TripFailure> => {
    const { trip, at, endedAt, report, evidence, reason } = asked;
    const ready = await prepare(workspace)(request, vehicleIn(trip), endedAt);
    if (isLeft(ready)) return ready;
    const { vehicle, logbook } = ready.right;
    const known = tripOf(logbook.state, trip);
    if (!known) return left({ code: 'TripUnknown', trip });
    // A correction acts at the time of what it corrects, here at the start as it is known from now on.
    const start = at ?? known.from;
    return write(workspace)(request, trip, ready.right, {
      type: 'AmendTrip',
      trip,
      startedAt: at,
      endedAt,
      report,
      evidence,
      reason,
      ...about(vehicle, momentOf(start, vehicle.zone)),
      ...attributionAt(vehicle, start),
    });
  };

/** Strikes out a trip that never was: its time is free for another. */
export const voidTrip =
  (workspace: Workspace) =>
  async (
    request: Request,
    asked: { readonly trip: TripId; readonly reason: z.infer<typeof TripVoidReason> },
  ): Outcome<TripId, TripFailure> => {
    const { trip, reason } = asked;
    const id = vehicleIn(trip);
    const ready = await prepare(workspace)(request, id, workspace.now());
    if (isLeft(ready)) return ready;
    const { vehicle, logbook } = ready.right;
    const known = tripOf(logbook.state, trip);
    if (!known) return left({ code: 'TripUnknown', trip });
    // A correction acts at the time of what it corrects.
    const when = momentOf(known.from, vehicle.zone);
    const command = { type: 'VoidTrip', vehicle: id, trip, reason, when } as const;
    return write(workspace)(request, trip, ready.right, command);
  };
