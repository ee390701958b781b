import { expect } from 'vitest';
import { call } from './apiHarness.ts';
import { fresh, investorScene } from './investorScene.ts';

/** A month of the asset that is reckoned, approved by another person and posted. */
export const postedScene = async () => {
  const scene = await investorScene();
  const { api, park, vehicle, made } = scene;
  const line = (account: string, side: string) => ({
    ...{ account, side, amount: { amount: '100000', currency: 'EUR' } },
  });
  await made('/finance/entries', {
    ...{ park_id: park, vehicle_id: vehicle, date: '2026-03-10', transaction_id: 'T-1' },
    ...{ reason: 'by_hand', lines: [line('1100', 'debit'), line('4000', 'credit')] },
  });
  const closed = await call(api, 'POST', '/finance/periods/2026-03/close', {});
  expect(closed.status).toBe(200);
  const run = await made('/finance/runs', { kind: 'payout', park_id: park, period: '2026-03' });
  const seen = () => call(api, 'GET', `/finance/runs/${run}`);
  const { inputs } = (await seen()).body;
  const other = await api.bearer({ subject: 'somebody-else' });
  const approved = await call(api, 'POST', `/finance/runs/${run}/approve`, { inputs }, other);
  expect(approved.status).toBe(200);
  expect((await call(api, 'POST', `/finance/runs/${run}/post`, {})).status).toBe(200);
  const admin = await api.bearer(fresh);
  const order = () => {
    const wanted = { execution_date: '2026-04-03' };
    return call(api, 'POST', `/finance/runs/${run}/payments`, wanted, admin);
  };
  const file = async (message: string, format = 'xml') => {
    const url = `/api/v1/finance/runs/${run}/payments/${message}?format=${format}`;
    return (await api.app.inject({ url, headers: admin })).body;
  };
  const take = async (payload: string, type = 'application/xml') => {
    const headers = { ...admin, 'content-type': type };
    const url = '/api/v1/finance/statements';
    const reply = await api.app.inject({ method: 'POST', url, headers, payload });
    return { status: reply.statusCode, body: reply.json() };
  };
  return { ...scene, run, seen, order, file, take };
};
