import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { command } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { refuse } from '#api/problem.ts';
import { inPark, NoQuery, read, viewOf } from '#api/reading.ts';
import { step } from '#api/step.ts';
import { TermsReply, termsReply } from '#api/termsReply.ts';
import type { App } from '#api/zod.ts';
import { termsOf } from '#commands/investors/aggregates.ts';
import { agreeTerms } from '#commands/investors/terms.ts';
import { Terms } from '#domain/investors/terms.ts';
import { VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { vehicles } from '#projections/vehicles.ts';
import type { Parts } from './parts.ts';

const tag = 'assets';
const URL = '/assets/:vehicle_id/terms';
const params = z.strictObject({ vehicle_id: VehicleId });

const NewTerms = z.strictObject({
  effective_from: LocalDate,
  reserve: Terms.shape.reserve,
  operator_fee: Terms.shape.operatorFee,
  hurdle: Terms.shape.hurdle,
  investors_share: Terms.shape.investorsShare,
  occurred_at: OccurredAt,
});

const Agreed = z.strictObject({ effective_from: LocalDate, terms: TermsReply });

/** Agreeing, and seeing, how the result of an asset is shared. */
export const assetTermsRoutes = (app: App, { workspace, readings }: Parts): void => {
  app.post(
    URL,
    command({
      tag,
      summary: 'Agree how the result of an asset is shared from a local day on',
      params,
      body: NewTerms,
    }),
    step(workspace, (asking, said) => {
      const { vehicle_id: vehicle, effective_from: effectiveFrom, reserve, hurdle, at } = said;
      const { operator_fee: operatorFee, investors_share: investorsShare } = said;
      const terms = { reserve, operatorFee, hurdle, investorsShare };
      return agreeTerms(workspace)(asking, { vehicle, effectiveFrom, terms, at });
    }),
  );
  const view = viewOf(readings, vehicles, inPark);
  app.get(
    URL,
    read({
      tag,
      summary: 'How the result of an asset is shared, by the days from which it is so',
      params,
      query: NoQuery,
      reply: z.strictObject({ items: z.array(Agreed) }),
      reads: [vehicles.name],
    }),
    async (request, reply) => {
      const { vehicle_id: vehicle } = request.params;
      const row = await view.row(request, vehicle);
      if (!row) return refuse(reply, { code: 'VehicleUnknown', vehicle });
      const loaded = await workspace.load(termsOf(callerOf(request).tenant, vehicle));
      if (isLeft(loaded)) return refuse(reply, loaded.left);
      const items = [...loaded.right.state]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([effective_from, terms]) => ({ effective_from, terms: termsReply(terms) }));
      return reply.send({ items });
    },
  );
};
