import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { z } from 'zod';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import type { PiiDigest } from '#domain/kernel/event.ts';
import type { CommandId, Digest, DocumentId, DriverId, ParkId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate, Moment, Zone } from '#domain/kernel/instant.ts';
import { type Fact, fact } from '#domain/kernel/registry.ts';
import {
  decideErasure,
  type ErasedData,
  type Erasure,
  erasureAfter,
} from '#domain/privacy/erasure.ts';
import type { SubjectErased } from '#domain/privacy/events.ts';
import {
  type DeactivationReason,
  DriverClaimAbandoned,
  DriverDeactivated,
  DriverDetailsChanged,
  type DriverDocumentKind,
  DriverDocumentRecorded,
  DriverDocumentWithdrawn,
  type DriverFileEvent,
  DriverMoved,
  DriverRated,
  DriverReactivated,
  DriverRegistered,
  type FeedbackTopic,
  PeerFeedbackGiven,
} from './events.ts';
import {
  decideLockout,
  evolveLockouts,
  type LockoutCommand,
  type LockoutRefusal,
  type Lockouts,
} from './lockout.ts';

type Reason = z.infer<typeof DeactivationReason>;
type Source = 'operator' | 'customer';

type Pii = { readonly pii: readonly PiiDigest[] };

interface DocumentContent {
  readonly kind: z.infer<typeof DriverDocumentKind>;
  readonly digest: Digest;
  readonly validFrom: LocalDate | null;
  readonly expiresOn: LocalDate | null;
}

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

/** A document on file. A date is null where the document bears none; a withdrawn document counts no more. */
type DriverDocument = DocumentContent & { readonly withdrawn: boolean };

/** Scores added up and counted. */
type Tally = { readonly sum: number; readonly count: number };

/**
 * A registered driver. `zone` is the park's, `details` the digests of the newest name and contact. `inactive`
 * is null while the driver may take vehicles.
 */
interface DriverFile {
  readonly phase: 'registered';
  readonly park: ParkId;
  readonly zone: Zone;
  readonly registeredAt: Instant;
  readonly details: ReadonlySet<Digest>;
  readonly inactive: { readonly reason: Reason; readonly since: Instant } | null;
  readonly documents: ReadonlyMap<DocumentId, DriverDocument>;
  readonly ratings: Readonly<Record<Source | 'peer', Tally>>;
  readonly lockouts: Lockouts;
  readonly erasure: Erasure;
  readonly abandoned: ReadonlySet<CommandId>;
}

/** What is known of a driver. An operation may be abandoned before there is a driver. */
export type DriverState =
  | { readonly phase: 'unknown'; readonly abandoned: ReadonlySet<CommandId> }
  | DriverFile;

/** All that a driver's stream holds. */
export type DriverEvent = DriverFileEvent | Fact<typeof SubjectErased>;

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

const contentOf = (document: DocumentContent): DocumentContent => {
  const { kind, digest, validFrom, expiresOn } = document;
  return { kind, digest, validFrom, expiresOn };
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

const none: Tally = { sum: 0, count: 0 };
const digests = (event: DriverEvent) => new Set(event.pii.map(({ digest }) => digest));

const rated = (file: DriverFile, by: Source | 'peer', score: number): DriverFile => {
  const { sum, count } = file.ratings[by];
  return { ...file, ratings: { ...file.ratings, [by]: { sum: sum + score, count: count + 1 } } };
};

const documented = (file: DriverFile, id: DocumentId, document: DriverDocument): DriverFile => ({
  ...file,
  documents: new Map(file.documents).set(id, document),
});

const opened = (event: Fact<typeof DriverRegistered>, { abandoned }: DriverState): DriverFile => ({
  phase: 'registered',
  park: event.data.park,
  zone: event.when.zone,
  registeredAt: event.when.at,
  details: digests(event),
  inactive: null,
  documents: new Map(),
  ratings: { operator: none, customer: none, peer: none },
  lockouts: new Map(),
  erasure: null,
  abandoned,
});

type Amendment = Exclude<DriverEvent, { type: 'DriverRegistered' | 'DriverClaimAbandoned' }>;

const amended = (file: DriverFile, event: Amendment): DriverFile => {
  switch (event.type) {
    case 'DriverDetailsChanged':
      return { ...file, details: digests(event) };
    case 'DriverMoved':
      return { ...file, park: event.data.to, zone: event.when.zone };
    case 'DriverDocumentRecorded':
      return documented(file, event.data.document, { ...contentOf(event.data), withdrawn: false });
    case 'DriverDocumentWithdrawn': {
      const known = file.documents.get(event.data.document);
      return known ? documented(file, event.data.document, { ...known, withdrawn: true }) : file;
    }
    case 'DriverRated':
      return rated(file, event.data.source, event.data.score);
    case 'PeerFeedbackGiven':
      return rated(file, 'peer', event.data.score);
    case 'DriverDeactivated':
      return { ...file, inactive: { reason: event.data.reason, since: event.when.at } };
    case 'DriverReactivated':
      return { ...file, inactive: null };
    case 'SubjectErased':
      return { ...file, erasure: erasureAfter(file.erasure, event) };
    case 'DriverLockedOut':
    case 'DriverLockoutLifted':
      return { ...file, lockouts: evolveLockouts(file.lockouts, event) };
    default:
      return unreachable(event);
  }
};

const evolve = (state: DriverState, event: DriverEvent): DriverState => {
  if (event.type === 'DriverRegistered') return opened(event, state);
  if (event.type === 'DriverClaimAbandoned') {
    return { ...state, abandoned: new Set(state.abandoned).add(event.data.operation) };
  }
  return state.phase === 'unknown' ? state : amended(state, event);
};

/** One driver, from registration to erasure: details, documents, ratings, and whether active. */
export const driverDecider: Decider<DriverCommand, DriverEvent, DriverState, DriverRefusal> = {
  initial: { phase: 'unknown', abandoned: new Set() },
  decide,
  evolve,
};
