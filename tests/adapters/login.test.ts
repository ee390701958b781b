import { isLeft, right } from 'fp-ts/lib/Either.js';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MACHINE_CLIENT, machineSecret, totpSecret } from '#adapters/login/demoUsers.ts';
import { openLogin } from '#adapters/login/openLogin.ts';
import { totpNow, totpStep } from '#adapters/login/totp.ts';
import { authenticate, remoteKeys } from '#api/authenticate.ts';
import { demoIssuer } from '#api/demoTokens.ts';
import { MFA_ACR } from '#api/stepUp.ts';
import { deriveUuid } from '#commands/identity.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { testApi } from '#tests/api/apiHarness.ts';
import { browser, exchange, Token, tokenReply } from '#tests/support/browser.ts';
import { acme, ann, uuid8 } from '#tests/support/samples.ts';

const faults: unknown[] = [];
const open = () =>
  openLogin(0, (address) => demoIssuer(null, address), {
    tenant: acme,
    driver: async () => ann,
    fault: (error) => faults.push(error),
  });
let opened: Awaited<ReturnType<typeof open>> | undefined;
beforeAll(async () => {
  opened = await open();
});
afterAll(() => opened?.close());
const login = () => {
  if (!opened) throw new Error('not open');
  return opened;
};

/** An API that knows of the issuer no more than its address. */
const api = () => {
  const { address, issuer } = login();
  const keys = remoteKeys(address);
  return testApi(undefined, {
    authenticate: authenticate(
      { issuer: address, audience: issuer.audience, keys },
      {
        of: (who) => async () => right(ActorId.parse(deriveUuid('actor', who.issuer, who.subject))),
      },
    ),
  });
};

const codeOf = (user: string) => totpNow(totpSecret(login().issuer, user), Date.now());

/** Logs in as a demo user, with a second factor where one is given. */
const tokenOf = async (user: string, code = '', asked = {}) => {
  const { address } = login();
  const person = browser(address);
  const { url, verifier } = await person.begin(asked);
  const { back } = await person.pick(url, { user, code });
  return exchange(address, back?.get('code') ?? '', verifier);
};

describe('a login of a person', () => {
  it('gives a token that the API takes', async () => {
    const token = await tokenOf('demo-operator');
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(decodeJwt(token)).toMatchObject({
      iss: login().address,
      aud: 'equinomix',
      sub: 'demo-operator',
      tenant: 'acme',
      roles: ['operator'],
      permissions: [],
      parks: '*',
      amr: ['user'],
      auth_time: expect.any(Number),
    });
    const { app } = await api();
    const headers = { authorization: `Bearer ${token}` };
    expect((await app.inject({ url: '/api/v1/parks', headers })).statusCode).toBe(200);
  });

  it('says who may immobilize, and which driver the driver is', async () => {
    expect(decodeJwt(await tokenOf('demo-immobilizer'))).toMatchObject({
      roles: ['operator'],
      permissions: ['immobilize'],
    });
    expect(decodeJwt(await tokenOf('demo-driver'))).toMatchObject({
      roles: ['driver'],
      driver: ann,
    });
  });

  it('steps up when the API asks for it', async () => {
    const { app } = await api();
    const url = `/api/v1/users/${uuid8(0x99)}/reinstate`;
    const first = await tokenOf('demo-admin');
    const send = (token: string) =>
      app.inject({
        method: 'POST',
        url,
        headers: { authorization: `Bearer ${token}` },
        payload: {},
      });
    const refused = await send(first);
    expect(refused.statusCode).toBe(401);
    const challenge = String(refused.headers['www-authenticate']);
    const [, acr_values = ''] = /acr_values="([^"]+)"/.exec(challenge) ?? [];
    const [, max_age = ''] = /max_age="(\d+)"/.exec(challenge) ?? [];
    const second = await tokenOf('demo-admin', codeOf('demo-admin'), { acr_values, max_age });
    expect(decodeJwt(second)).toMatchObject({ acr: MFA_ACR, amr: ['user', 'otp', 'mfa'] });
    expect((await send(second)).json()).toMatchObject({ code: 'user_unknown' });
  });

  it('asks again of whoever is logged in without a second factor', async () => {
    const person = browser(login().address);
    const first = await person.begin();
    expect((await person.pick(first.url, { user: 'demo-auditor' })).back?.get('code')).toBeTruthy();
    expect((await person.begin()).back?.get('code')).toBeTruthy();
    const again = await person.begin({ acr_values: MFA_ACR });
    expect(again.back).toBeNull();
    const missing = await person.pick(again.url, { user: 'demo-auditor' });
    expect([missing.reply.status, missing.back]).toEqual([400, null]);
    const wrong = await person.pick(again.url, { user: 'demo-auditor', code: '000000x' });
    expect(wrong.reply.status).toBe(400);
    const code = codeOf('demo-auditor');
    const done = await person.pick(again.url, { user: 'demo-auditor', code });
    const token = await exchange(login().address, done.back?.get('code') ?? '', again.verifier);
    expect(decodeJwt(token)).toMatchObject({ acr: MFA_ACR });
    const other = await browser(login().address).begin({ acr_values: MFA_ACR });
    expect(other.back).toBeNull();
  });

  it('takes a one-time code once', async () => {
    const code = codeOf('demo-analyst');
    await tokenOf('demo-analyst', code);
    const person = browser(login().address);
    const { url } = await person.begin();
    expect((await person.pick(url, { user: 'demo-analyst', code })).reply.status).toBe(400);
  });

  it('needs the verifier of the one who began, once, and PKCE at all', async () => {
    const { address } = login();
    const person = browser(address);
    const { url, verifier } = await person.begin();
    const { back } = await person.pick(url, { user: 'demo-operator' });
    const code = back?.get('code') ?? '';
    const fields = {
      grant_type: 'authorization_code',
      client_id: 'equinomix-demo',
      redirect_uri: 'http://127.0.0.1:9/callback',
      code,
    };
    const stolen = await tokenReply(address, { ...fields, code_verifier: 'x'.repeat(43) });
    expect([stolen.status, await stolen.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_grant' }),
    ]);
    const bare = await tokenReply(address, fields);
    expect(bare.status).toBe(400);
    expect(verifier).toHaveLength(43);
    const plain = await person.begin({ code_challenge_method: 'plain' });
    expect(plain.back?.get('error')).toBe('invalid_request');
  });

  it('calls nobody back who is not known', async () => {
    const person = browser(login().address);
    for (const redirect_uri of ['https://evil.example/callback', 'http://127.0.0.1/other']) {
      const { reply, back } = await person.begin({ redirect_uri });
      expect([reply.status, back]).toEqual([400, null]);
      expect(await reply.text()).toContain('redirect_uri');
    }
  });
});

describe('a machine', () => {
  it('gets a token of its own, which is no second factor', async () => {
    const { address, issuer } = login();
    const fields = { grant_type: 'client_credentials', client_id: MACHINE_CLIENT };
    const wrong = await tokenReply(address, { ...fields, client_secret: 'wrong' });
    expect(wrong.status).toBe(401);
    const reply = await tokenReply(address, { ...fields, client_secret: machineSecret(issuer) });
    const { access_token: token } = Token.parse(await reply.json());
    expect(decodeJwt(token)).toMatchObject({
      sub: MACHINE_CLIENT,
      client_id: MACHINE_CLIENT,
      aud: 'equinomix',
      roles: ['operator'],
    });
    expect(decodeJwt(token)).not.toHaveProperty('auth_time');
    const { app } = await api();
    const headers = { authorization: `Bearer ${token}` };
    expect((await app.inject({ url: '/api/v1/parks', headers })).statusCode).toBe(200);
  });
});

describe('the demo’s login', () => {
  it('says that it is a demo, loads nothing and is in no frame', async () => {
    const { address } = login();
    const { url, reply } = await browser(address).begin();
    expect(url.pathname).toMatch(/^\/interaction\//);
    const page = await reply.text();
    expect(page).toContain('This is a demo');
    expect(page).not.toMatch(/<script|src=|https:/);
    expect(reply.headers.get('content-security-policy')).toContain(`frame-ancestors 'none'`);
    expect(await (await fetch(address)).text()).toContain(MACHINE_CLIENT);
    expect((await fetch(`${address}/interaction/nobody`)).status).toBe(400);
    expect(faults).toEqual([]);
  });

  it('answers under its own name only', async () => {
    const { address } = login();
    const named = address.replace('127.0.0.1', 'localhost');
    const reply = await fetch(`${named}/.well-known/openid-configuration`).catch(() => null);
    expect(reply === null ? 421 : reply.status).toBe(421);
  });

  it('tells of what is broken, and not whom it met with', async () => {
    const told: unknown[] = [];
    const broken = new Error('the read models are away');
    const other = await openLogin(0, (address) => demoIssuer(null, address), {
      tenant: acme,
      driver: () => Promise.reject(broken),
      fault: (error) => told.push(error),
    });
    onTestFinished(other.close);
    const person = browser(other.address);
    const { url, verifier } = await person.begin();
    const { back } = await person.pick(url, { user: 'demo-driver' });
    await expect(exchange(other.address, back?.get('code') ?? '', verifier)).rejects.toThrow();
    expect(told).toEqual([broken]);
  });

  it('does not open where somebody else is', async () => {
    const { port } = new URL(login().address);
    const cast = { tenant: acme, driver: async () => null, fault: () => {} };
    const taken = openLogin(Number(port), (address) => demoIssuer(null, address), cast);
    await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('is of the same people as the tokens of the command line', async () => {
    const { issuer } = login();
    const { app } = await api();
    const actors = new Set<string>();
    const ask = authenticate(issuer, {
      of: (who) => async () => {
        actors.add(JSON.stringify(who));
        return right(ActorId.parse(uuid8(3)));
      },
    });
    const issued = await issuer.issue({ role: 'analyst', tenant: 'acme', parks: '*' });
    for (const token of [issued, await tokenOf('demo-analyst')])
      expect(isLeft(await ask(`Bearer ${token}`))).toBe(false);
    expect([...actors]).toEqual([
      JSON.stringify({ issuer: issuer.issuer, subject: 'demo-analyst' }),
    ]);
    // Whoever trusts the address alone takes only what was got there.
    const headers = { authorization: `Bearer ${issued}` };
    expect((await app.inject({ url: '/api/v1/parks', headers })).statusCode).toBe(401);
  });

  it('shows nothing of its key but the public half', async () => {
    const { address, issuer } = login();
    const text = await (await fetch(`${address}/jwks`)).text();
    expect(text).toContain(issuer.key.kid);
    expect(text).not.toContain(issuer.key.d);
  });
});

describe('one-time codes', () => {
  // Source: RFC 6238, appendix B, SHA-1, the last six digits.
  const secret = Buffer.from('12345678901234567890');

  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_234_567_890, '005924'],
    [20_000_000_000, '353130'],
  ])('at %i s are those of the standard', (at_s, code) => {
    expect(totpNow(secret, at_s * 1_000)).toBe(code);
  });

  it('hold for a half minute and the ones beside it', () => {
    const at_ms = 1_111_111_109_000;
    const code = totpNow(secret, at_ms);
    const steps = [-60, -30, 0, 30, 60].map((off_s) =>
      totpStep(secret, code, at_ms + off_s * 1_000),
    );
    expect(steps.map((step) => step !== null)).toEqual([false, true, true, true, false]);
    expect(totpStep(secret, 'abcdef', at_ms)).toBeNull();
  });
});
