import { describe, expect, it } from 'vitest';
import { bankAnswer } from '#simulators/bank/bankAnswer.ts';
import { uuid8 } from '#tests/support/samples.ts';
import { call } from './apiHarness.ts';
import { postedScene } from './postedScene.ts';

const asked = { on: '2026-04-03', opening_cents: 1_000_000n, booking: 'batch' } as const;
const idsIn = (file: string) =>
  [...file.matchAll(/<EndToEndId>([0-9a-f]{32})</g)].map(([, id]) => id ?? '');

describe('paying a payout', () => {
  it('goes from the order to what the bank says, and pays again what came back', async () => {
    const { seen, order, file, take, api } = await postedScene();
    const ordered = await order();
    expect(ordered).toMatchObject({ status: 200, body: { count: 2, waiting: 0, unpayable: [] } });
    expect((await order()).body).toMatchObject({ message: null, count: 0 });
    const first = await file(ordered.body.message);
    expect(await file(ordered.body.message, 'csv')).toContain(idsIn(first)[0]);
    expect(api.accesses.at(-1)).toMatchObject({ purpose: 'payment_file_read' });
    const [back = ''] = idsIn(first);
    const returned = new Map([[back, 'AC04']]);
    const statement = bankAnswer(first, { ...asked, statementId: 'S-1', returned });
    const taken = await take(statement);
    expect(taken).toEqual({ status: 200, body: { confirmed: 2, returned: 1, exceptions: [] } });
    expect((await seen()).body.payments).toEqual({ ordered: 2, confirmed: 2, returned: 1 });

    const again = await order();
    expect(again.body).toMatchObject({ count: 1 });
    const nothing = { confirmed: 0, returned: 0, exceptions: [] };
    expect((await take(statement)).body).toEqual(nothing);
    const second = await file(again.body.message);
    expect(idsIn(second)).toEqual([back]);
    const paid = bankAnswer(second, { ...asked, statementId: 'S-2', returned: new Map() });
    expect((await take(paid)).body).toEqual({ ...nothing, confirmed: 1 });
    expect((await seen()).body.payments).toEqual({ ordered: 3, confirmed: 3, returned: 1 });
  });

  it('refuses a statement whole, and lists what fits nothing', async () => {
    const { order, file, take, seen, api } = await postedScene();
    const xml = await file((await order()).body.message);
    const answer = bankAnswer(xml, { ...asked, statementId: 'S-1', returned: new Map() });
    const gap = answer.replace('10000.00', '10000.01');
    const refused = { code: 'statement_refused', about: { why: 'statement_unbalanced' } };
    expect(await take(gap)).toMatchObject({ status: 422, body: refused });
    const foreign = answer.replace('DE89370400440532013000', 'GB82WEST12345698765432');
    expect((await take(foreign)).body).toMatchObject({ about: { why: 'account_foreign' } });
    expect((await seen()).body.payments).toMatchObject({ confirmed: 0 });
    const [id = ''] = idsIn(xml);
    const table = `day,amount,ref,purpose\n2026-04-03,-0.01,R1,${id}\n2026-04-03,5.00,R2,hello\n`;
    const { body } = await take(table, 'text/csv');
    expect(body).toMatchObject({ confirmed: 0, returned: 0 });
    const codes = body.exceptions.map(({ code }: { code: string }) => code);
    expect(codes.toSorted()).toEqual(['amount_differs', 'payment_unknown']);
    await take(table, 'text/csv');
    const url = '/finance/statements/exceptions';
    const listed = (await call(api, 'GET', `${url}?status=open`)).body.items;
    expect(listed).toHaveLength(2);
    expect(JSON.stringify(listed)).not.toContain('hello');
    const [{ exception_id: first }] = listed;
    const settle = (id: string) =>
      call(api, 'POST', `${url}/${id}/settle`, { reason: 'known_payer' });
    expect((await settle(first)).status).toBe(200);
    expect((await settle(uuid8(9))).body.code).toBe('bank_exception_unknown');
    const left = await call(api, 'GET', `${url}?status=open`);
    expect(left.body.items).toHaveLength(1);
    const broken = await take(table.replace('-0.01', 'much'), 'text/csv');
    expect(broken.body).toMatchObject({ about: { why: 'amount_malformed', at: 'line 2, amount' } });
  });
});
