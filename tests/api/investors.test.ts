import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventId } from '#domain/kernel/ids.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { call } from './apiHarness.ts';
import { FIRST, investorScene, someTerms } from './investorScene.ts';

let started: Awaited<ReturnType<typeof investorScene>> | undefined;
const here = () => {
  if (!started) throw new Error('not started');
  return started;
};

beforeAll(async () => {
  started = await investorScene();
});
afterAll(async () => started?.api.app.close());

describe('an investor', () => {
  const asAda = () => here().api.bearer({ role: 'investor', subject: 'ada', parks: [] });

  it('sees what they hold, and by which terms', async () => {
    const { api, ada, vehicle } = here();
    const held = { asset_id: vehicle, holding_id: expect.any(String), shares: 600, issued: 1_000 };
    const portfolio = await call(
      api,
      'GET',
      `/investors/${ada}/portfolio`,
      undefined,
      await asAda(),
    );
    expect(portfolio.body).toMatchObject({ party_id: ada, holdings: [held] });
    const contract = await call(
      api,
      'GET',
      `/investors/${ada}/contract?at=2026-03-31`,
      undefined,
      await asAda(),
    );
    const { effective_from, ...terms } = someTerms;
    expect(contract.body).toEqual({
      party_id: ada,
      at: '2026-03-31',
      contracts: [{ ...held, effective_from, terms }],
    });
  });

  it('sees nothing of anybody else, not even that there is somebody', async () => {
    const { api, ben, ada } = here();
    const asked = async (url: string, headers: Record<string, string>) => {
      const { status, body } = await call(api, 'GET', url, undefined, headers);
      return [status, body.code];
    };
    const nobody = [404, 'party_unknown'];
    for (const view of ['portfolio', 'contract']) {
      expect(await asked(`/investors/${ben}/${view}`, await asAda())).toEqual(nobody);
      expect(await asked(`/investors/${uuid8(0x39)}/${view}`, await asAda())).toEqual(nobody);
      const other = await api.bearer({ role: 'investor', subject: 'somebody' });
      expect(await asked(`/investors/${ada}/${view}`, other)).toEqual(nobody);
    }
    const register = await asked(`/assets/${here().vehicle}/shares`, await asAda());
    expect(register).toEqual([403, 'role_not_allowed']);
  });

  it('holds nothing by an opening that no event names', async () => {
    const { api, openings, ada } = here();
    const url = `/investors/${ada}/portfolio`;
    const before = (await call(api, 'GET', url)).body;
    const [held] = before.holdings;
    const event = EventId.parse(uuid8(0x77));
    const entries = [held.holding_id, uuid8(0x78)].map((holding) => ({
      event,
      entry: { holding, party: ada, shares: 50, balance: 50 },
    }));
    await openings.keep(acme, entries)();
    expect((await call(api, 'GET', url)).body).toEqual(before);
  });

  it('held what they held on any day', async () => {
    const { api, vehicle, ada, ben, made } = here();
    const handed = { from_party_id: ada, to_party_id: ben, shares: 600 };
    const later = { ...handed, effective_from: '2026-09-16' };
    await made(`/assets/${vehicle}/shares/transfer`, later);
    const on = async (at: string) =>
      (await call(api, 'GET', `/investors/${ada}/portfolio?at=${at}`)).body.holdings;
    expect(await on('2026-02-28')).toEqual([]);
    expect(await on('2026-09-15')).toMatchObject([{ shares: 600, issued: 1_000 }]);
    expect(await on('2026-09-16')).toEqual([]);
    const register = await call(api, 'GET', `/assets/${vehicle}/shares?at=2026-09-16`);
    expect(register.body).toMatchObject({
      issued: 1_000,
      holdings: [{ party_id: ben, shares: 1_000 }],
    });
  });
});

describe('the performance of an asset', () => {
  const see = async (who: object) => {
    const { api, vehicle } = here();
    const url = `/assets/${vehicle}/performance?period=2026-03`;
    return call(api, 'GET', url, undefined, await api.bearer(who));
  };

  it('is shown to who holds it, and to nobody else who is an investor', async () => {
    const { api, park, vehicle } = here();
    const amount = { amount: '9540', currency: 'EUR' };
    const spent = {
      ...{ park_id: park, vehicle_id: vehicle, date: '2026-03-05', transaction_id: 'I-1' },
      reason: 'insurance',
      lines: [
        { side: 'debit', account: '5020', amount },
        { side: 'credit', account: '2000', amount },
      ],
    };
    expect((await call(api, 'POST', '/finance/entries', spent)).status).toBe(201);
    const held = await see({ role: 'investor', subject: 'ada', parks: [] });
    expect(held.body).toMatchObject({
      ...{ asset_id: vehicle, from: '2026-03-01', to: '2026-03-31', costs: amount },
      net: { amount: '-9540', currency: 'EUR' },
      costs_by_account: [{ account: '5020', amount }],
      ...{ days_rented: 0, days_available: 31, utilisation: '0.000000', valuation: null },
      before: { from: '2026-02-01', to: '2026-02-28', costs: { amount: '0' } },
    });
    expect(JSON.stringify(held.body)).not.toContain('holding');
    const strangers = [
      { role: 'investor', subject: 'ben', parks: [] },
      { role: 'operator', parks: [] },
    ];
    for (const who of strangers) {
      const { status, body } = await see(who);
      expect([status, body.code]).toEqual([404, 'vehicle_unknown']);
    }
  });

  it('is not what a holder sees of the time before they held anything', async () => {
    const { api, vehicle } = here();
    const url = `/assets/${vehicle}/performance?period=2026-02`;
    const ada = await api.bearer({ role: 'investor', subject: 'ada', parks: [] });
    expect((await call(api, 'GET', url, undefined, ada)).status).toBe(404);
  });
});

describe('shares and terms of an asset', () => {
  it('are refused with a code where they cannot be', async () => {
    const { api, vehicle, ada, ben } = here();
    const refused = async (url: string, body: object) => {
      const { status, body: said } = await call(api, 'POST', `/assets/${vehicle}/${url}`, body);
      return [status, said.code, said.about];
    };
    const march = { effective_from: FIRST };
    const of = { from_party_id: ada, to_party_id: ben };
    expect(await refused('shares/transfer', { ...march, ...of, shares: 9_999 })).toEqual([
      409,
      'holding_too_small',
      { available: expect.any(Number) },
    ]);
    const twice = [
      { party_id: ada, shares: 1 },
      { party_id: ada, shares: 1 },
    ];
    expect(await refused('shares/issue', { ...march, to: twice })).toEqual([
      422,
      'holder_named_twice',
      undefined,
    ]);
    const from = [{ party_id: ada, shares: 1 }];
    expect(await refused('shares/redeem', { effective_from: '2020-01-01', from })).toEqual([
      409,
      'shares_not_issued',
      undefined,
    ]);
    const hurdle = { rate: '0.08', valuation: { amount: '1', currency: 'TRY' } };
    expect(await refused('terms', { ...someTerms, hurdle })).toEqual([
      422,
      'foreign_currency',
      { expected: 'EUR' },
    ]);
  });

  it('are carried out once under a key, and never as something else', async () => {
    const { api, ben, vehicle } = here();
    const url = `/assets/${vehicle}/shares/issue`;
    const issue = (shares: number) => ({
      effective_from: '2027-01-01',
      to: [{ party_id: ben, shares }],
    });
    const key = { 'idempotency-key': 'once' };
    const first = await call(api, 'POST', url, issue(5), key);
    const again = await call(api, 'POST', url, issue(5), key);
    expect([again.status, again.body]).toEqual([200, first.body]);
    const other = await call(api, 'POST', url, issue(6), key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('are told by the days from which they hold', async () => {
    const { api, vehicle } = here();
    const { body } = await call(api, 'GET', `/assets/${vehicle}/terms`);
    const { effective_from, ...terms } = someTerms;
    expect(body).toEqual({ items: [{ effective_from, terms }] });
  });
});
