import { describe, expect, it } from 'vitest';
import { accountStandingReactor } from '#commands/reactors/accountStandingReactor.ts';
import { chargingReactor } from '#commands/reactors/chargingReactor.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { memoryMarks, settle } from '#tests/support/reactorHarness.ts';
import { instant, money, uuid8 } from '#tests/support/samples.ts';
import { call, fleet, testApi } from './apiHarness.ts';

const TAKEN = '2026-03-02T08:00:00Z';
const plan = {
  effective_from: '2026-03-01',
  currency: 'EUR',
  time: { per: 'day', amount: money('2500') },
  tax_rate: '0.19',
  fare_share: '0.4',
  deposit: money('50000'),
  deduction_cap: money('10000'),
  dispute_window_days: 14,
};

/** A driver with a vehicle since the second of March under a plan, by whom three days have been owed. */
const scene = async () => {
  const api = await testApi();
  const { park, vehicle, driver } = await fleet(api);
  const post = (url: string, body: object) => call(api, 'POST', `/drivers/${driver}${url}`, body);
  const see = async (url: string) => (await call(api, 'GET', `/drivers/${driver}${url}`)).body;
  const published = await call(api, 'PUT', '/plans/STD', plan);
  expect(published.status).toBe(200);
  const taking = { vehicle_id: vehicle, driver_id: driver, plan: 'STD', occurred_at: TAKEN };
  const rental = (await call(api, 'POST', '/rentals', taking)).body.id;
  const until = instant('2026-03-04T12:00:00.000Z');
  const ledger = { ...testLedger(api.store).ledger, now: () => until };
  await settle(api.store, memoryMarks(), chargingReactor(ledger));
  return { api, ledger, park, vehicle, driver, rental, post, see };
};

const euros = (owed: string, deposit: string, payable = '0') => ({
  currency: 'EUR',
  owed: money(owed),
  deposit: money(deposit),
  payable: money(payable),
});

describe('a driver’s account', () => {
  it('shows what is owed, deposited and earned, and every entry', async () => {
    const { post, see, driver, rental } = await scene();
    expect((await see('/account')).account.balances).toEqual([euros('8925', '0')]);
    const paid = { amount: money('3000'), via: 'bank', transaction: 'B-1', occurred_at: TAKEN };
    expect((await post('/payments', paid)).status).toBe(200);
    expect((await post('/payments', paid)).status).toBe(200);
    const other = await post('/payments', { ...paid, amount: money('3001') });
    expect([other.status, other.body.code]).toEqual([409, 'transaction_reused']);
    await post('/deposits', { ...paid, transaction: 'B-2', amount: money('50000') });
    const use = { amount: money('5925'), to: 'arrears', occurred_at: '2026-03-05T09:00:00Z' };
    expect((await post('/deposits/apply', use)).status).toBe(200);
    const more = await post('/deposits/apply', use);
    expect([more.status, more.body.code]).toEqual([409, 'nothing_owed']);
    const back = { amount: money('44076'), transaction: 'B-3', occurred_at: TAKEN };
    expect((await post('/deposits/refund', back)).body).toMatchObject({
      code: 'deposit_too_small',
      about: { held: '44075', currency: 'EUR' },
    });
    const fare = {
      rental_id: rental,
      amount: money('2000'),
      transaction: 'F-1',
      occurred_at: TAKEN,
    };
    expect((await post('/fares', fare)).status).toBe(200);
    const { account, entries } = await see('/account?limit=2');
    expect(account).toMatchObject({
      driver_id: driver,
      balances: [euros('0', '44075', '800')],
      holds_deposit: true,
    });
    expect(entries.items[0]).toMatchObject({
      type: 'DepositApplied',
      driver_id: driver,
      change: { owed: money('-5925'), deposit: money('-5925') },
    });
    const rest = await see(`/account?limit=50&after=${entries.next}`);
    expect(rest.entries.items).toHaveLength(5);
    expect(rest.entries.next).toBeNull();
  });

  it('is waived by hand, once, and by nobody who does not know the charge', async () => {
    const { post, see } = await scene();
    const { entries } = await see('/account');
    const { charge, charged } = entries.items[0];
    expect(charged).toMatchObject({
      kind: 'day',
      plan: 'STD',
      plan_version: 1,
      net: money('2500'),
    });
    const waive = { reason: 'goodwill', occurred_at: TAKEN };
    expect((await post(`/charges/${charge}/reverse`, waive)).status).toBe(200);
    expect((await see('/account')).account.balances).toEqual([euros('5950', '0')]);
    expect((await post(`/charges/${uuid8(1)}/reverse`, waive)).body.code).toBe('charge_unknown');
  });

  it('is told by the month, opening and entries making up the closing', async () => {
    const { post, see } = await scene();
    const april = { amount: money('1000'), via: 'bank', transaction: 'B-1' };
    await post('/payments', { ...april, occurred_at: '2026-04-01T08:00:00Z' });
    const march = await see('/account/statement?period=2026-03');
    expect(march.entries.map(({ local_date }: { local_date: string }) => local_date)).toEqual([
      '2026-03-02',
      '2026-03-03',
      '2026-03-04',
    ]);
    const sums = (owed: string) => ({
      owed: money(owed),
      deposit: money('0'),
      payable: money('0'),
    });
    expect(march.balances).toEqual([
      { currency: 'EUR', opening: sums('0'), closing: sums('8925') },
    ]);
    const next = await see('/account/statement?period=2026-04');
    expect(next.balances).toEqual([
      { currency: 'EUR', opening: sums('8925'), closing: sums('7925') },
    ]);
    expect(next.entries).toHaveLength(1);
    expect((await see('/account/statement?period=2026-02')).balances).toEqual([]);
  });

  it('is seen by its driver and by no other', async () => {
    const { api, driver } = await scene();
    const as = async (whose: string) => {
      const headers = await api.bearer({ role: 'driver', driver: whose });
      return (await call(api, 'GET', `/drivers/${driver}/account`, undefined, headers)).status;
    };
    expect([await as(driver), await as(uuid8(1))]).toEqual([200, 404]);
  });

  it('is listed while it holds a deposit', async () => {
    const { api, driver, park, post } = await scene();
    const listed = async (query = '') =>
      (await call(api, 'GET', `/finance/deposits${query}`)).body.items;
    expect(await listed()).toEqual([]);
    const taken = { amount: money('50000'), via: 'bank', transaction: 'B-1', occurred_at: TAKEN };
    await post('/deposits', taken);
    expect(await listed(`?park_id=${park}`)).toMatchObject([
      { driver_id: driver, balances: [euros('8925', '50000')] },
    ]);
    expect(await listed(`?park_id=${uuid8(1)}`)).toEqual([]);
    await post('/deposits/refund', { ...taken, via: undefined, transaction: 'B-2' });
    expect(await listed()).toEqual([]);
  });

  it('feeds the standing, which is then not stated by hand', async () => {
    const { api, ledger, post, see } = await scene();
    await settle(api.store, memoryMarks(), accountStandingReactor(ledger));
    expect((await see('/standing')).standing.arrears.amount).toEqual(money('8925'));
    const byHand = await post('/standing/arrears', { amount: money('1') });
    expect([byHand.status, byHand.body.code]).toEqual([409, 'account_kept']);
  });
});

describe('a deduction for damage', () => {
  it('is proposed with evidence, disputed by the driver, decided, and made within its cap', async () => {
    const { api, driver, rental, post, see } = await scene();
    const damage = { rental_id: rental, amount: money('12000'), evidence: [uuid8(5)] };
    const proposed = await post('/deductions', { ...damage, occurred_at: TAKEN });
    expect(proposed.status).toBe(201);
    const { id } = proposed.body;
    const step = (name: string, body: object) => post(`/deductions/${id}/${name}`, body);
    const part = (amount: string, at = '2026-03-03T08:00:00Z') => ({
      amount: money(amount),
      occurred_at: at,
    });
    expect((await step('make', part('10000'))).body.code).toBe('dispute_window_open');
    const headers = await api.bearer({ role: 'driver', driver });
    const url = `/drivers/${driver}/deductions/${id}`;
    const objection = { reason: 'not_mine', occurred_at: '2026-03-03T08:00:00Z' };
    expect((await call(api, 'POST', `${url}/dispute`, objection, headers)).status).toBe(200);
    expect((await call(api, 'POST', `${url}/uphold`, {}, headers)).status).toBe(403);
    expect((await step('make', part('10000', '2026-03-20T08:00:00Z'))).body.code).toBe(
      'deduction_disputed',
    );
    expect((await step('uphold', {})).status).toBe(200);
    expect((await step('make', part('10001'))).body).toMatchObject({
      code: 'deduction_cap_exceeded',
      about: { left: '10000', currency: 'EUR' },
    });
    expect((await step('make', part('10000'))).status).toBe(200);
    expect((await see('/account')).account.deductions).toMatchObject([
      { deduction: id, rental_id: rental, made: money('10000'), status: 'upheld' },
    ]);
    expect((await step('withdraw', { reason: 'dispute_upheld' })).status).toBe(200);
    expect((await see('/account')).account).toMatchObject({
      balances: [euros('8925', '0')],
      deductions: [{ made: money('0'), status: 'withdrawn' }],
    });
    expect(
      (await post('/deductions', { ...damage, rental_id: `${uuid8(1)}~${uuid8(2)}` })).body.code,
    ).toBe('rental_unknown');
  });
});

describe('a plan', () => {
  it('is published in versions, with what has to be known of the law', async () => {
    const { api } = await scene();
    const tomorrow = { ...plan, effective_from: '2199-01-01', fare_share: undefined };
    expect((await call(api, 'PUT', '/plans/STD', tomorrow)).status).toBe(200);
    const outdated = await call(api, 'PUT', '/plans/STD', {
      ...plan,
      effective_from: '2026-03-05',
    });
    expect([outdated.status, outdated.body.code]).toEqual([409, 'plan_outdated']);
    const { body } = await call(api, 'GET', '/plans/STD');
    expect(body).toMatchObject({ plan: 'STD', in_force: 1 });
    expect(body.versions).toMatchObject([
      {
        version: 1,
        effective_from: '2026-03-01',
        terms: { tax_rate: '0.19', fare_share: '0.4', dispute_window_days: 14 },
        warnings: [
          { code: 'pay_depends_on_distance', source: 'Regulation (EC) No 561/2006, article 10(1)' },
        ],
      },
      { version: 2, warnings: [] },
    ]);
  });
  it('is in one currency, and not there before it is published', async () => {
    const { api } = await scene();
    const mixed = await call(api, 'PUT', '/plans/X', { ...plan, deposit: money('1', 'TRY') });
    expect([mixed.status, mixed.body.code]).toEqual([400, 'malformed_request']);
    expect((await call(api, 'GET', '/plans/X')).body.code).toBe('plan_unknown');
  });
});
