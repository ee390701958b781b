import { type AccountCode, typeOfClass } from '#domain/finance/accounts.ts';
import type { ParkFigures, Result } from '#domain/finance/parkFigures.ts';
import { periodOf } from '#domain/finance/period.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import { type Instant, LocalDate } from '#domain/kernel/instant.ts';
import { decimalsOf, type Money } from '#domain/kernel/money.ts';
import type { DayTotals } from '#projections/bookFigures.ts';
import { barChart } from './barChart.ts';
import { COLOURS } from './colours.ts';
import { type Column, figures, heading, section, table } from './layout.ts';
import { type Document, pdf } from './pdf.ts';
import { shownAmount, shownCount, shownDay, shownMoney } from './shown.ts';

const WIDTH = 515;
const CHART_HEIGHT = 150;
/** More days than these are shown month by month. */
const DAYS_SHOWN_MAX = 31;
/** There is room for the names of so many months. */
const MONTHS_NAMED_MAX = 12;
/** The last digits of an id tell vehicles of one make apart. */
const ID_DIGITS = 6;

interface Days {
  readonly from: LocalDate;
  readonly to: LocalDate;
}

/** What a park's books say of some days, and how what they name is called; `days` are what each day moved. */
export interface ParkFinance extends Days {
  readonly park: { readonly code: string; readonly name: string };
  readonly earlier: Days;
  readonly figures: ParkFigures;
  readonly days: readonly DayTotals[];
  readonly names: {
    readonly accounts: ReadonlyMap<AccountCode, string>;
    readonly vehicles: ReadonlyMap<VehicleId, string>;
  };
  readonly createdAt: Instant;
}

const COSTS: readonly Column[] = [
  { name: 'Account', width: '*', side: 'left' },
  { name: 'Costs', width: 'auto', side: 'right' },
];
const VEHICLES: readonly Column[] = [
  { name: 'Vehicle', width: '*', side: 'left' },
  { name: 'Revenue', width: 'auto', side: 'right' },
  { name: 'Costs', width: 'auto', side: 'right' },
  { name: 'Net', width: 'auto', side: 'right' },
];
const COMPARED: readonly Column[] = [
  { name: 'Days', width: '*', side: 'left' },
  ...VEHICLES.slice(1),
];

const amounts = ({ revenue, costs, net }: Result): readonly string[] =>
  [revenue, costs, net].map(shownAmount);

const daysText = ({ from, to }: Days): string =>
  from === to ? shownDay(from) : `${shownDay(from)} to ${shownDay(to)}`;

/** Every day from one to another, both included. */
const daysBetween = ({ from, to }: Days): readonly LocalDate[] => {
  const all: LocalDate[] = [];
  for (let day = from; day <= to; ) {
    all.push(day);
    const next = new Date(`${day}T00:00:00Z`);
    next.setUTCDate(next.getUTCDate() + 1);
    day = LocalDate.parse(next.toISOString().slice(0, 10));
  }
  return all;
};

const chartOf = ({ from, to, days, figures: { revenue } }: ParkFinance): string => {
  const { currency } = revenue;
  const unit = 10 ** decimalsOf(currency);
  const all = daysBetween({ from, to });
  const isDaily = all.length <= DAYS_SHOWN_MAX;
  const bucketOf = (date: LocalDate): string => (isDaily ? date : periodOf(date));
  const buckets = [...new Set(all.map(bucketOf))];
  const own = days.filter((sum) => sum.currency === currency);
  const byBucket = Map.groupBy(own, ({ date }) => bucketOf(LocalDate.parse(date)));
  const of = (type: 'revenue' | 'expense', sign: number) =>
    buckets.map((bucket) => {
      const sums = (byBucket.get(bucket) ?? []).filter((sum) => typeOfClass(sum.account) === type);
      const minor = sums.reduce((held, sum) => held + BigInt(sum.debit) - BigInt(sum.credit), 0n);
      return (sign * Number(minor)) / unit;
    });
  return barChart({
    width: WIDTH,
    height: CHART_HEIGHT,
    labels: buckets.map((bucket, n) => {
      if (isDaily) return String(Number(bucket.slice(8)));
      return n % Math.ceil(buckets.length / MONTHS_NAMED_MAX) === 0 ? bucket : '';
    }),
    series: [
      { name: 'Revenue', colour: COLOURS.first, values: of('revenue', -1) },
      { name: 'Costs', colour: COLOURS.second, values: of('expense', 1) },
    ],
    shown: (value) => shownCount(Math.round(value)),
  });
};

/** What a park earned, cost and owes. */
export const parkFinanceDocument = (report: ParkFinance): Document => {
  const { park, figures: told, names, earlier, createdAt } = report;
  const { currency } = told.revenue;
  const figure = (name: string, money: Money) => ({ name, value: shownMoney(money) });
  const costs = told.costsByAccount.map(({ account, amount }) => [
    `${account} ${names.accounts.get(account) ?? ''}`.trim(),
    shownAmount(amount),
  ]);
  const vehicles = told.vehicles.map(({ vehicle, ...result }) => [
    vehicle === null
      ? 'Of no vehicle'
      : `${names.vehicles.get(vehicle) ?? 'Vehicle'} · ${vehicle.slice(-ID_DIGITS)}`,
    ...amounts(result),
  ]);
  const { receivables, deposits, payouts } = told;
  return {
    title: `Finance ${park.code} ${report.from} ${report.to}`,
    createdAt,
    foot: `Finance · ${park.code} · ${report.from} to ${report.to}`,
    content: [
      heading('Finance', `${park.name} (${park.code}), ${daysText(report)}`),
      figures([
        figure('Revenue, net of tax', told.revenue),
        figure('Costs', told.costs),
        figure('Net', told.net),
      ]),
      figures([
        figure('Receivable from drivers', receivables),
        figure('Deposits held', deposits),
        figure('Set aside for investors', payouts.investors),
        figure('… for the operator', payouts.operator),
        figure('Paid to investors', payouts.paid),
      ]),
      section(`Revenue and costs, ${currency}`),
      { svg: chartOf(report), width: WIDTH },
      section(`Compared, ${currency}`),
      table(
        COMPARED,
        [
          [daysText(report), ...amounts(told)],
          [daysText(earlier), ...amounts(told.before)],
        ],
        null,
      ),
      section(`Costs by account, ${currency}`),
      table(COSTS, costs, ['All', shownAmount(told.costs)]),
      section(`Vehicles, ${currency}`),
      table(VEHICLES, vehicles, ['All', ...amounts(told)]),
    ],
  };
};

/** What a park earned, cost and owes as a PDF. */
export const parkFinance = (report: ParkFinance): Promise<Buffer> =>
  pdf(parkFinanceDocument(report));
