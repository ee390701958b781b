import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Unavailable, Vault } from '#commands/ports.ts';
import type { PiiClass } from '#domain/kernel/event.ts';
import type { EventId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';

const DAY_MS = 86_400_000;

/**
 * How many days an entry of each class must be kept, counted from the newest of its class; 0: not at all.
 */
export type RetentionDays = Readonly<Record<PiiClass, number>>;

/**
 * Seven years, with two leap days, for documents. Source: Equinomix ERP Base Module, "Retention: logs & PII
 * stored ≥ 7 years", of which the right to be forgotten leaves the documents. Ten years, with three leap
 * days, for bank accounts, since they say to whom payments went. Source: § 147 AO (Germany), from general
 * knowledge; to be checked against the law in force. Nothing else is held back.
 */
export const DEFAULT_RETENTION_DAYS: RetentionDays = {
  identity: 0,
  contact: 0,
  vehicle_identity: 0,
  document: 7 * 365 + 2,
  bank_account: 10 * 365 + 3,
};

/** An entry whose event has not turned up by then never will. Source: design, section 9. */
export const ORPHAN_AGE_MS = DAY_MS;

/** What a sweep did: keys destroyed whose retention had ended, and entries dropped that no event names. */
export interface Swept {
  readonly erased: number;
  readonly orphans: number;
}

/** A vault that is to be swept from time to time, every hour or so. */
export interface SweptVault extends Vault {
  /**
   * Carries out the scheduled erasures that are due and drops orphans. Asked again, it goes on where it
   * was.
   */
  readonly sweep: (at: Instant) => TaskEither<Unavailable, Swept>;
  readonly close: () => Promise<void>;
}

/** Which of some events the log has. */
export type IsLogged = (events: readonly EventId[]) => Promise<ReadonlySet<string>>;

/** Until when a class is held back whose newest entry is that old; null if it may be erased at `at`. */
export const heldUntil = (
  retention_days: RetentionDays,
  kept: { readonly class: PiiClass; readonly newest: Instant | null },
  at: Instant,
): Instant | null => {
  const days = retention_days[kept.class];
  if (kept.newest === null || days === 0) return null;
  const until = instantOf(epochMs(kept.newest) + days * DAY_MS);
  return until > at ? until : null;
};
