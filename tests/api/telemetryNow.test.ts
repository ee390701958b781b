import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NOBODY } from '#api/ports.ts';
import { vehicleMailbox } from '#api/vehicleMailbox.ts';
import { ParkId, Tenant } from '#domain/kernel/ids.ts';
import { fleetNow } from '#ingest/fleetNow.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { vehiclesNow } from '#ingest/vehicleNow.ts';
import {
  randomDevice,
  randomVehicle,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';
import { call } from './apiHarness.ts';
import { follow, now_us, type Open, open, until } from './streamClient.ts';

/** A client that asks and then reads nothing. */
const deaf = async ({ api, base }: Open): Promise<Socket> => {
  const socket = connect({ port: Number(base.port), host: base.hostname });
  await once(socket, 'connect');
  const { authorization } = await api.bearer();
  const head = [
    'GET /api/v1/telemetry/stream HTTP/1.1',
    'host: x',
    `authorization: ${authorization}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.pause();
  return socket;
};

describe('a reader that is slow', () => {
  it('gets the newest state of each vehicle, and costs no more than that', () => {
    const box = vehicleMailbox();
    const device = randomDevice();
    const other = randomDevice();
    const state = ({ row }: typeof device, speed_kmh: number) => vehiclesNow([row({ speed_kmh })]);
    box.putBefore([...state(device, 1), ...state(other, 2)], 10n);
    for (let n = 3; n < 1_000; n += 1) box.put(state(device, n), BigInt(n + 10));
    box.putBefore(state(device, 0), 11n);
    expect(box.mark()).toBeNull();
    expect(box.take()).toMatchObject({ state: { speed_kmh: 999 }, mark: null });
    expect(box.take()).toMatchObject({ state: { speed_kmh: 2 }, mark: 1_009n });
    expect(box.take()).toBeNull();
    expect(box.mark()).toBe(1_009n);
    expect(box.stalled_ms()).toBe(0);
    box.put(state(other, 5), 1_010n);
    box.keepOnly((vehicle) => vehicle !== other.vehicle);
    expect(box.take()).toBeNull();
  });

  it('is hung up on when it reads nothing, and harms nobody', async () => {
    const own = await open({ stall_max_ms: 300 });
    onTestFinished(own.close);
    const devices = Array.from({ length: 2_000 }, () => ({ ...randomDevice() }));
    const tenant = Tenant.parse('acme');
    const socket = await deaf(own);
    onTestFinished(() => void socket.destroy());
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.once('error', () => resolve());
    });
    const connections = async () =>
      new Promise<number>((resolve) => {
        own.api.app.server.getConnections((_error, count) => resolve(count));
      });
    expect(await connections()).toBe(1);
    const end_ms = performance.now() + 20_000;
    let round = 0;
    while ((await connections()) > 0) {
      expect(performance.now()).toBeLessThan(end_ms);
      round += 1;
      const at = { device_time_us: now_us(), tenant };
      const rows = devices.map(({ row }) => row({ ...at, speed_kmh: round % 200 }));
      rightOf(await own.store.append({ rows, quarantined: [] })());
      await sleep(50);
    }
    socket.resume();
    await closed;
    const healthy = await follow(own);
    await until(() => healthy.told.length >= devices.length);
  }, 40_000);
});

describe('what is known by now', () => {
  it('is listed for the parks of the caller, with its age', async () => {
    const own = await open();
    onTestFinished(own.close);
    const { api, append, deviceOf, vehicles, parks } = own;
    const [first, second, elsewhere] = [vehicles.first, vehicles.second, vehicles.elsewhere].map(
      deviceOf,
    );
    const at = now_us() - 90 * SECOND_US;
    await append(
      ...[first, second, elsewhere].flatMap((device, n) =>
        device ? [device.row({ device_time_us: at, speed_kmh: n, lat: 52, lon: 13 })] : [],
      ),
    );
    const get = async (query = '', headers: Record<string, string> = {}) =>
      (await call(api, 'GET', `/telemetry/now${query}`, undefined, headers)).body;
    const ids = (body: { items: { vehicle_id: string }[] }) =>
      body.items.map(({ vehicle_id }) => vehicle_id).toSorted();
    const all = await get();
    expect(ids(all)).toEqual(Object.values(vehicles).toSorted());
    expect(api.accesses.at(-1)).toMatchObject({ purpose: 'telemetry_read', subject: NOBODY });
    const found = all.items.find(
      ({ vehicle_id }: { vehicle_id: string }) => vehicle_id === vehicles.elsewhere,
    );
    expect(found).toMatchObject({ park_id: parks.second, speed_kmh: 2, lat: 52, ignition: null });
    expect(found.age_s).toBeGreaterThanOrEqual(90);
    expect(found.age_s).toBeLessThan(120);
    expect(ids(await get(`?park_id=${parks.second}`))).toEqual([vehicles.elsewhere]);
    expect(api.accesses.at(-1)).toMatchObject({ subject: parks.second });
    const operator = await api.bearer({ role: 'operator', parks: [ParkId.parse(parks.first)] });
    expect(ids(await get('', operator))).toEqual([vehicles.first, vehicles.second].toSorted());
    expect((await get(`?park_id=${parks.second}`, operator)).code).toBe('park_unknown');
    expect((await get(`?park_id=${randomVehicle()}`)).code).toBe('park_unknown');
    const pages: string[] = [];
    let after = '';
    for (let page = 0; page < 5; page += 1) {
      const body = await get(`?limit=1${after}`);
      pages.push(...ids(body));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(pages.toSorted()).toEqual(Object.values(vehicles).toSorted());
    await own.proxy.refuse();
    expect((await get()).code).toBe('store_unavailable');
    await own.proxy.heal();
  });
});

describe('what the vehicles of a park do at this moment', () => {
  it('is counted, each vehicle once, also for those who may not see where they are', async () => {
    const own = await open();
    onTestFinished(own.close);
    const { api, parks, vehicles, deviceOf, append } = own;
    const at_us = now_us();
    const row = (vehicle: keyof typeof vehicles, told: Partial<TelemetryRow>) =>
      deviceOf(vehicles[vehicle]).row({ device_time_us: at_us, received_at_us: at_us, ...told });
    const ask = async (park: string) => {
      const auditor = await api.bearer({ role: 'auditor' });
      return call(api, 'GET', `/telemetry/fleet?park_id=${park}`, undefined, auditor);
    };
    const counts = async () => {
      const { at: _, park_id: __, ...rest } = (await ask(parks.first)).body;
      return rest;
    };
    const nobody = { vehicles: 2, moving: 0, idling: 0, standing: 0, silent: 2 };
    expect(await counts()).toEqual(nobody);
    await append(row('elsewhere', { speed_kmh: 50 }), row('first', { speed_kmh: 3 }));
    await append(row('second', { speed_kmh: 1, ignition: true }));
    expect(await counts()).toEqual({ ...nobody, moving: 1, idling: 1, silent: 0 });
    const later = { device_time_us: at_us + SECOND_US, received_at_us: at_us + SECOND_US };
    await append(row('second', { ...later, ignition: false }));
    expect(await counts()).toEqual({ ...nobody, moving: 1, standing: 1, silent: 0 });
    const old_us = at_us - 11 * 60 * SECOND_US;
    const states = vehiclesNow([row('first', { device_time_us: old_us, speed_kmh: 90 })]);
    expect(fleetNow([vehicles.first], states, at_us)).toMatchObject({ moving: 0, silent: 1 });
    expect((await ask(randomVehicle())).body.code).toBe('park_unknown');
    await own.proxy.refuse();
    expect((await ask(parks.first)).status).toBe(503);
    await own.proxy.heal();
  });
});
