import { describe, expect, it } from 'vitest';
import { call, fleet, testApi } from './apiHarness.ts';

describe('the stock of a park', () => {
  it('is what came and what was counted, to whoever may look into the park', async () => {
    const api = await testApi();
    const { park } = await fleet(api);
    const part = { park_id: park, part: 'BRAKE-PAD', quantity_milli: 4_000 };
    const eur = (amount: string) => ({ amount, currency: 'EUR' });
    const receipt = { ...part, amount: eur('8000'), transaction: 'R-1' };
    for (let n = 0; n < 2; n += 1) {
      expect((await call(api, 'POST', '/inventory/receipts', receipt)).status).toBe(201);
    }
    const seen = async (headers = {}) =>
      (await call(api, 'GET', `/inventory?park_id=${park}`, undefined, headers)).body.items;
    expect(await seen()).toMatchObject([{ ...part, value: eur('8000'), counted_at: null }]);
    const count = { ...part, quantity_milli: 3_500, value: eur('7000'), reason: 'stocktaking' };
    const done = await call(api, 'POST', '/inventory/counts', { ...count, transaction: 'C-1' });
    expect(done.status).toBe(201);
    expect(await seen()).toMatchObject([{ quantity_milli: 3_500, value: eur('7000') }]);
    const other = { ...receipt, amount: eur('1') };
    const reused = await call(api, 'POST', '/inventory/receipts', other);
    expect([reused.status, reused.body.code]).toEqual([409, 'transaction_reused']);
    expect(
      await seen(await api.bearer({ parks: ['00000000-0000-8000-8000-00000000dead'] })),
    ).toEqual([]);
    await api.app.close();
  });
});
