import type { Either } from 'fp-ts/lib/Either.js';
import type { Closing } from '#commands/finance/closePeriod.ts';
import type { RateMissing } from '#commands/finance/rates.ts';
import type { RegisterParts } from '#commands/investors/register.ts';
import type { Unavailable } from '#commands/ports.ts';
import type { Request } from '#commands/workspace.ts';
import type { Period } from '#domain/finance/period.ts';
import type { PartyId, RunId, Tenant } from '#domain/kernel/ids.ts';
import type { Currency } from '#domain/kernel/money.ts';
import type { RunKind } from '#domain/runs/events.ts';
import type { OpenLine } from '#domain/runs/lines/openLine.ts';
import type { KnownPark } from './slot.ts';

/** The kinds of runs that hide none of their lines. */
export type OpenKind = Exclude<RunKind, 'payout'>;

/** What runs of every kind are reckoned with. */
export interface RunParts extends RegisterParts {
  readonly closing: Closing;
}

/** Which month of which park is to be reckoned, and for which party, if it is for one. */
export interface OpenRunOf extends KnownPark {
  readonly period: Period;
  readonly payee: PartyId | null;
}

/** Why a run of open lines cannot be reckoned. */
export type ReckonRefusal =
  | { readonly code: 'Behind' }
  | { readonly code: 'PeriodOpen'; readonly period: Period }
  | { readonly code: 'PeriodNotOver'; readonly period: Period }
  | { readonly code: 'LaterRunPosted'; readonly run: RunId }
  | { readonly code: 'PayoutRunMissing'; readonly period: Period }
  | { readonly code: 'ForeignCurrency'; readonly expected: Currency }
  | RateMissing
  | { readonly code: 'PayeeMissing' }
  | { readonly code: 'PartyUnknown'; readonly party: PartyId };

type Answer<Result> = Promise<Either<ReckonRefusal | Unavailable, Result>>;

/**
 * How runs of a kind are reckoned: from facts, in an order that follows from them alone, and the same however
 * often it is done. Each line names what it rests on by a digest. `version` changes with the way to reckon.
 */
export interface Reckoner {
  readonly version: number;
  readonly reckon: (tenant: Tenant, of: OpenRunOf) => Answer<readonly OpenLine[]>;
}

/** What has to be done before a run of a kind holds; most need nothing. */
export type BeforePosting<Failure> = (
  request: Request,
  of: OpenRunOf,
  lines: readonly OpenLine[],
) => Promise<Either<Failure, unknown>>;
