import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { runCli, type ServerProcess, startServer } from '#tests/support/serverProcess.ts';

const POLL_MS = 50;
const ident = '356307042441013';
const Done = z.looseObject({ id: z.string(), position: z.string() });
const Device = z.looseObject({ secret: z.string(), token: z.string() });
const Taken = z.looseObject({ stored: z.int(), repeated: z.int(), quarantined: z.int() });

const Told = z.looseObject({ items: z.array(z.looseObject({ seq: z.int().nullish() })) });

/** Where devices are listened to, once the server has said so. */
const mqttPort = async ({ said }: ServerProcess): Promise<string> => {
  for (;;) {
    const port = /devices: mqtt on port (\d+)/.exec(said())?.[1];
    if (port !== undefined) return port;
    await sleep(POLL_MS);
  }
};

describe('telemetry, from a device to durable rows', () => {
  it('is kept once, whichever way it comes and however often, also over a kill -9', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ledger-telemetry-'));
    await chmod(directory, 0o711);
    const environment = { DATA_DIR: directory, MQTT_PORT: '0' };
    let server = await startServer(environment);
    onTestFinished(async () => {
      await server.terminate();
      await rm(directory, { recursive: true, force: true });
    });
    const admin = (await runCli(environment, 'token', '--role', 'admin')).stdout.trim();
    const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
    const post = async (path: string, body: unknown): Promise<unknown> => {
      const url = `${server.address}/api/v1/${path}`;
      const reply = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      expect([path, reply.status]).toEqual([path, 201]);
      return reply.json();
    };
    const now_ms = Date.now();
    const occurred_at = new Date(now_ms - 3_600_000).toISOString();
    const park = { code: 'B-1', name: 'Berlin', zone: 'Europe/Berlin', currency: 'EUR' };
    const { id: park_id } = Done.parse(await post('parks', { ...park, occurred_at }));
    const vehicle = { vin: 'VF1TELE0000000001', make: 'Renault', model: 'Clio', year: 2024 };
    const owner_id = '00000000-0000-8000-8000-000000000030';
    const registered = await post('transport_registry', {
      ...{ ...vehicle, park_id, owner_id, odometer_m: 0, occurred_at },
    });
    const { id: vehicle_id } = Done.parse(registered);
    const { secret, token } = Device.parse(await post('devices', { ident }));
    const fitting = { ident, occurred_at: new Date(now_ms - 1_000).toISOString() };
    const fitted = Done.parse(await post(`transport_registry/${vehicle_id}/devices`, fitting));
    const known = await fetch(`${server.address}/api/v1/transport_registry/${vehicle_id}/devices`, {
      headers: { ...headers, 'ledger-position': fitted.position },
    });
    expect(known.status).toBe(200);

    const reading = (after_s: number) =>
      JSON.stringify({
        ...{ ident, timestamp: now_ms / 1_000 + after_s, 'position.latitude': 52.5 },
        ...{ 'position.longitude': 13.4, 'position.speed': 31, 'engine.ignition.status': true },
      });
    const send = async (body: string) => {
      const reply = await fetch(`${server.address}/api/v1/telemetry`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      });
      expect(reply.status).toBe(200);
      return Taken.parse(await reply.json());
    };
    expect(await send(reading(0))).toMatchObject({ stored: 1, repeated: 0, quarantined: 0 });
    expect(await send(reading(0))).toMatchObject({ stored: 0, repeated: 1 });

    const broker = `mqtt://127.0.0.1:${await mqttPort(server)}`;
    const login = { username: ident, password: secret, reconnectPeriod: 0 };
    const device = await connectAsync(broker, login);
    // Ends with the PUBACK, and that comes when the row is durable.
    await device.publishAsync(`fleet/demo/${ident}/up`, reading(10), { qos: 1 });
    device.on('error', () => {});
    await server.kill();
    device.end(true);
    server = await startServer(environment);
    expect(await send(`[${reading(10)},${reading(20)}]`)).toMatchObject({ stored: 1, repeated: 1 });
    const early = reading(-60);
    expect(await send(early)).toMatchObject({ stored: 0, quarantined: 1 });

    // What a device says before it is fitted comes out of quarantine by itself, and is told by the API.
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`${server.address}/api/v1/${path}`, { headers })).json();
    const later = '356307042441021';
    const { token: other } = Device.parse(await post('devices', { ident: later }));
    const sendLater = async (seq: number) => {
      const reply = await fetch(`${server.address}/api/v1/telemetry`, {
        method: 'POST',
        headers: { authorization: `Bearer ${other}`, 'content-type': 'application/json' },
        body: JSON.stringify({ device_time: new Date(now_ms + seq).toISOString(), seq }),
      });
      return Taken.parse(await reply.json());
    };
    expect(await sendLater(1)).toMatchObject({ stored: 0, quarantined: 1 });
    await post(`transport_registry/${vehicle_id}/devices`, { ...fitting, ident: later });
    // Whether anybody has heard of the fitting by now or not.
    await sendLater(2);
    const told = async (): Promise<readonly unknown[]> =>
      Told.parse(await get(`telemetry/${vehicle_id}?limit=100`)).items.flatMap(({ seq }) =>
        typeof seq === 'number' ? [seq] : [],
      );
    await expect.poll(told, { timeout: 15_000 }).toEqual([2, 1]);
    const waiting = Told.parse(await get(`telemetry/quarantine?ident=${later}`));
    expect(waiting.items).toEqual([]);
    const stay = Told.parse(await get(`telemetry/quarantine?ident=${ident}`));
    expect(stay.items).toHaveLength(1);
  }, 120_000);
});
