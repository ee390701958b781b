import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import type { DisputeReason } from '#domain/fines/events.ts';
import { type Attribution, isSameAttribution } from '#domain/kernel/attribution.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import { DURATION_MAX_S } from '#domain/kernel/fields.ts';
import type { Digest, EventId, IncidentId, ParkId, TripId, VehicleId } from '#domain/kernel/ids.ts';
import { type Instant, type Moment, secondsBetween } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  IncidentAmended,
  type IncidentAmendReason,
  IncidentConfirmed,
  IncidentDisputed,
  type IncidentEvent,
  type IncidentKind,
  type IncidentMeasure,
  IncidentReattributed,
  IncidentRecorded,
  IncidentVoided,
  type IncidentVoidReason,
} from './events.ts';

type Kind = z.infer<typeof IncidentKind>;

/** What an amendment may tell otherwise. */
interface Changing extends Attribution, IncidentMeasure {
  readonly endedAt: Instant;
  readonly trip: TripId | null;
  readonly evidence: Digest | null;
}

interface Content extends Changing {
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly kind: Kind;
  readonly factHash: Digest;
}

interface Ask {
  readonly incident: IncidentId;
  readonly when: Moment;
}

type RecordIncident = Ask & Content & { readonly type: 'RecordIncident' };
type AmendIncident = Ask &
  Changing & {
    readonly type: 'AmendIncident';
    readonly reason: z.infer<typeof IncidentAmendReason>;
  };
type ReattributeIncident = Ask &
  Attribution & { readonly type: 'ReattributeIncident'; readonly basis: EventId };
type Proceed =
  | (Ask & { readonly type: 'DisputeIncident'; readonly reason: z.infer<typeof DisputeReason> })
  | (Ask & { readonly type: 'ConfirmIncident' })
  | (Ask & { readonly type: 'VoidIncident'; readonly reason: z.infer<typeof IncidentVoidReason> });

/**
 * What one may ask of an incident. `when` of RecordIncident and AmendIncident is its beginning, `endedAt` its
 * end; `trip` is null where it happened on no trip, a measure where none was taken; `evidence` is the digest
 * of the readings behind it, null where there are none, of AmendIncident where it stays; `basis` is the fact
 * that showed who really had the vehicle.
 */
export type IncidentCommand = RecordIncident | AmendIncident | ReattributeIncident | Proceed;

/** How far an incident has got. */
type IncidentPhase = 'recorded' | 'disputed' | 'confirmed' | 'voided';

/** Why an incident may say no. `phase` is the one it is in; nothing of it can be before `startedAt`. */
export type IncidentRefusal =
  | { readonly code: 'IncidentUnknown'; readonly incident: IncidentId }
  | { readonly code: 'IncidentAlreadyRecorded'; readonly incident: IncidentId }
  | { readonly code: 'EndBeforeStart'; readonly incident: IncidentId }
  | { readonly code: 'IncidentTooLong'; readonly incident_max_s: number }
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

/** Why an incident of a kind cannot have happened like that; null where it can. */
const incredible = (
  kind: Kind,
  { incident, when, endedAt, max_speed_kmh, limit_kmh }: RecordIncident | AmendIncident,
): IncidentRefusal | null => {
  if (endedAt < when.at) return { code: 'EndBeforeStart', incident };
  if (secondsBetween({ from: when.at, to: endedAt }) > DURATION_MAX_S) {
    return { code: 'IncidentTooLong', incident_max_s: DURATION_MAX_S };
  }
  const isSpeedMissing = max_speed_kmh === null || limit_kmh === null;
  return needsSpeeds[kind] && isSpeedMissing ? { code: 'MeasureMissing', incident, kind } : null;
};

/** Of all that is said of an incident, what an amendment may tell otherwise. */
const changing = (said: Changing): Changing => {
  const { driver, rental, trip, endedAt, evidence, max_speed_kmh, limit_kmh } = said;
  const { manoeuvre, peak_cmps2, distance_m, fence } = said;
  const measured = { max_speed_kmh, limit_kmh, manoeuvre, peak_cmps2, distance_m, fence };
  return { driver, rental, trip, endedAt, evidence, ...measured };
};

const record = (command: RecordIncident, state: IncidentState): Decision => {
  const { incident, vehicle, park, kind, factHash, when } = command;
  if (state.phase !== 'unknown') {
    return state.factHash === factHash
      ? nothing
      : left({ code: 'IncidentAlreadyRecorded', incident });
  }
  const refused = incredible(kind, command);
  if (refused) return left(refused);
  const duration_s = secondsBetween({ from: when.at, to: command.endedAt });
  const content = { incident, vehicle, park, kind, ...changing(command), duration_s, factHash };
  return right([fact(IncidentRecorded, when, content)]);
};

/**
 * Whoever measured an incident need not know what has become of it: one that was voided burdens nobody and
 * stays as it was, any other keeps its phase.
 */
const amend = (command: AmendIncident, state: KnownIncident): Decision => {
  const { incident, reason, when } = command;
  if (state.phase === 'voided') return nothing;
  const refused = incredible(state.kind, command);
  if (refused) return left(refused);
  const now = { ...changing(command), evidence: command.evidence ?? state.evidence };
  const isSame = canonicalJson(now) === canonicalJson(changing(state));
  if (isSame && when.at === state.when.at) return nothing;
  const { vehicle, park } = state;
  const startedAt = when.at;
  const duration_s = secondsBetween({ from: startedAt, to: now.endedAt });
  const concerned = { incident, vehicle, park, startedAt, duration_s };
  return right([fact(IncidentAmended, when, { ...concerned, ...now, reason })]);
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
  if (command.type === 'AmendIncident') return amend(command, state);
  const startedAt = state.when.at;
  if (when.at < startedAt) return left({ code: 'FactBeforeIncident', incident, startedAt });
  return command.type === 'ReattributeIncident'
    ? reattribute(command, state)
    : proceed(command, state);
};

const evolve = (state: IncidentState, event: IncidentEvent): IncidentState => {
  if (event.type === 'IncidentRecorded') {
    const { vehicle, park, kind, factHash } = event.data;
    const content = { vehicle, park, kind, factHash, ...changing(event.data) };
    return { ...content, phase: 'recorded', when: event.when };
  }
  if (state.phase === 'unknown') return state;
  switch (event.type) {
    case 'IncidentAmended':
      return { ...state, ...changing(event.data), when: event.when };
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
