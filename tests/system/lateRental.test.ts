import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { runCli, startServer } from '#tests/support/serverProcess.ts';

const REACTION_MAX_MS = 20_000;
const POLL_MS = 100;

const Done = z.object({ id: z.string() });
const Fine = z.object({ driver_id: z.string().nullable() });
const Account = z.object({
  account: z
    .object({ balances: z.array(z.object({ owed: z.object({ amount: z.string() }) })) })
    .nullable(),
});
/** 25.00 a day without tax, from before the rental on. */
const daily = {
  ...{ effective_from: '2026-01-01', currency: 'EUR', tax_rate: '0.19', dispute_window_days: 14 },
  time: { per: 'day', amount: { amount: '2500', currency: 'EUR' } },
  deposit: { amount: '0', currency: 'EUR' },
};

describe('the whole product, over HTTP', () => {
  it('lays a fine at the right door, and charges the rental of that time, when it becomes known later', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ledger-late-'));
    await chmod(directory, 0o711);
    const environment = { DATA_DIR: directory };
    const server = await startServer(environment);
    onTestFinished(async () => {
      await server.terminate();
      await rm(directory, { recursive: true, force: true });
    });
    const token = (await runCli(environment, 'token', '--role', 'admin')).stdout.trim();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const post = async (path: string, body: unknown): Promise<string> => {
      const url = `${server.address}/api/v1/${path}`;
      const reply = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      expect([path, reply.status]).toEqual([path, 201]);
      return Done.parse(await reply.json()).id;
    };
    const founded = '2026-01-01T00:00:00Z';
    const place = { code: 'B-1', name: 'Berlin', zone: 'Europe/Berlin', currency: 'EUR' };
    const park_id = await post('parks', { ...place, occurred_at: founded });
    const vehicle_id = await post('transport_registry', {
      park_id,
      owner_id: '00000000-0000-8000-8000-000000000030',
      vin: 'VF1LATE0000000001',
      ...{ make: 'Renault', model: 'Clio', year: 2024, odometer_m: 0, occurred_at: founded },
    });
    const identity = { given_name: 'A', family_name: 'B' };
    const person = { identity, contact: { email: 'a@example.org' } };
    const driver_id = await post('drivers', { park_id, ...person, occurred_at: founded });
    const offence = { offence: 'speeding', reference: 'R-1', points: 1 };
    const amount = { amount: '7000', currency: 'EUR' };
    const occurred_at = '2026-02-02T10:00:00+01:00';
    const fine = await post('fines', { vehicle_id, ...offence, amount, occurred_at });
    const borne = async (): Promise<string | null> => {
      const reply = await fetch(`${server.address}/api/v1/fines/${fine}`, { headers });
      return reply.ok ? Fine.parse(await reply.json()).driver_id : null;
    };
    expect(await borne()).toBeNull();
    const published = await fetch(`${server.address}/api/v1/plans/STD`, {
      method: 'PUT',
      headers,
      body: JSON.stringify(daily),
    });
    expect(published.status).toBe(200);
    await post('rentals/record', {
      ...{ vehicle_id, driver_id, plan: 'STD' },
      occurred_at: '2026-02-02T08:00:00Z',
      ended_at: '2026-02-02T18:00:00Z',
    });
    let driver = await borne();
    for (let waited = 0; driver === null && waited < REACTION_MAX_MS; waited += POLL_MS) {
      await sleep(POLL_MS);
      driver = await borne();
    }
    expect(driver).toBe(driver_id);
    const owed = async (): Promise<string | undefined> => {
      const url = `${server.address}/api/v1/drivers/${driver_id}/account`;
      const reply = await fetch(url, { headers });
      return Account.parse(await reply.json()).account?.balances[0]?.owed.amount;
    };
    let charged = await owed();
    for (let waited = 0; charged === undefined && waited < REACTION_MAX_MS; waited += POLL_MS) {
      await sleep(POLL_MS);
      charged = await owed();
    }
    expect(charged).toBe('2975');
    const history = await runCli(environment, 'replay', vehicle_id, '--tenant', 'demo');
    expect([history.code, history.stdout]).toEqual([
      0,
      expect.stringContaining('FineReattributed'),
    ]);
  }, 120_000);
});
