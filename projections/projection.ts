import type { z } from 'zod';
import type { LedgerFact } from '#domain/events.ts';
import type { Actor } from '#domain/kernel/event.ts';
import type { EventId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';

/**
 * What a projection sees of a stored event. `position` is its place in the log and `recordedAt` the running
 * maximum of the store's clock up to there: together they say what was known when.
 */
export interface ProjectedEvent {
  readonly id: EventId;
  readonly tenant: Tenant;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly recordedAt: Instant;
  readonly actor: Actor;
  readonly keys: readonly SubjectKey[];
  readonly fact: LedgerFact;
}

/** A column for look-ups, taken out of the row's JSON: the path to a value, and what it is. */
export interface LookupColumn {
  readonly path: readonly string[];
  readonly type: 'text' | 'bigint' | 'timestamptz' | 'date';
}

/**
 * A read model as data: which events it is made of, which rows an event touches, and what becomes of a row.
 * `evolve` is pure; null is a row that is not there. Rows are JSON (64-bit integers as decimal strings), one
 * per tenant and key. Another meaning of the rows is another `version`, which is filled from the log beside
 * the old one.
 */
export interface Projection<Row> {
  readonly name: string;
  readonly version: number;
  readonly row: z.ZodType<Row>;
  readonly handles: readonly LedgerFact['type'][] | 'all';
  readonly keys: (event: ProjectedEvent) => readonly string[];
  readonly evolve: (row: Row | null, event: ProjectedEvent, key: string) => Row | null;
  /**
   * A subject whose history holds every event of the row with that key: where `explain` and the sampler look.
   */
  readonly subject: (key: string) => SubjectKey;
  readonly columns: Readonly<Record<string, LookupColumn>>;
  readonly indexes: readonly (readonly string[])[];
}

/** A projection of whatever rows: rows go through its own schema on their way in and out. */
// biome-ignore lint/suspicious/noExplicitAny: a list of projections holds rows of every shape.
export type AnyProjection = Projection<any>;
