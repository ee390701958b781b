import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoIssuer } from '#api/demoTokens.ts';

describe('demo tokens', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-demo-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are of one key, whichever process made it', async () => {
    const file = join(folder, 'demo-issuer.json');
    const [one, other] = await Promise.all([demoIssuer(file), demoIssuer(file)]);
    const token = await one.issue({ role: 'operator', tenant: 'demo', parks: '*' });
    const { payload } = await jwtVerify(token, other.keys, {
      issuer: other.issuer,
      audience: other.audience,
    });
    expect(payload).toMatchObject({ role: 'operator', tenant: 'demo', parks: '*' });
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('refuse a key file that is none', async () => {
    const file = join(folder, 'broken.json');
    await demoIssuer(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toHaveProperty('d');
    await expect(demoIssuer(folder)).rejects.toThrow();
  });

  it('name a driver only where there is one', async () => {
    const issuer = await demoIssuer(null);
    const token = await issuer.issue({ role: 'driver', tenant: 'demo', parks: [] });
    expect(decodeJwt(token)).not.toHaveProperty('driver');
  });
});
