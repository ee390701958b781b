import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { uptimeText } from '#api/health.ts';
import { POLICY } from '#api/policy.ts';
import { call, fleet, testApi } from './apiHarness.ts';

const OpenApi = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({}))),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

describe('the description of the interface', () => {
  it('tells of every route of the policy', async () => {
    const { app } = await testApi();
    const reply = await app.inject({ url: '/openapi.json' });
    expect(reply.statusCode).toBe(200);
    const document = OpenApi.parse(reply.json());
    expect(document.openapi).toBe('3.1.0');
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = Object.keys(POLICY)
      .filter((route) => route.includes('/api/v1/'))
      .map((route) => route.replace(/:(\w+)/g, '{$1}'));
    expect(told).toEqual(expect.arrayContaining(routes));
    expect(routes.length).toBeGreaterThan(60);
  });

  it('refers to nothing that is not in it', async () => {
    const { app } = await testApi();
    const text = (await app.inject({ url: '/openapi.json' })).body;
    const { components } = OpenApi.parse(JSON.parse(text));
    const refs = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, n]) => n);
    expect(refs.length).toBeGreaterThan(50);
    for (const name of new Set(refs)) expect(components.schemas).toHaveProperty(String(name));
  });

  it('is shown on a page that loads nothing from anywhere else', async () => {
    const { app } = await testApi();
    const page = await app.inject({ url: '/docs/' });
    expect(page.statusCode).toBe(200);
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
    expect(sources).toEqual(['js/scalar.js']);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).not.toMatch(/https?:/);
    for (const [, code] of page.body.matchAll(/<script(?![^>]*src=)[^>]*>([\s\S]*?)<\/script>/g)) {
      const hash = createHash('sha256').update(String(code)).digest('base64');
      expect(policy).toContain(`'sha256-${hash}'`);
    }
    const script = await app.inject({ url: '/docs/js/scalar.js' });
    expect(script.statusCode).toBe(200);
    expect(script.body.length).toBeGreaterThan(1_000_000);
  });
});

describe('health', () => {
  it('says how long and how far behind', async () => {
    const { app } = await testApi();
    const reply = await app.inject({ url: '/healthz' });
    expect(reply.json()).toEqual({ status: 'ok', uptime: '72h', lag_ms: 12 });
    expect([0, 59_999, 60_000, 3_599_999, 3_600_000].map(uptimeText)).toEqual([
      '0s',
      '59s',
      '1m',
      '59m',
      '1h',
    ]);
  });

  it('says whether it can work', async () => {
    const { app, log } = await testApi();
    expect((await app.inject({ url: '/readyz' })).json()).toEqual({
      status: 'ready',
      checks: { event_store: true },
    });
    log.up = false;
    const reply = await app.inject({ url: '/readyz' });
    expect(reply.statusCode).toBe(503);
    expect(reply.json()).toMatchObject({ status: 'not_ready' });
  });

  it('counts requests by route, never by address', async () => {
    const api = await testApi();
    const { vehicle } = await fleet(api);
    await call(api, 'GET', `/transport_registry/${vehicle}`);
    const text = (await api.app.inject({ url: '/metrics' })).body;
    expect(text).toMatch(
      /http_request_duration_seconds_count\{[^}]*route="\/api\/v1\/transport_registry\/:vehicle_id"[^}]*\} 1/,
    );
    expect(text).not.toContain(vehicle);
  });

  it('writes one line per request, with nothing personal and no token in it', async () => {
    const api = await testApi();
    await fleet(api);
    await call(api, 'GET', '/drivers?status=active&x=Ann');
    const text = JSON.stringify(api.lines);
    expect(api.lines.length).toBe(5);
    expect(api.lines.at(-1)).toMatchObject({
      method: 'GET',
      route: '/api/v1/drivers',
      status: 400,
      tenant: 'acme',
      role: 'admin',
    });
    for (const secret of ['Ann', 'Example', 'ann@', 'eyJ', 'VF1'])
      expect(text).not.toContain(secret);
  });
});
