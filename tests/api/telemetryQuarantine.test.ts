import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import { randomIdent, rightOf } from '#tests/support/telemetrySamples.ts';
import { call } from './apiHarness.ts';
import { type TelemetryScene, telemetryScene } from './telemetryScene.ts';

const RECEIVED = '2026-03-02T08:00:00.000123Z';
const RECEIVED_US = Date.parse('2026-03-02T08:00:00Z') * 1_000 + 123;
const URL = '/telemetry/quarantine';

let started: TelemetryScene | undefined;
beforeAll(async () => {
  started = await telemetryScene();
});
afterAll(async () => started?.close());
const scene = (): TelemetryScene => {
  if (!started) throw new Error('not started');
  return started;
};
const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown, headers = {}) =>
  call(scene().api, method, `${URL}${path}`, body, headers);

/** A message of a device that is in no vehicle. */
const send = async (ident: DeviceIdent, raw: Buffer | object, tenant = Tenant.parse('acme')) => {
  const bytes = Buffer.isBuffer(raw) ? raw : Buffer.from(JSON.stringify(raw));
  const rejects = [{ index: 0, code: 'FormatUnknown' as const, field: null }];
  const told = {
    tenant,
    ident,
    listener: 'mqtt',
    format: 'unknown',
    readings: [],
    rejects,
  } as const;
  rightOf(await scene().writer.take({ ...told, received_at_us: RECEIVED_US, raw: bytes })());
};
const told = (seq: number) => ({ device_time: '2026-03-02T07:59:00Z', seq, speed_kmh: 7 });

describe('quarantine, as an operator sees it', () => {
  it('is listed page by page, and looked into', async () => {
    const { api } = scene();
    const ident = randomIdent();
    for (let seq = 0; seq < 3; seq += 1) await send(ident, told(seq));
    const first = await ask('GET', `?ident=${ident}&limit=2`);
    expect(first.body.items).toMatchObject([
      { ident, sender: ident, code: 'FormatUnknown', count: 1, received_at: RECEIVED, elements: 1 },
      { ident },
    ]);
    const rest = await ask('GET', `?ident=${ident}&limit=2&after=${first.body.next}`);
    expect([rest.body.items.length, rest.body.next]).toEqual([1, null]);
    expect((await ask('GET', `?ident=${ident}&code=NotJson`)).body.items).toEqual([]);
    const [{ id }] = rest.body.items;
    const seen = await ask('GET', `/${id}`);
    expect(seen.body).toMatchObject({ id, text: JSON.stringify(told(2)) });
    expect(Buffer.from(seen.body.raw, 'base64').toString()).toBe(seen.body.text);
    expect(seen.headers['cache-control']).toBe('no-store');
    expect(api.accesses.at(-1)).toMatchObject({ purpose: 'telemetry_read' });
    const use = await ask('GET', '/use');
    expect(use.body.items).toContainEqual(
      expect.objectContaining({ ident, entries: 3, turned_away: 0 }),
    );
  });

  it('shows bytes that are no text as bytes only', async () => {
    const ident = randomIdent();
    for (const raw of [Buffer.from([0xff, 0xfe]), Buffer.from([0x61, 0x00])])
      await send(ident, raw);
    const { items } = (await ask('GET', `?ident=${ident}`)).body;
    for (const { id } of items) expect((await ask('GET', `/${id}`)).body.text).toBeNull();
    expect(items).toHaveLength(2);
  });

  it('is replayed one by one or all of a filter, and let go of', async () => {
    const { bind, deviceOf, vehicles, store } = scene();
    const ident = randomIdent();
    for (let seq = 0; seq < 3; seq += 1) await send(ident, told(seq));
    const list = async () => (await ask('GET', `?ident=${ident}`)).body.items;
    const [first, second] = await list();
    const unbound = await ask('POST', `/${first.id}/replay`);
    expect(unbound.body).toMatchObject({ released: true, stored: 0, quarantined: 1 });
    expect((await list()).map(({ code }: { code: string }) => code)).toEqual([
      ...['FormatUnknown', 'FormatUnknown', 'DeviceUnbound'],
    ]);
    bind({ ...deviceOf(vehicles.first), ident });
    const stored = await ask('POST', `/${second.id}/replay`);
    expect(stored.body).toMatchObject({ released: true, stored: 1 });
    await send(ident, Buffer.from('nonsense'));
    const all = await ask('POST', '/replay', { ident });
    expect(all.body).toEqual({ released: 2, waiting: 1, next: null });
    const rows = rightOf(await store.lastRows({ ...deviceOf(vehicles.first), limit: 10 })());
    expect(rows.map(({ seq }) => seq).toSorted()).toEqual([0, 1, 2]);
    const [left] = await list();
    expect((await ask('DELETE', `/${left.id}`)).body).toEqual({ id: left.id });
    for (const [method, path] of [
      ['DELETE', `/${left.id}`],
      ['GET', `/${left.id}`],
      ['POST', `/${left.id}/replay`],
      ['GET', '/9999999999999999999'],
    ] as const) {
      const reply = await ask(method, path);
      const expected = path === '/9999999999999999999' ? 400 : 404;
      expect([path, reply.status]).toEqual([path, expected]);
    }
  });

  it('is for those who run the tenant', async () => {
    const { api } = scene();
    const ident = DeviceIdent.parse('of-globex');
    await send(ident, told(1), Tenant.parse('globex'));
    const globex = await api.bearer({ tenant: 'globex', role: 'operator' });
    const [{ id }] = (await ask('GET', '', undefined, globex)).body.items;
    for (const [method, path] of [
      ['GET', `/${id}`],
      ['DELETE', `/${id}`],
      ['POST', `/${id}/replay`],
    ] as const) {
      expect((await ask(method, path)).body.code).toBe('quarantine_entry_unknown');
    }
    expect((await ask('GET', `?ident=${ident}`)).body.items).toEqual([]);
    expect((await ask('POST', '/replay', { ident })).body.waiting).toBe(0);
    for (const role of ['auditor', 'analyst', 'investor', 'driver'] as const) {
      const headers = await api.bearer({ role });
      expect((await ask('GET', '', undefined, headers)).status).toBe(403);
      expect((await ask('GET', `/${id}`, undefined, headers)).status).toBe(403);
    }
    expect((await ask('GET', `/${id}`, undefined, globex)).status).toBe(200);
  });

  it('cannot be told while the store is away', async () => {
    const { proxy } = scene();
    await proxy.refuse();
    const replies = await Promise.all([
      ask('GET', ''),
      ask('GET', '/use'),
      ask('GET', '/1'),
      ask('DELETE', '/1'),
      ask('POST', '/1/replay'),
      ask('POST', '/replay', {}),
    ]);
    await proxy.heal();
    expect(replies.map(({ body }) => body.code)).toEqual(Array(6).fill('store_unavailable'));
  });
});
