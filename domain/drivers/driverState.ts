import type { z } from 'zod';
import { unreachable } from '#domain/kernel/decider.ts';
import type { CommandId, Digest, DocumentId, ParkId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import type { Fact } from '#domain/kernel/registry.ts';
import { type Erasure, erasureAfter } from '#domain/privacy/erasure.ts';
import type { SubjectErased } from '#domain/privacy/events.ts';
import type {
  DeactivationReason,
  DriverDocumentKind,
  DriverFileEvent,
  DriverRegistered,
} from './events.ts';
import { evolveLockouts, type Lockouts } from './lockout.ts';

/** Who rates a driver, besides other drivers. */
export type Source = 'operator' | 'customer';

/** What a document says of itself. A date is null where it bears none. */
export interface DocumentContent {
  readonly kind: z.infer<typeof DriverDocumentKind>;
  readonly digest: Digest;
  readonly validFrom: LocalDate | null;
  readonly expiresOn: LocalDate | null;
}

/** A document on file. A withdrawn document counts no more. */
type DriverDocument = DocumentContent & { readonly withdrawn: boolean };

/** Scores added up and counted. */
type Tally = { readonly sum: number; readonly count: number };

/**
 * A registered driver. `zone` is the park's, `details` the digests of the newest name and
 * contact, `account` those of where the driver is paid. `inactive`
 * is null while the driver may take vehicles.
 */
export interface DriverFile {
  readonly phase: 'registered';
  readonly park: ParkId;
  readonly zone: Zone;
  readonly registeredAt: Instant;
  readonly details: ReadonlySet<Digest>;
  readonly account: ReadonlySet<Digest>;
  readonly inactive: {
    readonly reason: z.infer<typeof DeactivationReason>;
    readonly since: Instant;
  } | null;
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

/** What a document says of itself, and nothing else that it came with. */
export const contentOf = (document: DocumentContent): DocumentContent => {
  const { kind, digest, validFrom, expiresOn } = document;
  return { kind, digest, validFrom, expiresOn };
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
  account: new Set(),
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
    case 'DriverBankAccountChanged':
      return { ...file, account: digests(event) };
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

/** Folds one event of a driver's file into what is known of the driver. */
export const evolveDriver = (state: DriverState, event: DriverEvent): DriverState => {
  if (event.type === 'DriverRegistered') return opened(event, state);
  if (event.type === 'DriverClaimAbandoned') {
    return { ...state, abandoned: new Set(state.abandoned).add(event.data.operation) };
  }
  return state.phase === 'unknown' ? state : amended(state, event);
};
