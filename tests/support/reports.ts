import { Period } from '#domain/finance/period.ts';
import { VehicleId } from '#domain/kernel/ids.ts';
import type { FleetReport, InvestorStatement } from '#reports/data.ts';
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

/** An investor's statement with the allocation that the fact sheet works out, and what was paid before. */
export const aStatement = (): InvestorStatement => ({
  investor: { name: 'Zoë Example-Çağlar', address: ['Musterstraße 1', '10115 Berlin'] },
  period: Period.parse('2026-03'),
  createdAt: instant('2026-04-02T09:30:00.000Z'),
  run: `payout-2026-03-${uuid8(7).slice(-6)}`,
  ...{ root: digest(0xabc), inputsHash: digest(0xdef) },
  ...{ owed_before: money('12000'), paid: money('12000') },
  lines: [
    {
      ...{ asset: 'Renault Twizy · 00a001', shares: 500, shares_issued: 1_000 },
      ...{ share_days: 15_500n, share_days_in_all: 31_000n },
      ...{ distributable: money('50496'), amount: money('25248') },
    },
    {
      ...{ asset: 'Volkswagen ID.3 · 00a002', shares: 10, shares_issued: 1_000 },
      ...{ share_days: 310n, share_days_in_all: 31_000n },
      ...{ distributable: money('0'), amount: money('0') },
    },
  ],
  payments: [
    {
      ...{ on: day('2026-03-04'), reference: '00000000000080008000000000000001' },
      ...{ status: 'paid', amount: money('12000') },
    },
  ],
  months: [
    ['2025-10', '10000'],
    ['2025-11', '0'],
    ['2025-12', '31050'],
    ['2026-01', '22075'],
    ['2026-02', '12000'],
    ['2026-03', '25248'],
  ].map(([period = '', amount = '']) => ({ period: Period.parse(period), amount: money(amount) })),
});
