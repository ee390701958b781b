import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptedFormat } from '#api/trackFormat.ts';
import { MINUTE_US, randomVehicle, rightOf, SECOND_US } from '#tests/support/telemetrySamples.ts';
import { call } from './apiHarness.ts';
import { type TelemetryScene, telemetryScene } from './telemetryScene.ts';

let started: TelemetryScene | undefined;
beforeAll(async () => {
  started = await telemetryScene();
});
afterAll(async () => started?.close());
const scene = (): TelemetryScene => {
  if (!started) throw new Error('not started');
  return started;
};
/** Yesterday, within the days that are kept. */
const DAY_MS = 86_400_000;
const AT_US = (Date.now() - DAY_MS - (Date.now() % DAY_MS)) * 1_000 + 8 * 60 * MINUTE_US;
const iso = (after_us: number): string => {
  const text = new Date(AT_US / 1_000 + Math.floor(after_us / 1_000)).toISOString();
  return after_us % 1_000 === 0
    ? text
    : `${text.slice(0, -1)}${String(after_us % 1_000).padStart(3, '0')}Z`;
};
const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  call(scene().api, 'GET', path, undefined, headers);

describe('what a vehicle told', () => {
  it('is told the last first, ten of it where nobody says how many', async () => {
    const { vehicles, deviceOf, append, api } = scene();
    const device = deviceOf(vehicles.first);
    await append(
      ...Array.from({ length: 12 }, (_, n) =>
        device.row({
          ...{ device_time_us: AT_US + n * SECOND_US + n, lat: 52.5, lon: 13.4, speed_kmh: n },
          ...{ altitude_m: n === 11 ? 30 : null, rest: { n }, received_at_us: AT_US + MINUTE_US },
        }),
      ),
      device.row({ device_time_us: AT_US - SECOND_US, ignition: true }),
    );
    const reply = await get(`/telemetry/${vehicles.first}`);
    expect(reply.status).toBe(200);
    expect(reply.body.items.map((each: { speed_kmh: number }) => each.speed_kmh)).toEqual([
      ...[11, 10, 9, 8, 7, 6, 5, 4, 3, 2],
    ]);
    expect(reply.body.items[0]).toMatchObject({
      vehicle_id: vehicles.first,
      ident: device.ident,
      device_time: iso(11 * SECOND_US + 11),
      received_at: iso(MINUTE_US),
      lat: 52.5,
      rest: { n: 11 },
      flags: [],
      source: 'mqtt/native',
    });
    expect(Object.keys(reply.body.items[0])).not.toContain('tenant');
    expect(reply.headers['cache-control']).toBe('no-store');
    expect((await get(`/telemetry/${vehicles.first}?limit=3`)).body.items).toHaveLength(3);
    expect(api.accesses.at(-1)).toMatchObject({
      purpose: 'telemetry_read',
      subject: vehicles.first,
      role: 'admin',
    });
  });

  it('is told of a stretch, oldest first, in pages that neither repeat nor miss a row', async () => {
    const { vehicles } = scene();
    const span = `from=${iso(0)}&to=${iso(5 * SECOND_US + 5)}`;
    const seen: number[] = [];
    let after = '';
    for (let page = 0; page < 9; page += 1) {
      const { body, headers } = await get(`/telemetry/${vehicles.first}?${span}&limit=2${after}`);
      seen.push(...body.items.map((each: { speed_kmh: number }) => each.speed_kmh));
      if (body.next === null) {
        expect(headers['link']).toBeUndefined();
        break;
      }
      expect(headers['link']).toMatch(/^<\/api\/v1\/telemetry\/.*after=.*>; rel="next"$/);
      after = `&after=${body.next}`;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    const exact = `from=${iso(3 * SECOND_US + 3)}&to=${iso(3 * SECOND_US + 4)}`;
    expect((await get(`/telemetry/${vehicles.first}?${exact}`)).body.items).toHaveLength(1);
    const none = `from=${iso(3 * SECOND_US + 4)}&to=${iso(4 * SECOND_US + 4)}`;
    expect((await get(`/telemetry/${vehicles.first}?${none}`)).body.items).toEqual([]);
  });

  it('is told by minute and hour', async () => {
    const { vehicles, deviceOf, append, store } = scene();
    const device = deviceOf(vehicles.second);
    const minutes = [0, 1, 2].map((n) => AT_US + n * MINUTE_US);
    await append(
      ...minutes.map((device_time_us, n) =>
        device.row({ device_time_us, lat: n, lon: n, speed_kmh: n }),
      ),
    );
    rightOf(await store.rollUp()());
    const url = `/telemetry/${vehicles.second}?resolution=1m`;
    const first = await get(`${url}&limit=2`);
    expect(first.body.items).toMatchObject([
      { vehicle_id: vehicles.second, bucket: iso(0), fix_at: iso(0), rows: 1, lat: 0 },
      { bucket: iso(MINUTE_US), speed_mean_kmh: 1 },
    ]);
    const rest = await get(`${url}&limit=2&after=${first.body.next}`);
    expect(rest.body).toMatchObject({ items: [{ bucket: iso(2 * MINUTE_US) }], next: null });
    const hour = await get(`/telemetry/${vehicles.second}?resolution=1h`);
    expect(hour.body.items).toMatchObject([
      { bucket: iso(0), rows: 3, fix_at: iso(2 * MINUTE_US) },
    ]);
    const track = await get(`${url}&format=geojson`);
    expect(track.body.features[2]).toMatchObject({
      geometry: { coordinates: [2, 2] },
      properties: { bucket: iso(2 * MINUTE_US) },
    });
  });

  it('is told as GeoJSON and GPX to whoever wants that', async () => {
    const { vehicles, api } = scene();
    const url = `/telemetry/${vehicles.first}?limit=12`;
    const geo = await get(url, { accept: 'application/gpx+xml;q=0.5, application/geo+json' });
    expect(geo.headers['content-type']).toMatch(/^application\/geo\+json/);
    expect(geo.body.type).toBe('FeatureCollection');
    expect(geo.body.features[0]).toMatchObject({
      geometry: { type: 'Point', coordinates: [13.4, 52.5, 30] },
      properties: { device_time: iso(11 * SECOND_US + 11), speed_kmh: 11 },
    });
    expect((await get(`${url}&format=geojson`)).body).toEqual(geo.body);
    const all = await get(`/telemetry/${vehicles.first}?limit=50&format=geojson`);
    expect(all.body.features).toHaveLength(12);
    const gpx = await api.app.inject({
      url: `/api/v1${url}&format=gpx`,
      headers: await api.bearer(),
    });
    expect(gpx.headers['content-type']).toMatch(/^application\/gpx\+xml/);
    expect(gpx.body).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>/);
    const times = [...gpx.body.matchAll(/<time>([^<]*)</g)].map(([, time]) => time);
    expect(times).toEqual(Array.from({ length: 12 }, (_, n) => iso(n * SECOND_US + n)));
  });

  it('draws no position that is none', async () => {
    const { deviceOf, append, vehicles, api } = scene();
    const device = deviceOf(vehicles.elsewhere);
    const place = { lat: 1, lon: 1 };
    await append(
      device.row({ device_time_us: AT_US, ...place }),
      device.row({ device_time_us: AT_US + 1, ...place, valid: false }),
      device.row({ device_time_us: AT_US + 2, ...place, flags: ['position_jump'] }),
    );
    const url = `/api/v1/telemetry/${vehicles.elsewhere}?format=`;
    const headers = await api.bearer();
    const gpx = await api.app.inject({ url: `${url}gpx`, headers });
    expect(gpx.body.match(/<trkpt/g)).toHaveLength(1);
    const geo = await api.app.inject({ url: `${url}geojson`, headers });
    expect(geo.json().features).toHaveLength(3);
  });

  it('is for those who run the park, and for nobody else', async () => {
    const { vehicles, parks, api } = scene();
    const url = `/telemetry/${vehicles.first}`;
    for (const role of ['auditor', 'analyst', 'investor', 'driver'] as const) {
      expect((await get(url, await api.bearer({ role }))).status).toBe(403);
    }
    const before = api.accesses.length;
    const there = await api.bearer({ role: 'operator', parks: [parks.second] });
    const foreign = await api.bearer({ tenant: 'globex' });
    for (const headers of [there, foreign]) {
      const reply = await get(url, headers);
      expect([reply.status, reply.body.code]).toEqual([404, 'vehicle_unknown']);
    }
    expect((await get(`/telemetry/${randomVehicle()}`)).status).toBe(404);
    expect(api.accesses.length).toBe(before);
    const here = await api.bearer({ role: 'operator', parks: [parks.first] });
    expect((await get(url, here)).status).toBe(200);
  });

  it('is asked for in words that are checked', async () => {
    const { vehicles } = scene();
    const cursor = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
    for (const query of [
      ...['limit=0', 'limit=5001', 'from=yesterday', 'resolution=5m', 'format=kml', 'x=1'],
      ...['after=x', `after=${cursor([1, 'no ident', '1'])}`, `after=${cursor([1, null])}`],
      `after=${cursor([1, null, '9999999999999999999'])}`,
    ]) {
      expect([query, (await get(`/telemetry/${vehicles.first}?${query}`)).status]).toEqual([
        query,
        400,
      ]);
    }
  });

  it('cannot be told while the store is away', async () => {
    const { vehicles, proxy } = scene();
    await proxy.refuse();
    try {
      for (const query of ['', '?resolution=raw', '?resolution=1h']) {
        const reply = await get(`/telemetry/${vehicles.first}${query}`);
        expect([reply.status, reply.body.code]).toEqual([503, 'store_unavailable']);
      }
    } finally {
      await proxy.heal();
    }
  });
});

describe('the form that is wanted', () => {
  it('is what the header weighs most, and JSON where it cannot tell', () => {
    const wanted = [
      [undefined, 'json'],
      ['*/*', 'json'],
      ['text/html', 'json'],
      ['application/geo+json', 'geojson'],
      ['application/gpx+xml', 'gpx'],
      ['application/json;q=0.4, application/gpx+xml;q=0.5', 'gpx'],
      ['application/gpx+xml, application/json', 'json'],
      ['*/*;q=0.1, application/geo+json;q=0.2', 'geojson'],
      ['application/*, application/geo+json;q=0', 'json'],
      ['application/json;q=0, */*', 'geojson'],
      ['application/gpx+xml;q=x', 'json'],
    ] as const;
    for (const [accept, format] of wanted) {
      expect([accept, acceptedFormat(accept)]).toEqual([accept, format]);
    }
  });
});
