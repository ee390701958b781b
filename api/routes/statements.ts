import type { FastifyRequest } from 'fastify';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf } from '#api/caller.ts';
import { mayLookAtParty } from '#api/investorScope.ts';
import type { HoldingParts } from '#api/ownHoldings.ts';
import { type HoldingPayouts, type OwnPayout, ownPayouts } from '#api/ownPayouts.ts';
import { ownStatement, paymentOf } from '#api/ownStatement.ts';
import { showPersonal } from '#api/personal.ts';
import type { AccessRecords } from '#api/ports.ts';
import { refuse } from '#api/problem.ts';
import { NoQuery, read } from '#api/reading.ts';
import type { Refusal } from '#api/refusals.ts';
import { reportFormat, reportReplies, tellReport, wantedFormat } from '#api/reportFormat.ts';
import { PaymentReply, partReply, StatementReply, statementCsv } from '#api/statementReply.ts';
import type { App } from '#api/zod.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { Period } from '#domain/finance/period.ts';
import { HoldingId, PartyId, RunId, VehicleId } from '#domain/kernel/ids.ts';
import { Money, moneyOf } from '#domain/kernel/money.ts';
import { holdings } from '#projections/holdings.ts';
import { vehicles } from '#projections/vehicles.ts';
import { investorOf } from '#reports/investorOf.ts';
import { investorStatement } from '#reports/investorStatement.ts';

const tag = 'investors';
const URL = '/investors/:investor_id';
const params = z.strictObject({ investor_id: PartyId });
const reads = [holdings.name, vehicles.name];

const Month = z.strictObject({
  period: Period,
  run_id: RunId,
  share_days: z.string(),
  amount: Money,
  payment: PaymentReply,
});
const Next = z
  .strictObject({
    period: Period,
    closed: z.boolean(),
    run: z
      .strictObject({ run_id: RunId, phase: z.enum(['proposed', 'approved']) })
      .nullable()
      .meta({ description: 'Null: nobody has proposed one.' }),
  })
  .nullable()
  .meta({ description: 'The first month that is not paid out; null: none is to come.' });
const Schedule = z
  .strictObject({
    party_id: PartyId,
    assets: z.array(
      z.strictObject({
        asset_id: VehicleId,
        holding_id: HoldingId,
        cadence: z.literal('monthly').meta({ description: 'All terms share month by month.' }),
        months: z.array(Month),
        next: Next,
      }),
    ),
  })
  .meta({ id: 'PayoutSchedule' });

const monthOf = (payout: OwnPayout): z.infer<typeof Month> => ({
  ...{ period: payout.period, run_id: payout.run, share_days: String(payout.shareDays) },
  amount: moneyOf(payout.own?.amount ?? 0n, payout.currency),
  payment: paymentOf(payout),
});

const scheduleOf = ({
  held: { vehicle, holding },
  paid,
  next,
}: HoldingPayouts): z.infer<typeof Schedule>['assets'][number] => ({
  ...{ asset_id: vehicle, holding_id: holding, cadence: 'monthly', months: paid.map(monthOf) },
  next: next && {
    ...{ period: next.period, closed: next.isClosed },
    run: next.run && { run_id: next.run.run, phase: next.run.phase },
  },
});

const Listed = z.strictObject({ period: Period, amount: Money, run_ids: z.array(RunId) });
const List = z.strictObject({ party_id: PartyId, statements: z.array(Listed) });

const listOf = (payouts: readonly OwnPayout[]): z.infer<typeof Listed>[] => {
  const groups = Map.groupBy(payouts, ({ period, currency }) => `${period} ${currency}`);
  return [...groups]
    .toSorted(([one], [other]) => (one < other ? 1 : -1))
    .flatMap(([, some]) => {
      const [first] = some;
      if (!first) return [];
      const earned = some.reduce((sum, { own }) => sum + (own?.amount ?? 0n), 0n);
      const run_ids = [...new Set(some.map(({ run }) => run))];
      return [{ period: first.period, amount: moneyOf(earned, first.currency), run_ids }];
    });
};

/** What an investor is paid, when, and how it comes about. Everybody sees what is their own. */
export const statementRoutes = (
  app: App,
  parts: HoldingParts & { readonly accessRecords: AccessRecords },
): void => {
  const { workspace } = parts;
  const today = () => momentOf(workspace.now(), workspace.platformZone).localDate;
  const payoutsFor = async (
    request: FastifyRequest,
    party: PartyId,
  ): Promise<Either<Refusal, readonly HoldingPayouts[]>> => {
    const may = await mayLookAtParty(workspace)(request, party);
    return isLeft(may) ? may : ownPayouts(parts)(callerOf(request).tenant, party, today());
  };
  app.get(
    `${URL}/payout-schedule`,
    read({
      ...{ tag, summary: 'What an investor was paid of each asset, and what is to come next' },
      ...{ params, query: NoQuery, reply: Schedule, reads },
    }),
    async (request, reply) => {
      const { investor_id: party } = request.params;
      const found = await payoutsFor(request, party);
      if (isLeft(found)) return refuse(reply, found.left);
      return reply.send({ party_id: party, assets: found.right.map(scheduleOf) });
    },
  );
  app.get(
    `${URL}/statements`,
    read({
      ...{ tag, summary: 'The months of which an investor has a statement, the last ones first' },
      ...{ params, query: NoQuery, reply: List, reads },
    }),
    async (request, reply) => {
      const { investor_id: party } = request.params;
      const found = await payoutsFor(request, party);
      if (isLeft(found)) return refuse(reply, found.left);
      const statements = listOf(found.right.flatMap(({ paid }) => paid));
      return reply.send({ party_id: party, statements });
    },
  );
  const show = showPersonal(workspace, parts.accessRecords);
  /** Who an investor is, for a printed statement; whoever may not know the name gets the id. */
  const nameOf = async (
    request: FastifyRequest,
    party: PartyId,
  ): Promise<Either<Unavailable, ReturnType<typeof investorOf>>> => {
    if (callerOf(request).role === 'auditor') return right(investorOf(party, null, null));
    const shown = await show(request, party, ['identity', 'contact']);
    if (isLeft(shown)) return shown;
    return right(investorOf(party, shown.right('identity'), shown.right('contact')));
  };
  app.get(
    `${URL}/statements/:period`,
    {
      config: { reads },
      schema: {
        tags: [tag],
        summary: 'What an investor gets for a month, and how it came about, asset by asset',
        params: params.extend({ period: Period }),
        querystring: z.strictObject(reportFormat),
        headers: z.looseObject({ accept: z.string().optional() }),
        response: reportReplies(StatementReply),
      },
    },
    async (request, reply) => {
      const { investor_id: party, period } = request.params;
      const may = await mayLookAtParty(workspace)(request, party);
      if (isLeft(may)) return refuse(reply, may.left);
      const asked = { period, today: today() };
      const found = await ownStatement(parts)(callerOf(request).tenant, party, asked);
      if (isLeft(found)) return refuse(reply, found.left);
      const all = found.right;
      if (all.length === 0) return refuse(reply, { code: 'StatementUnknown' });
      const format = wantedFormat(request);
      const named = format === 'pdf' ? await nameOf(request, party) : null;
      if (named !== null && isLeft(named)) return refuse(reply, named.left);
      const investor = named?.right ?? investorOf(party, null, null);
      return tellReport(reply, format, {
        name: `statement-${period}`,
        json: () => ({ party_id: party, period, parts: all.map(partReply) }),
        csv: () => statementCsv(period, all),
        pdf: () => investorStatement({ investor, period, createdAt: workspace.now(), parts: all }),
      });
    },
  );
};
