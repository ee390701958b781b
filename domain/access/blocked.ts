import { isImmobilizationEvent } from '#domain/immobilization/events.ts';
import { evolveImmobilization, notImmobilized } from '#domain/immobilization/state.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { Held, History } from './held.ts';

/** Whether an engine is blocked, or may be, and the events that say so. */
export interface Blocked {
  readonly state: 'not_blocked' | 'blocked';
  readonly events: readonly Held[];
}

/**
 * Whether an engine was blocked, or may have been, at a moment, by the fold of its vehicle: not to be sure
 * that it is free is reason enough. The events are those since it was last known to be free that changed
 * what is known of it.
 */
export const blockedAt = (vehicle: History, at: Instant): Blocked => {
  let known = notImmobilized;
  let events: readonly Held[] = [];
  for (const each of vehicle) {
    const { fact } = each;
    if (fact.when.at > at || !isImmobilizationEvent(fact)) continue;
    const next = evolveImmobilization(known, fact);
    if (next.engine === 'free') events = [];
    else if (next.engine !== known.engine) events = [...events, each];
    known = next;
  }
  return { state: known.engine === 'free' ? 'not_blocked' : 'blocked', events };
};
