import { expect, it } from 'vitest';
import type { VehicleId } from '#domain/kernel/ids.ts';
import type { Resolution, TelemetryStore } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import {
  DAY_US,
  type Device,
  HOUR_US,
  MINUTE_US,
  NOON_US,
  randomDevice,
  randomVehicle,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';
import type { TelemetryHarness } from './telemetryHarness.ts';

/** That rows follow when it turns out later which vehicle their device was in. */
export const telemetryBindingContract = (
  harness: () => TelemetryHarness,
  store: () => TelemetryStore,
): void => {
  const append = async (...rows: TelemetryRow[]) =>
    rightOf(await store().append({ rows, quarantined: [] })());
  const settle = () => harness().settleRollups(store());
  const bind = async (
    { tenant, ident }: Pick<Device, 'tenant' | 'ident'>,
    ...spans: readonly (readonly [VehicleId, number, number | null])[]
  ) => {
    const bindings = spans.map(([vehicle, from_us, to_us]) => ({ vehicle, from_us, to_us }));
    return rightOf(await store().bind({ tenant, ident, bindings })());
  };
  const seqs = async ({ all }: Device, vehicle: VehicleId) =>
    rightOf(await store().rows({ ...all, vehicle })()).map(({ seq }) => seq);
  const counts = async ({ all }: Device, vehicle: VehicleId, resolution: Resolution) =>
    rightOf(await store().rollups({ ...all, vehicle, resolution })()).map(({ rows }) => rows);
  const nowOf = async ({ tenant }: Device, vehicle: VehicleId) =>
    rightOf(await store().now({ tenant, vehicles: [vehicle] })())[0];
  /** Six rows in six minutes, numbered from 0. */
  const minutes = (device: Device) =>
    Array.from({ length: 6 }, (_, seq) =>
      device.row({
        ...{ device_time_us: NOON_US + seq * MINUTE_US, seq, fingerprint: BigInt(seq) },
        ...{ lat: 45 + seq, lon: 7, speed_kmh: seq, ignition: seq % 2 === 0 },
      }),
    );

  it('moves the rows of a stretch, with their rollups and what is known by now', async () => {
    const device = randomDevice();
    const other = randomVehicle();
    await append(...minutes(device));
    await settle();
    const from_us = NOON_US + 4 * MINUTE_US;
    const spans = [
      [device.vehicle, 0, from_us],
      [other, from_us, null],
    ] as const;
    expect(await bind(device, ...spans)).toBe(2);
    await settle();
    expect(await seqs(device, device.vehicle)).toEqual([0, 1, 2, 3]);
    expect(await seqs(device, other)).toEqual([4, 5]);
    expect(await counts(device, device.vehicle, '1m')).toEqual([1, 1, 1, 1]);
    expect(await counts(device, device.vehicle, '1h')).toEqual([4]);
    expect(await counts(device, other, '1h')).toEqual([2]);
    const last = { seen_at_us: NOON_US + 3 * MINUTE_US, speed_kmh: 3, lat: 48, ignition: false };
    expect(await nowOf(device, device.vehicle)).toMatchObject(last);
    expect(await nowOf(device, other)).toMatchObject({
      speed_kmh: 5,
      lat: 50,
      ident: device.ident,
    });
    expect(await bind(device, ...spans)).toBe(0);
    expect(await bind(device, [device.vehicle, 0, null])).toBe(2);
    await settle();
    expect(await seqs(device, device.vehicle)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await counts(device, device.vehicle, '1h')).toEqual([6]);
    expect(await counts(device, other, '1h')).toEqual([]);
    expect(await counts(device, other, '1m')).toEqual([]);
    expect(await nowOf(device, other)).toBeUndefined();
  });

  it('keeps what was told while the device was in no vehicle, for when it turns out that it was', async () => {
    const device = randomDevice();
    await append(...minutes(device));
    const from_us = NOON_US + MINUTE_US;
    expect(await bind(device, [device.vehicle, from_us, from_us + 2 * MINUTE_US])).toBe(4);
    expect(await seqs(device, device.vehicle)).toEqual([1, 2]);
    expect(await bind(device)).toBe(2);
    expect(await nowOf(device, device.vehicle)).toBeUndefined();
    expect(rightOf(await store().now({ ...device, vehicles: null })())).toEqual([]);
    const other = randomVehicle();
    expect(await bind(device, [other, 0, null])).toBe(6);
    expect(await seqs(device, other)).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await append(...minutes(device))).repeated).toHaveLength(6);
  });

  it('moves late rows too, and no row of another device or tenant', async () => {
    const device = randomDevice();
    const camera = { ...randomDevice(), tenant: device.tenant };
    const foreign = { ...randomDevice(), ident: device.ident };
    const old_us = NOON_US - 400 * DAY_US;
    await append(
      device.row({ device_time_us: old_us, received_at_us: NOON_US, seq: 1 }),
      camera.row({ tenant: device.tenant, vehicle: device.vehicle, seq: 2, speed_kmh: 9 }),
      foreign.row({ ident: device.ident, device_time_us: NOON_US - HOUR_US, seq: 3 }),
    );
    const other = randomVehicle();
    expect(await bind(device, [other, 0, null])).toBe(1);
    expect(await seqs(device, other)).toEqual([1]);
    expect(await seqs(device, device.vehicle)).toEqual([2]);
    expect(await seqs(foreign, foreign.vehicle)).toEqual([3]);
    expect(await nowOf(device, device.vehicle)).toMatchObject({
      speed_kmh: 9,
      ident: camera.ident,
    });
    expect(await nowOf(device, other)).toMatchObject({ seen_at_us: old_us });
    expect(await bind(foreign)).toBe(1);
    expect(await bind(device, [other, 0, null])).toBe(0);
  });

  it('comes to the same while the device goes on telling', async () => {
    const device = randomDevice();
    const other = randomVehicle();
    const rows = Array.from({ length: 40 }, (_, seq) =>
      device.row({ device_time_us: NOON_US + seq * SECOND_US, seq, speed_kmh: seq }),
    );
    const telling = Promise.all(rows.map((row) => append(row)));
    for (let n = 0; n < 5; n += 1) await bind(device, [other, 0, null]);
    await telling;
    await bind(device, [other, 0, null]);
    expect(await seqs(device, device.vehicle)).toEqual([]);
    expect(await seqs(device, other)).toHaveLength(40);
    expect(await nowOf(device, device.vehicle)).toBeUndefined();
    expect(await nowOf(device, other)).toMatchObject({ speed_kmh: 39 });
    await settle();
    expect(await counts(device, device.vehicle, '1m')).toEqual([]);
    expect(await counts(device, other, '1m')).toEqual([40]);
  });
};
