import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { PiiDigest } from '#domain/kernel/event.ts';
import type { CommandId, DocumentId, DriverId, ParkId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { decideErasure, type ErasedData } from '#domain/privacy/erasure.ts';
import {
  contentOf,
  type DocumentContent,
  type DriverEvent,
  type DriverFile,
  type DriverState,
  evolveDriver,
  type Source,
} from './driverState.ts';
import {
  type DeactivationReason,
  DriverBankAccountChanged,
  DriverClaimAbandoned,
  DriverDeactivated,
  DriverDetailsChanged,
  DriverDocumentRecorded,
  DriverDocumentWithdrawn,
  DriverMoved,
  DriverRated,
  DriverReactivated,
  DriverRegistered,
  type FeedbackTopic,
  PeerFeedbackGiven,
} from './events.ts';
import { decideLockout, type LockoutCommand, type LockoutRefusal } from './lockout.ts';

type Reason = z.infer<typeof DeactivationReason>;
type Pii = { readonly pii: readonly PiiDigest[] };

interface Feedback {
  readonly by: DriverId;
  readonly score: number;
  readonly topics: readonly z.infer<typeof FeedbackTopic>[];
}

type Ask<Type extends string, Body = unknown> = Body & {
  readonly type: Type;
  readonly driver: DriverId;
  readonly when: Moment;
};

/**
 * What one may ask of a driver's file. `operation` is the command that a claim was taken for; the zone of
 * RegisterDriver and MoveDriver is that of the park; scores go from 1 (worst) to 5.
 */
export type DriverCommand =
  | Ask<'RegisterDriver', Pii & { readonly park: ParkId; readonly operation: CommandId }>
  | Ask<'ChangeDriverDetails', Pii>
  | Ask<'ChangeDriverBankAccount', Pii>
  | Ask<'MoveDriver', { readonly to: ParkId }>
  | Ask<'RecordDriverDocument', Pii & DocumentContent & { readonly document: DocumentId }>
  | Ask<'WithdrawDriverDocument', { readonly document: DocumentId; readonly reason: string }>
  | Ask<'RateDriver', { readonly source: Source; readonly score: number }>
  | Ask<'GivePeerFeedback', Feedback>
  | Ask<'DeactivateDriver', { readonly reason: Reason }>
  | Ask<'ReactivateDriver'>
  | Ask<'AbandonClaim', { readonly operation: CommandId; readonly reason: string }>
  | LockoutCommand
  | Ask<'EraseDriver', ErasedData>;
type The<Type extends DriverCommand['type']> = Extract<DriverCommand, { type: Type }>;

/** Why a driver's file may say no. An erased driver is neither reactivated nor known any better. */
export type DriverRefusal =
  | { readonly code: 'DriverUnknown'; readonly driver: DriverId }
  | { readonly code: 'DriverAlreadyRegistered'; readonly driver: DriverId }
  | { readonly code: 'DriverErased'; readonly driver: DriverId }
  | { readonly code: 'OperationAbandoned'; readonly operation: CommandId }
  | { readonly code: 'DocumentUnknown'; readonly document: DocumentId }
  | { readonly code: 'DocumentAlreadyRecorded'; readonly document: DocumentId }
  | { readonly code: 'DocumentDatesReversed'; readonly document: DocumentId }
  | LockoutRefusal
  | { readonly code: 'FeedbackOnOneself'; readonly driver: DriverId };

type Decision = Either<DriverRefusal, readonly DriverEvent[]>;
const nothing: Decision = right([]);

const register = (command: The<'RegisterDriver'>, state: DriverState): Decision => {
  const { driver, park, operation, pii, when } = command;
  if (state.abandoned.has(operation)) return left({ code: 'OperationAbandoned', operation });
  if (state.phase !== 'unknown') {
    return state.park === park ? nothing : left({ code: 'DriverAlreadyRegistered', driver });
  }
  return right([fact(DriverRegistered, when, { driver, park }, pii)]);
};

const abandon = (command: The<'AbandonClaim'>, { abandoned }: DriverState): Decision => {
  const { driver, operation, reason, when } = command;
  if (abandoned.has(operation)) return nothing;
  return right([fact(DriverClaimAbandoned, when, { driver, operation, reason })]);
};

const changeDetails = (command: The<'ChangeDriverDetails'>, file: DriverFile): Decision => {
  const { driver, pii, when } = command;
  if (file.erasure) return left({ code: 'DriverErased', driver });
  if (pii.every(({ digest }) => file.details.has(digest))) return nothing;
  return right([fact(DriverDetailsChanged, when, { driver, park: file.park }, pii)]);
};

const changeAccount = (command: The<'ChangeDriverBankAccount'>, file: DriverFile): Decision => {
  const { driver, pii, when } = command;
  if (file.erasure) return left({ code: 'DriverErased', driver });
  if (pii.every(({ digest }) => file.account.has(digest))) return nothing;
  return right([fact(DriverBankAccountChanged, when, { driver, park: file.park }, pii)]);
};

const recordDocument = (command: The<'RecordDriverDocument'>, file: DriverFile): Decision => {
  const { driver, document, validFrom, expiresOn, pii, when } = command;
  const content = contentOf(command);
  const known = file.documents.get(document);
  if (known) {
    const isSame = canonicalJson(contentOf(known)) === canonicalJson(content);
    return isSame ? nothing : left({ code: 'DocumentAlreadyRecorded', document });
  }
  if (file.erasure) return left({ code: 'DriverErased', driver });
  if (validFrom !== null && expiresOn !== null && expiresOn < validFrom) {
    return left({ code: 'DocumentDatesReversed', document });
  }
  const data = { driver, park: file.park, document, ...content };
  return right([fact(DriverDocumentRecorded, when, data, pii)]);
};

const withdrawDocument = (command: The<'WithdrawDriverDocument'>, file: DriverFile): Decision => {
  const { driver, document, reason, when } = command;
  const known = file.documents.get(document);
  if (!known) return left({ code: 'DocumentUnknown', document });
  if (known.withdrawn) return nothing;
  const data = { driver, park: file.park, document, reason };
  return right([fact(DriverDocumentWithdrawn, when, data)]);
};

const giveFeedback = (command: The<'GivePeerFeedback'>, { park }: DriverFile): Decision => {
  const { driver, by, score, when } = command;
  if (by === driver) return left({ code: 'FeedbackOnOneself', driver });
  const topics = [...new Set(command.topics)];
  return right([fact(PeerFeedbackGiven, when, { driver, park, by, score, topics })]);
};

const decide = (command: DriverCommand, state: DriverState): Decision => {
  if (command.type === 'RegisterDriver') return register(command, state);
  if (command.type === 'AbandonClaim') return abandon(command, state);
  const { driver, when } = command;
  if (state.phase === 'unknown') return left({ code: 'DriverUnknown', driver });
  const { park, inactive } = state;
  switch (command.type) {
    case 'ChangeDriverDetails':
      return changeDetails(command, state);
    case 'ChangeDriverBankAccount':
      return changeAccount(command, state);
    case 'MoveDriver':
      if (command.to === park) return nothing;
      return right([fact(DriverMoved, when, { driver, from: park, to: command.to })]);
    case 'RecordDriverDocument':
      return recordDocument(command, state);
    case 'WithdrawDriverDocument':
      return withdrawDocument(command, state);
    case 'RateDriver': {
      const { source, score } = command;
      return right([fact(DriverRated, when, { driver, park, source, score })]);
    }
    case 'GivePeerFeedback':
      return giveFeedback(command, state);
    case 'DeactivateDriver':
      if (inactive?.reason === command.reason) return nothing;
      return right([fact(DriverDeactivated, when, { driver, park, reason: command.reason })]);
    case 'ReactivateDriver':
      if (!inactive) return nothing;
      if (state.erasure) return left({ code: 'DriverErased', driver });
      return right([fact(DriverReactivated, when, { driver, park })]);
    case 'EraseDriver':
      return right(decideErasure({ kind: 'driver', id: driver }, command, state.erasure));
    case 'LockOutDriver':
    case 'LiftLockout':
      return decideLockout(command, state);
    default:
      return unreachable(command);
  }
};

/** One driver, from registration to erasure: details, documents, ratings, and whether active. */
export const driverDecider: Decider<DriverCommand, DriverEvent, DriverState, DriverRefusal> = {
  initial: { phase: 'unknown', abandoned: new Set() },
  decide,
  evolve: evolveDriver,
};
