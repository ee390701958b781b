import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bankAnswer } from '#simulators/bank/bankAnswer.ts';
import { uuid8 } from '#tests/support/samples.ts';
import { call } from './apiHarness.ts';
import { fresh, investorScene } from './investorScene.ts';
import { postedScene } from './postedScene.ts';

const eur = (amount: string) => ({ amount, currency: 'EUR' });
let started: Awaited<ReturnType<typeof postedScene>> | undefined;
const here = () => {
  if (!started) throw new Error('not started');
  return started;
};
const asAda = () => here().api.bearer({ role: 'investor', subject: 'ada', parks: [] });
/** What somebody is told of a party, as bytes. */
const told = async (party: string, view: string, headers?: Record<string, string>) => {
  const { api } = here();
  const url = `/api/v1/investors/${party}/${view}`;
  return api.app.inject({ url, headers: headers ?? (await asAda()) });
};
const schedule = async () => (await told(here().ada, 'payout-schedule')).json().assets;

beforeAll(async () => {
  started = await postedScene();
});
afterAll(async () => started?.api.app.close());

describe('when an investor is paid', () => {
  it('is open until a month is closed and somebody proposes to pay it', async () => {
    const { api, ada, park, made } = await investorScene();
    const next = async () => {
      const { body } = await call(api, 'GET', `/investors/${ada}/payout-schedule`);
      expect(body.assets).toMatchObject([{ cadence: 'monthly', months: [] }]);
      return body.assets[0].next;
    };
    const march = { period: '2026-03', closed: false, run: null };
    expect(await next()).toEqual(march);
    await call(api, 'POST', '/finance/periods/2026-03/close', {});
    expect(await next()).toEqual({ ...march, closed: true });
    const of = { kind: 'payout', park_id: park, period: '2026-03' };
    const run_id = await made('/finance/runs', of);
    expect(await next()).toEqual({ ...march, closed: true, run: { run_id, phase: 'proposed' } });
    expect((await call(api, 'GET', `/investors/${ada}/statements`)).body.statements).toEqual([]);
    const early = await call(api, 'GET', `/investors/${ada}/statements/2026-03`);
    expect([early.status, early.body.code]).toEqual([404, 'statement_unknown']);
    await api.app.close();
  });

  // 1,000.00 earned; 5 % into the reserve, 20 % of the rest to the operator, 120.00 first to investors, and
  // 70 % of what is above it: 950.00 − 190.00 = 760.00; 120.00 + 448.00 = 568.00, of which 600 of 1,000.
  const amount = eur('34080');

  it('says by which share-days, how much, and how far the payment is', async () => {
    const { run, order, file, take, vehicle } = here();
    const month = { period: '2026-03', run_id: run, share_days: '18600', amount };
    const [before] = await schedule();
    const owed = { state: 'owed', on: null, reference: null };
    expect(before).toMatchObject({ asset_id: vehicle, months: [{ ...month, payment: owed }] });
    expect(before.next).toEqual({ period: '2026-04', closed: false, run: null });
    const { message } = (await order()).body;
    const state = async () => (await schedule())[0].months[0].payment.state;
    expect(await state()).toBe('ordered');
    const xml = await file(message);
    const [{ months }] = await schedule();
    const back = new Map([[months[0].payment.reference, 'AC04']]);
    const asked = { on: '2026-04-03', opening_cents: 1_000_000n, booking: 'batch' } as const;
    const none = new Map<string, string>();
    await take(bankAnswer(xml, { ...asked, statementId: 'S-1', returned: none }));
    expect(await state()).toBe('paid');
    await take(bankAnswer(xml, { ...asked, statementId: 'S-2', returned: back }));
    expect(await state()).toBe('returned');
  });

  it('comes with a statement that says how each cent came about', async () => {
    const { ada, run, vehicle } = here();
    const listed = { period: '2026-03', amount, run_ids: [run] };
    expect((await told(ada, 'statements')).json().statements).toEqual([listed]);
    const { parts } = (await told(ada, 'statements/2026-03')).json();
    expect(parts).toMatchObject([
      {
        ...{ owed_before: eur('0'), earned: amount, paid: eur('0'), owed: amount, payments: [] },
        runs: [{ run_id: run, root: expect.stringMatching(/^[0-9a-f]{64}$/) }],
        lines: [
          {
            ...{ asset_id: vehicle, shares: 600, shares_issued: 1_000, amount },
            ...{ revenue: eur('100000'), costs: [], to_reserve: eur('5000') },
            ...{ operator_fee: eur('19000'), operator_rest: eur('19200') },
            ...{ to_investors: eur('56800'), distributable: eur('56800') },
            ...{ share_days: '18600', share_days_in_all: '31000' },
            closing: { reserve: eur('5000'), advanced: eur('0'), remainder: eur('0') },
          },
        ],
      },
    ]);
    const csv = await told(ada, 'statements/2026-03?format=csv');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
    const [head, row, end] = csv.body.split('\r\n');
    expect([head?.split(',').length, end]).toEqual([row?.split(',').length, '']);
    expect(row).toContain(',568.00,18600,31000,340.80,returned,');
    const pdf = await told(ada, 'statements/2026-03', {
      ...(await asAda()),
      accept: 'application/pdf',
    });
    expect(pdf.headers['content-type']).toBe('application/pdf');
    expect(pdf.body.slice(0, 5)).toBe('%PDF-');
    expect(here().api.accesses.at(-1)).toMatchObject({ subject: ada, role: 'investor' });
  });

  it('is nobody else’s to know, to the byte', async () => {
    const { api, ada, ben, vehicle } = here();
    const register = await call(api, 'GET', `/assets/${vehicle}/shares?at=2026-03-31`);
    const held: { party_id: string; holding_id: string }[] = register.body.holdings;
    const holding = held.find(({ party_id }) => party_id === ben)?.holding_id ?? 'none';
    const views = ['payout-schedule', 'statements', 'statements/2026-03'];
    const all = [...views, 'statements/2026-03?format=csv'];
    const own = (await Promise.all(all.map((view) => told(ada, view)))).map(({ body }) => body);
    const bens = await told(ben, 'payout-schedule', await api.bearer(fresh));
    const [line] = bens.json().assets[0].months;
    expect([line.share_days, line.amount.amount]).toEqual(['12400', '22720']);
    const secrets = [ben, holding, '12400', '22720', '227.20', line.payment.reference];
    for (const text of own) {
      expect(text).toContain('2026-03');
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    }
    for (const view of views) {
      for (const other of [ben, uuid8(0x39)]) {
        const reply = await told(other, view);
        expect([reply.statusCode, reply.json().code]).toEqual([404, 'party_unknown']);
      }
    }
  });
});
