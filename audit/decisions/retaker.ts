import type { History } from '#domain/access/held.ts';
import type { LedgerFact } from '#domain/events.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { EventId, Tenant } from '#domain/kernel/ids.ts';
import type { StreamName } from '#domain/kernel/streams.ts';

/** A decision as the log holds it. */
export interface DecisionOnRecord<Fact extends LedgerFact = LedgerFact> {
  readonly id: EventId;
  readonly tenant: Tenant;
  readonly position: bigint;
  readonly fact: Fact;
}

/** A stream up to a revision in decimal digits, as it was seen; null: it was not there, and nothing is. */
export type ReadSeen = (stream: StreamName, revision: string | null) => Promise<History>;

/** What a decision comes to when it is taken again. */
export type Retaken =
  | { readonly same: true }
  | { readonly same: false; readonly recorded: unknown; readonly now: unknown };

/** How the decisions of one type of event are taken again; for events of any other type that is a bug. */
export interface Retaker {
  readonly type: LedgerFact['type'];
  readonly retake: (event: DecisionOnRecord, read: ReadSeen) => Promise<Retaken>;
}

/** Compares what was recorded with what comes out now, by their canonical texts. */
export const compared = (recorded: unknown, now: unknown): Retaken =>
  canonicalJson(recorded) === canonicalJson(now) ? { same: true } : { same: false, recorded, now };
