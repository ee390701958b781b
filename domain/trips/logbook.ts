import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { type Attribution, isSameAttribution } from '#domain/kernel/attribution.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { Digest, ParkId, TripId, VehicleId } from '#domain/kernel/ids.ts';
import { type Instant, type Moment, secondsBetween } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  LogbookClosed,
  TripAmended,
  type TripAmendReason,
  TripEnded,
  type TripEvent,
  type TripMeasure,
  TripRecorded,
  TripStarted,
  TripVoided,
  type TripVoidReason,
} from './events.ts';
import {
  emptyLogbook,
  evolve,
  type LogbookState,
  openTripOf,
  rivalOf,
  segmentsOf,
  tripOf,
} from './logbookState.ts';

/** A segment takes no more events than that; then the next one goes on. */
export const SEGMENT_EVENTS_MAX = 2_000;
/** The longest trip: bound of `duration_s`. Whoever drives longer has stopped in between. */
const TRIP_MAX_S = 14 * 86_400;

/** What is said of a trip when it is over; its duration follows from its times. */
export type TripReport = Omit<TripMeasure, 'duration_s'>;

/** What the vehicle's own stream says that bears on its logbook. */
export interface VehicleBounds {
  readonly registeredAt: Instant;
  readonly retiredAt: Instant | null;
}

interface About {
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly bounds: VehicleBounds;
  readonly when: Moment;
}

/**
 * What one may ask of a vehicle's logbook. Who drove is found in the vehicle's rentals before the command
 * comes here. `evidence` is the digest of the readings that a trip was concluded from, null where there are
 * none. Of AmendTrip, `evidence` and `startedAt` leave what there is where they are null, and `when` is the
 * start of the trip, moved or not.
 */
export type LogbookCommand =
  | ({ type: 'StartTrip'; trip: TripId; odometer_m: number | null } & Attribution & About)
  | ({ type: 'EndTrip'; trip: TripId; report: TripReport; odometer_m: number | null } & About)
  | ({
      type: 'RecordTrip';
      trip: TripId;
      endedAt: Instant;
      report: TripReport;
      evidence: Digest | null;
      factHash: Digest;
    } & Attribution &
      About)
  | ({
      type: 'AmendTrip';
      trip: TripId;
      startedAt: Instant | null;
      endedAt: Instant;
      report: TripReport;
      evidence: Digest | null;
      reason: z.infer<typeof TripAmendReason>;
    } & Attribution &
      About)
  | {
      type: 'VoidTrip';
      vehicle: VehicleId;
      trip: TripId;
      reason: z.infer<typeof TripVoidReason>;
      when: Moment;
    }
  | { type: 'CloseSegment'; vehicle: VehicleId; park: ParkId; segment: number; when: Moment };

export type LogbookRefusal =
  | { readonly code: 'TripUnknown'; readonly trip: TripId }
  | { readonly code: 'TripAlreadyOpen'; readonly trip: TripId }
  | { readonly code: 'TripAlreadyEnded'; readonly trip: TripId }
  | { readonly code: 'TripStillOpen'; readonly trip: TripId }
  | { readonly code: 'TripIsVoid'; readonly trip: TripId }
  | { readonly code: 'TripOverlaps'; readonly trip: TripId }
  | { readonly code: 'TripTooLong'; readonly trip_max_s: number }
  | { readonly code: 'EndBeforeStart' }
  | { readonly code: 'FactBeforeRegistration'; readonly registeredAt: Instant }
  | { readonly code: 'VehicleRetired'; readonly vehicle: VehicleId; readonly since: Instant };

type Decision = Either<LogbookRefusal, readonly TripEvent[]>;
const nothing: Decision = right([]);
const outOfBounds = ({ vehicle, bounds, when }: About): LogbookRefusal | null => {
  const { registeredAt, retiredAt } = bounds;
  if (when.at < registeredAt) return { code: 'FactBeforeRegistration', registeredAt };
  if (retiredAt !== null && when.at >= retiredAt) {
    return { code: 'VehicleRetired', vehicle, since: retiredAt };
  }
  return null;
};

const spanRefused = (span: { from: Instant; to: Instant }): LogbookRefusal | null => {
  if (span.to < span.from) return { code: 'EndBeforeStart' };
  if (secondsBetween(span) > TRIP_MAX_S) return { code: 'TripTooLong', trip_max_s: TRIP_MAX_S };
  return null;
};

type Of<Type extends LogbookCommand['type']> = Extract<LogbookCommand, { type: Type }>;

const start = (command: Of<'StartTrip'>, state: LogbookState): Decision => {
  const { vehicle, park, trip, driver, rental, odometer_m, when } = command;
  if (tripOf(state, trip)) return nothing;
  const refused = outOfBounds(command);
  if (refused) return left(refused);
  const open = openTripOf(state);
  if (open) return left({ code: 'TripAlreadyOpen', trip: open.trip });
  const rival = rivalOf(state, { trip, from: when.at, to: null });
  if (rival) return left({ code: 'TripOverlaps', trip: rival.trip });
  return right([fact(TripStarted, when, { trip, vehicle, park, driver, rental, odometer_m })]);
};

const end = (command: Of<'EndTrip'>, state: LogbookState): Decision => {
  const { vehicle, trip, report, odometer_m, when } = command;
  const open = tripOf(state, trip);
  if (!open) return left({ code: 'TripUnknown', trip });
  if (open.voided) return left({ code: 'TripIsVoid', trip });
  if (open.to === when.at) return nothing;
  if (open.to !== null) return left({ code: 'TripAlreadyEnded', trip });
  const span = { from: open.from, to: when.at };
  const refused = spanRefused(span);
  if (refused) return left(refused);
  const { driver, rental, park } = open;
  const measure = { ...report, duration_s: secondsBetween(span) };
  const data = { trip, vehicle, park, driver, rental, startedAt: open.from, measure, odometer_m };
  return right([fact(TripEnded, when, data)]);
};

const record = (command: Of<'RecordTrip'>, state: LogbookState): Decision => {
  const { vehicle, park, trip, driver, rental, endedAt, report, evidence, factHash, when } =
    command;
  // Also of a trip that was struck out since: what is told again does not bring it back.
  if (segmentsOf(state).some(({ factHashes }) => factHashes.has(factHash))) return nothing;
  const held = tripOf(state, trip);
  if (held) return left({ code: held.voided ? 'TripIsVoid' : 'TripAlreadyEnded', trip });
  const span = { trip, from: when.at, to: endedAt };
  const refused = outOfBounds(command) ?? spanRefused(span);
  if (refused) return left(refused);
  const rival = rivalOf(state, span);
  if (rival) return left({ code: 'TripOverlaps', trip: rival.trip });
  const measure = { ...report, duration_s: secondsBetween(span) };
  const data = { trip, vehicle, park, driver, rental, endedAt, measure, evidence, factHash };
  return right([fact(TripRecorded, when, data)]);
};

const sameMeasure = (left: TripMeasure, right: TripMeasure): boolean =>
  left.distance_m === right.distance_m &&
  left.duration_s === right.duration_s &&
  left.max_speed_kmh === right.max_speed_kmh &&
  left.over_limit_s === right.over_limit_s;

const amend = (command: Of<'AmendTrip'>, state: LogbookState): Decision => {
  const { vehicle, trip, driver, rental, endedAt, report, reason, when } = command;
  const held = tripOf(state, trip);
  if (!held) return left({ code: 'TripUnknown', trip });
  if (held.voided) return left({ code: 'TripIsVoid', trip });
  if (held.to === null || !held.measure) return left({ code: 'TripStillOpen', trip });
  const span = { trip, from: command.startedAt ?? held.from, to: endedAt };
  const refused = outOfBounds(command) ?? spanRefused(span);
  if (refused) return left(refused);
  const rival = rivalOf(state, span);
  if (rival) return left({ code: 'TripOverlaps', trip: rival.trip });
  const measure = { ...report, duration_s: secondsBetween(span) };
  const evidence = command.evidence ?? held.evidence;
  const startedAt = span.from === held.from ? null : span.from;
  const sameSpan = startedAt === null && held.to === endedAt;
  const same = isSameAttribution(held, command) && sameSpan && held.evidence === evidence;
  if (same && sameMeasure(held.measure, measure)) return nothing;
  const concerned = { trip, vehicle, park: held.park, driver, rental };
  const data = { ...concerned, startedAt, endedAt, measure, evidence, reason };
  return right([fact(TripAmended, when, data)]);
};

const strikeOut = (command: Of<'VoidTrip'>, state: LogbookState): Decision => {
  const { vehicle, trip, reason, when } = command;
  const held = tripOf(state, trip);
  if (!held) return left({ code: 'TripUnknown', trip });
  if (held.voided) return nothing;
  const { park, driver, rental } = held;
  return right([fact(TripVoided, when, { trip, vehicle, park, driver, rental, reason })]);
};

const closeSegment = (
  { vehicle, park, segment, when }: Of<'CloseSegment'>,
  state: LogbookState,
): Decision => {
  if (segment !== state.segment || state.eventsInSegment < SEGMENT_EVENTS_MAX) return nothing;
  const open = openTripOf(state);
  const openTrip = open && {
    trip: open.trip,
    vehicle,
    park: open.park,
    driver: open.driver,
    rental: open.rental,
    startedAt: open.from,
    odometer_m: open.odometer_m,
  };
  return right([fact(LogbookClosed, when, { vehicle, park, openTrip })]);
};

const decide = (command: LogbookCommand, state: LogbookState): Decision => {
  switch (command.type) {
    case 'StartTrip':
      return start(command, state);
    case 'EndTrip':
      return end(command, state);
    case 'RecordTrip':
      return record(command, state);
    case 'AmendTrip':
      return amend(command, state);
    case 'VoidTrip':
      return strikeOut(command, state);
    case 'CloseSegment':
      return closeSegment(command, state);
    default:
      return unreachable(command);
  }
};

/** The consistency boundary of a vehicle's trips. Its state spans all segments of the logbook. */
export const logbookDecider: Decider<LogbookCommand, TripEvent, LogbookState, LogbookRefusal> = {
  initial: emptyLogbook,
  decide,
  evolve,
};
