import { type Either, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import type { Decider } from '#domain/kernel/decider.ts';
import type { ActorId, ParkId } from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  ImmobilizationRulesPublished,
  NewBlocksSwitched,
  type RulesEvent,
  type SwitchEvent,
} from './ruleEvents.ts';
import type { ImmobilizationRules } from './rules.ts';

interface PublishRules {
  readonly type: 'PublishImmobilizationRules';
  readonly user: ActorId;
  readonly park: ParkId | null;
  readonly rules: ImmobilizationRules;
  readonly when: Moment;
}

/** Rules of one park, or of a tenant: what was published last, in the order in which it became known. */
export interface PublishedRules {
  readonly version: number;
  readonly rules: ImmobilizationRules | null;
}

const same = (left: ImmobilizationRules, right_: ImmobilizationRules | null): boolean =>
  right_ !== null && canonicalJson(left) === canonicalJson(right_);

const publish = (
  { user, park, rules, when }: PublishRules,
  { version, rules: before }: PublishedRules,
): Either<never, readonly RulesEvent[]> => {
  if (same(rules, before)) return right([]);
  const data = { user, park, version: version + 1, rules };
  return right([fact(ImmobilizationRulesPublished, when, data)]);
};

/** The rules by which engines are blocked; they hold for whatever is asked after they were published. */
export const immobilizationRulesDecider: Decider<PublishRules, RulesEvent, PublishedRules, never> =
  {
    initial: { version: 0, rules: null },
    decide: publish,
    evolve: (_, { data: { version, rules } }) => ({ version, rules }),
  };

interface SwitchNewBlocks {
  readonly type: 'SwitchNewBlocks';
  readonly user: ActorId;
  readonly allowed: boolean;
  readonly reason: string;
  readonly when: Moment;
}

/** Whether new blocks are allowed, since when, and why. */
export interface NewBlocks {
  readonly allowed: boolean;
  readonly since: Instant | null;
  readonly reason: string | null;
}

/** The switch that stops new blocks; releases know nothing of it. */
export const newBlocksDecider: Decider<SwitchNewBlocks, SwitchEvent, NewBlocks, never> = {
  initial: { allowed: true, since: null, reason: null },
  decide: ({ user, allowed, reason, when }, state) =>
    allowed === state.allowed
      ? right([])
      : right([fact(NewBlocksSwitched, when, { user, allowed, reason })]),
  evolve: (_, { data: { allowed, reason }, when }) => ({ allowed, since: when.at, reason }),
};
