import { isLeft, left } from 'fp-ts/lib/Either.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TelemetryStore } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { telemetryWriter } from '#ingest/writer.ts';
import { telemetryHarness } from '#tests/support/telemetryHarness.ts';
import {
  arrival,
  MINUTE_US,
  memoryBindings,
  NOON_US,
  randomDevice,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';

const ARRIVALS = 400;
const CUTS = 12;

describe('the writer', () => {
  const opened: TelemetryStore[] = [];
  let started: Awaited<ReturnType<typeof telemetryHarness>> | undefined;
  const harness = () => {
    if (!started) throw new Error('not started');
    return started;
  };
  beforeAll(async () => {
    started = await telemetryHarness();
  });
  afterEach(async () => {
    await harness().up();
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });
  afterAll(() => started?.close());

  /** A writer on a store of its own, and a device that is in a vehicle. */
  const scene = (options: Partial<Parameters<typeof telemetryWriter>[0]> = {}) => {
    const store = harness().open();
    opened.push(store);
    const { bindings, bind } = memoryBindings();
    const device = randomDevice();
    bind(device);
    const heard: TelemetryRow[] = [];
    const writer = telemetryWriter({
      store,
      bindings,
      heard: (rows) => heard.push(...rows),
      ...options,
    });
    const rows = async () => rightOf(await store.rows(device.all)());
    const waiting = async () =>
      rightOf(
        await harness().quarantine.list({
          tenant: device.tenant,
          ident: null,
          code: null,
          after: null,
          limit: 100,
        })(),
      );
    return { store, bindings, bind, device, writer, heard, rows, waiting };
  };

  it('does not keep what a person wrote, and knows the message again all the same', async () => {
    const { device, writer, rows } = scene();
    const told = (text: string) =>
      arrival(device, [{ rest: { driver_message: text, battery: 3 }, flags: ['time_assumed'] }]);
    rightOf(await writer.take(told('flat tyre'))());
    expect(rightOf(await writer.take(told('flat tyre'))())).toMatchObject({ repeated: 1 });
    const flags = ['time_assumed', 'text_withheld'];
    expect(await rows()).toMatchObject([{ rest: { battery: 3 }, flags }]);
    expect(JSON.stringify((await rows()).map(({ rest }) => rest))).not.toContain('tyre');
  });

  it('answers when a message is durable, with what became of each of its elements', async () => {
    const { device, writer, rows, heard, waiting } = scene();
    const message = arrival(
      device,
      [
        { speed_kmh: 1 },
        { device_time_us: NOON_US + SECOND_US, speed_kmh: 2 },
        { device_time_us: NOON_US + 5 * SECOND_US, flags: ['zero_fix'] },
        { ident: randomDevice().ident },
      ],
      { rejects: [{ index: 4, code: 'TimeMissing', field: 'timestamp' }] },
    );
    const first = rightOf(await writer.take(message)());
    expect(first).toEqual({ stored: 2, repeated: 0, sampled: 1, quarantined: 2 });
    expect(await rows()).toEqual(heard);
    expect(heard).toMatchObject([
      { vehicle: device.vehicle, source: 'mqtt/native', received_at_us: NOON_US, speed_kmh: 1 },
      { flags: ['zero_fix'] },
    ]);
    // What is older than the last that was kept is not sampled any more: it could be news.
    const again = rightOf(await writer.take(message)());
    expect(again).toEqual({ stored: 1, repeated: 2, sampled: 0, quarantined: 2 });
    expect(await waiting()).toMatchObject([
      { code: 'TimeMissing', field: 'timestamp', ident: device.ident, elements: 1, count: 2 },
      { code: 'DeviceUnbound', elements: 1, count: 2 },
    ]);
  });

  it('attributes by the time of the reading, and never to the vehicle of another tenant', async () => {
    const { device, writer, bind, store } = scene();
    const [next, stranger] = [randomDevice(), randomDevice()];
    const moved = { ...next, tenant: device.tenant, ident: randomDevice().ident };
    bind({ ...device, ident: moved.ident }, 0, NOON_US);
    bind(moved, NOON_US, NOON_US + MINUTE_US);
    const at = [-1, 0, MINUTE_US - 1, MINUTE_US].map((after_us) => NOON_US + after_us);
    const told = at.map((device_time_us) => ({ device_time_us }));
    const taken = await writer.take(arrival(moved, told, { listener: 'import' }))();
    expect(rightOf(taken)).toMatchObject({ stored: 3, quarantined: 1 });
    const vehicle = async (which: typeof device) =>
      rightOf(await store.rows({ ...which.all, tenant: device.tenant })()).length;
    expect([await vehicle(device), await vehicle(next)]).toEqual([1, 2]);
    const foreign = arrival({ tenant: stranger.tenant, ident: moved.ident }, told);
    expect(rightOf(await writer.take(foreign)())).toMatchObject({ stored: 0, quarantined: 4 });
  });

  it('samples what devices send, but not imports and nothing that changes', async () => {
    const { device, writer } = scene();
    const told = Array.from({ length: 21 }, (_, n) => ({
      device_time_us: NOON_US + n * SECOND_US,
      ignition: n >= 12,
      speed_kmh: n,
    }));
    const live = rightOf(await writer.take(arrival(device, told))());
    // At 0, 5, 10, at the change at 12, and then at 17.
    expect(live).toMatchObject({ stored: 5, sampled: 16 });
    const imported = arrival(device, told, { listener: 'import' });
    expect(rightOf(await writer.take(imported)())).toMatchObject({ stored: 16, repeated: 5 });
    const off = scene({ sampling_interval_ms: 0 });
    expect(rightOf(await off.writer.take(arrival(off.device, told))())).toMatchObject({
      stored: 21,
    });
  });

  it('marks impossible jumps over messages, and does not show them as the position', async () => {
    const { device, writer, store, heard } = scene();
    const at = (n: number, lat: number) => [
      { device_time_us: NOON_US + n * 10 * SECOND_US, lat, lon: 7, valid: true },
    ];
    const received_at_us = NOON_US + MINUTE_US;
    for (const [n, lat] of [45, 60, 45.001].entries()) {
      rightOf(await writer.take(arrival(device, at(n, lat), { received_at_us }))());
    }
    expect(heard.map(({ flags }) => flags)).toEqual([[], ['position_jump'], []]);
    const [now] = rightOf(await store.now({ tenant: device.tenant, vehicles: null })());
    expect(now).toMatchObject({ lat: 45.001, fix_at_us: NOON_US + 20 * SECOND_US });
  });

  it('takes many arrivals in few transactions, each answered for itself', async () => {
    const { store, bindings, device } = scene();
    let batches = 0;
    const append: TelemetryStore['append'] = (batch) => {
      batches += 1;
      return store.append(batch);
    };
    const writer = telemetryWriter({ store: { append }, bindings, sampling_interval_ms: 0 });
    const taken = await Promise.all(
      Array.from({ length: ARRIVALS }, (_, n) =>
        writer.take(arrival(device, [{ device_time_us: NOON_US + (n >> 1) }]))(),
      ),
    );
    const counts = taken.map(rightOf);
    expect(counts.filter(({ stored }) => stored === 1)).toHaveLength(ARRIVALS / 2);
    expect(counts.filter(({ repeated }) => repeated === 1)).toHaveLength(ARRIVALS / 2);
    expect(batches).toBeLessThan(ARRIVALS / 10);
  });

  it('puts aside the one message that the database will not have, and takes the others', async () => {
    const refused: unknown[] = [];
    const { device, writer, rows, waiting } = scene({ refused: (error) => refused.push(error) });
    const bad = arrival(device, [{ satellites: 1e9 }], { raw: Buffer.from('bad') });
    const good = [1, 2, 3].map((n) =>
      arrival(device, [{ device_time_us: NOON_US + n * 10 * SECOND_US }]),
    );
    const taken = await Promise.all([bad, ...good].map((each) => writer.take(each)()));
    expect(taken.map((each) => rightOf(each).stored)).toEqual([0, 1, 1, 1]);
    expect(refused).toHaveLength(1);
    expect(await rows()).toHaveLength(3);
    expect(await waiting()).toMatchObject([{ code: 'RowRefused', elements: 1 }]);
  });

  it('loses nothing and doubles nothing while connections break', async () => {
    const { device, writer, rows } = scene({ sampling_interval_ms: 0 });
    let broken = 0;
    const stubbornly = async (n: number) => {
      for (;;) {
        const told = [{ device_time_us: NOON_US + n, seq: n }];
        const taken = await writer.take(arrival(device, told))();
        if (!isLeft(taken)) return;
        expect(taken.left.code).toBe('Unavailable');
        broken += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const trouble = async () => {
      for (let cut = 0; cut < CUTS; cut += 1) {
        await new Promise((resolve) => setTimeout(resolve, 15));
        await harness().down();
        await harness().up();
      }
    };
    const senders = Array.from({ length: 8 }, async (_, sender) => {
      for (let n = 0; n < 60; n += 1) await stubbornly(sender * 60 + n);
    });
    await Promise.all([trouble(), ...senders]);
    expect(broken).toBeGreaterThan(0);
    expect((await rows()).map(({ seq }) => seq)).toEqual([...Array(480).keys()]);
  });

  it('stores once what was committed when the answer got lost', async () => {
    const { device, writer, rows } = scene();
    rightOf(await writer.take(arrival(device, [{}]))());
    const message = arrival(device, [{ device_time_us: NOON_US + MINUTE_US }]);
    harness().swallowAnswers();
    expect(await writer.take(message)()).toMatchObject(left({ code: 'Unavailable' }));
    await harness().up();
    expect(rightOf(await writer.take(message)())).toMatchObject({ stored: 0, repeated: 1 });
    expect(await rows()).toHaveLength(2);
  });

  it('says that it is away, remembers nothing of it, and goes on by itself', async () => {
    const { device, writer, rows } = scene();
    await harness().down();
    const told = [{}, { device_time_us: NOON_US + SECOND_US }];
    const away = left({ code: 'Unavailable' });
    expect(await writer.take(arrival(device, told))()).toMatchObject(away);
    await harness().up();
    // What was sampled out beside a reading that got lost must not be missing with it.
    expect(rightOf(await writer.take(arrival(device, told.slice(1)))())).toMatchObject({
      stored: 1,
    });
    expect(await rows()).toHaveLength(1);
    const blind = scene({
      bindings: {
        ofDevices: () => async () => left({ code: 'Unavailable', detail: 'bindings' }),
      },
    });
    expect(await blind.writer.take(arrival(device, told))()).toMatchObject(away);
  });

  it('refuses what would not bind into memory, and takes it later', async () => {
    const { device, bindings, store } = scene();
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const writer = telemetryWriter({
      bindings,
      store: {
        append: (batch) => async () => {
          await gate;
          return store.append(batch)();
        },
      },
    });
    const big = (n: number) =>
      arrival(device, [{ device_time_us: NOON_US + n }], { raw: Buffer.alloc(20 * 1024 * 1024) });
    const first = [1, 2, 3].map((n) => writer.take(big(n))());
    expect(await writer.take(big(4))()).toMatchObject(left({ code: 'Overloaded' }));
    letGo();
    for (const taken of await Promise.all(first)) rightOf(taken);
    rightOf(await writer.take(big(4))());
    await writer.drained();
  });
});
