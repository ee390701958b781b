import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { liveStates } from '#ingest/liveStates.ts';
import type { VehicleNow } from '#ingest/vehicleNow.ts';
import { telemetryHarness } from '#tests/support/telemetryHarness.ts';
import { NOON_US, randomDevice, rightOf, SECOND_US } from '#tests/support/telemetrySamples.ts';
import { testPool } from '#tests/support/testProjections.ts';

const POLL_MS = 20;

it('tells a change once, however long a transaction elsewhere takes', async () => {
  const harness = await telemetryHarness();
  const store = harness.open();
  const sql = testPool(harness.url);
  onTestFinished(async () => {
    await Promise.all([store.close(), sql.end({ timeout: 5 })]);
    await harness.close();
  });
  const [still, moving] = [randomDevice(), randomDevice()];
  const append = async (row: ReturnType<typeof still.row>) =>
    rightOf(await store.append({ rows: [row], quarantined: [] })());
  const faults: unknown[] = [];
  const live = liveStates({ store, poll_ms: POLL_MS, failed: (error) => faults.push(error) });
  const heard: VehicleNow[] = [];
  let looks = 0;
  const looked = async (more: number): Promise<void> => {
    for (const end = looks + more; looks < end; ) await sleep(POLL_MS / 2);
  };
  await sql.begin(async (transaction) => {
    await transaction`select pg_current_xact_id()`;
    await append(still.row({ speed_kmh: 1 }));
    const leave = rightOf(
      await live.join(({ states }) => {
        looks += 1;
        heard.push(...states);
      }),
    );
    onTestFinished(leave);
    await looked(3);
    expect(heard).toEqual([]);
    for (const speed_kmh of [2, 3]) {
      await append(moving.row({ device_time_us: NOON_US + speed_kmh * SECOND_US, speed_kmh }));
      await looked(3);
    }
  });
  await looked(3);
  expect(heard.map(({ speed_kmh }) => speed_kmh)).toEqual([2, 3]);
  expect(faults).toEqual([]);
});
