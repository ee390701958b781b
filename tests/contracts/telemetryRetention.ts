import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TelemetryStore } from '#ingest/store.ts';
import {
  DAY_US,
  NOON_US,
  quarantined,
  randomDevice,
  rightOf,
} from '#tests/support/telemetrySamples.ts';
import type { TelemetryHarness } from './telemetryHarness.ts';

const retention = { raw_days: 2, rollup_days: 5, quarantine_days: 3 };

/** What is let go, and when. Each test has a database of its own, since days are let go for all. */
export const telemetryRetentionContract = (start: () => Promise<TelemetryHarness>): void => {
  let harness: TelemetryHarness | undefined;
  let store: TelemetryStore | undefined;
  let now_us = NOON_US;
  const running = () => {
    if (!harness || !store) throw new Error('not started');
    return { harness, store };
  };
  beforeEach(async () => {
    now_us = NOON_US;
    harness = await start();
    store = harness.open({ now_us: () => now_us, retention });
  });
  afterEach(async () => {
    await store?.close();
    await harness?.close();
  });
  const after = async (days: number) => {
    now_us = NOON_US + days * DAY_US;
    return rightOf(await running().store.tidy()());
  };

  it('lets readings go after their days, rollups later, and what is late by when it came', async () => {
    const { store: opened, harness: begun } = running();
    const device = randomDevice();
    const late = device.row({ device_time_us: 1, received_at_us: NOON_US });
    const rows = [device.row({ speed_kmh: 5 }), late];
    rightOf(await opened.append({ rows, quarantined: [] })());
    await begun.settleRollups(opened);
    const counts = async () => [
      rightOf(await opened.rows(device.all)()).length,
      rightOf(await opened.rollups({ ...device.all, resolution: '1m' })()).length,
      rightOf(await opened.rollups({ ...device.all, resolution: '1h' })()).length,
    ];
    await after(2);
    expect(await counts()).toEqual([2, 2, 2]);
    expect(await after(3)).toMatchObject({ dropped: 1, late: 1 });
    expect(await counts()).toEqual([0, 1, 1]);
    await begun.settleRollups(opened);
    await after(5);
    expect(await counts()).toEqual([0, 1, 1]);
    await after(6);
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('lets go of what nobody asked for in quarantine', async () => {
    const { store: opened, harness: begun } = running();
    const device = randomDevice();
    const raw = Buffer.from('newer');
    const newer = quarantined(device, { received_at_us: NOON_US + DAY_US, raw });
    rightOf(await opened.append({ rows: [], quarantined: [quarantined(device), newer] })());
    expect(await after(2.9)).toMatchObject({ quarantined: 0 });
    expect(await after(3.1)).toMatchObject({ quarantined: 1 });
    const any = { tenant: device.tenant, ident: null, code: null, after: null, limit: 9 };
    expect(rightOf(await begun.quarantine.list(any)())).toHaveLength(1);
    expect(rightOf(await begun.quarantine.use(device.tenant)())).toMatchObject([{ entries: 1 }]);
  });

  it('has room for the days ahead without anybody’s doing, and after being away for long', async () => {
    const { store: opened } = running();
    const device = randomDevice();
    for (const days of [0, 1, 3, 4.9, 30, 400]) {
      now_us = NOON_US + days * DAY_US;
      const row = device.row({ device_time_us: now_us });
      const kept = await opened.append({ rows: [row], quarantined: [] })();
      expect(rightOf(kept)).toEqual({ repeated: [] });
      expect(rightOf(await opened.lastRows({ ...device, limit: 1 })())).toEqual([row]);
      await after(days);
      expect(rightOf(await opened.lastRows({ ...device, limit: 1 })())).toEqual([row]);
    }
  });
};
