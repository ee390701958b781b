import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { EventInvalid, LedgerEvent, PiiClass, PiiDigest } from '#domain/kernel/event.ts';
import type { Digest, EventId, PartyId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { Fence } from '#domain/parks/fence.ts';

/** The port cannot be reached or did not answer in time. What was asked for has certainly not been done. */
export interface Unavailable {
  readonly code: 'Unavailable';
  readonly detail: string;
}

/** Whether what was asked for has been done cannot be told. Only the very same request may be sent again. */
export interface Unknown {
  readonly code: 'Unknown';
  readonly detail: string;
}

/**
 * The stream is not where the writer believed; `actual` is its last revision, null where it does not exist.
 */
export interface Conflict {
  readonly code: 'Conflict';
  readonly actual: bigint | null;
}

export type AppendFailure = Conflict | Unavailable | Unknown | EventInvalid;

/** Where an append starts in a stream: nowhere yet, or right behind the event of that revision. */
export type ExpectedRevision = 'no_stream' | bigint;

export interface AppendRequest {
  readonly stream: StreamName;
  readonly expected: ExpectedRevision;
  readonly events: readonly LedgerEvent[];
}

/** Where the last event of an append came to lie. */
export interface Appended {
  readonly revision: bigint;
  readonly position: bigint;
}

/**
 * An event as the store holds it, undecoded. `position` orders all events, `revision` those of one stream,
 * from 0; `rawTime_ms` is the store's clock in milliseconds since 1970, which may step back; `text` is the
 * event's canonical text.
 */
export interface RecordedEvent {
  readonly position: bigint;
  readonly revision: bigint;
  readonly stream: string;
  readonly type: string;
  readonly rawTime_ms: number;
  readonly text: string;
}

/** Some events in order; `caughtUp` says that the reader then had everything there was. */
export interface EventBatch {
  readonly events: readonly RecordedEvent[];
  readonly caughtUp: boolean;
}

export const APPEND_EVENTS_MAX = 500;
export const READ_EVENTS_MAX = 5_000;

/**
 * The log. What every adapter must guarantee is told, and tested, in tests/contracts/eventStore.ts; in short:
 * an append is atomic, the same append again has the first one's result, order is total, and a reader that
 * has seen a position never later finds a new event at or before it.
 */
export interface EventStore {
  /**
   * Appends 1 to 500 events to one stream. The same ids at the same expected revision are the same append.
   */
  readonly append: (request: AppendRequest) => TaskEither<AppendFailure, Appended>;
  /**
   * Up to `limit` (at most 5,000) events of a stream from a revision on, oldest first; none where it does not
   * exist.
   */
  readonly readStream: (request: {
    readonly stream: StreamName;
    readonly from: bigint;
    readonly limit: number;
  }) => TaskEither<Unavailable, readonly RecordedEvent[]>;
  /**
   * Up to `limit` (at most 5,000) events of all streams behind a position (null: from the start), in total
   * order.
   */
  readonly readAll: (request: {
    readonly after: bigint | null;
    readonly limit: number;
  }) => TaskEither<Unavailable, readonly RecordedEvent[]>;
  /**
   * Every event behind a position, for ever, at least once and in order, until `signal` fires. Outages of the
   * store are waited out. The next batch is asked for only when the consumer comes back for it.
   */
  readonly subscribe: (request: {
    readonly after: bigint | null;
    readonly signal: AbortSignal;
  }) => AsyncIterable<EventBatch>;
  /** The position of the last event, null while there is none. */
  readonly head: () => TaskEither<Unavailable, bigint | null>;
  /** Lets go of connections; appends under way are waited for. */
  readonly close: () => Promise<void>;
}

/** One entry of personal data that a command wants kept, with the subject it is about. */
export interface PersonalEntry {
  readonly subject: string;
  readonly class: PiiClass;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An erasure that is held back until the end of a retention period. */
export interface ErasureHold {
  readonly class: PiiClass;
  readonly until: Instant;
}

/** The vault holds other data under the same event: the command was sent again with another content. */
export interface VaultMismatch {
  readonly code: 'VaultMismatch';
}

/**
 * Personal data, outside the log. An entry is written before the event that carries its digest; the same
 * event id again gives the same digest.
 */
export interface Vault {
  /**
   * Keeps entries under the id of the event that will name them; the digests come in the order of the
   * entries.
   */
  readonly put: (request: {
    readonly tenant: Tenant;
    readonly event: EventId;
    readonly entries: readonly PersonalEntry[];
    readonly at: Instant;
  }) => TaskEither<Unavailable | VaultMismatch, readonly PiiDigest[]>;
  /** What is kept of a subject, newest entry per class; classes that were erased are absent. */
  readonly read: (request: {
    readonly tenant: Tenant;
    readonly subject: string;
  }) => TaskEither<Unavailable, readonly PersonalEntry[]>;
  /** Destroys the keys of every class that no retention hold covers, and says which are held until when. */
  readonly erase: (request: {
    readonly tenant: Tenant;
    readonly subject: string;
    readonly at: Instant;
  }) => TaskEither<
    Unavailable,
    { readonly erased: readonly PiiClass[]; readonly held: readonly ErasureHold[] }
  >;
}

/**
 * The shapes of fences, outside the log. A shape is kept before the event that names it by its digest, which
 * is SHA-256 over its canonical JSON.
 */
export interface FenceShapes {
  /** Keeps shapes, and answers with their digests in that order. Kept twice it is kept once. */
  readonly keep: (
    tenant: Tenant,
    shapes: readonly Fence[],
  ) => TaskEither<Unavailable, readonly Digest[]>;
  /** The shapes of some digests; those that were never kept are left out. */
  readonly read: (
    tenant: Tenant,
    digests: readonly Digest[],
  ) => TaskEither<Unavailable, ReadonlyMap<Digest, Fence>>;
}

/** A business secret, of which the event that is to name it holds only a digest. */
export interface SealedEntry {
  readonly event: EventId;
  readonly entry: Readonly<Record<string, unknown>>;
}

/**
 * What the digests in the `sealed` field of events were taken over, outside the log: SHA-256 over 32 bytes of
 * salt and the entry's canonical JSON. An entry is kept before the event that names it. It is found by its
 * digest and not by its event, since a command that is decided anew may come to other entries under the same
 * event: what no event names is then of no account.
 */
export interface Openings {
  /**
   * Keeps entries; the digests come in their order. The same entry under the same event has the same digest
   * again.
   */
  readonly keep: (
    tenant: Tenant,
    entries: readonly SealedEntry[],
  ) => TaskEither<Unavailable, readonly Digest[]>;
  /** The entries of some digests; those that were never kept are left out. */
  readonly read: (
    tenant: Tenant,
    digests: readonly Digest[],
  ) => TaskEither<Unavailable, ReadonlyMap<Digest, SealedEntry['entry']>>;
  /** The entries that speak of a `party`, whether an event names them or not. */
  readonly ofParty: (
    tenant: Tenant,
    party: PartyId,
  ) => TaskEither<Unavailable, ReadonlyMap<Digest, SealedEntry['entry']>>;
}

/**
 * Keyed hashes of things that are claimed. A bare hash of a plate could be guessed; this cannot without the
 * key.
 */
export interface ClaimHash {
  /** 64 hexadecimal digits. The same kind and value give the same digits for ever. */
  readonly of: (claimed: { readonly kind: string; readonly value: string }) => string;
}
