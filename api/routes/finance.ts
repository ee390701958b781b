import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf, mayActIn } from '#api/caller.ts';
import { asked } from '#api/command.ts';
import { answer, command, created, NoParams } from '#api/commandRoute.ts';
import { OccurredAt } from '#api/fields.ts';
import { problems, refuse } from '#api/problem.ts';
import { inPark, paging, read, viewOf } from '#api/reading.ts';
import { parkFinanceRoutes } from '#api/routes/parkFinance.ts';
import type { Parts } from '#api/routes/parts.ts';
import { showItem } from '#api/showItem.ts';
import { showList } from '#api/showList.ts';
import type { App } from '#api/zod.ts';
import { postByHand, reverseEntry } from '#commands/finance/byHand.ts';
import { type Closing, closePeriod } from '#commands/finance/closePeriod.ts';
import { momentOf } from '#commands/localDate.ts';
import { AccountCode } from '#domain/finance/accounts.ts';
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
  parkFinanceRoutes(app, parts, books);
  periods(app, parts, books);
};
