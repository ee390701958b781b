import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuid8 } from '#tests/support/samples.ts';
import { call } from './apiHarness.ts';
import { actorOf, aParty, fresh, IBAN, investorScene } from './investorScene.ts';

let started: Awaited<ReturnType<typeof investorScene>> | undefined;
const here = () => {
  if (!started) throw new Error('not started');
  return started;
};

beforeAll(async () => {
  started = await investorScene();
});
afterAll(async () => started?.api.app.close());

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
    const bound = await api.bearer({ role: 'admin', parks: [here().park] });
    const nobody = [
      await call(api, 'DELETE', `/subjects/${uuid8(0x39)}?kind=party`),
      await call(api, 'DELETE', `/subjects/${cid}?kind=party`, undefined, bound),
    ];
    expect(nobody.map((each) => [each.status, each.body.code])).toEqual([
      [404, 'party_unknown'],
      [404, 'party_unknown'],
    ]);
    const admin = await api.bearer(fresh);
    const account = { iban: IBAN, account_name: 'Cid' };
    const changed = await call(api, 'POST', `/parties/${cid}/bank_account`, account, admin);
    expect([changed.status, changed.body.code]).toEqual([409, 'party_erased']);
  });
});
