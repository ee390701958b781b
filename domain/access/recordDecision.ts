import { type Either, right } from 'fp-ts/lib/Either.js';
import type { Decider } from '#domain/kernel/decider.ts';
import type { DecisionId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import type { AccessDecision } from './decideAccess.ts';
import { AccessDecided, type AccessDecisionEvent } from './events.ts';

/** A decision as it was taken, to be written down. */
export interface RecordDecision {
  readonly type: 'RecordDecision';
  readonly decided: AccessDecisionEvent['data'];
  readonly when: Moment;
}

/** Every decision on a driver that was written down, by its id. */
export interface DecisionsState {
  readonly decisions: ReadonlyMap<DecisionId, AccessDecision>;
}

const decide = (
  { decided, when }: RecordDecision,
  { decisions }: DecisionsState,
): Either<never, readonly AccessDecisionEvent[]> =>
  right(decisions.has(decided.decision) ? [] : [fact(AccessDecided, when, decided)]);

/** The decisions on a driver. What was decided stands: the same decision again is the first one. */
export const decisionsDecider: Decider<RecordDecision, AccessDecisionEvent, DecisionsState, never> =
  {
    initial: { decisions: new Map() },
    decide,
    evolve: ({ decisions }, { data: { decision, verdict, reasons } }) => ({
      decisions: new Map(decisions).set(decision, { verdict, reasons }),
    }),
  };
