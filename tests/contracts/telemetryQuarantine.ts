import { expect, it } from 'vitest';
import type { Quarantined } from '#ingest/quarantine.ts';
import type { TelemetryStore } from '#ingest/store.ts';
import {
  type Device,
  NOON_US,
  quarantined,
  randomDevice,
  randomIdent,
  rightOf,
} from '#tests/support/telemetrySamples.ts';
import type { TelemetryHarness } from './telemetryHarness.ts';

/** What waits in quarantine, and that nothing of it disappears unseen. */
export const telemetryQuarantineContract = (
  harness: () => TelemetryHarness,
  store: () => TelemetryStore,
): void => {
  const keep = async (entries: readonly Quarantined[], to = store()) =>
    rightOf(await to.append({ rows: [], quarantined: entries })());
  const list = async ({ tenant }: Pick<Device, 'tenant'>) =>
    rightOf(
      await harness().quarantine.list({
        tenant,
        ident: null,
        code: null,
        after: null,
        limit: 50,
      })(),
    );
  const use = async ({ tenant }: Pick<Device, 'tenant'>) =>
    rightOf(await harness().quarantine.use(tenant)());

  it('keeps the bytes and all that is known about them', async () => {
    const device = randomDevice();
    const raw = Buffer.from([0, 255, 10, 39, 34, 92]);
    const told = { code: 'TimeMissing', field: 'timestamp', elements: 3, raw } as const;
    await keep([quarantined(device, told)]);
    const [entry] = await list(device);
    const { raw: _, replay, ...rest } = quarantined(device, told);
    const seen = { first_seen_us: NOON_US, last_seen_us: NOON_US, count: 1, bytes: raw.length };
    expect(entry).toEqual({ ...rest, ...seen, id: expect.any(BigInt) });
    const found = rightOf(
      await harness().quarantine.inspect({ tenant: device.tenant, id: entry?.id ?? 0n })(),
    );
    expect(found).toEqual({ ...entry, raw });
  });

  it('counts the same message instead of keeping it again', async () => {
    const device = randomDevice();
    const entry = quarantined(device);
    await keep([entry, entry]);
    await keep([{ ...entry, received_at_us: NOON_US + 7 }]);
    await keep([{ ...entry, replay: true }]);
    expect(await list(device)).toMatchObject([
      { count: 3, first_seen_us: NOON_US, last_seen_us: NOON_US + 7, received_at_us: NOON_US },
    ]);
    expect(await use(device)).toMatchObject([{ entries: 1, bytes: 2 }]);
  });

  it('keeps a message once for all of its reasons and devices', async () => {
    const device = randomDevice();
    const raw = Buffer.alloc(1_000, 'x');
    await keep([
      quarantined(device, { raw }),
      quarantined(device, { raw, code: 'TimeMissing' }),
      quarantined(device, { raw, ident: randomIdent() }),
      quarantined(device, { raw, ident: null, sender: null }),
    ]);
    const entries = await list(device);
    expect(entries).toHaveLength(4);
    expect((await use(device)).reduce((sum, { bytes }) => sum + bytes, 0)).toBe(1_000);
    for (const { id } of entries.slice(0, 3)) {
      rightOf(await harness().quarantine.release({ tenant: device.tenant, id })());
    }
    const [left] = await list(device);
    const found = await harness().quarantine.inspect({ ...device, id: left?.id ?? 0n })();
    expect(rightOf(found)?.raw).toEqual(raw);
  });

  it('lists by device and reason, page by page, and only to its tenant', async () => {
    const device = randomDevice();
    const codes = ['TimeMissing', 'NotJson', 'DeviceUnbound'] as const;
    await keep(codes.map((code) => quarantined(device, { code })));
    const { quarantine } = harness();
    const any = { tenant: device.tenant, ident: null, code: null, after: null, limit: 2 };
    const first = rightOf(await quarantine.list(any)());
    const rest = rightOf(await quarantine.list({ ...any, after: first[1]?.id ?? null })());
    expect([...first, ...rest].map(({ code }) => code)).toEqual(codes);
    expect(rightOf(await quarantine.list({ ...any, code: 'NotJson' })())).toHaveLength(1);
    expect(rightOf(await quarantine.list({ ...any, ident: randomIdent() })())).toEqual([]);
    const other = randomDevice().tenant;
    const place = { tenant: other, id: first[0]?.id ?? 0n };
    expect(rightOf(await quarantine.list({ ...any, tenant: other })())).toEqual([]);
    expect(rightOf(await quarantine.inspect(place)())).toBeNull();
    expect(rightOf(await quarantine.release(place)())).toBe(false);
    expect(await list(device)).toHaveLength(3);
  });

  it('keeps the first ones at its bounds, and counts the others', async () => {
    const bounds = { device_entries_max: 2, device_bytes_max: 100, total_bytes_max: 1_000_000 };
    const small = harness().open({ bounds });
    const device = randomDevice();
    const message = (text: string) => quarantined(device, { raw: Buffer.from(text) });
    await keep([message('one'), message('two'), message('three')], small);
    await keep([message('one'), message('four')], small);
    expect((await list(device)).map(({ count }) => count)).toEqual([2, 1]);
    expect(await use(device)).toEqual([
      { ident: device.ident, entries: 2, bytes: 6, turned_away: 2, turned_away_bytes: 9 },
    ]);
    const other = randomDevice();
    await keep([quarantined(other, { raw: Buffer.alloc(101) })], small);
    expect(await use(other)).toMatchObject([{ entries: 0, turned_away: 1 }]);
    await keep([{ ...message('replayed'), replay: true }], small);
    expect(await list(device)).toHaveLength(3);
    await small.close();
    const none = harness().open({ bounds: { ...bounds, total_bytes_max: 0 } });
    const third = randomDevice();
    await keep([quarantined(third)], none);
    expect(await use(third)).toMatchObject([{ entries: 0, turned_away: 1 }]);
    await none.close();
  });

  it('makes room when an entry is released', async () => {
    const device = randomDevice();
    await keep([quarantined(device)]);
    const [entry] = await list(device);
    const place = { ...device, id: entry?.id ?? 0n };
    expect(rightOf(await harness().quarantine.release(place)())).toBe(true);
    expect(rightOf(await harness().quarantine.release(place)())).toBe(false);
    expect(await list(device)).toEqual([]);
    expect(await use(device)).toEqual([]);
  });

  it('is in the transaction of the readings of its message', async () => {
    const device = randomDevice();
    const bad = device.row({ satellites: 1e9 });
    const batch = { rows: [bad], quarantined: [quarantined(device)] };
    await expect(store().append(batch)()).rejects.toThrow();
    expect(await list(device)).toEqual([]);
  });
};
