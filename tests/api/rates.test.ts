import { describe, expect, it } from 'vitest';
import { money } from '#tests/support/samples.ts';
import { call, fleet, testApi } from './apiHarness.ts';

const friday = { base: 'USD', quote: 'EUR', date: '2026-02-27', rate: '0.90', source: 'ecb' };
const line = (side: string, account: string, amount: object) => ({ side, account, amount });

const scene = async () => {
  const api = await testApi();
  const { park, vehicle } = await fleet(api);
  const record = async (change: object) =>
    (await call(api, 'POST', '/finance/rates', { ...friday, ...change })).status;
  /** A repair of 100.00 dollars that is paid in euro. */
  const post = async (date: string, euros: string, exchange: object | null) => {
    const { status, body } = await call(api, 'POST', '/finance/entries', {
      ...{ park_id: park, vehicle_id: vehicle, date, transaction_id: `T-${date}`, reason: 'parts' },
      lines: [
        line('debit', '5000', money('10000', 'USD')),
        line('credit', '1950', money('10000', 'USD')),
        line('debit', '1950', money(euros)),
        line('credit', '1000', money(euros)),
      ],
      exchange,
    });
    return status === 201 ? body.id : body;
  };
  return { api, record, post };
};

describe('exchange rates', () => {
  it('are recorded, corrected and listed', async () => {
    const { api, record } = await scene();
    expect(await record({})).toBe(200);
    expect(await record({ rate: '0.91' })).toBe(200);
    expect(await record({ date: '2025-12-31', rate: '0.95' })).toBe(200);
    expect(await record({ quote: 'USD' })).toBe(422);
    expect(await record({ rate: '0' })).toBe(400);
    const list = async (query: string) =>
      (await call(api, 'GET', `/finance/rates?base=USD&quote=EUR&${query}`)).body.items;
    expect(await list('from=2025-12-01&to=2026-03-31')).toMatchObject([
      { date: '2025-12-31', rate: '0.95' },
      { date: '2026-02-27', rate: '0.91', source: 'ecb' },
    ]);
    expect(await list('to=2026-02-26')).toEqual([]);
    const bound = await api.bearer({ parks: [] });
    const refused = await call(api, 'POST', '/finance/rates', friday, bound);
    expect([refused.status, refused.body.code]).toEqual([403, 'role_not_allowed']);
  });

  it('are what two currencies meet at in an entry by hand', async () => {
    const { api, record, post } = await scene();
    const exchange = { from: 'USD', to: 'EUR' };
    expect(await post('2026-03-02', '9000', exchange)).toMatchObject({ code: 'rate_missing' });
    await record({});
    expect(await post('2026-03-07', '9000', exchange)).toMatchObject({ code: 'rate_missing' });
    expect(await post('2026-03-02', '9200', exchange)).toMatchObject({
      code: 'exchange_rate_broken',
    });
    expect(await post('2026-03-02', '9000', null)).toMatchObject({ code: 'exchange_rate_missing' });
    // Asked for the other way round, it is the same rate.
    const entry = await post('2026-03-02', '9000', { from: 'EUR', to: 'USD' });
    const items = (await call(api, 'GET', '/finance/rates?base=USD&quote=EUR&to=2026-03-02')).body;
    const { body } = await call(api, 'GET', `/finance/entries/${entry}`);
    const source = items.items[0].event_id;
    expect(body.exchange).toEqual({ from: 'USD', to: 'EUR', rate: '0.90', source });
  });
});
