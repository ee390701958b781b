import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { Decider } from '#domain/kernel/decider.ts';
import type { ParkId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { type AccessRulesEvent, AccessRulesPublished } from './events.ts';
import type { AccessRules } from './rules.ts';

/** Publishing rules for a park, or, null, for every park that has none of its own. */
export interface PublishRules {
  readonly type: 'PublishAccessRules';
  readonly park: ParkId | null;
  readonly rules: AccessRules;
  readonly when: Moment;
}

/** The newest rules hold, so that some from before them come too late. */
export type RulesRefusal = { readonly code: 'RulesOutdated'; readonly since: Instant };

/** The rules that were published last; null before there are any. */
export interface RulesState {
  readonly last: {
    readonly version: number;
    readonly rules: AccessRules;
    readonly since: Instant;
  } | null;
}

const decide = (
  { park, rules, when }: PublishRules,
  { last }: RulesState,
): Either<RulesRefusal, readonly AccessRulesEvent[]> => {
  if (last !== null && when.at < last.since) {
    return left({ code: 'RulesOutdated', since: last.since });
  }
  if (last !== null && canonicalJson(last.rules) === canonicalJson(rules)) return right([]);
  const scope = park === null ? 'tenant' : 'park';
  const version = (last?.version ?? 0) + 1;
  return right([fact(AccessRulesPublished, when, { scope, park, version, rules })]);
};

/** Rules as they are published one after another, each with the next version. */
export const rulesDecider: Decider<PublishRules, AccessRulesEvent, RulesState, RulesRefusal> = {
  initial: { last: null },
  decide,
  evolve: (_, { data: { version, rules }, when }) => ({ last: { version, rules, since: when.at } }),
};
