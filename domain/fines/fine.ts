import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { type Attribution, isSameAttribution } from '#domain/kernel/attribution.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { Digest, EventId, FineId, ParkId, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { Currency, Money } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type DisputeReason,
  FineConfirmed,
  FineDisputed,
  type FineEvent,
  FineIssued,
  FinePaid,
  FineReattributed,
  FineVoided,
  type FineVoidReason,
} from './events.ts';

interface Content extends Attribution {
  readonly vehicle: VehicleId;
  readonly park: ParkId;
  readonly offence: string;
  readonly reference: string;
  readonly amount: Money;
  readonly points: number;
  readonly factHash: Digest;
}

interface Ask {
  readonly fine: FineId;
  readonly when: Moment;
}

type IssueFine = Ask & Content & { readonly type: 'IssueFine'; readonly parkCurrency: Currency };
type ReattributeFine = Ask &
  Attribution & { readonly type: 'ReattributeFine'; readonly basis: EventId };
type Proceed =
  | (Ask & { readonly type: 'DisputeFine'; readonly reason: z.infer<typeof DisputeReason> })
  | (Ask & { readonly type: 'ConfirmFine' })
  | (Ask & { readonly type: 'VoidFine'; readonly reason: z.infer<typeof FineVoidReason> })
  | (Ask & { readonly type: 'PayFine' });

/**
 * What one may ask of a fine. `when` of IssueFine is the time of the offence, `parkCurrency` the currency in
 * which the park keeps its books; `basis` is the fact that showed who really had the vehicle.
 */
export type FineCommand = IssueFine | ReattributeFine | Proceed;

/** How far a fine has got. */
type FinePhase = 'issued' | 'disputed' | 'confirmed' | 'paid' | 'voided';

/** Why a fine may say no. `phase` is the one it is in; nothing of it can be before `offenceAt`. */
export type FineRefusal =
  | { readonly code: 'FineUnknown'; readonly fine: FineId }
  | { readonly code: 'FineAlreadyIssued'; readonly fine: FineId }
  | { readonly code: 'ForeignCurrency'; readonly fine: FineId; readonly expected: Currency }
  | { readonly code: 'FinePhaseConflict'; readonly fine: FineId; readonly phase: FinePhase }
  | { readonly code: 'FactBeforeOffence'; readonly fine: FineId; readonly offenceAt: Instant };

/** A fine that was issued: its content, who bears it now, and when the offence happened. */
interface KnownFine extends Content {
  readonly phase: FinePhase;
  readonly when: Moment;
}

/** What is known of a fine. */
export type FineState = { readonly phase: 'unknown' } | KnownFine;

type Decision = Either<FineRefusal, readonly FineEvent[]>;
const nothing: Decision = right([]);

const leadsTo = {
  DisputeFine: 'disputed',
  ConfirmFine: 'confirmed',
  VoidFine: 'voided',
  PayFine: 'paid',
} as const;

/** A fine that was paid can still be voided; what was paid comes back through the books. */
const mayBecome: Readonly<Record<FinePhase, readonly FinePhase[]>> = {
  issued: ['disputed', 'confirmed', 'voided'],
  disputed: ['confirmed', 'voided'],
  confirmed: ['paid', 'voided', 'disputed'],
  paid: ['voided'],
  voided: [],
};

const issue = (command: IssueFine, state: FineState): Decision => {
  const { fine, vehicle, park, driver, rental, when, parkCurrency } = command;
  const { offence, reference, amount, points, factHash } = command;
  if (state.phase !== 'unknown') {
    return state.factHash === factHash ? nothing : left({ code: 'FineAlreadyIssued', fine });
  }
  if (amount.currency !== parkCurrency) {
    return left({ code: 'ForeignCurrency', fine, expected: parkCurrency });
  }
  const concerned = { fine, vehicle, park, driver, rental };
  const charged = { offence, reference, amount, points, factHash };
  return right([fact(FineIssued, when, { ...concerned, ...charged })]);
};

/** A voided fine burdens nobody, so it stays with whom it was. */
const reattribute = (command: ReattributeFine, state: KnownFine): Decision => {
  const { fine, driver, rental, basis, when } = command;
  if (state.phase === 'voided') return nothing;
  if (isSameAttribution(command, state)) return nothing;
  const { vehicle, park, driver: fromDriver } = state;
  return right([
    fact(FineReattributed, when, { fine, vehicle, park, driver, rental, fromDriver, basis }),
  ]);
};

const proceeded = (command: Proceed, state: KnownFine): FineEvent => {
  const { fine, when } = command;
  const { vehicle, park, driver, rental } = state;
  const concerned = { fine, vehicle, park, driver, rental };
  switch (command.type) {
    case 'DisputeFine':
      return fact(FineDisputed, when, { ...concerned, reason: command.reason });
    case 'ConfirmFine':
      return fact(FineConfirmed, when, concerned);
    case 'VoidFine':
      return fact(FineVoided, when, { ...concerned, reason: command.reason });
    case 'PayFine':
      return fact(FinePaid, when, concerned);
    default:
      return unreachable(command);
  }
};

const proceed = (command: Proceed, state: KnownFine): Decision => {
  const { phase } = state;
  const next = leadsTo[command.type];
  if (phase === next) return nothing;
  if (!mayBecome[phase].includes(next)) {
    return left({ code: 'FinePhaseConflict', fine: command.fine, phase });
  }
  return right([proceeded(command, state)]);
};

const decide = (command: FineCommand, state: FineState): Decision => {
  if (command.type === 'IssueFine') return issue(command, state);
  const { fine, when } = command;
  if (state.phase === 'unknown') return left({ code: 'FineUnknown', fine });
  const offenceAt = state.when.at;
  if (when.at < offenceAt) return left({ code: 'FactBeforeOffence', fine, offenceAt });
  return command.type === 'ReattributeFine' ? reattribute(command, state) : proceed(command, state);
};

const evolve = (state: FineState, event: FineEvent): FineState => {
  if (event.type === 'FineIssued') {
    const { fine: _, ...content } = event.data;
    return { ...content, phase: 'issued', when: event.when };
  }
  if (state.phase === 'unknown') return state;
  switch (event.type) {
    case 'FineDisputed':
      return { ...state, phase: 'disputed' };
    case 'FineConfirmed':
      return { ...state, phase: 'confirmed' };
    case 'FineVoided':
      return { ...state, phase: 'voided' };
    case 'FinePaid':
      return { ...state, phase: 'paid' };
    case 'FineReattributed':
      return { ...state, driver: event.data.driver, rental: event.data.rental };
    default:
      return unreachable(event);
  }
};

/** One fine, from the authority's letter to its payment or its end. */
export const fineDecider: Decider<FineCommand, FineEvent, FineState, FineRefusal> = {
  initial: { phase: 'unknown' },
  decide,
  evolve,
};
