import { describe, expect, it } from 'vitest';
import { call } from './apiHarness.ts';
import { investorScene } from './investorScene.ts';
import { postedScene } from './postedScene.ts';

describe('the lines of a run', () => {
  it('are shown as they were written down, and of holders none', async () => {
    const { api, run, vehicle } = await postedScene();
    const { status, body } = await call(api, 'GET', `/finance/runs/${run}/lines`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ run_id: run, preview: false, next: null });
    expect(body.lines).toMatchObject([{ vehicle_id: vehicle, revenue: '100000' }]);
    expect(body.lines[0]).toHaveProperty('terms_from');
    const beyond = await call(api, 'GET', `/finance/runs/${run}/lines?from=1`);
    expect(beyond.body).toMatchObject({ lines: [], next: null });
  });

  it('are shown as they would be before the run is posted, in pages', async () => {
    const { api, park, made } = await investorScene();
    const asked = { kind: 'closing', park_id: park, period: '2026-03' };
    const run = await made('/finance/runs', asked);
    const first = await call(api, 'GET', `/finance/runs/${run}/lines?limit=1`);
    expect(first.body).toMatchObject({ preview: true, next: 1 });
    const second = await call(api, 'GET', `/finance/runs/${run}/lines?from=1&limit=1`);
    expect(second.body.lines).toMatchObject([{ kind: 'closing', vehicle_id: null, entries: 0 }]);
    expect(second.body.next).toBeNull();
    const dropped = await call(api, 'POST', `/finance/runs/${run}/withdraw`, { reason: 'mistake' });
    expect(dropped.status).toBe(200);
    const none = await call(api, 'GET', `/finance/runs/${run}/lines`);
    expect(none.body).toMatchObject({ preview: false, lines: [] });
  });

  it('of a payment to the operator need a party', async () => {
    const { api, park } = await investorScene();
    const asked = { kind: 'operator', park_id: park, period: '2026-03' };
    const { status, body } = await call(api, 'POST', '/finance/runs', asked);
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'payee_missing' });
  });
});
