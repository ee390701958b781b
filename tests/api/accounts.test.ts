import { describe, expect, it } from 'vitest';
import { call, fleet, testApi } from './apiHarness.ts';

const line = (account: string, side: string) => ({
  ...{ account, side, amount: { amount: '100', currency: 'EUR' } },
});

describe('the chart of accounts', () => {
  it('begins with the usual one, and takes accounts that entries may then name', async () => {
    const api = await testApi();
    const { park } = await fleet(api);
    const chart = async () => (await call(api, 'GET', '/finance/accounts')).body.accounts;
    expect((await chart())[0]).toEqual({ account: '1000', name: 'bank', type: 'asset' });
    const entry = {
      ...{ park_id: park, date: '2026-03-10', transaction_id: 'T-1', reason: 'cleaning' },
      lines: [line('5200', 'debit'), line('1000', 'credit')],
    };
    const unknown = await call(api, 'POST', '/finance/entries', entry);
    expect([unknown.status, unknown.body.code]).toEqual([422, 'account_unknown']);
    const put = () => call(api, 'PUT', '/finance/accounts/5200', { name: 'cleaning' });
    expect((await put()).status).toBe(200);
    expect(await chart()).toContainEqual({ account: '5200', name: 'cleaning', type: 'expense' });
    expect((await call(api, 'POST', '/finance/entries', entry)).status).toBe(201);
    expect((await put()).status).toBe(200);
    await api.app.close();
  });

  it('keeps what entries touched and rules post to, and what an account is', async () => {
    const api = await testApi();
    const { park } = await fleet(api);
    const said = async (method: 'PUT' | 'DELETE', code: string, body: object = {}) => {
      const reply = await call(api, method, `/finance/accounts/${code}`, body);
      return [reply.status, reply.body.code ?? null];
    };
    expect(await said('PUT', '5200', { name: 'cleaning' })).toEqual([200, null]);
    expect(await said('PUT', '5200', { name: 'washing' })).toEqual([200, null]);
    expect(await said('DELETE', '5200')).toEqual([200, null]);
    expect(await said('DELETE', '5200')).toEqual([200, null]);
    expect(await said('DELETE', '4000')).toEqual([409, 'account_of_rules']);
    const wrong = { name: 'loans', type: 'asset' };
    expect(await said('PUT', '2600', wrong)).toEqual([422, 'account_of_other_class']);
    expect(await said('PUT', '5200', { name: 'cleaning' })).toEqual([200, null]);
    await call(api, 'POST', '/finance/entries', {
      ...{ park_id: park, date: '2026-03-10', transaction_id: 'T-1', reason: 'cleaning' },
      lines: [line('5200', 'debit'), line('1000', 'credit')],
    });
    expect(await said('PUT', '5200', { name: 'washing' })).toEqual([409, 'account_in_use']);
    expect(await said('DELETE', '5200')).toEqual([409, 'account_in_use']);
    const bound = await api.bearer({ parks: [park] });
    const reply = await call(api, 'PUT', '/finance/accounts/5300', { name: 'x' }, bound);
    expect([reply.status, reply.body.code]).toEqual([403, 'role_not_allowed']);
    await api.app.close();
  });
});
