import { z } from 'zod';
import { Code } from '#domain/kernel/fields.ts';
import { ActorId, ParkId } from '#domain/kernel/ids.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { parkKey, rulesKey, subjects } from '#domain/kernel/subjects.ts';
import { ImmobilizationRules } from './rules.ts';

export const ImmobilizationRulesPublished = eventType({
  type: 'ImmobilizationRulesPublished',
  about:
    'From the time of this event on engines are blocked by these rules: in a park, or, `park` being null, in every park that has none of its own.',
  data: z.strictObject({
    user: ActorId,
    park: ParkId.nullable(),
    version: z.int().min(1),
    rules: ImmobilizationRules,
  }),
  subjects: ({ park }) =>
    subjects(
      rulesKey(park === null ? 'immobilization' : `immobilization-${park}`),
      park && parkKey(park),
    ),
});

export const NewBlocksSwitched = eventType({
  type: 'NewBlocksSwitched',
  about:
    'Whether new blocks are allowed from now on; of tenant `platform`, for everybody. Releases always are.',
  data: z.strictObject({ user: ActorId, allowed: z.boolean(), reason: Code }),
  subjects: () => subjects(rulesKey('new-blocks')),
});

export const immobilizationRuleEvents = [ImmobilizationRulesPublished, NewBlocksSwitched] as const;
export type RulesEvent = Fact<typeof ImmobilizationRulesPublished>;
export type SwitchEvent = Fact<typeof NewBlocksSwitched>;
