import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { refuse } from '#api/problem.ts';
import { NoQuery, read } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { wireOf } from '#api/wire.ts';
import type { App } from '#api/zod.ts';
import { planVersions, publishPlan } from '#commands/driverAccounts/plans.ts';
import { momentOf } from '#commands/localDate.ts';
import { Reference } from '#domain/kernel/fields.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { PlanTerms, versionOn, warningsOf } from '#domain/plans/terms.ts';

const tag = 'plans';
const params = z.strictObject({ code: Reference });
const { currency, time, distance, taxRate, fareShare, deposit, deductionCap, disputeWindow_days } =
  PlanTerms.shape;
const Body = z.strictObject({
  effective_from: LocalDate.meta({
    description:
      'The first local day on which it holds. A later version begins tomorrow at the earliest.',
  }),
  currency,
  time: time.default(null).meta({ description: 'Without tax. What has begun is owed in full.' }),
  distance: distance.default(null).meta({ description: 'Without tax, for the trips of a day.' }),
  tax_rate: taxRate,
  fare_share: fareShare.default(null),
  deposit,
  deduction_cap: deductionCap.default(null).meta({ description: 'In a month; null: no limit.' }),
  dispute_window_days: disputeWindow_days,
  occurred_at: OccurredAt,
});

const Warning = z.strictObject({
  code: z.enum(['pay_depends_on_distance']),
  source: z.string().meta({ description: 'Where it is written.' }),
});
const Version = z.strictObject({
  version: z.int(),
  effectiveFrom: LocalDate,
  terms: PlanTerms,
  warnings: z.array(Warning),
});
const { schema, write } = wireOf(Version);
const Reply = z
  .strictObject({
    plan: Reference,
    in_force: z.int().nullable().meta({ description: 'Null: none holds yet.' }),
    versions: z.array(schema),
  })
  .meta({ id: 'Plan' });

/** What drivers pay and get: the plans that rentals name by their codes. */
export const planRoutes = (app: App, { workspace }: Parts): void => {
  app.put(
    '/plans/:code',
    command({ tag, summary: 'Publish terms of a plan, from a day on', params, body: Body }),
    async (request, reply) => {
      // Prices hold in every park, so they are not for somebody who is bound to some.
      if (callerOf(request).parks !== '*') return refuse(reply, { code: 'RoleNotAllowed' });
      const { code: plan } = request.params;
      const { effective_from: effectiveFrom, occurred_at, tax_rate, ...said } = request.body;
      const { fare_share, deduction_cap, dispute_window_days, ...prices } = said;
      const terms = PlanTerms.safeParse({
        ...prices,
        taxRate: tax_rate,
        fareShare: fare_share,
        deductionCap: deduction_cap,
        disputeWindow_days: dispute_window_days,
      });
      if (!terms.success) {
        const flaw = { at: 'body', what: 'amounts in the currency of the plan' };
        return refuse(reply, { code: 'MalformedRequest', flaws: [flaw] });
      }
      const at = occurred_at ?? workspace.now();
      const asking = { plan, effectiveFrom, terms: terms.data, at };
      return answer(reply, await publishPlan(workspace)(asked(request), asking));
    },
  );
  app.get(
    '/plans/:code',
    read({
      tag,
      summary: 'A plan with all its versions, and what has to be known about each',
      params,
      query: NoQuery,
      reply: Reply,
      reads: [],
    }),
    async (request, reply) => {
      const { code: plan } = request.params;
      const versions = await planVersions(workspace)(callerOf(request).tenant, plan);
      if (isLeft(versions)) return refuse(reply, versions.left);
      if (versions.right.length === 0) return refuse(reply, { code: 'PlanUnknown' });
      const today = momentOf(workspace.now(), workspace.platformZone).localDate;
      const told = versions.right.map(({ version, effectiveFrom, terms }) =>
        write({ version, effectiveFrom, terms, warnings: warningsOf(terms) }),
      );
      const in_force = versionOn(versions.right, today)?.version ?? null;
      return reply.send({ plan, in_force, versions: told });
    },
  );
};
