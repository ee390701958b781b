import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli, type ServerProcess, startServer } from '#tests/support/serverProcess.ts';

const CRASHES = 20;
const WRITERS = 8;
const LOAD_MIN_MS = 150;
const LOAD_SPREAD_MS = 900;
const ACKNOWLEDGED_MIN = 300;

const Done = z.object({ id: z.string(), revision: z.string() });
const Page = z.object({
  events: z.array(z.object({ command_id: z.string(), id: z.string(), type: z.string() })),
  next: z.string().nullable(),
  caught_up: z.boolean(),
});

let directory = '';
let token = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ledger-crash-'));
  await chmod(directory, 0o711);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const post = async (server: ServerProcess, path: string, key: string, body: unknown) => {
  const reply = await fetch(`${server.address}/api/v1/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: await reply.json() };
};

const must = async (
  server: ServerProcess,
  path: string,
  key: string,
  body: unknown,
): Promise<string> => {
  const { status, body: answer } = await post(server, path, key, body);
  if (status > 201) throw new Error(`${path}: ${status} ${JSON.stringify(answer)}`);
  return Done.parse(answer).id;
};

const foundFleet = async (server: ServerProcess): Promise<readonly string[]> => {
  const at = '2026-01-01T00:00:00Z';
  const park = await must(server, 'parks', 'park', {
    ...{ code: 'BER-1', name: 'Berlin', zone: 'Europe/Berlin', currency: 'EUR' },
    occurred_at: at,
  });
  return Promise.all(
    Array.from({ length: WRITERS }, (_, index) =>
      must(server, 'transport_registry', `vehicle-${index}`, {
        park_id: park,
        owner_id: '00000000-0000-8000-8000-000000000030',
        vin: `VF1CRASH00000000${index}`,
        ...{ make: 'Renault', model: 'Clio', year: 2024, odometer_m: 0, occurred_at: at },
      }),
    ),
  );
};

/** What a writer was told: the keys of requests that were acknowledged, and the id each got. */
type Acknowledged = Map<string, string>;

const odometer = (step: number) => ({
  odometer_m: step * 10,
  occurred_at: new Date(Date.UTC(2026, 0, 2) + step * 1_000).toISOString(),
});

describe('a process that is killed at any moment under load', () => {
  it(`has lost nothing it acknowledged and doubled nothing, ${CRASHES} times over`, async () => {
    const environment = { DATA_DIR: directory, KEYS_DIR: join(directory, 'keys') };
    const cli = (...argv: readonly string[]) => runCli(environment, ...argv);
    let server = await startServer(environment);
    token = (await cli('token', '--role', 'admin')).stdout.trim();
    const vehicles = await foundFleet(server);
    const acknowledged: Acknowledged = new Map();
    const steps = vehicles.map(() => 0);
    const unsure = new Map<string, { vehicle: string; step: number }>();
    for (let crash = 0; crash < CRASHES; crash += 1) {
      let running = true;
      const load = vehicles.map(async (vehicle, index) => {
        while (running) {
          const step = (steps[index] ?? 0) + 1;
          steps[index] = step;
          const key = `${vehicle}-${step}`;
          unsure.set(key, { vehicle, step });
          const path = `transport_registry/${vehicle}/odometer`;
          const told = await post(server, path, key, odometer(step)).catch(() => null);
          if (told === null) continue;
          expect(told.status).toBeLessThan(300);
          acknowledged.set(key, Done.parse(told.body).revision);
          unsure.delete(key);
        }
      });
      await sleep(LOAD_MIN_MS + ((crash * 379) % LOAD_SPREAD_MS));
      running = false;
      await server.kill();
      await Promise.all(load);
      server = await startServer(environment);
      // What was not acknowledged is asked again: it is done now, if it was not done then.
      for (const [key, { vehicle, step }] of unsure) {
        const told = await post(
          server,
          `transport_registry/${vehicle}/odometer`,
          key,
          odometer(step),
        );
        if (told.status < 300) acknowledged.set(key, Done.parse(told.body).revision);
        unsure.delete(key);
      }
    }
    expect(acknowledged.size).toBeGreaterThan(ACKNOWLEDGED_MIN);
    const auditor = (await cli('token', '--role', 'auditor')).stdout.trim();
    const seen: string[] = [];
    let next: string | null = null;
    do {
      const query = next === null ? '' : `&after=${next}`;
      const reply = await fetch(
        `${server.address}/api/v1/events?types=OdometerRead&limit=200${query}`,
        {
          headers: { authorization: `Bearer ${auditor}` },
        },
      );
      expect(reply.status).toBe(200);
      const page = Page.parse(await reply.json());
      seen.push(...page.events.map(({ command_id }) => command_id));
      next = page.caught_up ? null : page.next;
    } while (next !== null);
    expect(new Set(seen).size).toBe(seen.length);
    // Every acknowledged request, asked once more, gets the answer it got then: it is in the log, once.
    for (const [key, revision] of acknowledged) {
      const [vehicle, step] = [key.slice(0, 36), Number(key.slice(37))];
      const told = await post(
        server,
        `transport_registry/${vehicle}/odometer`,
        key,
        odometer(step),
      );
      expect([key, told.status, Done.parse(told.body).revision]).toEqual([key, 200, revision]);
    }
    expect(seen.length).toBeGreaterThanOrEqual(acknowledged.size);
    const verdict = await cli('verify', 'all');
    expect([verdict.code, verdict.stdout]).toEqual([0, expect.stringContaining('no drift')]);
    await server.terminate();
  }, 400_000);
});
