import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { DisputeReason } from '#domain/fines/events.ts';
import { type Attribution, isSameAttribution } from '#domain/kernel/attribution.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { Digest, EventId, IncidentId, ParkId, TripId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  IncidentConfirmed,
  IncidentDisputed,
  type IncidentEvent,
  type IncidentKind,
  IncidentReattributed,
  IncidentRecorded,
  IncidentVoided,
  type IncidentVoidReason,
} from './events.ts';

type Kind = z.infer<typeof IncidentKind>;

interface Content extends Attribution {
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly kind: Kind;
  readonly endedAt: Instant;
  readonly trip: TripId | null;
  readonly max_speed_kmh: number | null;
  readonly limit_kmh: number | null;
  readonly duration_s: number;
  readonly factHash: Digest;
}

interface Ask {
  readonly incident: IncidentId;
  readonly when: Moment;
}

type RecordIncident = Ask & Content & { readonly type: 'RecordIncident' };
type ReattributeIncident = Ask &
  Attribution & { readonly type: 'ReattributeIncident'; readonly basis: EventId };
type Proceed =
  | (Ask & { readonly type: 'DisputeIncident'; readonly reason: z.infer<typeof DisputeReason> })
  | (Ask & { readonly type: 'ConfirmIncident' })
  | (Ask & { readonly type: 'VoidIncident'; readonly reason: z.infer<typeof IncidentVoidReason> });

/**
 * What one may ask of an incident. `when` of RecordIncident is its beginning, `endedAt` its end; `trip` is
 * null where it happened on no trip, a speed where none was measured; `basis` is the fact that showed who
 * really had the vehicle.
 */
export type IncidentCommand = RecordIncident | ReattributeIncident | Proceed;

/** How far an incident has got. */
type IncidentPhase = 'recorded' | 'disputed' | 'confirmed' | 'voided';

/** Why an incident may say no. `phase` is the one it is in; nothing of it can be before `startedAt`. */
export type IncidentRefusal =
  | { readonly code: 'IncidentUnknown'; readonly incident: IncidentId }
  | { readonly code: 'IncidentAlreadyRecorded'; readonly incident: IncidentId }
  | { readonly code: 'EndBeforeStart'; readonly incident: IncidentId }
  | { readonly code: 'MeasureMissing'; readonly incident: IncidentId; readonly kind: Kind }
  | {
      readonly code: 'IncidentPhaseConflict';
      readonly incident: IncidentId;
      readonly phase: IncidentPhase;
    }
  | {
      readonly code: 'FactBeforeIncident';
      readonly incident: IncidentId;
      readonly startedAt: Instant;
    };

/** An incident that was recorded: its content, who answers for it now, and when it began. */
interface KnownIncident extends Content {
  readonly phase: IncidentPhase;
  readonly when: Moment;
}

/** What is known of an incident. */
export type IncidentState = { readonly phase: 'unknown' } | KnownIncident;

type Decision = Either<IncidentRefusal, readonly IncidentEvent[]>;
const nothing: Decision = right([]);

/** Which kinds say nothing without a measured speed and the limit it is held against. */
const needsSpeeds: Readonly<Record<Kind, boolean>> = {
  speeding: true,
  harsh_driving: false,
  geofence: false,
  unauthorised_use: false,
  accident: false,
  theft: false,
  damage: false,
};

const leadsTo = {
  DisputeIncident: 'disputed',
  ConfirmIncident: 'confirmed',
  VoidIncident: 'voided',
} as const;

const mayBecome: Readonly<Record<IncidentPhase, readonly IncidentPhase[]>> = {
  recorded: ['disputed', 'confirmed', 'voided'],
  disputed: ['confirmed', 'voided'],
  confirmed: ['voided', 'disputed'],
  voided: [],
};

const record = (command: RecordIncident, state: IncidentState): Decision => {
  const { incident, vehicle, park, driver, rental, trip, when, endedAt } = command;
  const { kind, max_speed_kmh, limit_kmh, duration_s, factHash } = command;
  if (state.phase !== 'unknown') {
    return state.factHash === factHash
      ? nothing
      : left({ code: 'IncidentAlreadyRecorded', incident });
  }
  if (endedAt < when.at) return left({ code: 'EndBeforeStart', incident });
  if (needsSpeeds[kind] && (max_speed_kmh === null || limit_kmh === null)) {
    return left({ code: 'MeasureMissing', incident, kind });
  }
  const concerned = { incident, vehicle, park, driver, rental, trip };
  const measured = { kind, endedAt, max_speed_kmh, limit_kmh, duration_s, factHash };
  return right([fact(IncidentRecorded, when, { ...concerned, ...measured })]);
};

/** A voided incident burdens nobody, so it stays with whom it was. */
const reattribute = (command: ReattributeIncident, state: KnownIncident): Decision => {
  const { incident, driver, rental, basis, when } = command;
  if (state.phase === 'voided') return nothing;
  if (isSameAttribution(command, state)) return nothing;
  const { vehicle, park, driver: fromDriver } = state;
  return right([
    fact(IncidentReattributed, when, {
      incident,
      vehicle,
      park,
      driver,
      rental,
      fromDriver,
      basis,
    }),
  ]);
};

const proceeded = (command: Proceed, state: KnownIncident): IncidentEvent => {
  const { incident, when } = command;
  const { vehicle, park, driver, rental } = state;
  const concerned = { incident, vehicle, park, driver, rental };
  switch (command.type) {
    case 'DisputeIncident':
      return fact(IncidentDisputed, when, { ...concerned, reason: command.reason });
    case 'ConfirmIncident':
      return fact(IncidentConfirmed, when, concerned);
    case 'VoidIncident':
      return fact(IncidentVoided, when, { ...concerned, reason: command.reason });
    default:
      return unreachable(command);
  }
};

const proceed = (command: Proceed, state: KnownIncident): Decision => {
  const { phase } = state;
  const next = leadsTo[command.type];
  if (phase === next) return nothing;
  if (!mayBecome[phase].includes(next)) {
    return left({ code: 'IncidentPhaseConflict', incident: command.incident, phase });
  }
  return right([proceeded(command, state)]);
};

const decide = (command: IncidentCommand, state: IncidentState): Decision => {
  if (command.type === 'RecordIncident') return record(command, state);
  const { incident, when } = command;
  if (state.phase === 'unknown') return left({ code: 'IncidentUnknown', incident });
  const startedAt = state.when.at;
  if (when.at < startedAt) return left({ code: 'FactBeforeIncident', incident, startedAt });
  return command.type === 'ReattributeIncident'
    ? reattribute(command, state)
    : proceed(command, state);
};

const evolve = (state: IncidentState, event: IncidentEvent): IncidentState => {
  if (event.type === 'IncidentRecorded') {
    const { incident: _, ...content } = event.data;
    return { ...content, phase: 'recorded', when: event.when };
  }
  if (state.phase === 'unknown') return state;
  switch (event.type) {
    case 'IncidentDisputed':
      return { ...state, phase: 'disputed' };
    case 'IncidentConfirmed':
      return { ...state, phase: 'confirmed' };
    case 'IncidentVoided':
      return { ...state, phase: 'voided' };
    case 'IncidentReattributed':
      return { ...state, driver: event.data.driver, rental: event.data.rental };
    default:
      return unreachable(event);
  }
};

/** One violation or incident, from its record to its confirmation or its end. */
export const incidentDecider: Decider<
  IncidentCommand,
  IncidentEvent,
  IncidentState,
  IncidentRefusal
> = {
  initial: { phase: 'unknown' },
  decide,
  evolve,
};
