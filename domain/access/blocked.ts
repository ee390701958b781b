import type { Instant } from '#domain/kernel/instant.ts';
import type { Held, History } from './held.ts';

/** Whether a vehicle is immobilized, and the events that say so. */
export interface Blocked {
  readonly state: 'not_blocked' | 'blocked';
  readonly events: readonly Held[];
}

/**
 * Whether a vehicle was immobilized at a moment, by its stream. No event says yet that one is: the one place
 * where those will be read.
 */
export const blockedAt = (_vehicle: History, _at: Instant): Blocked => ({
  state: 'not_blocked',
  events: [],
});
