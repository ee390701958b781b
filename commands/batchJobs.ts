import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { Instant, Zone } from '#domain/kernel/instant.ts';
import type { Unavailable } from './ports.ts';

/**
 * Some work that is done in the background, once for its kind, tenant and key. `data` is what it needs to
 * find what it works on: ids and dates, and nothing personal.
 */
export interface BatchJob {
  readonly kind: string;
  readonly tenant: Tenant;
  readonly key: string;
  readonly data: Readonly<Record<string, string>>;
}

/**
 * Why a job was not done, as a code. `again`: whether it may succeed later; where not, or where it has failed
 * too often, it is dead until somebody has it done again.
 */
export interface JobFailure {
  readonly code: string;
  readonly again: boolean;
}

/**
 * Does a job. It may be asked for the same one again, after a failure or a death half-way, and must then go
 * on where it stopped, or do no harm. `signal` says that the time for it is over.
 */
export type BatchWork = (job: BatchJob, signal: AbortSignal) => Promise<Either<JobFailure, null>>;

/**
 * What is due at times by a clock, as `cron` says in five fields. A time at which nothing was running is not
 * made up for, so a tick puts whatever should be there by now: keys keep it from being done twice.
 */
export interface BatchSchedule {
  readonly name: string;
  readonly cron: string;
  readonly zone: Zone;
  readonly tick: () => Promise<void>;
}

/** A job that nobody tries any more, and the last reason. */
export interface DeadJob extends BatchJob {
  readonly id: string;
  readonly code: string;
  readonly attempts: number;
  readonly at: Instant;
}

/** How many jobs of a kind there are, by where they are. */
export interface JobCounts {
  readonly kind: string;
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly dead: number;
}

/** Work in the background that outlives the process. */
export interface BatchJobs {
  /** Has a job done, unless one of its kind, tenant and key is known: false. */
  readonly put: (job: BatchJob) => TaskEither<Unavailable, boolean>;
  /** The dead jobs of a tenant, those that died last first. */
  readonly dead: (asked: {
    readonly tenant: Tenant;
    readonly limit: number;
  }) => TaskEither<Unavailable, readonly DeadJob[]>;
  /** Has a dead job tried once more; false where the tenant has none of that id. */
  readonly replay: (asked: {
    readonly tenant: Tenant;
    readonly id: string;
  }) => TaskEither<Unavailable, boolean>;
  readonly counts: (tenant: Tenant) => TaskEither<Unavailable, readonly JobCounts[]>;
}
