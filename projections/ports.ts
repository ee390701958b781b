import type { Either } from 'fp-ts/lib/Either.js';
import type { Sql } from 'postgres';
import type { EventId, Tenant } from '#domain/kernel/ids.ts';

/** The database of the read models: connections on which 64-bit integers are bigints. */
export type Database = Sql<{ bigint: bigint }>;

/** The most events that a source hands over at once. */
export const READ_EVENTS_MAX = 5_000;

/**
 * An event as the log holds it, undecoded. `position` orders all events; `rawTime_ms` is the store's clock in
 * milliseconds since 1970, which may step back; `text` is the event's canonical text.
 */
export interface RecordedEvent {
  readonly position: bigint;
  readonly revision: bigint;
  readonly stream: string;
  readonly type: string;
  readonly rawTime_ms: number;
  readonly text: string;
}

/** The log cannot be read at the moment. */
export interface SourceUnavailable {
  readonly code: 'Unavailable';
  readonly detail: string;
}

type Answer<T> = () => Promise<Either<SourceUnavailable, T>>;

/** What projections need of the log: reading it in order, following it, and knowing where it ends. */
export interface EventSource {
  /** Up to `limit` (at most 5,000) events behind a position (null: from the start), in total order. */
  readonly readAll: (request: {
    readonly after: bigint | null;
    readonly limit: number;
  }) => Answer<readonly RecordedEvent[]>;
  /** Every event behind a position, for ever and in order, until `signal` fires; outages are waited out. */
  readonly subscribe: (request: {
    readonly after: bigint | null;
    readonly signal: AbortSignal;
  }) => AsyncIterable<{ readonly events: readonly RecordedEvent[]; readonly caughtUp: boolean }>;
  /** The position of the last event, null while there is none. */
  readonly head: () => Answer<bigint | null>;
}

/** A row of a read model by name. */
export interface RowAddress {
  readonly readModel: string;
  readonly tenant: Tenant;
  readonly key: string;
}

/**
 * What the machinery has seen, for metrics, logs and alarms. `lag_ms` is the age of the last event of a
 * batch, by the store's clock, at the moment its effect could be read.
 */
export type Sighting =
  | {
      readonly type: 'batch';
      readonly readModel: string;
      readonly events: number;
      readonly rows: number;
      readonly batch_ms: number;
      readonly lag_ms: number;
      readonly position: bigint;
    }
  | ({ readonly type: 'parked'; readonly event: EventId; readonly reason: string } & RowAddress)
  | ({ readonly type: 'released' } & RowAddress)
  | { readonly type: 'halted'; readonly readModel: string; readonly reason: string }
  | { readonly type: 'resumed'; readonly readModel: string }
  | { readonly type: 'overtaken'; readonly readModel: string }
  | { readonly type: 'restarted'; readonly detail: string; readonly wait_ms: number }
  | ({ readonly type: 'drifted'; readonly position: bigint } & RowAddress)
  | { readonly type: 'sampled'; readonly readModel: string; readonly rows: number };

/** Told of everything that is seen; given by main. Must neither throw nor take long. */
export type Observe = (sighting: Sighting) => void;
