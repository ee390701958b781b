import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresPool } from '#adapters/postgresPool.ts';
import type { TelemetryStore } from '#ingest/store.ts';
import { telemetryHarness } from '#tests/support/telemetryHarness.ts';
import { DAY_US, NOON_US, randomDevice, rightOf } from '#tests/support/telemetrySamples.ts';

const HOLD_MS = 150;

describe('telemetry in partitions', () => {
  let started: Awaited<ReturnType<typeof telemetryHarness>> | undefined;
  let store: TelemetryStore | undefined;
  let sql: ReturnType<typeof postgresPool> | undefined;
  beforeAll(async () => {
    started = await telemetryHarness();
    store = started.open();
    const { url } = started;
    const timeout = { statement_timeout_ms: 10_000, connections_max: 2 };
    sql = postgresPool({ url, application: 'ledger-tests', ...timeout });
    rightOf(await store.tidy()());
  });
  afterAll(async () => {
    await store?.close();
    await sql?.end({ timeout: 5 });
    await started?.close();
  });
  const running = () => {
    if (!store || !sql || !started) throw new Error('not started');
    return { store, sql, harness: started };
  };

  it('makes one partition a day, a few days ahead, and none for clocks that are wrong', async () => {
    const { store: opened, sql: asked } = running();
    const device = randomDevice();
    const wrong = [0, NOON_US - 900 * DAY_US, NOON_US + 900 * DAY_US];
    const rows = wrong.map((device_time_us) => device.row({ device_time_us }));
    rightOf(await opened.append({ rows, quarantined: [] })());
    const partitions = await asked`
      select inhrelid::regclass::text as name from pg_inherits
       where inhparent = 'telemetry'::regclass order by 1`;
    const names = partitions.map((row) => String(row['name']));
    expect(names).toHaveLength(12);
    expect(names[0]).toBe('telemetry_p20260223');
    expect(names.at(-1)).toBe('telemetry_p20260306');
    const [late] = await asked`select count(*)::int as count from telemetry_late`;
    expect(late).toEqual({ count: 3 });
  });

  it('rolls up what was committed while it was at work, at the latest the next time', async () => {
    const { store: opened, sql: asked } = running();
    const device = randomDevice();
    rightOf(await opened.append({ rows: [device.row()], quarantined: [] })());
    let rolling: Promise<unknown> = Promise.resolve();
    await asked.begin(async (transaction) => {
      await transaction`
        insert into telemetry (device_time, received_at, fingerprint, buffered, vehicle, ident, source)
        values (us_time(${NOON_US + 1}), now(), 1, false, ${device.vehicle}, ${device.ident}, 'test')`;
      await transaction`
        select touch_telemetry(array[row(${device.vehicle}::uuid, us_time(${NOON_US}))::telemetry_touched])`;
      rolling = opened.rollUp()();
      await sleep(HOLD_MS);
    });
    await rolling;
    rightOf(await opened.rollUp()());
    const found = rightOf(await opened.rollups({ ...device.all, resolution: '1m' })());
    expect(found).toMatchObject([{ rows: 2 }]);
  });

  it('has room again for a day that somebody else let go', async () => {
    const { store: opened, sql: asked } = running();
    const device = randomDevice();
    await asked`drop table telemetry_p20260302`;
    rightOf(await opened.append({ rows: [device.row()], quarantined: [] })());
    expect(rightOf(await opened.rows(device.all)())).toHaveLength(1);
  });

  it('finds the rows of a vehicle through the key of its devices', async () => {
    const { sql: asked } = running();
    const plan = await asked`
      explain (format json, generic_plan)
      select * from telemetry_rows t
       where t.ident = $1 and t.vehicle = $2 and t.device_time >= $3 and t.device_time < $4
       order by t.device_time, t.fingerprint limit 100`.simple();
    const text = JSON.stringify(plan);
    expect(text).toContain('Index Scan');
    expect(text).not.toContain('Seq Scan');
    expect(text).not.toContain('"Sort"');
  });
});
