import type { FastifyRequest } from 'fastify';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { mayLookAtParty } from '#api/investorScope.ts';
import { type Position, portfolioOf } from '#api/portfolio.ts';
import { refuse } from '#api/problem.ts';
import { type Readings, read } from '#api/reading.ts';
import type { Refusal } from '#api/refusals.ts';
import { TermsReply, termsReply } from '#api/termsReply.ts';
import type { App } from '#api/zod.ts';
import { termsOf } from '#commands/investors/aggregates.ts';
import type { RegisterParts } from '#commands/investors/register.ts';
import { momentOf } from '#commands/localDate.ts';
import { termsAt } from '#domain/investors/agreement.ts';
import { HoldingId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { holdings } from '#projections/holdings.ts';

const tag = 'investors';
const URL = '/investors/:investor_id';
const params = z.strictObject({ investor_id: PartyId });
const Query = z.strictObject({
  at: LocalDate.optional().meta({ description: 'A day of the past or to come. Left out: today.' }),
});
const reads = [holdings.name];

const position = {
  asset_id: VehicleId,
  holding_id: HoldingId,
  shares: z.int(),
  issued: z.int().meta({ description: 'How many shares of the asset there are.' }),
};
const about = { party_id: PartyId, at: LocalDate };
const Portfolio = z.strictObject({ ...about, holdings: z.array(z.strictObject(position)) });
const Contract = z.strictObject({
  ...about,
  contracts: z.array(
    z.strictObject({
      ...position,
      effective_from: LocalDate.nullable(),
      terms: TermsReply.nullable().meta({ description: 'In force on that day; null: none is.' }),
    }),
  ),
});

const told = ({ vehicle, holding, shares, issued }: Position) => ({
  asset_id: vehicle,
  holding_id: holding,
  shares,
  issued,
});

/** What a party holds on a day, for whoever may know. */
const positionsFor =
  (parts: RegisterParts & { readonly readings: Readings }) =>
  async (
    request: FastifyRequest,
    party: PartyId,
    date: LocalDate,
  ): Promise<Either<Refusal, readonly Position[]>> => {
    const may = await mayLookAtParty(parts.workspace)(request, party);
    return isLeft(may) ? may : portfolioOf(parts)(callerOf(request).tenant, party, date);
  };

/** What an investor holds, and what is promised to them. */
export const investorRoutes = (
  app: App,
  parts: RegisterParts & { readonly readings: Readings },
): void => {
  const { workspace } = parts;
  const positions = positionsFor(parts);
  const today = () => momentOf(workspace.now(), workspace.platformZone).localDate;
  app.get(
    `${URL}/portfolio`,
    read({
      tag,
      summary: 'What an investor holds on a day',
      params,
      query: Query,
      reply: Portfolio,
      reads,
    }),
    async (request, reply) => {
      const { investor_id: party } = request.params;
      const { at = today() } = request.query;
      const found = await positions(request, party, at);
      if (isLeft(found)) return refuse(reply, found.left);
      return reply.send({ party_id: party, at, holdings: found.right.map(told) });
    },
  );
  const contractOf =
    (request: FastifyRequest, date: LocalDate) =>
    async (
      held: Position,
    ): Promise<Either<Refusal, z.infer<typeof Contract>['contracts'][number]>> => {
      const loaded = await workspace.load(termsOf(callerOf(request).tenant, held.vehicle));
      if (isLeft(loaded)) return loaded;
      const inForce = termsAt(loaded.right.state, date);
      return right({
        ...told(held),
        effective_from: inForce?.effectiveFrom ?? null,
        terms: inForce && termsReply(inForce.terms),
      });
    };
  app.get(
    `${URL}/contract`,
    read({
      tag,
      summary: 'By which terms an investor shares in the assets they hold on a day',
      params,
      query: Query,
      reply: Contract,
      reads,
    }),
    async (request, reply) => {
      const { investor_id: party } = request.params;
      const { at = today() } = request.query;
      const found = await positions(request, party, at);
      if (isLeft(found)) return refuse(reply, found.left);
      const contracts: z.infer<typeof Contract>['contracts'] = [];
      for (const held of found.right) {
        const contract = await contractOf(request, at)(held);
        if (isLeft(contract)) return refuse(reply, contract.left);
        contracts.push(contract.right);
      }
      return reply.send({ party_id: party, at, contracts });
    },
  );
};
