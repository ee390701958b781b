import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { lookerOf } from '#api/caller.ts';
import { type DaySpan, daySpanOf, PeriodName, spanBefore } from '#api/financePeriod.ts';
import { refuse } from '#api/problem.ts';
import { reportFormat, reportReplies, tellReport, wantedFormat } from '#api/reportFormat.ts';
import type { App } from '#api/zod.ts';
import { parkOf } from '#commands/aggregate.ts';
import { accountsOf } from '#commands/finance/accounts.ts';
import { momentOf } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { AccountCode } from '#domain/finance/accounts.ts';
import { decimalText } from '#domain/finance/decimal.ts';
import { type ParkFigures, parkFigures, type Result } from '#domain/finance/parkFigures.ts';
import { ParkId, type Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Money } from '#domain/kernel/money.ts';
import { csvLine } from '#ingest/exports/csv.ts';
import { accountDays } from '#projections/accountDays.ts';
import type { bookFigures } from '#projections/bookFigures.ts';
import { journalEntries } from '#projections/journalEntries.ts';
import { vehicles } from '#projections/vehicles.ts';
import { type ParkFinance, parkFinance } from '#reports/parkFinance.ts';
import type { Parts } from './parts.ts';

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

const CSV_COLUMNS = ['figure', 'account', 'vehicle_id', 'from', 'to', 'amount', 'currency'];

/** A figure a row: of the park, of an account, or of a vehicle. What belongs to no vehicle names none. */
const csvOf = (told: ParkFigures, days: DaySpan, earlier: DaySpan): string => {
  const row =
    ({ from, to }: DaySpan, account: string | null, vehicle: string | null) =>
    ([figure, money]: readonly [string, Money]) =>
      csvLine([figure, account, vehicle, from, to, decimalText(money), money.currency]);
  const result = ({ revenue, costs, net }: Result) =>
    [
      ['revenue', revenue],
      ['costs', costs],
      ['net', net],
    ] as const;
  const { payouts } = told;
  const others = [
    ['receivables', told.receivables],
    ['deposits', told.deposits],
    ['payouts_to_investors', payouts.investors],
    ['payouts_to_operator', payouts.operator],
    ['payouts_paid', payouts.paid],
  ] as const;
  return [
    csvLine(CSV_COLUMNS),
    ...result(told).map(row(days, null, null)),
    ...told.costsByAccount.map(({ account, amount }) =>
      row(days, account, null)(['costs_of_account', amount]),
    ),
    ...told.vehicles.flatMap(({ vehicle, ...own }) =>
      result(own).map(([figure, money]) =>
        row(
          days,
          null,
          vehicle,
        )([`${figure}_${vehicle === null ? 'of_none' : 'of_vehicle'}`, money]),
      ),
    ),
    ...others.map(row(days, null, null)),
    ...result(told.before).map(row(earlier, null, null)),
  ].join('');
};

const jsonOf = (park: ParkId, told: ParkFigures, days: DaySpan, earlier: DaySpan) => {
  const { costsByAccount, vehicles: each, before, ...rest } = told;
  return {
    ...{ park_id: park, ...days, ...rest },
    costs_by_account: [...costsByAccount],
    vehicles: each.map(({ vehicle, ...result }) => ({ vehicle_id: vehicle, ...result })),
    before: { ...earlier, ...before },
  };
};

type Names = ParkFinance['names'];
const NO_NAMES: Names = { accounts: new Map(), vehicles: new Map() };

/** What of a report names things: vehicles by make and model, accounts by the tenant's chart. */
const namesFor = async (
  { workspace, readings }: Parts,
  tenant: Tenant,
  told: ParkFigures,
): Promise<Either<Unavailable, Names>> => {
  const chart = await accountsOf(workspace)(tenant);
  if (isLeft(chart)) return chart;
  const accounts = new Map(chart.right.map(({ code, name }) => [code, name]));
  const named = new Map<VehicleId, string>();
  for (const { vehicle } of told.vehicles) {
    const row = vehicle && (await readings.row(vehicles, { tenant, key: vehicle }));
    if (row) named.set(row.vehicle, `${row.make} ${row.model}`);
  }
  return right({ accounts, vehicles: named });
};

/** What a park earned, cost and owes: as data, as a table, or to be printed. */
export const parkFinanceRoutes = (
  app: App,
  parts: Parts,
  { figures }: { readonly figures: ReturnType<typeof bookFigures> },
): void => {
  const { workspace } = parts;
  app.get(
    '/finance/park/:park_id',
    {
      config: { reads: [accountDays.name, journalEntries.name] },
      schema: {
        tags: ['finance'],
        summary: 'What a park earned, cost and owes in a period, and in the one before',
        params: z.strictObject({ park_id: ParkId }),
        querystring: z.strictObject({ period: PeriodName, ...reportFormat }),
        headers: z.looseObject({
          accept: z.string().optional(),
          'ledger-position': z.string().optional(),
        }),
        response: reportReplies(Report),
      },
    },
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
      const [span, byVehicle, before, until] = await Promise.all([
        figures.totals({ ...of, ...days }),
        figures.byVehicle({ ...of, ...days }),
        figures.totals({ ...of, ...earlier }),
        figures.totals({ ...of, from: null, to: days.to }),
      ]);
      const told = parkFigures(state.currency, { span, vehicles: byVehicle, before, until });
      const format = wantedFormat(request);
      const names = format === 'pdf' ? await namesFor(parts, tenant, told) : right(NO_NAMES);
      if (isLeft(names)) return refuse(reply, names.left);
      return tellReport(reply, format, {
        name: `park-finance-${days.from}-${days.to}`,
        json: () => jsonOf(park, told, days, earlier),
        csv: () => csvOf(told, days, earlier),
        pdf: async () =>
          parkFinance({
            ...{ park: { code: state.code, name: state.name }, ...days, earlier },
            ...{ figures: told, names: names.right, createdAt: workspace.now() },
            days: await figures.byDay({ ...of, ...days }),
          }),
      });
    },
  );
};
