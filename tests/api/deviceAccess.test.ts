import { describe, expect, it } from 'vitest';
import { credentialsOf } from '#ingest/listeners/deviceToken.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { call, type TestApi, testApi } from './apiHarness.ts';

const ident = '000000000000017';

const verdictOn = async (api: TestApi, token: string): Promise<number> => {
  const reply = await api.app.inject({
    method: 'POST',
    url: '/api/v1/telemetry',
    headers: { authorization: `Bearer ${token}` },
    payload: '[]',
  });
  return reply.statusCode;
};

describe('devices', () => {
  it('get a secret that is shown once, replaced and revoked', async () => {
    const api = await testApi();
    const made = await call(api, 'POST', '/devices', { ident });
    expect(made).toMatchObject({ status: 201, body: { ident } });
    expect(made.headers['cache-control']).toBe('no-store');
    const { secret, token } = made.body;
    expect(credentialsOf(token)).toEqual({ ident, secret });
    expect(await verdictOn(api, token)).toBe(200);
    const listed = await call(api, 'GET', '/devices');
    expect(listed.body.items).toMatchObject([{ ident, active: true, datagrams: false }]);
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    const rotated = await call(api, 'POST', `/devices/${ident}/rotate`);
    expect(rotated.status).toBe(200);
    expect(await verdictOn(api, token)).toBe(401);
    expect(await verdictOn(api, rotated.body.token)).toBe(200);
    expect((await call(api, 'POST', `/devices/${ident}/revoke`)).body).toEqual({ ident });
    expect(await verdictOn(api, rotated.body.token)).toBe(401);
    expect((await call(api, 'GET', '/devices')).body.items).toMatchObject([{ active: false }]);
    expect(JSON.stringify(api.lines)).not.toContain(secret);
    expect(JSON.stringify(api.lines)).not.toContain(ident);
  });

  it('belong to one tenant on the whole platform', async () => {
    const api = await testApi();
    await call(api, 'POST', '/devices', { ident });
    const again = await call(api, 'POST', '/devices', { ident });
    expect(again).toMatchObject({ status: 409, body: { code: 'device_registered' } });
    const other = await api.bearer({ tenant: 'other' });
    const taken = await call(api, 'POST', '/devices', { ident }, other);
    expect(taken).toMatchObject({ status: 409, body: { code: 'device_taken' } });
    for (const [method, url] of [
      ['POST', `/devices/${ident}/rotate`],
      ['POST', `/devices/${ident}/revoke`],
      ['DELETE', `/devices/${ident}`],
    ] as const) {
      const reply = await call(api, method, url, undefined, other);
      expect([url, reply.status, reply.body.code]).toEqual([url, 404, 'device_unknown']);
    }
    expect((await call(api, 'GET', '/devices', undefined, other)).body.items).toEqual([]);
    expect((await call(api, 'DELETE', `/devices/${ident}`)).status).toBe(200);
    const moved = await call(api, 'POST', '/devices', { ident, datagrams: true }, other);
    expect(moved.status).toBe(201);
    const { tenant, datagrams } = rightOf(await api.access.ownerOf(moved.body.ident)()) ?? {
      tenant: null,
      datagrams: null,
    };
    expect([tenant, datagrams]).toEqual(['other', true]);
  });

  it('are listed page by page', async () => {
    const api = await testApi();
    for (const name of ['a', 'b', 'c']) await call(api, 'POST', '/devices', { ident: name });
    const first = await call(api, 'GET', '/devices?limit=2');
    const rest = await call(api, 'GET', `/devices?limit=2&after=${first.body.next}`);
    const idents = [...first.body.items, ...rest.body.items].map((item) => item.ident);
    expect([idents, rest.body.next]).toEqual([['a', 'b', 'c'], null]);
  });

  it('are called what can be in a topic and a frame', async () => {
    const api = await testApi();
    for (const wrong of ['', 'a/b', 'a#b', 'a;b', 'a+b', 'a b', 'x'.repeat(65), 'ünit']) {
      const reply = await call(api, 'POST', '/devices', { ident: wrong });
      expect([wrong, reply.status]).toEqual([wrong, 400]);
    }
    api.devices.up = false;
    const away = await call(api, 'POST', '/devices', { ident });
    expect(away).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
  });

  it('are registered by operators', async () => {
    const api = await testApi();
    for (const role of ['driver', 'investor', 'auditor', 'analyst'] as const) {
      const headers = await api.bearer({ role });
      const reply = await call(api, 'POST', '/devices', { ident }, headers);
      expect([role, reply.status]).toEqual([role, 403]);
    }
    const headers = await api.bearer({ role: 'operator' });
    expect((await call(api, 'POST', '/devices', { ident }, headers)).status).toBe(201);
    expect((await call(api, 'DELETE', `/devices/${ident}`, undefined, headers)).status).toBe(403);
  });
});
