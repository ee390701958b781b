import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ParkId, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { HOUR_US, randomDevice, randomVehicle } from '#tests/support/telemetrySamples.ts';
import { aVehicle, call } from './apiHarness.ts';
import { follow, now_us, type Open, open, until } from './streamClient.ts';

let started: Open | undefined;
beforeAll(async () => {
  started = await open();
});
afterAll(async () => started?.close());
const scene = (): Open => {
  if (!started) throw new Error('not started');
  return started;
};
/** A vehicle of the first park with a device that nobody else knows. */
const newVehicle = async (park = scene().parks.first) => {
  const { api, deviceOf } = scene();
  const made = await call(api, 'POST', '/transport_registry', aVehicle(park));
  return deviceOf(VehicleId.parse(made.body.id));
};

describe('the live stream', () => {
  it('tells what is known, and then what changes, whichever process it came by', async () => {
    const { append, api } = scene();
    const device = await newVehicle();
    await append(device.row({ device_time_us: now_us(), speed_kmh: 1, lat: 52.5, lon: 13.4 }));
    const client = await follow(scene(), `?vehicle_id=${device.vehicle}`);
    expect(client.reply.headers.get('content-type')).toContain('text/event-stream');
    expect(api.accesses.at(-1)).toMatchObject({
      purpose: 'telemetry_read',
      subject: device.vehicle,
    });
    await until(() => client.told.length === 1);
    expect(client.seen.text).toMatch(/^retry: 2000\n/);
    await append(device.row({ device_time_us: now_us(), speed_kmh: 2 }));
    await until(() => client.told.length === 2);
    expect(client.told[1]).toMatchObject({
      vehicle_id: device.vehicle,
      ident: device.ident,
      speed_kmh: 2,
      lat: 52.5,
    });
    await append(device.row({ device_time_us: now_us() - HOUR_US, buffered: true, speed_kmh: 9 }));
    await sleep(150);
    expect(client.speeds()).toEqual([1, 2]);
    await append(device.row({ device_time_us: now_us(), ignition: true }));
    await until(() => client.told.length === 3);
    expect(client.told[2]).toMatchObject({ ignition: true, speed_kmh: 2 });
  });

  it('neither freezes nor hides a vehicle whose clock is an hour ahead', async () => {
    const { append } = scene();
    const device = await newVehicle();
    const client = await follow(scene(), `?vehicle_id=${device.vehicle}`);
    for (const speed_kmh of [1, 2, 3]) {
      const received_at_us = now_us();
      const ahead = { device_time_us: received_at_us + HOUR_US, received_at_us };
      await append(device.row({ ...ahead, flags: ['clock_ahead'], speed_kmh }));
      await until(() => client.told.length === speed_kmh);
    }
    await append(device.row({ device_time_us: now_us(), speed_kmh: 4 }));
    await until(() => client.told.length === 4);
    expect(client.speeds()).toEqual([1, 2, 3, 4]);
    expect(Date.parse(String(client.told[2]?.['seen_at']))).toBeLessThan(Date.now() + 1_000);
  });

  it('goes on where a client was, without missing or repeating a vehicle’s state', async () => {
    const { append } = scene();
    const [moved, still] = [await newVehicle(), await newVehicle()];
    await append(
      moved.row({ device_time_us: now_us(), speed_kmh: 1 }),
      still.row({ device_time_us: now_us(), speed_kmh: 5 }),
    );
    const told = async (headers: Readonly<Record<string, string>> = {}) => {
      const client = await follow(scene(), '', headers);
      await until(() => client.ids.length > 0);
      await sleep(100);
      await client.close();
      const ours = client.told.flatMap(({ vehicle_id, speed_kmh }) => {
        if (vehicle_id === moved.vehicle) return [['moved', speed_kmh]];
        return vehicle_id === still.vehicle ? [['still', speed_kmh]] : [];
      });
      return { ours, last: String(client.ids.at(-1)) };
    };
    for (let speed_kmh = 2; ; speed_kmh += 2) {
      const { ours, last } = await told();
      expect(ours).toContainEqual(['still', 5]);
      await append(moved.row({ device_time_us: now_us(), speed_kmh }));
      await append(moved.row({ device_time_us: now_us(), speed_kmh: speed_kmh + 1 }));
      const resumed = await told({ 'last-event-id': last });
      expect(resumed.ours).toContainEqual(['moved', speed_kmh + 1]);
      expect(resumed.ours).not.toContainEqual(['moved', speed_kmh]);
      const rest = await told({ 'last-event-id': resumed.last });
      // While other transactions of the server are under way, what is older is told again; no harm is done.
      if (resumed.ours.length === 1 && rest.ours.length === 0) break;
      expect(speed_kmh).toBeLessThan(40);
    }
    for (const strange of ['9000000000000000000', 'x', '']) {
      const lost = await told({ 'last-event-id': strange });
      expect(lost.ours).toHaveLength(2);
    }
  });

  it('gives no id that would lose what was not told yet', async () => {
    const { append } = scene();
    const devices = await Promise.all([1, 2, 3].map(() => newVehicle()));
    await append(
      ...devices.map((device) => device.row({ device_time_us: now_us(), speed_kmh: 1 })),
    );
    const client = await follow(scene(), `?park_id=${scene().parks.first}`);
    await until(() => client.ids.length > 0 && client.told.length >= 3);
    const first = client.seen.text.indexOf('id: ');
    for (const { vehicle } of devices) {
      const at = client.seen.text.indexOf(vehicle);
      // The frame with the id is the last one: only its own data comes behind it.
      expect(at === -1 || at < client.seen.text.indexOf('\n\n', first)).toBe(true);
    }
  });

  it('tells nobody of vehicles that are not theirs', async () => {
    const { append, api, parks, vehicles, deviceOf } = scene();
    const foreign = { ...randomDevice(), tenant: Tenant.parse('globex') };
    const elsewhere = deviceOf(vehicles.elsewhere);
    const here = deviceOf(vehicles.first);
    const operator = await api.bearer({
      role: 'operator',
      parks: [ParkId.parse(parks.first)],
    });
    const all = await follow(scene());
    const bound = await follow(scene(), '', operator);
    const park = await follow(scene(), `?park_id=${parks.second}`);
    const globex = await follow(scene(), '', await api.bearer({ tenant: 'globex' }));
    await append(
      foreign.row({ tenant: foreign.tenant, device_time_us: now_us(), speed_kmh: 81 }),
      elsewhere.row({ device_time_us: now_us(), speed_kmh: 82 }),
      here.row({ device_time_us: now_us(), speed_kmh: 83 }),
    );
    const recent = (client: typeof all) =>
      client.speeds().filter((speed) => speed !== null && speed > 80);
    await until(() => recent(all).length === 2 && recent(bound).length === 1);
    await until(() => recent(park).length === 1 && recent(globex).length === 1);
    await sleep(150);
    expect([all, bound, park, globex].map((client) => recent(client).toSorted())).toEqual([
      [82, 83],
      [83],
      [82],
      [81],
    ]);
    const get = async (query: string, headers: Record<string, string> = {}) =>
      (await call(api, 'GET', `/telemetry/stream${query}`, undefined, headers)).body?.code;
    expect(await get(`?vehicle_id=${vehicles.elsewhere}`, operator)).toBe('vehicle_unknown');
    expect(await get(`?park_id=${parks.second}`, operator)).toBe('park_unknown');
    expect(await get(`?vehicle_id=${randomVehicle()}`)).toBe('vehicle_unknown');
    expect(await get('', await api.bearer({ role: 'auditor' }))).toBe('role_not_allowed');
  });

  it('looks once for all who listen, and not at all when nobody does', async () => {
    const { looks } = scene();
    const clients = await Promise.all(Array.from({ length: 10 }, () => follow(scene())));
    await until(() => clients.every(({ seen }) => seen.text !== ''));
    const before = looks.count;
    await sleep(400);
    expect(looks.count - before).toBeGreaterThan(2);
    expect(looks.count - before).toBeLessThan(12);
    for (const { close } of clients) await close();
    await sleep(100);
    const after = looks.count;
    await sleep(200);
    expect(looks.count).toBe(after);
  });

  it('ends with the token', async () => {
    const { api } = scene();
    const client = await follow(scene(), '', await api.bearer({ life_s: 1 }));
    await until(() => client.seen.ended);
  });

  it('begins to tell of a vehicle that comes into the park, and stops when it leaves', async () => {
    const own = await open({ scope_ms: 50 });
    onTestFinished(own.close);
    const { api, parks, vehicles, deviceOf, append } = own;
    const device = deviceOf(vehicles.elsewhere);
    await append(device.row({ device_time_us: now_us(), speed_kmh: 1 }));
    const client = await follow(own, `?park_id=${parks.first}`);
    await until(() => client.seen.text !== '');
    const move = async (park_id: string) => {
      const url = `/transport_registry/${vehicles.elsewhere}/move`;
      expect((await call(api, 'POST', url, { park_id })).status).toBe(200);
    };
    await move(parks.first);
    await until(() => client.speeds().includes(1));
    await append(device.row({ device_time_us: now_us(), speed_kmh: 2 }));
    await until(() => client.speeds().includes(2));
    await move(parks.second);
    await sleep(300);
    await append(device.row({ device_time_us: now_us(), speed_kmh: 3 }));
    await sleep(300);
    expect([...new Set(client.speeds())]).toEqual([1, 2]);
    expect(own.faults).toEqual([]);
  });

  it('beats while there is nothing to tell', async () => {
    const own = await open({ heart_beat_ms: 50 });
    onTestFinished(own.close);
    const client = await follow(own);
    await until(() => (client.seen.text.match(/: beat\n\n/g) ?? []).length >= 3);
    expect(client.told).toEqual([]);
    expect(new Set(client.ids).size).toBeGreaterThan(0);
  });

  it('goes on when the store was away, and misses nothing of what came meanwhile', async () => {
    const own = await open();
    onTestFinished(own.close);
    const device = own.deviceOf(own.vehicles.first);
    const client = await follow(own);
    await until(() => client.seen.text !== '');
    await own.proxy.refuse();
    await sleep(200);
    const away = await call(own.api, 'GET', '/telemetry/stream');
    expect([away.status, away.body.code]).toEqual([503, 'store_unavailable']);
    await own.proxy.heal();
    await own.append(device.row({ device_time_us: now_us(), speed_kmh: 7 }));
    await until(() => client.told.length === 1);
    expect(client.speeds()).toEqual([7]);
    expect(own.faults).toEqual([]);
  });
});
