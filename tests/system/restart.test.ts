import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { embeddedPostgres } from '#adapters/embeddedPostgres.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import { runCli, startServer } from '#tests/support/serverProcess.ts';

const RECOVERY_MAX_MS = 30_000;
const POLL_MS = 200;

const Done = z.object({ id: z.string(), revision: z.string(), position: z.string() });
const Problem = z.object({ status: z.number(), code: z.string() });

const portOf = (url: string): number => Number(new URL(url).port);

describe('a Postgres that is restarted under the process', () => {
  it('is away for a while, said clearly, and everything goes on by itself when it is back', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ledger-restart-'));
    await chmod(directory, 0o711);
    const first = await embeddedPostgres(directory);
    const proxy = await faultProxy(portOf(first.urlOf('postgres')));
    const url = new URL(first.urlOf('postgres'));
    url.port = String(proxy.port);
    const keys = join(directory, 'keys');
    const environment = { DATABASE_URL: url.href, DATA_DIR: directory, KEYS_DIR: keys };
    const server = await startServer(environment);
    const token = (await runCli(environment, 'token', '--role', 'admin')).stdout.trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const open = (code: string) =>
      fetch(`${server.address}/api/v1/parks`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': code },
        body: JSON.stringify({ code, name: 'Berlin', zone: 'Europe/Berlin', currency: 'EUR' }),
      });
    expect((await open('BEFORE')).status).toBe(201);

    await first.stop();
    await proxy.refuse();
    const away = await open('DURING');
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).not.toBeNull();
    expect(Problem.parse(await away.json()).status).toBe(503);

    const second = await embeddedPostgres(directory);
    proxy.moveTo(portOf(second.urlOf('postgres')));
    await proxy.heal();
    let answer = await open('DURING');
    for (let waited = 0; answer.status === 503 && waited < RECOVERY_MAX_MS; waited += POLL_MS) {
      await sleep(POLL_MS);
      answer = await open('DURING');
    }
    expect(answer.status).toBeLessThan(300);
    const { position } = Done.parse(await answer.json());
    let listed = await fetch(`${server.address}/api/v1/parks`, {
      headers: { ...headers, 'ledger-position': position },
    });
    for (let waited = 0; listed.status === 503 && waited < RECOVERY_MAX_MS; waited += POLL_MS) {
      await sleep(POLL_MS);
      listed = await fetch(`${server.address}/api/v1/parks`, {
        headers: { ...headers, 'ledger-position': position },
      });
    }
    const codes = z
      .object({ items: z.array(z.object({ code: z.string() })) })
      .parse(await listed.json());
    expect(codes.items.map(({ code }) => code).sort()).toEqual(['BEFORE', 'DURING']);
    await server.terminate();
    await proxy.close();
    await second.stop();
    await rm(directory, { recursive: true, force: true });
  }, 180_000);
});
