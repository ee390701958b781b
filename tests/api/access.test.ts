import { generateKeyPairSync, sign } from 'node:crypto';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { authenticate, remoteKeys } from '#api/authenticate.ts';
import { authorize, policyTable } from '#api/authorize.ts';
import type { Caller } from '#api/caller.ts';
import { demoIssuer } from '#api/demoTokens.ts';
import { POLICY } from '#api/policy.ts';
import { Permission, Role } from '#domain/users/rights.ts';
import { actor } from '#tests/support/ledger.ts';
import { acme, ann, bob, uuid8 } from '#tests/support/samples.ts';
import { aDriver, aPark, aVehicle, call, fleet, START, testApi } from './apiHarness.ts';

const NOW_MS = Date.parse('2026-03-01T06:00:00Z');
const routes = Object.entries(POLICY);
/** Somebody with every permission and a fresh second factor: what counts here is the role. */
const someone = (roles: readonly Role[], driver: Caller['driver'] = null): Caller => ({
  tenant: acme,
  actor: actor.id,
  roles,
  permissions: new Set(Permission.options),
  parks: '*',
  driver,
  auth: { acr: null, amr: ['mfa'], auth_time_s: NOW_MS / 1_000 },
  until_ms: 0,
});
const about = (driver: Caller['driver']) => ({ driver, now_ms: NOW_MS });

describe('the policy', () => {
  it('is what people have agreed to', async () => {
    await expect(policyTable()).toMatchFileSnapshot('__snapshots__/policy.md');
  });

  it('denies what it does not know, and whoever has no role', () => {
    expect(isLeft(authorize('GET /api/v1/secrets', someone(['admin']), about(null)))).toBe(true);
    for (const [route] of routes)
      expect(isLeft(authorize(route, someone([]), about(null)))).toBe(true);
    expect(routes.length).toBeGreaterThan(70);
  });

  it('gives a role what it gives it, whatever other roles its bearer has', () => {
    for (const [route, { who }] of routes) {
      if (who === 'everybody' || who === 'devices') continue;
      for (const role of Role.options) {
        const alone = authorize(route, someone([role], ann), about(ann));
        expect(isLeft(alone)).toBe(who[role] === undefined);
        if (!isLeft(alone)) {
          expect(isLeft(authorize(route, someone([...Role.options], ann), about(ann)))).toBe(false);
        }
      }
    }
  });

  it('lets a driver see only the own file', () => {
    const route = 'GET /api/v1/event_log/driver/:driver_id';
    expect(authorize(route, someone(['driver'], ann), about(ann))).toMatchObject({
      right: 'driver',
    });
    expect(authorize(route, someone(['driver'], bob), about(ann))).toMatchObject({
      left: { code: 'NotFound' },
    });
    expect(isLeft(authorize(route, someone(['driver']), about(null)))).toBe(true);
    expect(authorize(route, someone(['driver', 'analyst'], bob), about(ann))).toMatchObject({
      right: 'analyst',
    });
  });
});

describe('a token', () => {
  const url = '/api/v1/parks';
  const claims = { role: 'admin', tenant: 'acme', parks: '*' };

  it('is needed, and told of in a header', async () => {
    const { app } = await testApi();
    const reply = await app.inject({ url });
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="equinomix"');
    expect(reply.json()).toMatchObject({ code: 'unauthenticated', status: 401 });
  });

  it('that is no good says nothing of why', async () => {
    const { app, issuer } = await testApi();
    const { privateKey } = await generateKeyPair('ES256');
    const build = (change: (jwt: SignJWT) => SignJWT, key = privateKey, alg = 'ES256') =>
      change(
        new SignJWT(claims)
          .setProtectedHeader({ alg })
          .setSubject('x')
          .setIssuer(issuer.issuer)
          .setAudience(issuer.audience)
          .setExpirationTime('1h'),
      ).sign(key);
    const good = await issuer.issue({ role: 'admin', tenant: 'acme', parks: '*' });
    const [head = '', body = '', mark = ''] = good.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'x' })).toString('base64url');
    const weak = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const tokens = [
      'x',
      'Bearer',
      `Bearer ${good}x`,
      `Bearer ${head}.${forged}.${mark}`,
      `Bearer ${none}.${body}.`,
      `Bearer ${await build((jwt) => jwt)}`,
      `Bearer ${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), weak.privateKey).toString('base64url')}`,
      `Basic ${good}`,
      `Bearer ${'x'.repeat(9_000)}.y.z`,
      `Bearer ${await issuer.issue({ role: 'admin', tenant: 'acme', parks: '*', life_s: -60 })}`,
      `Bearer ${await issuer.issue({ role: 'admin', tenant: 'platform', parks: '*' })}`,
      `Bearer ${await issuer.issue({ role: 'admin', tenant: 'ACME', parks: '*' })}`,
      `Bearer ${await issuer.issue({ role: 'admin', tenant: 'acme', parks: ['x'] })}`,
    ];
    const said = new Set<string>();
    for (const authorization of tokens) {
      const reply = await app.inject({ url, headers: { authorization } });
      expect([authorization.slice(0, 40), reply.statusCode]).toEqual([
        authorization.slice(0, 40),
        401,
      ]);
      const { instance: _, ...rest } = reply.json();
      said.add(JSON.stringify([rest, reply.headers['www-authenticate']]));
    }
    expect(said.size).toBe(1);
    expect(
      (await app.inject({ url, headers: { authorization: `Bearer ${good}` } })).statusCode,
    ).toBe(200);
  });

  it('of a foreign issuer or audience is no good', async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA');
    const jwk: JWK = { ...(await exportJWK(publicKey)), alg: 'EdDSA' };
    const keys = createLocalJWKSet({ keys: [jwk] });
    const ask = authenticate(
      { issuer: 'https://id.example', audience: 'equinomix', keys },
      { of: () => async () => right(actor.id) },
    );
    const token = async (issuer: string, audience: string, kept: object = claims) =>
      `Bearer ${await new SignJWT({ ...kept })
        .setProtectedHeader({ alg: 'EdDSA' })
        .setSubject('x')
        .setIssuer(issuer)
        .setAudience(audience)
        .setExpirationTime('1h')
        .sign(privateKey)}`;
    expect(isLeft(await ask(await token('https://id.example', 'equinomix')))).toBe(false);
    expect(isLeft(await ask(await token('https://id.other', 'equinomix')))).toBe(true);
    expect(isLeft(await ask(await token('https://id.example', 'shop')))).toBe(true);
    const several = {
      ...claims,
      role: 'wizard',
      roles: ['analyst', 'wizard'],
      permissions: ['fly', 'immobilize'],
    };
    expect(await ask(await token('https://id.example', 'equinomix', several))).toMatchObject({
      right: {
        roles: ['analyst'],
        permissions: new Set(['immobilize']),
        tenant: 'acme',
        parks: '*',
      },
    });
    const login = { acr: 'urn:equinomix:mfa', amr: ['otp'], auth_time: 1_772_344_800 };
    const person = await token('https://id.example', 'equinomix', { ...claims, ...login });
    expect(await ask(person)).toMatchObject({
      right: { auth: { acr: login.acr, amr: login.amr, auth_time_s: login.auth_time } },
    });
    const unread = { ...claims, acr: 1, amr: 'otp', auth_time: 'now' };
    const nothing = { acr: null, amr: [], auth_time_s: null };
    expect(await ask(await token('https://id.example', 'equinomix', unread))).toMatchObject({
      right: { auth: nothing },
    });
    const machine = { ...claims, ...login, client_id: 'x' };
    expect(await ask(await token('https://id.example', 'equinomix', machine))).toMatchObject({
      right: { auth: nothing },
    });
  });

  it('whose issuer is away is not judged', async () => {
    const keys = remoteKeys('http://127.0.0.1:9');
    const ask = authenticate(
      { issuer: 'http://127.0.0.1:9', audience: 'equinomix', keys },
      { of: () => async () => right(actor.id) },
    );
    const demo = await demoIssuer(null);
    const token = await demo.issue({ role: 'admin', tenant: 'acme', parks: '*' });
    expect(await ask(`Bearer ${token}`)).toMatchObject({ left: { code: 'Unavailable' } });
  });
});

describe('a caller', () => {
  it('of another role is refused', async () => {
    const api = await testApi();
    const headers = await api.bearer({ role: 'analyst' });
    const reply = await call(api, 'POST', '/parks', aPark, headers);
    expect(reply.body).toMatchObject({ status: 403, code: 'role_not_allowed' });
    expect(api.log.records).toEqual([]);
  });

  it('of another tenant finds nothing', async () => {
    const api = await testApi();
    const { park, vehicle, driver } = await fleet(api);
    const headers = await api.bearer({ tenant: 'other' });
    const before = api.log.records.length;
    for (const [method, url, body] of [
      ['GET', `/transport_registry/${vehicle}`],
      ['GET', `/drivers/${driver}`],
      ['GET', `/parks/${park}`],
      ['GET', `/assets/${vehicle}/history`],
      ['GET', `/event_log/vehicle/${vehicle}`],
      ['GET', `/event_log/driver/${driver}?date=2026-03-01`],
      ['GET', `/features?subject=park:${park}`],
      ['GET', `/features/live?subject=park:${park}`],
      ['GET', `/features/live?subject=driver:${driver}`],
      ['POST', `/transport_registry/${vehicle}/commission`, {}],
      ['POST', `/transport_registry`, aVehicle(park)],
      ['POST', `/drivers`, aDriver(park)],
      ['POST', `/trips`, { vehicle_id: vehicle }],
      ['POST', `/parks/${park}/close`, {}],
      ['DELETE', `/subjects/${driver}?kind=driver`],
    ] as const) {
      const reply = await call(api, method, url, body, headers);
      expect([url, reply.status]).toEqual([url, 404]);
    }
    expect((await call(api, 'GET', '/transport_registry', undefined, headers)).body.items).toEqual(
      [],
    );
    expect((await call(api, 'GET', '/events', undefined, headers)).body.events).toEqual([]);
    expect(api.log.records.length).toBe(before);
  });

  it('finds the same where a park is out of reach and where it is not there', async () => {
    const api = await testApi();
    const { park, vehicle, driver } = await fleet(api);
    const second = await call(api, 'POST', '/parks', { ...aPark, code: 'B2', occurred_at: START });
    const headers = await api.bearer({ parks: [second.body.id] });
    const before = api.log.records.length;
    const told = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown) => {
      const { status, body: reply } = await call(api, method, url, body, headers);
      const { instance: _, ...rest } = reply;
      return { status, rest };
    };
    const nowhere = uuid8(0xabc);
    const details = { identity: aDriver(park).identity, contact: {} };
    type Ask = readonly ['GET' | 'POST', string, unknown?];
    const pairs: readonly ((id: string) => Ask)[] = [
      (id) => ['POST', '/transport_registry', { ...aVehicle(id), vin: 'VF1ACVYB000000001' }],
      (id) => ['POST', '/drivers', aDriver(id)],
      (id) => ['POST', `/parks/${id}/close`, {}],
      (id) => ['GET', `/parks/${id}`],
    ];
    for (const pair of pairs) {
      const [method, url, body] = pair(park);
      const [, elsewhere, other] = pair(nowhere);
      const there = await told(method, url, body);
      expect(there.status).toBe(404);
      expect(there).toEqual(await told(method, elsewhere, other));
    }
    for (const [method, url, body] of [
      ['GET', `/transport_registry/${vehicle}`],
      ['POST', `/transport_registry/${vehicle}/plate`, { plate: 'B-XY 1' }],
      ['POST', `/trips`, { vehicle_id: vehicle }],
      ['POST', `/rentals`, { vehicle_id: vehicle, driver_id: driver }],
      ['PUT', `/drivers/${driver}/details`, details],
      ['GET', `/drivers/${driver}`],
      ['DELETE', `/subjects/${driver}?kind=driver`],
      ['DELETE', `/subjects/${vehicle}?kind=vehicle`],
    ] as const) {
      expect([url, (await told(method, url, body)).status]).toEqual([url, 404]);
    }
    expect(api.log.records.length).toBe(before);
    const kept = await call(api, 'GET', `/drivers/${driver}`);
    expect(kept.body.personal.identity.given_name).toBe('Ann');
    expect(kept.body.personal.contact.email).toBe('ann@example.org');
  });

  it('who is a driver speaks only in the own name', async () => {
    const api = await testApi();
    const { park, driver } = await fleet(api);
    const fellow = (await call(api, 'POST', '/drivers', aDriver(park))).body.id;
    const headers = await api.bearer({ role: 'driver', driver });
    const url = `/drivers/${fellow}/feedback`;
    const own = { by_driver_id: driver, score: 5 };
    expect((await call(api, 'POST', url, own, headers)).status).toBe(200);
    const borrowed = { by_driver_id: fellow, score: 5 };
    expect((await call(api, 'POST', url, borrowed, headers)).status).toBe(403);
    expect((await call(api, 'GET', `/drivers/${fellow}`, undefined, headers)).status).toBe(404);
    expect((await call(api, 'GET', `/drivers/${driver}`, undefined, headers)).status).toBe(200);
  });
});
