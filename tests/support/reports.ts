import { ACCOUNTS, type AccountCode, DEFAULT_CHART } from '#domain/finance/accounts.ts';
import { parkFigures } from '#domain/finance/parkFigures.ts';
import { Period } from '#domain/finance/period.ts';
import { RunId, VehicleId } from '#domain/kernel/ids.ts';
import { Currency } from '#domain/kernel/money.ts';
import type { FleetReport, InvestorStatement } from '#reports/data.ts';
import type { ParkFinance } from '#reports/parkFinance.ts';
import { day, digest, instant, money, uuid8 } from './samples.ts';

const CAST = [
  ['Renault', 'Twizy', 'rented'],
  ['Renault', 'Kangoo E-Tech', 'in_repair'],
  ['Volkswagen', 'ID.3', 'available'],
] as const;

/** A fleet report of so many vehicles, whose sums are those of its rows and of some costs of none. */
export const aFleetReport = (vehicles: number): FleetReport => {
  const rows = Array.from({ length: vehicles }, (_, n) => {
    const [make, model, status] = CAST[n % CAST.length] ?? CAST[0];
    return {
      ...{ vehicle: VehicleId.parse(uuid8(0xa0_0000 + n)), make, model, status },
      ...{ trips: n % 9, distance_m: (n * 7_919) % 240_000, incidents: n % 4 === 3 ? 1 : 0 },
      rented_share: n % 5 === 4 ? null : (n % 10) / 10,
      revenue: money(String((n % 7) * 1_234)),
      costs: money(String(n % 3 === 1 ? 21_000 : 318)),
    };
  });
  const sum = (key: 'revenue' | 'costs') =>
    rows.reduce((total, row) => total + BigInt(row[key].amount), 0n);
  const revenue = money(String(sum('revenue')));
  const costs = money(String(sum('costs') + 9_540n));
  return {
    park: { code: 'B-1', name: 'Berlin Süd' },
    day: day('2026-03-14'),
    createdAt: instant('2026-03-15T05:00:00.000Z'),
    vehicles: rows,
    ...{ revenue, costs, receivables: money('123456'), deposits: money('500000') },
    days: Array.from({ length: 14 }, (_, n) => ({
      day: day(`2026-03-${String(n + 1).padStart(2, '0')}`),
      revenue: n === 13 ? revenue : money(String(((n * 37) % 11) * 9_000)),
      costs: n === 13 ? costs : money(String(((n * 53) % 7) * 5_000)),
    })),
  };
};

const of = (cents: string) => money(cents);
const handed = (reserve: string, remainder: string) => ({
  ...{ reserve: of(reserve), advanced: of('0'), remainder: of(remainder) },
});
const aRun = RunId.parse(`payout-${uuid8(8)}-202603~${uuid8(7)}`);

/** A month in which an asset earned nothing and cost nothing. */
const idleMonth = {
  ...{ opening: handed('0', '0'), closing: handed('0', '0'), costs: [], revenue: of('0') },
  ...{ from_reserve: of('0'), advanced: of('0'), recouped: of('0'), to_reserve: of('0') },
  ...{ operator_fee: of('0'), operator_rest: of('0'), to_investors: of('0') },
};
const owed = { state: 'owed', on: null, reference: null } as const;

/** An investor's statement with the waterfall and allocation of the fact sheet, and what was paid before. */
export const aStatement = (): InvestorStatement => ({
  investor: { name: 'Zoë Example-Çağlar', address: ['Musterstraße 1', '10115 Berlin'] },
  period: Period.parse('2026-03'),
  createdAt: instant('2026-04-02T09:30:00.000Z'),
  parts: [
    {
      ...{ owed_before: of('12000'), earned: of('25248'), paid: of('12000'), owed: of('25248') },
      runs: [{ run: aRun, root: digest(0xabc), inputs: digest(0xdef) }],
      lines: [
        {
          ...{ vehicle: VehicleId.parse(uuid8(0xa1)), asset: 'Renault Twizy · 00a001', run: aRun },
          month: {
            ...{ opening: handed('0', '0'), closing: handed('6173', '1'), revenue: of('123456') },
            costs: [
              { account: ACCOUNTS.repairs.code, amount: of('21000') },
              { account: ACCOUNTS.insurance.code, amount: of('9540') },
              { account: ACCOUNTS.platform.code, amount: of('3000') },
            ],
            ...{
              from_reserve: of('0'),
              advanced: of('0'),
              recouped: of('0'),
              to_reserve: of('6173'),
            },
            ...{ operator_fee: of('16749'), operator_rest: of('16498'), to_investors: of('50496') },
          },
          ...{ shares: 500, shares_issued: 1_000, share_days: 15_500n, share_days_in_all: 31_000n },
          ...{ distributable: of('50496'), amount: of('25248'), payment: owed },
        },
        {
          ...{
            vehicle: VehicleId.parse(uuid8(0xa2)),
            asset: 'Volkswagen ID.3 · 00a002',
            run: aRun,
          },
          ...{ month: idleMonth, shares: 10, shares_issued: 1_000, share_days: 310n },
          ...{ share_days_in_all: 31_000n, distributable: of('0'), amount: of('0'), payment: null },
        },
      ],
      payments: [
        {
          ...{ on: day('2026-03-04'), reference: '00000000000080008000000000000001' },
          ...{ status: 'paid', amount: of('12000') },
        },
      ],
      months: [
        ['2025-10', '10000'],
        ['2025-11', '0'],
        ['2025-12', '31050'],
        ['2026-01', '22075'],
        ['2026-02', '12000'],
        ['2026-03', '25248'],
      ].map(([period = '', amount = '']) => ({ period: Period.parse(period), amount: of(amount) })),
    },
  ],
});

/** Half a year of a park with one vehicle that earned the same each month. */
export const aParkFinance = (): { readonly report: ParkFinance; readonly car: VehicleId } => {
  const car = VehicleId.parse(uuid8(0xa0_0001));
  const currency = Currency.parse('EUR');
  const sum = (account: { readonly code: AccountCode }, debit: string, credit: string) => ({
    ...{ account: account.code, currency, debit, credit },
  });
  const span = [
    sum(ACCOUNTS.rentals, '0', '740736'),
    sum(ACCOUNTS.repairs, '21000', '0'),
    sum(ACCOUNTS.insurance, '9540', '0'),
  ];
  const vehicles = span.map((each, n) => ({ ...each, vehicle: n === 2 ? null : car }));
  const report = {
    ...{
      park: { code: 'B-1', name: 'Berlin Süd' },
      from: day('2026-01-01'),
      to: day('2026-06-30'),
    },
    earlier: { from: day('2025-07-04'), to: day('2025-12-31') },
    figures: parkFigures(currency, { span, vehicles, before: [], until: [] }),
    days: ['01', '02', '03', '04', '05', '06'].flatMap((month, n) => [
      { date: `2026-${month}-14`, ...sum(ACCOUNTS.rentals, '0', '123456') },
      { date: `2026-${month}-20`, ...sum(ACCOUNTS.repairs, String(n * 9_000), '0') },
    ]),
    names: {
      accounts: new Map(DEFAULT_CHART.map(({ code, name }) => [code, name])),
      vehicles: new Map([[car, 'Renault Twizy']]),
    },
    createdAt: instant('2026-07-01T05:00:00.000Z'),
  };
  return { report, car };
};
