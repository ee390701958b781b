import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Instant } from '#domain/kernel/instant.ts';
import type { Unavailable } from './ports.ts';

/**
 * What may be asked of the device in a vehicle: to block or release the engine, or to tell its position.
 */
export type RelayAction = 'block' | 'release' | 'query_position';

/**
 * The device as the relay knows it, by the installation record. `output` is the output, counted from 1,
 * that blocks; `blocksWhenOn` says whether on or off is blocked.
 */
export interface RelayUnit {
  readonly unit: string;
  readonly output: number;
  readonly blocksWhenOn: boolean;
}

/**
 * One order. `queue_s`: how long it may wait at the relay at most; after that it must never be carried out.
 */
export interface RelayOrder {
  readonly to: RelayUnit;
  readonly action: RelayAction;
  readonly queue_s: number;
}

/** Certainly not given to the device, now or later. `again`: whether the same order may succeed later. */
export interface NotDelivered {
  readonly code: 'NotDelivered';
  readonly reason: string;
  readonly again: boolean;
}

/** Whether the order has reached the relay cannot be told: it must not be sent again unseen. */
export interface Ambiguous {
  readonly code: 'Ambiguous';
  readonly reason: string;
}

/**
 * What is known of an order since it was sent. `record`: the relay's own account, `none` where it has none
 * (which proves nothing), `not_executed` where it says that it gave up. `answer`: what the device said in
 * words. `output`: what the device last told of its output, at a time by its clock that is not before the
 * order. `connected`: null where the relay cannot tell.
 */
export interface RelayTrace {
  readonly record:
    | { readonly kind: 'none' }
    | { readonly kind: 'waiting' }
    | { readonly kind: 'executed'; readonly at: Instant }
    | { readonly kind: 'not_executed'; readonly at: Instant };
  readonly answer: {
    readonly kind: 'done' | 'refused_fix' | 'refused_speed' | 'unrecognised';
    readonly at: Instant;
  } | null;
  readonly output: { readonly blocked: boolean; readonly at: Instant } | null;
  readonly connected: boolean | null;
}

/**
 * A way to the devices in vehicles. `send` gives an order at most once and never repeats it of its own
 * accord; right: the relay has taken it, which is not that the device has done it. `trace` asks what became
 * of the last order of that action to that unit which was sent at `since` or after, by our clock.
 */
export interface Relay {
  readonly send: (order: RelayOrder) => TaskEither<NotDelivered | Ambiguous, null>;
  readonly trace: (question: {
    readonly to: RelayUnit;
    readonly action: RelayAction;
    readonly since: Instant;
  }) => TaskEither<Unavailable, RelayTrace>;
  readonly close: () => Promise<void>;
}
