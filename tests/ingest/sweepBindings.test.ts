import { setTimeout as sleep } from 'node:timers/promises';
import { left } from 'fp-ts/lib/Either.js';
import { expect, it, onTestFinished } from 'vitest';
import { boundDevices } from '#adapters/boundDevices.ts';
import { bindingsOfDevice } from '#adapters/deviceBindings.ts';
import { telemetryStore } from '#adapters/telemetryStore.ts';
import { DeviceFitted, DeviceFittingVoided } from '#domain/devices/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { CommandId, FittingId, type VehicleId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { cachedBindings } from '#ingest/cachedBindings.ts';
import { sweepBindings } from '#ingest/sweepBindings.ts';
import { deviceBindings } from '#projections/deviceBindings.ts';
import { testLedger } from '#tests/projections/harness.ts';
import { logOf, show } from '#tests/support/projectedEvents.ts';
import { acme, berlin, car, morning, noon, uuid8, van } from '#tests/support/samples.ts';
import { NOON_US, randomDevice, rightOf, SECOND_US } from '#tests/support/telemetrySamples.ts';

const SETTLE_MS = 300;
const operation = CommandId.parse(uuid8(0x900));

it('brings rows to the vehicle the device was in, and those of a stale memory a little later', async () => {
  const ledger = await testLedger();
  const store = telemetryStore({ url: ledger.url, now: () => NOON_US / 1_000 });
  onTestFinished(async () => {
    await store.close();
    await ledger.close();
  });
  const device = randomDevice();
  const { ident } = device;
  const row = (seq: number, vehicle: VehicleId) =>
    device.row({ tenant: acme, vehicle, seq, device_time_us: NOON_US + seq * SECOND_US });
  const append = async (...rows: readonly ReturnType<typeof row>[]) =>
    rightOf(await store.append({ rows, quarantined: [] })());
  const fitting = (vehicle: VehicleId, n: number) => ({
    ...{ vehicle, park: berlin, ident },
    fitting: FittingId.parse(`${vehicle}~${uuid8(0x800 + n)}`),
  });
  const fitted = (vehicle: VehicleId, n: number) =>
    fact(DeviceFitted, morning, { ...fitting(vehicle, n), operation });
  const voided = fact(DeviceFittingVoided, noon, { ...fitting(van, 1), reason: 'wrong_device' });
  const known = (...facts: readonly LedgerFact[]) =>
    show(ledger.sql, [deviceBindings], logOf(facts));
  const bound: string[] = [];
  const away = { on: false };
  const bindingsOf = bindingsOfDevice(ledger.sql);
  const sweeper = (signal = new AbortController().signal) =>
    sweepBindings(
      {
        devices: boundDevices({ sql: ledger.sql, settle_ms: SETTLE_MS }),
        bindingsOf,
        remembered: cachedBindings({ bindingsOf }),
        store: {
          bind: (request) => {
            bound.push(request.ident);
            const outage = left({ code: 'Unavailable', detail: 'test' } as const);
            return away.on ? async () => outage : store.bind(request);
          },
        },
      },
      signal,
    );
  const sweep = sweeper();
  const seqs = async (vehicle: VehicleId) => {
    const all = { tenant: acme, vehicle, from_us: 0, to_us: 5e15, after: null, limit: 100 };
    return rightOf(await store.rows(all)()).map(({ seq }) => seq);
  };

  expect(rightOf(await sweep())).toBe(0);
  await append(row(1, van), row(2, van));
  await known(fitted(van, 1));
  expect(rightOf(await sweep())).toBe(0);
  expect(bound).toEqual([ident]);
  await known(fitted(van, 1), voided, fitted(car, 2));
  away.on = true;
  expect(await sweep()).toMatchObject({ left: { code: 'Unavailable' } });
  away.on = false;
  expect(rightOf(await sweep())).toBe(2);
  expect(await seqs(car)).toEqual([1, 2]);
  // Stored by a process that still remembers the van.
  await append(row(3, van));
  bound.length = 0;
  expect(rightOf(await sweeper()())).toBe(0);
  expect(bound).toEqual([]);
  await sleep(SETTLE_MS);
  expect(rightOf(await sweeper(AbortSignal.abort())())).toBe(0);
  const swept = await Promise.all([sweep(), sweeper()()]);
  expect(swept.map(rightOf).toSorted()).toEqual([0, 1]);
  expect([await seqs(van), await seqs(car)]).toEqual([[], [1, 2, 3]]);
  bound.length = 0;
  await sleep(SETTLE_MS);
  expect(rightOf(await sweep())).toBe(0);
  expect(bound).toEqual([]);
});
