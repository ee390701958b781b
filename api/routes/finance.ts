import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf, lookerOf, mayActIn } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { daySpanOf, PeriodName, spanBefore } from '#api/financePeriod.ts';
import { problems, refuse } from '#api/problem.ts';
import { inPark, paging, read, viewOf } from '#api/reading.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showItem } from '#api/showItem.ts';
import { showList } from '#api/showList.ts';
import type { App } from '#api/zod.ts';
import { parkOf } from '#commands/aggregate.ts';
import { postByHand, reverseEntry } from '#commands/finance/byHand.ts';
import { type Closing, closePeriod } from '#commands/finance/closePeriod.ts';
import { momentOf } from '#commands/localDate.ts';
import { AccountCode } from '#domain/finance/accounts.ts';
import { parkFigures } from '#domain/finance/parkFigures.ts';
import { Period } from '#domain/finance/period.ts';
import { LINES_MAX } from '#domain/finance/postingRule.ts';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { DriverId, EntryId, ParkId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Currency, Money } from '#domain/kernel/money.ts';
import { accountDays } from '#projections/accountDays.ts';
import type { assetFigures } from '#projections/assetFigures.ts';
import type { bookFigures } from '#projections/bookFigures.ts';
import { journalEntries } from '#projections/journalEntries.ts';

/** The books as routes ask for them: their figures, and the closing of months. */
export interface Books {
  readonly figures: ReturnType<typeof bookFigures>;
  readonly assets: ReturnType<typeof assetFigures>;
  readonly closing: Closing;
}

const tag = 'finance';

const Line = z.strictObject({
  account: AccountCode,
  side: z.enum(['debit', 'credit']),
  amount: Money,
  driver_id: DriverId.nullable().default(null),
  party_id: PartyId.nullable().default(null),
});
const NewEntry = z.strictObject({
  park_id: ParkId,
  vehicle_id: VehicleId.nullable().default(null),
  date: LocalDate,
  transaction_id: Reference,
  reason: Code,
  lines: z.array(Line).min(2).max(LINES_MAX),
  exchange: z
    .strictObject({ from: Currency, to: Currency })
    .nullable()
    .default(null)
    .meta({ description: 'Where two currencies meet: at the rate recorded of the day.' }),
});
const Reversal = z.strictObject({ reason: Code });
const Closed = z
  .strictObject({ period: Period, closed: z.int(), books: z.int() })
  .meta({ id: 'ClosedPeriod' });

const entries = (app: App, { workspace, readings }: Parts): void => {
  app.post(
    '/finance/entries',
    command({
      tag,
      summary: 'Post an entry by hand, with a reason; the same transaction is posted once',
      makes: true,
      params: NoParams,
      body: NewEntry,
      target: 'content',
    }),
    async (request, reply) => {
      const { park_id: park, vehicle_id: vehicle, date, transaction_id, reason } = request.body;
      const { exchange } = request.body;
      const lines = request.body.lines.map(({ driver_id, party_id, ...line }) => ({
        ...line,
        ...{ driver: driver_id, party: party_id },
      }));
      const said = { book: { park, vehicle }, date, transaction: transaction_id, reason };
      const done = await postByHand(workspace)(asked(request), { ...said, lines, exchange });
      return created('finance/entries')(reply, done);
    },
  );
  const params = z.strictObject({ entry_id: EntryId });
  app.post(
    '/finance/entries/:entry_id/reverse',
    command({ tag, summary: 'Undo an entry by its opposite', params, body: Reversal }),
    async (request, reply) => {
      const { entry_id: entry } = request.params;
      const { reason } = request.body;
      return answer(reply, await reverseEntry(workspace)(asked(request), { entry, reason }));
    },
  );
  const view = viewOf(readings, journalEntries, inPark);
  const reads = [journalEntries.name];
  const Query = z.strictObject({
    park_id: ParkId.optional(),
    vehicle_id: VehicleId.optional(),
    period: Period.optional(),
    transaction: Reference.optional(),
    basis: z.uuid().optional().meta({ description: 'The event that an entry follows from.' }),
    from: LocalDate.optional(),
    to: LocalDate.optional().meta({ description: 'The first day that is not wanted any more.' }),
    ...paging,
  });
  app.get(
    '/finance/entries',
    read({
      ...{ tag, summary: 'List entries of the journal, newest first', params: NoParams },
      ...{ query: Query, reply: view.page, reads },
    }),
    showList(view, 'date'),
  );
  app.get(
    '/finance/entries/:entry_id',
    read({
      ...{ tag, summary: 'See an entry', params, query: z.strictObject({}) },
      ...{ reply: view.item, reads },
    }),
    showItem(view, ({ entry_id: entry }) => ({
      key: entry,
      unknown: { code: 'EntryUnknown', entry },
    })),
  );
};

const Sums = z.strictObject({
  account: AccountCode,
  currency: Currency,
  debit: z.string(),
  credit: z.string(),
});
const TrialBalance = z
  .strictObject({
    at: LocalDate,
    accounts: z.array(Sums).meta({ description: 'Sums since the beginning, in minor units.' }),
    totals: z.array(Sums.omit({ account: true })),
  })
  .meta({ id: 'TrialBalance' });

const trialBalance = (app: App, { workspace }: Parts, { figures }: Books): void => {
  const Query = z.strictObject({ at: LocalDate.optional(), park_id: ParkId.optional() });
  app.get(
    '/finance/trial-balance',
    read({
      ...{ tag, summary: 'What every account holds at the end of a day', params: NoParams },
      ...{ query: Query, reply: TrialBalance, reads: [accountDays.name] },
    }),
    async (request, reply) => {
      const caller = callerOf(request);
      const { park_id: park } = request.query;
      if (park !== undefined && !mayActIn(caller)(park)) {
        return refuse(reply, { code: 'ParkUnknown', park });
      }
      const at = request.query.at ?? momentOf(workspace.now(), workspace.platformZone).localDate;
      const own = caller.parks === '*' ? null : [...caller.parks];
      const parks = park === undefined ? own : [park];
      const accounts = await figures.totals({ tenant: caller.tenant, parks, from: null, to: at });
      const byCurrency = Map.groupBy(accounts, ({ currency }) => currency);
      const sum = (all: readonly { debit: string; credit: string }[], side: 'debit' | 'credit') =>
        all.reduce((minor, each) => minor + BigInt(each[side]), 0n).toString();
      const totals = [...byCurrency].map(([currency, all]) => ({
        ...{ currency, debit: sum(all, 'debit'), credit: sum(all, 'credit') },
      }));
      return reply.send({ at, accounts: [...accounts], totals });
    },
  );
};

const Outcome = z.strictObject({ revenue: Money, costs: Money, net: Money });
const Days = z.strictObject({ from: LocalDate, to: LocalDate });
const Report = z
  .strictObject({
    park_id: ParkId,
    ...Days.shape,
    ...Outcome.shape,
    costs_by_account: z.array(z.strictObject({ account: AccountCode, amount: Money })),
    vehicles: z.array(z.strictObject({ vehicle_id: VehicleId.nullable(), ...Outcome.shape })),
    receivables: Money,
    deposits: Money,
    payouts: z.strictObject({ investors: Money, operator: Money, paid: Money }),
    before: z.strictObject({ ...Days.shape, ...Outcome.shape }),
  })
  .meta({ id: 'ParkFinance' });

const parkReport = (app: App, { workspace }: Parts, { figures }: Books): void => {
  app.get(
    '/finance/park/:park_id',
    read({
      ...{ tag, summary: 'What a park earned, cost and owes in a period, and in the one before' },
      params: z.strictObject({ park_id: ParkId }),
      query: z.strictObject({ period: PeriodName }),
      ...{ reply: Report, reads: [accountDays.name, journalEntries.name] },
    }),
    async (request, reply) => {
      const { tenant, mayActIn: isOwn } = lookerOf(request);
      const { park_id: park } = request.params;
      const loaded = await workspace.load(parkOf(tenant, park));
      if (isLeft(loaded)) return refuse(reply, loaded.left);
      const { state } = loaded.right;
      if (state.phase === 'unknown' || !isOwn(park)) {
        return refuse(reply, { code: 'ParkUnknown', park });
      }
      const today = momentOf(workspace.now(), state.zone).localDate;
      const days = daySpanOf(request.query.period, today);
      if (!days) throw new Error('a period was let through that is none');
      const earlier = spanBefore(days);
      const of = { tenant, parks: [park] };
      const [span, vehicles, before, until] = await Promise.all([
        figures.totals({ ...of, ...days }),
        figures.byVehicle({ ...of, ...days }),
        figures.totals({ ...of, ...earlier }),
        figures.totals({ ...of, from: null, to: days.to }),
      ]);
      const told = parkFigures(state.currency, { span, vehicles, before, until });
      const { costsByAccount, vehicles: each, before: past, ...rest } = told;
      return reply.send({
        ...{ park_id: park, ...days, ...rest },
        costs_by_account: [...costsByAccount],
        vehicles: each.map(({ vehicle, ...result }) => ({ vehicle_id: vehicle, ...result })),
        before: { ...earlier, ...past },
      });
    },
  );
};

const periods = (app: App, { workspace }: Parts, { closing }: Books): void => {
  app.post(
    '/finance/periods/:period/close',
    {
      config: { command: {} },
      schema: {
        tags: [tag],
        summary: 'Close a month of all books; what comes later goes into the next',
        params: z.strictObject({ period: Period }),
        body: z.strictObject({ occurred_at: OccurredAt }),
        response: { 200: Closed, default: problems },
      },
    },
    async (request, reply) => {
      if (callerOf(request).parks !== '*') return refuse(reply, { code: 'RoleNotAllowed' });
      const { period } = request.params;
      const done = await closePeriod(workspace, closing)(asked(request), period);
      return isLeft(done) ? refuse(reply, done.left) : reply.send(done.right);
    },
  );
};

/** The books: entries, what accounts hold, what a park earned, and the closing of months. */
export const financeRoutes = (app: App, parts: Parts, books: Books): void => {
  entries(app, parts);
  trialBalance(app, parts, books);
  parkReport(app, parts, books);
  periods(app, parts, books);
};
