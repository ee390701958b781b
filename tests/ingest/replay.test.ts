import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import type { Arrival } from '#ingest/ports.ts';
import { replayAll, replayEntry } from '#ingest/replay.ts';
import type { TelemetryStore } from '#ingest/store.ts';
import { telemetryWriter } from '#ingest/writer.ts';
import { telemetryHarness } from '#tests/support/telemetryHarness.ts';
import {
  type Device,
  memoryBindings,
  NOON_US,
  randomDevice,
  randomIdent,
  rightOf,
} from '#tests/support/telemetrySamples.ts';

const AT = '2026-03-02T07:59:58.123456Z';
const MESSAGES = 120;

/** A message as a listener would hand it over. */
const message = ({ tenant }: Device, told: unknown, ident: Arrival['ident'] = null): Arrival => {
  const raw = Buffer.from(JSON.stringify(told));
  const read = rightOf(readTelemetry(raw, { received_at_us: NOON_US, ident }));
  return { tenant, ident, listener: 'http', received_at_us: NOON_US, raw, ...read };
};

describe('what was in quarantine', () => {
  let started: Awaited<ReturnType<typeof telemetryHarness>> | undefined;
  let store: TelemetryStore | undefined;
  beforeAll(async () => {
    started = await telemetryHarness();
    store = started.open();
  });
  afterAll(async () => {
    await store?.close();
    await started?.close();
  });

  const scene = () => {
    if (!started || !store) throw new Error('not started');
    const opened = store;
    const { quarantine } = started;
    const { bindings, bind } = memoryBindings();
    const writer = telemetryWriter({ store: opened, bindings });
    const device = randomDevice();
    const deps = { quarantine, writer, read: readTelemetry };
    const list = async () => {
      const any = { tenant: device.tenant, ident: null, code: null, after: null, limit: 1_000 };
      return rightOf(await quarantine.list(any)());
    };
    const rows = async () => rightOf(await opened.rows(device.all)());
    return { quarantine, bind, writer, device, deps, list, rows };
  };

  it('is stored when the device is bound, as if it had been from the first', async () => {
    const { bind, writer, device, deps, list, rows } = scene();
    for (let n = 0; n < MESSAGES; n += 1) {
      const told = { device_time: AT, seq: n, speed_kmh: 7 };
      rightOf(await writer.take(message(device, told, device.ident))());
    }
    expect(await list()).toHaveLength(MESSAGES);
    const code = 'DeviceUnbound' as const;
    const which = { tenant: device.tenant, ident: device.ident, code, after: null };
    expect(rightOf(await replayAll(deps)(which))).toEqual({
      released: 0,
      waiting: MESSAGES,
      next: null,
    });
    bind(device);
    expect(rightOf(await replayAll(deps)(which))).toEqual({
      released: MESSAGES,
      waiting: 0,
      next: null,
    });
    expect(await list()).toEqual([]);
    const stored = await rows();
    expect(stored).toHaveLength(MESSAGES);
    expect(stored[0]).toMatchObject({ source: 'http/native', received_at_us: NOON_US, flags: [] });
  });

  it('waits on for as long as its own reason holds, and is not counted again', async () => {
    const { bind, writer, device, deps, list, rows } = scene();
    const other = { ...randomDevice(), tenant: device.tenant };
    const told = [
      { ident: device.ident, device_time: AT },
      { ident: other.ident, device_time: AT },
      { ident: randomIdent() },
      { ident: randomIdent(), device_time: AT, lat: 91, lon: 7 },
    ];
    const taken = rightOf(await writer.take(message(device, told))());
    expect(taken).toEqual({ stored: 0, repeated: 0, sampled: 0, quarantined: 4 });
    bind(device);
    const all = { tenant: device.tenant, ident: null, code: null, after: null };
    expect(rightOf(await replayAll(deps)(all))).toEqual({ released: 1, waiting: 3, next: null });
    expect(await rows()).toHaveLength(1);
    expect((await list()).map(({ code, count, ident }) => [code, count, ident])).toEqual([
      ['TimeMissing', 1, null],
      ['PositionImpossible', 1, null],
      ['DeviceUnbound', 1, other.ident],
    ]);
    expect(rightOf(await replayAll(deps)(all))).toEqual({ released: 0, waiting: 3, next: null });
    expect(await rows()).toHaveLength(1);
  });

  it('is replayed in as many goes as time allows', async () => {
    const { bind, writer, device, deps, list, rows } = scene();
    for (let seq = 0; seq < 3; seq += 1) {
      rightOf(await writer.take(message(device, { device_time: AT, seq }, device.ident))());
    }
    bind(device);
    const { tenant } = device;
    const [first] = await list();
    const begin = replayAll(deps, { replay_max_ms: -1 });
    const one = rightOf(await begin({ tenant, ident: null, code: null, after: null }));
    expect(one).toEqual({ released: 1, waiting: 0, next: first?.id });
    const which = { tenant, ident: null, code: null, after: one.next };
    expect(rightOf(await replayAll(deps)(which))).toEqual({ released: 2, waiting: 0, next: null });
    expect(await rows()).toHaveLength(3);
  });

  it('is read by the reader of today', async () => {
    const { bind, writer, device, deps, list, rows } = scene();
    const raw = Buffer.from(JSON.stringify({ device_time: AT, speed_kmh: 9 }));
    const rejects = [{ index: 0, code: 'FormatUnknown' as const, field: null }];
    const { tenant, ident } = device;
    const unread = { tenant, ident, listener: 'mqtt', format: 'unknown', rejects } as const;
    bind(device);
    rightOf(await writer.take({ ...unread, raw, received_at_us: NOON_US, readings: [] })());
    const [entry] = await list();
    const place = { tenant, id: entry?.id ?? 0n };
    expect(rightOf(await replayEntry(deps)(place))).toMatchObject({
      released: true,
      stored: { stored: 1 },
    });
    expect(await rows()).toMatchObject([{ speed_kmh: 9, source: 'mqtt/native' }]);
    expect(rightOf(await replayEntry(deps)(place))).toBeNull();
  });
});
