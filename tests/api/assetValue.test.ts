import { describe, expect, it } from 'vitest';
import { money } from '#tests/support/samples.ts';
import { call, fleet, testApi } from './apiHarness.ts';

const plan = { method: 'straight_line', life_months: 60, residual: money('300000') };
const acquisition = {
  date: '2026-01-20',
  cost: money('1800000'),
  funding: 'investors',
  depreciation: plan,
};

describe('a vehicle as an asset', () => {
  it('is acquired, valued and disposed of, and shows what it is worth on a day', async () => {
    const api = await testApi();
    const { vehicle } = await fleet(api);
    const post = async (path: string, body: object) => {
      const { status, body: told } = await call(api, 'POST', `/assets/${vehicle}/${path}`, body);
      return status === 200 ? 200 : [status, told.code];
    };
    const see = async (at: string) =>
      (await call(api, 'GET', `/assets/${vehicle}/value?at=${at}`)).body;
    expect(await post('acquisition/correct', acquisition)).toEqual([409, 'asset_not_acquired']);
    expect(await post('acquisition', acquisition)).toBe(200);
    const cost = money('1700000');
    expect(await post('acquisition', { ...acquisition, cost })).toEqual([
      409,
      'asset_acquired_already',
    ]);
    expect(await post('acquisition/correct', { ...acquisition, cost })).toBe(200);
    const tooMuch = { ...acquisition, cost: money('1') };
    expect(await post('acquisition/correct', tooMuch)).toEqual([422, 'residual_above_cost']);
    const valuation = {
      date: '2026-03-01',
      value: money('1650000'),
      method: 'market_listing',
      source: 'LIST-7',
    };
    expect(await post('valuations', valuation)).toBe(200);
    const disposal = { date: '2026-04-10', proceeds: money('1500000'), via: 'bank' };
    expect(await post('disposal', { ...disposal, date: '2026-01-02' })).toEqual([
      422,
      'disposal_before_acquisition',
    ]);
    expect(await post('disposal', disposal)).toBe(200);
    expect(await see('2026-01-01')).toMatchObject({ acquisition: null, valuation: null });
    expect(await see('2026-03-02')).toEqual({
      asset_id: vehicle,
      at: '2026-03-02',
      acquisition: { ...acquisition, cost },
      written_off: money('0'),
      book_value: cost,
      valuation,
      disposal: null,
    });
    expect(await see('2026-04-10')).toMatchObject({ book_value: money('0'), disposal });
    expect(await post('disposal/void', { reason: 'mistake' })).toBe(200);
    expect(await see('2026-04-10')).toMatchObject({ book_value: cost, disposal: null });
  });
});
