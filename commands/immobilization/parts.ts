import type { Either } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { RelayOf, Sightings } from './ports.ts';

/** Something that happened to a job, for metrics and logs; durations in milliseconds. */
export type JobSighting =
  | { readonly type: 'clock'; readonly clock: Clock; readonly took_ms: number }
  | { readonly type: 'ended'; readonly status: string; readonly code: string }
  | { readonly type: 'doubted'; readonly doubts: readonly string[] }
  | { readonly type: 'failed'; readonly code: string };

/**
 * The four clocks of a block: from when it could be sent to dispatch, from there until the relay took it,
 * the device did it, and its output showed it.
 */
export type Clock = 'decision' | 'accepted' | 'executed' | 'confirmed';

/** What driving jobs works with. `monotonic_ms` only goes forward, whatever is done to the clock. */
export interface DrivingParts {
  readonly workspace: Pick<Workspace, 'load' | 'submit' | 'now'>;
  readonly sightings: Sightings;
  readonly relayOf: RelayOf;
  readonly newBlocksAllowed: (tenant: Tenant) => Promise<Either<Unavailable, boolean>>;
  readonly monotonic_ms: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly observe: (sighting: JobSighting) => void;
}

/** What is to become of a job that was driven: it is over, or to be driven again in so many seconds. */
export type Next = { readonly done: true } | { readonly done: false; readonly in_s: number };

export const over: Next = { done: true };
export const again = (in_s: number): Next => ({ done: false, in_s });
