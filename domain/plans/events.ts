import { z } from 'zod';
import { Reference } from '#domain/kernel/fields.ts';
import { PlanId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { planKey, subjects } from '#domain/kernel/subjects.ts';
import { PlanTerms } from './terms.ts';

export const PlanPublished = eventType({
  type: 'PlanPublished',
  about:
    'From the local day `effectiveFrom` on these terms hold for rentals that name the plan by its code, until a later version does.',
  data: z.strictObject({
    plan: Reference,
    planId: PlanId,
    version: z.int().min(1),
    effectiveFrom: LocalDate,
    terms: PlanTerms,
  }),
  subjects: ({ planId }) => subjects(planKey(planId)),
});

export type PlanEvent = Fact<typeof PlanPublished>;
