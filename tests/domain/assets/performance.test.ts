import { describe, expect, it } from 'vitest';
import { type AssetTotal, assetResult, assetUse } from '#domain/assets/performance.ts';
import { AccountCode } from '#domain/finance/accounts.ts';
import { ratioOf } from '#domain/finance/ratio.ts';
import { Currency } from '#domain/kernel/money.ts';
import { euro, instant, money } from '#tests/support/samples.ts';
import { month } from './assetScene.ts';

const sum = (period: string, account: string, net: number, rule: string | null = null) => {
  const total: AssetTotal = {
    ...{ period: month(period), rule, account: AccountCode.parse(account), currency: euro },
    debit: String(Math.max(0, net)),
    credit: String(Math.max(0, -net)),
  };
  return total;
};
const day = (n: number) => ({
  from: instant(`2026-03-0${n}T00:00:00.000Z`),
  to: instant(`2026-03-0${n + 1}T00:00:00.000Z`),
});
const at = (n: number, hour: number) =>
  instant(`2026-03-0${n}T${String(hour).padStart(2, '0')}:00:00.000Z`);

describe('the performance of an asset', () => {
  it('adds up what its books say, by account and by month', () => {
    const sums = [
      sum('2026-02', '4000', -100_000),
      sum('2026-03', '4000', -50_000),
      sum('2026-03', '4010', -2_000, 'driver_account'),
      sum('2026-03', '5000', 21_000, 'repairs'),
      sum('2026-03', '5010', 3_000, 'parts_used'),
      sum('2026-03', '5100', 25_000, 'assets'),
      sum('2026-03', '1290', -25_000, 'assets'),
      // Set aside, taken back whole, set aside again, and paid in part.
      sum('2026-03', '2300', -40_000, 'payouts'),
      sum('2026-03', '2300', 10_000, 'payout_payments'),
      { ...sum('2026-03', '4000', -7), currency: Currency.parse('USD') },
    ];
    const told = assetResult(sums, euro);
    expect(told).toMatchObject({
      ...{ revenue: money('152000'), costs: money('49000'), net: money('103000') },
      ...{ depreciation: money('25000'), repairs: money('24000') },
      revenueByAccount: [
        { account: '4000', amount: money('150000') },
        { account: '4010', amount: money('2000') },
      ],
      payouts: { investors: money('40000'), paid: money('10000') },
    });
    expect(told.costsByAccount.map(({ account }) => account)).toEqual(['5000', '5010', '5100']);
    expect(told.months.map(({ period, net }) => [period, net.amount])).toEqual([
      ['2026-02', '100000'],
      ['2026-03', '3000'],
    ]);
  });

  it('counts days rented and available, and hours of repair, no moment twice', () => {
    const days = [day(1), day(2), day(3), day(4)];
    const rented = [{ from: at(1, 22), to: at(2, 1) }];
    const down = [
      { from: at(2, 12), to: at(4, 6) },
      { from: at(2, 18), to: at(3, 6) },
    ];
    // The third is in repair from begin to end; the second was rented before, the fourth is free after.
    expect(assetUse(days, { rented, down })).toEqual({
      ...{ downtime_h: '42.00', daysRented: 2, daysAvailable: 3, utilisation: '0.666667' },
    });
    const open = [{ from: at(1, 0), to: null }];
    expect(assetUse(days, { rented: [], down: open })).toEqual({
      ...{ downtime_h: '96.00', daysRented: 0, daysAvailable: 0, utilisation: null },
    });
  });

  it('divides what may be below nothing', () => {
    expect(ratioOf(-1n, 3n)).toBe('-0.333333');
    expect(ratioOf(103_000n, 1_650_000n)).toBe('0.062424');
    expect(ratioOf(1n, 0n)).toBeNull();
  });
});
