import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { right } from 'fp-ts/lib/Either.js';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { authenticate, remoteKeys } from '#api/authenticate.ts';
import { actor } from '#tests/support/ledger.ts';
import { testApi } from './apiHarness.ts';

const COOLDOWN_MS = 300;

interface Key {
  readonly kid: string;
  readonly public: JWK;
  readonly private: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
}

const newKey = async (kid: string): Promise<Key> => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' };
  return { kid, public: jwk, private: pair.privateKey };
};

/** An issuer of somebody else's: discovery and keys over a socket, and how often keys were asked for. */
const foreignIssuer = async (first: Key) => {
  let keys: readonly Key[] = [first];
  let asked = 0;
  const http = createServer((request, response) => {
    const address = `http://${request.headers.host}`;
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    if (!isDiscovery) asked += 1;
    const said = isDiscovery
      ? { issuer: address, jwks_uri: `${address}/keys` }
      : { keys: keys.map((key) => key.public) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  const { port } = z.custom<AddressInfo>().parse(http.address());
  return {
    issuer: `http://127.0.0.1:${port}`,
    publish: (...published: readonly Key[]) => {
      keys = published;
    },
    asked: () => asked,
    close: () => new Promise<void>((closed) => http.close(() => closed())),
  };
};

const scene = async () => {
  const old = await newKey('old');
  const issuer = await foreignIssuer(old);
  const keys = remoteKeys(issuer.issuer, COOLDOWN_MS);
  const api = await testApi(undefined, {
    authenticate: authenticate(
      { issuer: issuer.issuer, audience: 'equinomix', keys },
      { of: () => async () => right(actor.id) },
    ),
  });
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const sign = (key: Key, changed: JWTPayload = {}) => {
    const now_s = Math.floor(Date.now() / 1_000);
    const who = { sub: 'ann', tenant: 'acme', roles: ['auditor'], parks: '*' };
    const whose = { iss: issuer.issuer, aud: 'equinomix', iat: now_s, exp: now_s + 60 };
    return new SignJWT({ ...who, ...whose, jti: crypto.randomUUID(), ...changed })
      .setProtectedHeader({ alg: 'ES256', kid: key.kid })
      .sign(key.private);
  };
  const ask = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${address}/api/v1/parks`, { headers })).status;
  };
  const close = async () => {
    await api.app.close();
    await issuer.close();
  };
  return { old, issuer, sign, ask, close };
};

let started: Awaited<ReturnType<typeof scene>> | undefined;
beforeAll(async () => {
  started = await scene();
});
afterAll(() => started?.close());
const here = () => {
  if (!started) throw new Error('not started');
  return started;
};

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of an issuer that is somebody else’s', () => {
  it('is taken for what it is, and for nothing it is not', async () => {
    const { old, sign, ask } = here();
    const now_s = Math.floor(Date.now() / 1_000);
    expect(await ask(await sign(old))).toBe(200);
    const wrong: readonly JWTPayload[] = [
      { aud: 'shop' },
      { aud: [] },
      { iss: 'http://127.0.0.1:1' },
      { exp: now_s - 11 },
      { nbf: now_s + 60 },
      { sub: '' },
      { tenant: 'platform' },
    ];
    for (const changed of wrong) {
      expect([changed, await ask(await sign(old, changed))]).toEqual([changed, 401]);
    }
  });

  it('that names no algorithm, or makes a secret of the public key, is nobody’s', async () => {
    const { old, sign, ask } = here();
    const good = await sign(old);
    const [, body = '', mark = ''] = good.split('.');
    const kid = old.kid;
    for (const alg of ['none', 'None', 'HS256']) {
      const head = part({ alg, kid });
      expect(await ask(`${head}.${body}.`)).toBe(401);
      expect(await ask(`${head}.${body}.${mark}`)).toBe(401);
    }
    const secrets = [JSON.stringify(old.public), String(old.public.x)];
    for (const secret of secrets) {
      const forged = await new SignJWT(JSON.parse(Buffer.from(body, 'base64url').toString()))
        .setProtectedHeader({ alg: 'HS256', kid })
        .sign(Buffer.from(secret.padEnd(32, '.')));
      expect(await ask(forged)).toBe(401);
    }
    const stranger = await newKey('old');
    expect(await ask(await sign(stranger))).toBe(401);
  });

  it('stays good while its key is published, and the next key is good at once', async () => {
    const { old, issuer, sign, ask } = here();
    const next = await newKey('next');
    issuer.publish(old, next);
    await sleep(COOLDOWN_MS + 50);
    expect(await ask(await sign(next))).toBe(200);
    expect(await ask(await sign(old))).toBe(200);
    const before = await sign(old);
    issuer.publish(next);
    await sleep(COOLDOWN_MS + 50);
    // Something has to make us look again; then the key that was withdrawn is good no more.
    expect(await ask(await sign(await newKey('made up')))).toBe(401);
    expect(await ask(before)).toBe(401);
    expect(await ask(await sign(next))).toBe(200);
  });

  it('of a made up key has us ask the issuer once in a while, not each time', async () => {
    const { issuer, sign, ask } = here();
    await sleep(COOLDOWN_MS + 50);
    const before = issuer.asked();
    const made = await newKey('nobody');
    const tokens = await Promise.all(Array.from({ length: 30 }, () => sign(made)));
    const begun_ms = performance.now();
    for (const token of tokens) expect(await ask(token)).toBe(401);
    const cooldowns = Math.ceil((performance.now() - begun_ms) / COOLDOWN_MS);
    expect(issuer.asked() - before).toBeLessThanOrEqual(cooldowns);
    expect(issuer.asked() - before).toBeGreaterThan(0);
  });
});
