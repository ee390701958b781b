import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { Decider } from '#domain/kernel/decider.ts';
import type { PlanId } from '#domain/kernel/ids.ts';
import type { LocalDate, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { type PlanEvent, PlanPublished } from './events.ts';
import type { PlanTerms, PlanVersion } from './terms.ts';

/** Publishing terms of a plan, which hold from a local day on. */
export interface PublishPlan {
  readonly type: 'PublishPlan';
  readonly plan: string;
  readonly planId: PlanId;
  readonly effectiveFrom: LocalDate;
  readonly terms: PlanTerms;
  readonly when: Moment;
}

/** Terms may follow others, but neither replace them nor reach back: the day has to be after `since`. */
export type PlanRefusal = { readonly code: 'PlanOutdated'; readonly since: LocalDate };

/** Every version of a plan, in the order of the days on which they begin. */
export interface PlanState {
  readonly versions: readonly PlanVersion[];
}

const isSame = (last: PlanVersion, { effectiveFrom, terms }: PublishPlan): boolean =>
  last.effectiveFrom === effectiveFrom && canonicalJson(last.terms) === canonicalJson(terms);

const decide = (
  command: PublishPlan,
  { versions }: PlanState,
): Either<PlanRefusal, readonly PlanEvent[]> => {
  const { plan, planId, effectiveFrom, terms, when } = command;
  const last = versions.at(-1);
  if (last && isSame(last, command)) return right([]);
  if (last && effectiveFrom <= last.effectiveFrom) {
    return left({ code: 'PlanOutdated', since: last.effectiveFrom });
  }
  // Only the first version may reach back, to rentals that name a plan which nobody has written down yet:
  // a day that has begun has been charged.
  if (last && effectiveFrom <= when.localDate) {
    return left({ code: 'PlanOutdated', since: when.localDate });
  }
  const version = (last?.version ?? 0) + 1;
  return right([fact(PlanPublished, when, { plan, planId, version, effectiveFrom, terms })]);
};

/** A plan of the operator's price list, one version after another. */
export const planDecider: Decider<PublishPlan, PlanEvent, PlanState, PlanRefusal> = {
  initial: { versions: [] },
  decide,
  evolve: ({ versions }, { data: { plan, version, effectiveFrom, terms } }) => ({
    versions: [...versions, { plan, version, effectiveFrom, terms }],
  }),
};
