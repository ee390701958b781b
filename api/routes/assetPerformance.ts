import type { FastifyRequest } from 'fastify';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { callerOf, mayActIn } from '#api/caller.ts';
import { type DaySpan, daySpanOf, PeriodName, spanBefore } from '#api/financePeriod.ts';
import { portfolioOf } from '#api/portfolio.ts';
import { refuse } from '#api/problem.ts';
import { type Readings, read } from '#api/reading.ts';
import type { App } from '#api/zod.ts';
import { assetOf } from '#commands/assets/aggregates.ts';
import type { RegisterParts } from '#commands/investors/register.ts';
import { momentOf, plusDays, startOfDay } from '#commands/localDate.ts';
import type { Unavailable } from '#commands/ports.ts';
import { VehicleValued } from '#domain/assets/events.ts';
import { type AssetResult, assetResult, assetUse, type Day } from '#domain/assets/performance.ts';
import { type Worth, worthOn } from '#domain/assets/worth.ts';
import { AccountCode } from '#domain/finance/accounts.ts';
import { Period } from '#domain/finance/period.ts';
import { ratioOf } from '#domain/finance/ratio.ts';
import { VehicleId } from '#domain/kernel/ids.ts';
import { type Instant, LocalDate } from '#domain/kernel/instant.ts';
import { Money, moneyOf } from '#domain/kernel/money.ts';
import type { assetFigures } from '#projections/assetFigures.ts';
import { journalEntries } from '#projections/journalEntries.ts';
import { parties } from '#projections/parties.ts';
import { rentals } from '#projections/rentals.ts';
import { repairs } from '#projections/repairs.ts';
import { trips } from '#projections/trips.ts';
import { type VehicleRow, vehicles } from '#projections/vehicles.ts';

/** So many parties one user may be, with a margin. */
const PARTIES_MAX = 20;

interface PerformanceParts extends RegisterParts {
  readonly readings: Readings;
  readonly books: { readonly assets: ReturnType<typeof assetFigures> };
}

const result = {
  ...{ revenue: Money, costs: Money, net: Money },
  depreciation: Money.meta({ description: 'Among the costs.' }),
  repairs: Money.meta({ description: 'Work and parts, among the costs.' }),
};
const OnAccount = z.array(z.strictObject({ account: AccountCode, amount: Money }));
const Days = { from: LocalDate, to: LocalDate };
const Ratio = z.string().regex(/^-?\d+\.\d{6}$/);
const { date, value, method } = VehicleValued.data.shape;
const Reply = z
  .strictObject({
    asset_id: VehicleId,
    ...Days,
    ...result,
    revenue_by_account: OnAccount,
    costs_by_account: OnAccount,
    downtime_h: z.string().meta({ description: 'Hours in repair.' }),
    days_rented: z.int(),
    days_available: z.int().meta({ description: 'Days in the fleet, not wholly in repair.' }),
    utilisation: Ratio.nullable().meta({ description: 'Days rented by days available.' }),
    trips: z.int(),
    distance_m: z.int(),
    valuation: z.strictObject({ date, value, method }).nullable(),
    book_value: Money.nullable(),
    return_on_valuation: Ratio.nullable().meta({
      description: 'The net of these days by the valuation, not made a year of.',
    }),
    payouts: z.strictObject({ investors: Money, paid: Money }).meta({
      description: 'What was set aside for all investors together, and what the bank paid.',
    }),
    months: z.array(z.strictObject({ period: Period, ...result })),
    before: z.strictObject({ ...Days, ...result }),
  })
  .meta({ id: 'AssetPerformance' });

/** Whether the user who asks is a party that held shares of an asset on a day. */
const isHolder =
  (parts: PerformanceParts) =>
  async (
    request: FastifyRequest,
    vehicle: VehicleId,
    on: LocalDate,
  ): Promise<Either<Unavailable, boolean>> => {
    const { tenant, actor } = callerOf(request);
    const own = await parts.readings.page(parties, {
      ...{ tenant, filters: [{ column: 'user', is: actor }] },
      ...{ order: null, cursor: null, limit: PARTIES_MAX },
    });
    for (const { row } of own.rows) {
      const held = await portfolioOf(parts)(tenant, row.party, on);
      if (isLeft(held)) return held;
      if (held.right.some((position) => position.vehicle === vehicle)) return right(true);
    }
    return right(false);
  };

/** The local days of a span on which an asset was in the fleet; the last may be under way. */
const daysInFleet = (
  { registeredAt, retired, zone }: VehicleRow,
  { from, to }: DaySpan,
  now: Instant,
): readonly Day[] => {
  const end = retired && retired.since < now ? retired.since : now;
  const first = momentOf(registeredAt, zone).localDate;
  const last = momentOf(end, zone).localDate;
  const days: Day[] = [];
  const wasThere = from > first;
  for (let day = wasThere ? from : first; day <= to && day <= last; day = plusDays(day, 1)) {
    const next = startOfDay(plusDays(day, 1), zone);
    const isWhole = next < end;
    days.push({ from: startOfDay(day, zone), to: isWhole ? next : end });
  }
  return days;
};

const valued = ({ net }: AssetResult, { carried, valuation }: Worth) => ({
  valuation: valuation && {
    ...{ date: valuation.date, value: valuation.value, method: valuation.method },
  },
  book_value: carried && moneyOf(carried.bookValue, carried.acquisition.cost.currency),
  return_on_valuation:
    valuation && valuation.value.currency === net.currency
      ? ratioOf(BigInt(net.amount), BigInt(valuation.value.amount))
      : null,
});

const brief = ({ revenue, costs, net, depreciation, repairs: spent }: AssetResult) => ({
  ...{ revenue, costs, net, depreciation, repairs: spent },
});

/** What an asset earned and cost, how it was used and what it is worth. */
export const assetPerformanceRoutes = (app: App, parts: PerformanceParts): void => {
  const { workspace, readings } = parts;
  const { totals, doings } = parts.books.assets;
  app.get(
    '/assets/:vehicle_id/performance',
    read({
      ...{ tag: 'assets', summary: 'What an asset earned and cost, and how it was used' },
      params: z.strictObject({ vehicle_id: VehicleId }),
      query: z.strictObject({ period: PeriodName }),
      reply: Reply,
      reads: [journalEntries, rentals, repairs, trips, vehicles, parties].map(({ name }) => name),
    }),
    async (request, reply) => {
      const caller = callerOf(request);
      const { tenant } = caller;
      const { vehicle_id: vehicle } = request.params;
      const unknown = { code: 'VehicleUnknown', vehicle } as const;
      const row = await readings.row(vehicles, { tenant, key: vehicle });
      if (!row) return refuse(reply, unknown);
      const { zone, currency } = row;
      const now = workspace.now();
      const today = momentOf(now, zone).localDate;
      const span = daySpanOf(request.query.period, today);
      if (!span) throw new Error('a period was let through that is none');
      if (caller.role === 'investor') {
        const isPast = span.to < today;
        const held = await isHolder(parts)(request, vehicle, isPast ? span.to : today);
        if (isLeft(held)) return refuse(reply, held.left);
        if (!held.right) return refuse(reply, unknown);
      } else if (!mayActIn(caller)(row.park)) return refuse(reply, unknown);
      const asset = await workspace.load(assetOf(tenant, vehicle));
      if (isLeft(asset)) return refuse(reply, asset.left);
      const of = { tenant, vehicle };
      const earlier = spanBefore(span);
      const edges = {
        since: startOfDay(span.from, zone),
        until: startOfDay(plusDays(span.to, 1), zone),
      };
      const [sums, past, { rented, down, ...driven }] = await Promise.all([
        totals({ ...of, ...span }),
        totals({ ...of, ...earlier }),
        doings({ ...of, ...span, ...edges }),
      ]);
      const told = assetResult(sums, currency);
      const use = assetUse(daysInFleet(row, span, now), { rented, down });
      return reply.send({
        ...{ asset_id: vehicle, ...span, ...brief(told) },
        revenue_by_account: [...told.revenueByAccount],
        costs_by_account: [...told.costsByAccount],
        ...{ downtime_h: use.downtime_h, utilisation: use.utilisation },
        ...{ days_rented: use.daysRented, days_available: use.daysAvailable },
        ...driven,
        ...valued(told, worthOn(asset.right.state, span.to)),
        payouts: told.payouts,
        months: told.months,
        before: { ...earlier, ...brief(assetResult(past, currency)) },
      });
    },
  );
};
