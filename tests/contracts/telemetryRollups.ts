import { expect, it } from 'vitest';
import type { Resolution, TelemetryStore } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import {
  DAY_US,
  type Device,
  HOUR_US,
  MINUTE_US,
  NOON_US,
  randomDevice,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';
import type { TelemetryHarness } from './telemetryHarness.ts';

/** Rollups by minute and by hour, and that they know of everything that was stored before. */
export const telemetryRollupContract = (
  harness: () => TelemetryHarness,
  store: () => TelemetryStore,
): void => {
  const append = async (...rows: TelemetryRow[]) =>
    rightOf(await store().append({ rows, quarantined: [] })());
  const rollups = async ({ all }: Device, resolution: Resolution) =>
    rightOf(await store().rollups({ ...all, resolution })());
  const settle = () => harness().settleRollups(store());

  it('rolls up minutes and hours', async () => {
    const device = randomDevice();
    await append(
      device.row({ lat: 45, lon: 7, speed_kmh: 30, ignition: true, odometer_m: 1_000 }),
      device.row({ device_time_us: NOON_US + 20 * SECOND_US, speed_kmh: 60, engine_rpm: 2_000 }),
      device.row({ device_time_us: NOON_US + 59_999_999, ignition: false, lat: 46, lon: 8 }),
      device.row({ device_time_us: NOON_US + MINUTE_US, speed_kmh: 90, odometer_m: 3_000 }),
      device.row({ device_time_us: NOON_US + HOUR_US, rest: { note: 1 } }),
    );
    await settle();
    const minute = {
      bucket_us: NOON_US,
      first_at_us: NOON_US,
      last_at_us: NOON_US + 59_999_999,
      rows: 3,
      fix_at_us: NOON_US + 59_999_999,
      lat: 46,
      lon: 8,
      speed_mean_kmh: 45,
      speed_max_kmh: 60,
      ignition_on_share: 0.5,
      odometer_min_m: 1_000,
      odometer_max_m: 1_000,
      engine_rpm_max: 2_000,
    };
    const minutes = await rollups(device, '1m');
    expect(minutes[0]).toEqual(minute);
    expect(minutes.map(({ bucket_us, rows }) => [bucket_us - NOON_US, rows])).toEqual([
      [0, 3],
      [MINUTE_US, 1],
      [HOUR_US, 1],
    ]);
    const [hour, next] = await rollups(device, '1h');
    expect(hour).toEqual({
      ...minute,
      last_at_us: NOON_US + MINUTE_US,
      rows: 4,
      speed_mean_kmh: 60,
      speed_max_kmh: 90,
      odometer_max_m: 3_000,
    });
    expect(next).toMatchObject({ bucket_us: NOON_US + HOUR_US, lat: null, fix_at_us: null });
  });

  it('takes in what comes later, and leaves out what a receiver made up', async () => {
    const device = randomDevice();
    await append(device.row({ lat: 45, lon: 7 }));
    await settle();
    const later = NOON_US + 5 * SECOND_US;
    await append(
      device.row({ device_time_us: later, lat: 1, lon: 1, flags: ['position_jump'] }),
      device.row({ device_time_us: later, lat: 2, lon: 2, valid: false }),
      device.row({ device_time_us: NOON_US - 1, lat: 44, lon: 6, buffered: true }),
    );
    await settle();
    expect(await rollups(device, '1m')).toMatchObject([
      { bucket_us: NOON_US - MINUTE_US, rows: 1, lat: 44 },
      { bucket_us: NOON_US, rows: 3, lat: 45 },
    ]);
    expect(await rollups(device, '1h')).toMatchObject([{ rows: 1 }, { rows: 3 }]);
  });

  it('counts what came too late for the days that are kept, too', async () => {
    const device = randomDevice();
    const old_us = NOON_US - 900 * DAY_US;
    await append(
      device.row({ device_time_us: old_us, speed_kmh: 10 }),
      device.row({ device_time_us: old_us + 30 * SECOND_US, speed_kmh: 20 }),
      device.row({ device_time_us: old_us + 2 * MINUTE_US, speed_kmh: 30 }),
    );
    await settle();
    expect(await rollups(device, '1m')).toMatchObject([
      { bucket_us: old_us, rows: 2, speed_mean_kmh: 15 },
      { bucket_us: old_us + 2 * MINUTE_US, rows: 1 },
    ]);
    expect(await rollups(device, '1h')).toMatchObject([{ bucket_us: old_us, rows: 3 }]);
  });

  it('reads the buckets that begin within the stretch, of one vehicle of one tenant', async () => {
    const [device, other] = [randomDevice(), randomDevice()];
    await append(
      ...[0, 1, 2, 3].map((n) => device.row({ device_time_us: NOON_US + n * MINUTE_US })),
      other.row(),
    );
    await settle();
    const stretch = { from_us: NOON_US + 1, to_us: NOON_US + 3 * MINUTE_US };
    const read = async (wish: Partial<Device['all']>) => {
      const request = { ...device.all, ...stretch, resolution: '1m' as const, ...wish };
      const found = rightOf(await store().rollups(request)());
      return found.map(({ bucket_us }) => (bucket_us - NOON_US) / MINUTE_US);
    };
    expect(await read({})).toEqual([1, 2]);
    expect(await read({ limit: 1 })).toEqual([1]);
    expect(await read({ tenant: other.tenant })).toEqual([]);
  });
};
