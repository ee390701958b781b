import { left } from 'fp-ts/lib/Either.js';
import { expect, it, onTestFinished } from 'vitest';
import { bindingsOfDevice } from '#adapters/deviceBindings.ts';
import { telemetryQuarantine } from '#adapters/telemetryQuarantine.ts';
import { telemetryStore } from '#adapters/telemetryStore.ts';
import { unboundEntries } from '#adapters/unboundEntries.ts';
import { DeviceFitted, DeviceFittingVoided } from '#domain/devices/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { CommandId, FittingId, VehicleId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { cachedBindings } from '#ingest/cachedBindings.ts';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import { replayEntry } from '#ingest/replay.ts';
import { sweepUnbound, type UnboundEntries } from '#ingest/sweepUnbound.ts';
import { telemetryWriter } from '#ingest/writer.ts';
import { deviceBindings } from '#projections/deviceBindings.ts';
import { testLedger } from '#tests/projections/harness.ts';
import { logOf, show } from '#tests/support/projectedEvents.ts';
import {
  acme,
  berlin,
  evening,
  moment,
  morning,
  noon,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { NOON_US, randomIdent, rightOf, SECOND_US } from '#tests/support/telemetrySamples.ts';

const operation = CommandId.parse(uuid8(0x900));
const vehicle = VehicleId.parse(van);
const early = moment('2026-03-01T08:00:00.000Z');

/** Telemetry beside the read model of bindings, which is what `bound` says it is. */
const scene = async (changed: Partial<UnboundEntries> = {}) => {
  const ledger = await testLedger();
  const store = telemetryStore({ url: ledger.url, now: () => NOON_US / 1_000 });
  const quarantine = telemetryQuarantine({ url: ledger.url });
  onTestFinished(async () => {
    await Promise.all([store.close(), quarantine.close()]);
    await ledger.close();
  });
  const ident = randomIdent();
  /** Another process has bindings in memory of its own. */
  const process = () => {
    const bindings = cachedBindings({
      bindingsOf: bindingsOfDevice(ledger.sql),
      age_max_ms: 3_600_000,
    });
    const writer = telemetryWriter({ store, bindings });
    const replayed: bigint[] = [];
    const faults: unknown[] = [];
    const replay = replayEntry({ quarantine, writer, read: readTelemetry });
    const entries = { ...unboundEntries(ledger.sql), ...changed };
    const stop = new AbortController();
    const sweep = sweepUnbound(
      {
        entries,
        bindings,
        replay: async (place) => {
          replayed.push(place.id);
          return replay(place);
        },
        failed: (error) => faults.push(error),
      },
      stop.signal,
    );
    const send = async (seq: number, at: string) => {
      const raw = Buffer.from(JSON.stringify({ device_time: at, seq }));
      const received = { tenant: acme, ident, listener: 'mqtt', received_at_us: NOON_US } as const;
      const read = rightOf(readTelemetry(raw, received));
      return rightOf(await writer.take({ ...received, raw, ...read })());
    };
    return { sweep, send, replayed, faults, stop };
  };
  const fitting = {
    fitting: FittingId.parse(`${van}~${uuid8(0x801)}`),
    vehicle,
    park: berlin,
    ident,
  };
  const again = { ...fitting, fitting: FittingId.parse(`${van}~${uuid8(0x802)}`) };
  const fitted = fact(DeviceFitted, morning, { ...fitting, operation });
  const voided = fact(DeviceFittingVoided, noon, { ...fitting, reason: 'wrong_times' });
  const earlier = fact(DeviceFitted, early, { ...again, operation });
  const bound = (...facts: readonly LedgerFact[]) =>
    show(
      ledger.sql,
      [deviceBindings],
      logOf([
        fact(DeviceFitted, evening, {
          ...{ ...fitting, ident: randomIdent(), operation },
          fitting: FittingId.parse(`${van}~${uuid8(0x8ff)}`),
        }),
        ...facts,
      ]),
    );
  const rows = async () => {
    const all = { tenant: acme, vehicle, from_us: 0, to_us: 5e15, after: null, limit: 1_000 };
    return rightOf(await store.rows(all)()).map(({ seq }) => seq);
  };
  return { ledger, ident, process, bound, fitted, voided, earlier, rows };
};

const MORNING = '2026-03-02T08:00:00.000001Z';
const NIGHT = '2026-03-02T03:00:00Z';

it('lets out what waited for its device, and what was judged by yesterday’s bindings', async () => {
  const { process, bound, fitted, rows } = await scene();
  const [one, two] = [process(), process()];
  expect(rightOf(await one.sweep())).toEqual({ released: 0, waiting: 0 });
  await bound();
  expect(await one.send(1, MORNING)).toMatchObject({ quarantined: 1 });
  expect(rightOf(await one.sweep())).toEqual({ released: 0, waiting: 0 });
  expect(one.replayed).toEqual([]);
  await bound(fitted);
  expect(rightOf(await two.sweep())).toEqual({ released: 1, waiting: 0 });
  // The first process still remembers that the device was in no vehicle.
  expect(await one.send(2, MORNING)).toMatchObject({ quarantined: 1 });
  expect(rightOf(await one.sweep())).toEqual({ released: 1, waiting: 0 });
  expect(await one.send(3, MORNING)).toMatchObject({ stored: 1 });
  expect(await rows()).toEqual([1, 2, 3]);
  expect([one.faults, two.faults]).toEqual([[], []]);
});

it('tries what has no hope once, and again when the bindings are others', async () => {
  const { process, bound, fitted, voided, earlier, rows } = await scene();
  const one = process();
  await bound(fitted);
  await one.send(1, NIGHT);
  expect(rightOf(await one.sweep())).toEqual({ released: 0, waiting: 1 });
  expect(rightOf(await one.sweep())).toEqual({ released: 0, waiting: 0 });
  expect(rightOf(await process().sweep())).toEqual({ released: 0, waiting: 0 });
  expect(one.replayed).toHaveLength(1);
  await bound(fitted, voided);
  expect(rightOf(await one.sweep())).toEqual({ released: 0, waiting: 1 });
  await bound(fitted, voided, earlier);
  expect(rightOf(await one.sweep())).toEqual({ released: 1, waiting: 0 });
  expect(await rows()).toEqual([1]);
});

it('does it once, whoever else does it, and however much there is', async () => {
  const { process, bound, fitted, rows } = await scene();
  const processes = [process(), process(), process()];
  await bound();
  const count = 250;
  for (let seq = 0; seq < count; seq += 1) await processes[0]?.send(seq, MORNING);
  await bound(fitted);
  const swept = await Promise.all(processes.map(({ sweep }) => sweep()));
  expect(swept.every((each) => rightOf(each).released <= count)).toBe(true);
  expect(await rows()).toHaveLength(count);
  expect(rightOf(await process().sweep())).toEqual({ released: 0, waiting: 0 });
});

it('stops when it is told to, and where something is away, and goes on there', async () => {
  const away = left({ code: 'Unavailable', detail: 'test' } as const);
  const deaf = { tried: () => async () => away };
  const { process, bound, fitted, rows } = await scene(deaf);
  const one = process();
  await bound(fitted);
  await one.send(1, NIGHT);
  expect(await one.sweep()).toEqual(away);
  await one.send(2, new Date((NOON_US - SECOND_US) / 1_000).toISOString());
  one.stop.abort();
  expect(rightOf(await one.sweep())).toEqual({ released: 0, waiting: 0 });
  expect(one.replayed).toHaveLength(1);
  expect(await rows()).toEqual([]);
});
