import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secondFactor } from '#api/demoTokens.ts';
import { rightsInForce } from '#api/rightsInForce.ts';
import { deriveUuid } from '#commands/identity.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { call, fleet, START, type TestApi, testApi } from './apiHarness.ts';

/** A number that banks print in examples. */
const IBAN = 'DE89370400440532013000';
const FIRST = '2026-03-01';
const fresh = secondFactor(Date.now());

const aParty = (name: string) => ({
  kind: 'investor',
  identity: { name },
  contact: { email: 'someone@example.org' },
  bank_account: { iban: 'de89 3704 0044 0532 0130 00', account_name: name },
  occurred_at: START,
});
const someTerms = {
  effective_from: FIRST,
  reserve: { rate: '0.05', until: { amount: '40000', currency: 'EUR' } },
  operator_fee: '0.2',
  hurdle: { rate: '0.08', valuation: { amount: '1800000', currency: 'EUR' } },
  investors_share: '0.7',
};

let started: Awaited<ReturnType<typeof scene>> | undefined;
const here = () => {
  if (!started) throw new Error('not started');
  return started;
};

/** The stand-in that the harness gives to whoever logs in under a name. */
const actorOf = ({ issuer }: TestApi, subject: string): ActorId =>
  ActorId.parse(deriveUuid('actor', issuer.issuer, subject));

/** An asset of two investors; a user who is the first of them has come with a token before. */
const scene = async () => {
  const api = await testApi();
  const { park, vehicle } = await fleet(api);
  const made = async (url: string, body: unknown): Promise<string> => {
    const reply = await call(api, 'POST', url, body);
    expect([url, reply.status < 300, reply.body]).toEqual([url, true, expect.anything()]);
    return reply.body.id;
  };
  const [ada, ben] = [await made('/parties', aParty('Ada')), await made('/parties', aParty('Ben'))];
  const to = [
    { party_id: ada, shares: 600 },
    { party_id: ben, shares: 400 },
  ];
  await made(`/assets/${vehicle}/shares/issue`, { effective_from: FIRST, to });
  await made(`/assets/${vehicle}/terms`, someTerms);
  const caller = {
    tenant: acme,
    actor: actorOf(api, 'ada'),
    roles: ['investor'],
    permissions: new Set<never>(),
    parks: new Set<never>(),
    driver: null,
    auth: { acr: null, amr: [], auth_time_s: null },
    until_ms: 0,
  } as const;
  await rightsInForce(testLedger(api.store).ledger, 'urn:issuer')(caller, { reads: false });
  const admin = await api.bearer(fresh);
  const link = { user_id: actorOf(api, 'ada') };
  const linked = await call(api, 'POST', `/parties/${ada}/user`, link, admin);
  expect(linked.status).toBe(200);
  return { api, park, vehicle, ada, ben, made };
};

beforeAll(async () => {
  started = await scene();
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

describe('a party', () => {
  it('is shown with its personal data to whoever may see it, which is recorded', async () => {
    const { api, ada } = here();
    const before = api.accesses.length;
    const seen = await call(api, 'GET', `/parties/${ada}`);
    expect(seen.body).toMatchObject({
      party_id: ada,
      kind: 'investor',
      user_id: actorOf(api, 'ada'),
      personal: { identity: { name: 'Ada' }, bank_account: { iban: IBAN, account_name: 'Ada' } },
    });
    expect(api.accesses.slice(before)).toMatchObject([{ subject: ada }]);
    const auditor = await api.bearer({ role: 'auditor' });
    const bare = await call(api, 'GET', `/parties/${ada}`, undefined, auditor);
    expect(bare.body).not.toHaveProperty('personal');
    const listed = await call(api, 'GET', '/parties?kind=investor', undefined, auditor);
    expect(listed.body.items).toHaveLength(2);
  });

  it('has another account once somebody with a second factor says so', async () => {
    const { api, ben } = here();
    const account = { iban: IBAN, account_name: 'Ben and sons' };
    const url = `/parties/${ben}/bank_account`;
    expect((await call(api, 'POST', url, account)).body.code).toBe('step_up_required');
    const admin = await api.bearer(fresh);
    expect((await call(api, 'POST', url, account, admin)).status).toBe(200);
    const { personal } = (await call(api, 'GET', `/parties/${ben}`)).body;
    expect(personal.bank_account).toEqual({ ...account, bic: null });
    const wrong = { ...account, iban: 'DE88370400440532013000' };
    const refused = await call(api, 'POST', url, wrong, admin);
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      400,
      expect.not.stringContaining('DE88'),
    ]);
    const { records } = api.log;
    for (const secret of [IBAN, 'Ben and sons', 'someone@example.org'])
      expect(records.some(({ text }) => text.includes(secret))).toBe(false);
  });

  it('is nobody to whoever is bound to parks', async () => {
    const { api, ada, park } = here();
    const bound = await api.bearer({ role: 'operator', parks: [park], ...fresh });
    const asked = [
      ['GET', `/parties/${ada}`],
      ['GET', `/investors/${ada}/portfolio`],
      ['POST', `/parties/${ada}/bank_account`, { iban: IBAN, account_name: 'X' }],
    ] as const;
    for (const [method, url, body] of asked) {
      const { status, body: said } = await call(api, method, url, body, bound);
      expect([url, status, said.code]).toEqual([url, 404, 'party_unknown']);
    }
    expect((await call(api, 'GET', '/parties', undefined, bound)).body.items).toEqual([]);
  });

  it('is no user that never came', async () => {
    const { api, ben } = here();
    const link = { user_id: uuid8(0x91) };
    const admin = await api.bearer(fresh);
    const refused = await call(api, 'POST', `/parties/${ben}/user`, link, admin);
    expect([refused.status, refused.body.code]).toEqual([404, 'user_unknown']);
  });

  it('is erased but for its account, which is kept for ten years', async () => {
    const { api, made } = here();
    const cid = await made('/parties', aParty('Cid'));
    const erased = await call(api, 'DELETE', `/subjects/${cid}?kind=party`);
    expect(erased.body).toMatchObject({
      erased: ['identity', 'contact'],
      held: [{ class: 'bank_account' }],
    });
    const years = Date.parse(erased.body.held[0].until) - Date.now();
    expect(Math.round(years / 86_400_000)).toBe(3_653);
    const { body } = await call(api, 'GET', `/parties/${cid}`);
    expect(body.personal).toMatchObject({
      identity: null,
      contact: null,
      bank_account: { iban: IBAN },
    });
    const admin = await api.bearer(fresh);
    const account = { iban: IBAN, account_name: 'Cid' };
    const changed = await call(api, 'POST', `/parties/${cid}/bank_account`, account, admin);
    expect([changed.status, changed.body.code]).toEqual([409, 'party_erased']);
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
