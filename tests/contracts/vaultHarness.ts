import { randomBytes } from 'node:crypto';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import type { RetentionDays, SweptVault } from '#adapters/retention.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { PersonalEntry } from '#commands/ports.ts';
import { DriverId, EventId, Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { instant } from '#tests/support/samples.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A vault of one adapter, and the ways in which it goes wrong. */
export interface VaultHarness {
  /** A vault on the same data as all others that are opened here. */
  readonly open: (retention_days?: RetentionDays) => SweptVault;
  /** Says that the log has an event. */
  readonly log: (event: EventId) => void;
  /** The data is away until `up`. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export const start = instant('2026-03-02T08:00:00.000Z');

/** The instant that many milliseconds later. */
export const later = (at: Instant, ms: number): Instant => instantOf(epochMs(at) + ms);

/** A tenant, a person and an event that nobody else has. */
export const randomTenant = (): Tenant => Tenant.parse(`t${randomBytes(8).toString('hex')}`);
export const randomPerson = (): DriverId =>
  DriverId.parse(deriveUuid('test', randomBytes(16).toString('hex')));
export const randomEvent = (): EventId =>
  EventId.parse(deriveUuid('test', randomBytes(16).toString('hex')));

/** An entry of personal data. */
export const entry = (
  subject: string,
  kind: PersonalEntry['class'],
  data: PersonalEntry['data'],
): PersonalEntry => ({ subject, class: kind, data });

/** The result of what must succeed. */
export const rightOf = <Failure, Result>(either: Either<Failure, Result>): Result => {
  if (isLeft(either)) throw new Error(`refused: ${JSON.stringify(either.left)}`);
  return either.right;
};

/** What is kept of a person, by class. */
export const readAll = async (vault: SweptVault, tenant: Tenant, subject: string) =>
  Object.fromEntries(
    rightOf(await vault.read({ tenant, subject })()).map((kept) => {
      expect(kept.subject).toBe(subject);
      return [kept.class, kept.data];
    }),
  );
