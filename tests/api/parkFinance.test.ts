import { describe, expect, it } from 'vitest';
import { postedScene } from './postedScene.ts';

describe('what a park earned', () => {
  it('is told as data, as a table and to be printed, with the same figures', async () => {
    const { api, park, vehicle } = await postedScene();
    const ask = async (query: string, accept?: string) => {
      const url = `/api/v1/finance/park/${park}?period=${query}`;
      const headers = { ...(await api.bearer()), ...(accept && { accept }) };
      return api.app.inject({ url, headers });
    };
    const eur = (amount: string) => ({ amount, currency: 'EUR' });
    const data = await ask('2026-03');
    expect(data.json()).toMatchObject({
      ...{ from: '2026-03-01', to: '2026-03-31', revenue: eur('100000'), net: eur('100000') },
      ...{ costs_by_account: [], receivables: eur('100000') },
      vehicles: [{ vehicle_id: vehicle, revenue: eur('100000') }],
      before: { from: '2026-02-01', to: '2026-02-28', revenue: eur('0') },
    });
    const table = await ask('2026-03&format=csv');
    expect(table.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(table.headers['content-disposition']).toContain(
      'park-finance-2026-03-01-2026-03-31.csv',
    );
    const rows = table.body.split('\r\n');
    const days = '2026-03-01,2026-03-31';
    expect(rows).toContain(`revenue,,,${days},1000.00,EUR`);
    expect(rows).toContain(`revenue_of_vehicle,,${vehicle},${days},1000.00,EUR`);
    expect(rows).toContain(`receivables,,,${days},1000.00,EUR`);
    expect(rows).toContain('revenue,,,2026-02-01,2026-02-28,0.00,EUR');
    const printed = await ask('2026', 'application/pdf, application/json;q=0.5');
    expect(printed.headers['content-type']).toBe('application/pdf');
    expect(printed.rawPayload.subarray(0, 5).toString()).toBe('%PDF-');
    const any = await ask('2026-03', '*/*');
    expect(any.headers['content-type']).toContain('application/json');
    await api.app.close();
  });
});
