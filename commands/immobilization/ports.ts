import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Unavailable } from '#commands/ports.ts';
import type { Relay } from '#commands/relay.ts';
import type { ImmobilizationRules } from '#domain/immobilization/rules.ts';
import type { Sighting } from '#domain/immobilization/stillness.ts';
import type { RelayMethod } from '#domain/immobilization/words.ts';
import type { JobId, Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';

/** A job that somebody has to drive. The vehicle is in its id. */
export interface QueuedJob {
  readonly tenant: Tenant;
  readonly job: JobId;
}

/**
 * A job taken from the queue. `version` tells whether it was put again meanwhile, `lease` whether it is
 * still ours.
 */
export interface ClaimedJob extends QueuedJob {
  readonly version: number;
  readonly lease: string;
}

/**
 * The jobs that are to be driven, each with when next. It outlives the process, and hands a job to one
 * owner at a time; times are the queue's own, so that no clock of ours matters.
 */
export interface JobQueue {
  /**
   * Has a job driven at once, and before all others where it is urgent. Put again while somebody drives it,
   * it is driven once more right after.
   */
  readonly put: (job: QueuedJob & { readonly urgent: boolean }) => TaskEither<Unavailable, null>;
  /** Takes jobs that are due, for so many seconds; those of an owner who died come back after that. */
  readonly claim: (wanted: {
    readonly jobs_max: number;
    readonly lease_s: number;
  }) => TaskEither<Unavailable, readonly ClaimedJob[]>;
  /** Keeps jobs for so many seconds more. */
  readonly renew: (jobs: readonly ClaimedJob[], lease_s: number) => TaskEither<Unavailable, null>;
  /** Gives a job back, to be driven in so many seconds, or at once where it was put meanwhile. */
  readonly postpone: (job: ClaimedJob, in_s: number) => TaskEither<Unavailable, null>;
  /** Takes a job off the queue, unless it was put meanwhile. */
  readonly remove: (job: ClaimedJob) => TaskEither<Unavailable, null>;
  /** How many there are. */
  readonly size: () => TaskEither<Unavailable, number>;
}

/** What devices told of vehicles lately, oldest first, with the no-stop zone that each was in. */
export interface Sightings {
  readonly since: (asked: {
    readonly tenant: Tenant;
    readonly job: JobId;
    readonly from: Instant;
    readonly noStop: ImmobilizationRules['no_stop'];
  }) => TaskEither<Unavailable, readonly Sighting[]>;
}

/** The relays there are, each by its method; null: none of it is configured. */
export type RelayOf = (method: RelayMethod) => Relay | null;
