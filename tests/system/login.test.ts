import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { browser, exchange } from '#tests/support/browser.ts';
import { testDatabase } from '#tests/support/database.ts';
import { runCli, startServer } from '#tests/support/serverProcess.ts';

const POLL_MS = 50;
const WAIT_MAX_MS = 10_000;

const Users = z.object({
  items: z.array(
    z.object({ user_id: z.string(), carried: z.object({ roles: z.array(z.string()) }) }),
  ),
});
const Problem = z.object({ code: z.string() });

describe('the product with its own login', () => {
  it('records who came with which rights, and shuts out whoever is suspended', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ledger-login-'));
    const database = await testDatabase();
    const environment = { DATABASE_URL: database.url, DATA_DIR: directory, OIDC_PORT: '0' };
    const server = await startServer(environment);
    try {
      const login = /log in at (http:\S+)/.exec(server.said())?.[1] ?? '';
      const person = browser(login);
      const { url, verifier } = await person.begin();
      const { back } = await person.pick(url, { user: 'demo-analyst' });
      const token = await exchange(login, back?.get('code') ?? '', verifier);
      const ask = async (path: string, bearer: string, init: RequestInit = {}) => {
        const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
        return fetch(`${server.address}/api/v1/${path}`, { ...init, headers });
      };
      // On a first start the read models come to be while the API is open already.
      let seen = await ask('parks', token);
      for (let waited = 0; seen.status !== 200 && waited < WAIT_MAX_MS; waited += POLL_MS) {
        await sleep(POLL_MS);
        seen = await ask('parks', token);
      }
      expect(seen.status).toBe(200);

      const admin = (await runCli(environment, 'token', '--role', 'admin')).stdout.trim();
      const find = async (): Promise<string | undefined> => {
        const { items } = Users.parse(await (await ask('users', admin)).json());
        return items.find(({ carried }) => carried.roles.includes('analyst'))?.user_id;
      };
      let user = await find();
      for (let waited = 0; user === undefined && waited < WAIT_MAX_MS; waited += POLL_MS) {
        await sleep(POLL_MS);
        user = await find();
      }
      const body = JSON.stringify({ reason: 'left' });
      const stop = await ask(`users/${user}/suspend`, admin, { method: 'POST', body });
      expect(stop.status).toBe(200);
      let refused = await ask('parks', token);
      for (let waited = 0; refused.status === 200 && waited < WAIT_MAX_MS; waited += POLL_MS) {
        await sleep(POLL_MS);
        refused = await ask('parks', token);
      }
      expect(refused.status).toBe(403);
      expect(Problem.parse(await refused.json()).code).toBe('user_suspended');
    } finally {
      await server.terminate();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    }
  }, 90_000);
});
