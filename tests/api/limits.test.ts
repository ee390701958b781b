import { isRight, left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import type { DeviceAccess } from '#ingest/deviceAccess.ts';
import { pacedAccess } from '#ingest/pacedAccess.ts';
import { rateWindow } from '#ingest/rateWindow.ts';
import { acme } from '#tests/support/samples.ts';
import { call, testApi } from './apiHarness.ts';

describe('a subject', () => {
  it('may ask so often in a second, from wherever, and nobody else pays for it', async () => {
    const api = await testApi(undefined, { subject_requests_per_s_max: 3 });
    const ann = await api.bearer({ subject: 'ann' });
    const ask = async (headers: Readonly<Record<string, string>>) =>
      call(api, 'GET', '/parks', undefined, headers);
    const replies = [await ask(ann), await ask(ann), await ask(ann), await ask(ann)];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const [, , , refused] = replies;
    expect(refused?.body).toMatchObject({ code: 'too_many_requests', status: 429 });
    expect(refused?.headers['retry-after']).toBe('1');
    expect((await ask(await api.bearer({ subject: 'bob' }))).status).toBe(200);
    expect((await ask(await api.bearer({ subject: 'ann', tenant: 'other' }))).status).toBe(200);
  });
});

describe('a device', () => {
  const ident = DeviceIdent.parse('D-1');
  const grant = { tenant: acme, ident, secretId: 's' };
  const access: DeviceAccess = {
    verify:
      ({ secret }) =>
      async () =>
        secret === 'right' ? right(grant) : left({ code: 'DeviceRefused' }),
    stands: () => async () => right(true),
    ownerOf: () => async () => right(null),
  };
  const rate = { times_max: 2, window_ms: 1_000, keys_max: 10 };

  it('is let in so often, and cannot be shut out by who only bears its name', async () => {
    const paced = pacedAccess(access, rateWindow(rate));
    for (let n = 0; n < 20; n += 1) {
      const stranger = await paced.verify({ ident, secret: 'wrong' })();
      expect(stranger).toMatchObject({ left: { code: 'DeviceRefused' } });
    }
    const enter = paced.verify({ ident, secret: 'right' });
    expect([isRight(await enter()), isRight(await enter())]).toEqual([true, true]);
    expect(await enter()).toEqual(left({ code: 'DeviceTooOften', retry_after_s: 1 }));
  });

  it('is told when it may send again', async () => {
    const api = await testApi(undefined, {});
    const changed = await testApi(undefined, {
      telemetry: {
        intake: api.intake.intake,
        sight: (sighting) => api.sightings.push(sighting),
        access: pacedAccess(api.access, rateWindow({ ...rate, times_max: 1 })),
      },
    });
    const made = await call(api, 'POST', '/devices', { ident });
    const send = () =>
      changed.app.inject({
        method: 'POST',
        url: '/api/v1/telemetry',
        headers: { authorization: `Bearer ${made.body.token}` },
        payload: { device_time: '2026-03-02T08:00:00Z', seq: 1 },
      });
    expect((await send()).statusCode).toBe(200);
    const refused = await send();
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'too_many_requests']);
    expect(refused.headers['retry-after']).toBe('1');
    expect(api.sightings).toContainEqual({
      type: 'login_refused',
      listener: 'http',
      reason: 'too_often',
    });
  });
});

describe('a rate', () => {
  it('begins anew when its time is over, by whatever clock', () => {
    let now_ms = 10_000;
    const pace = rateWindow({ times_max: 1, window_ms: 5_000, keys_max: 2 }, () => now_ms);
    expect([pace('a'), pace('a')]).toEqual([null, 5]);
    now_ms += 4_001;
    expect(pace('a')).toBe(1);
    now_ms += 999;
    expect(pace('a')).toBeNull();
    now_ms -= 60_000;
    expect(pace('a')).toBeNull();
  });

  it('forgets who began longest ago when there are too many', () => {
    const pace = rateWindow({ times_max: 1, window_ms: 5_000, keys_max: 2 }, () => 0);
    expect([pace('a'), pace('b'), pace('c')]).toEqual([null, null, null]);
    expect([pace('c'), pace('a')]).toEqual([5, null]);
  });
});

const origin = 'https://fleet.example';

describe('a page of another origin', () => {
  it('may not talk to us unless it is named', async () => {
    const closed = await testApi();
    const headers = { ...(await closed.bearer()), origin };
    const reply = await closed.app.inject({ url: '/api/v1/parks', headers });
    expect(Object.keys(reply.headers).filter((name) => /access-control/.test(name))).toEqual([]);
    const open = await testApi(undefined, { corsOrigins: [origin] });
    const other = { ...(await open.bearer()), origin: 'https://evil.example' };
    const refused = await open.app.inject({ url: '/api/v1/parks', headers: other });
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('may where it is named, and never with cookies', async () => {
    const api = await testApi(undefined, { corsOrigins: [origin] });
    const asking = { 'access-control-request-method': 'POST', origin };
    const preflight = await api.app.inject({
      method: 'OPTIONS',
      url: '/api/v1/parks',
      headers: { ...asking, 'access-control-request-headers': 'authorization' },
    });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(origin);
    expect(preflight.headers['access-control-allow-headers']).toContain('authorization');
    const reply = await api.app.inject({
      url: '/api/v1/parks',
      headers: { ...(await api.bearer()), origin },
    });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['access-control-allow-origin']).toBe(origin);
    expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
    expect(String(reply.headers['vary'])).toMatch(/origin/i);
  });
});

describe('headers that keep browsers careful', () => {
  it('are on every answer, also on refusals', async () => {
    const api = await testApi();
    const admin = await api.bearer();
    const asked = [
      ['/healthz', {}, 200],
      ['/api/v1/parks', admin, 200],
      ['/api/v1/parks', {}, 401],
      ['/api/v1/parks?nonsense=1', admin, 400],
      ['/nowhere', {}, 404],
    ] as const;
    for (const [url, headers, status] of asked) {
      const reply = await api.app.inject({ url, headers });
      expect([url, reply.statusCode]).toEqual([url, status]);
      expect(reply.headers).toMatchObject({
        'content-security-policy': `default-src 'none';frame-ancestors 'none'`,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
      });
    }
  });
});
