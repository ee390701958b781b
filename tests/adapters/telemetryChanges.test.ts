import { expect, it, onTestFinished } from 'vitest';
import { postgresPool } from '#adapters/postgresPool.ts';
import { telemetryHarness } from '#tests/support/telemetryHarness.ts';
import { NOON_US, randomDevice, rightOf, SECOND_US } from '#tests/support/telemetrySamples.ts';

it('tells what a transaction changed that began before a mark and ended behind it', async () => {
  const harness = await telemetryHarness();
  const store = harness.open();
  const sql = postgresPool({
    url: harness.url,
    connections_max: 1,
    statement_timeout_ms: 10_000,
    application: 'ledger-tests',
  });
  onTestFinished(async () => {
    await Promise.all([store.close(), sql.end({ timeout: 5 })]);
    await harness.close();
  });
  const [slow, quick] = [randomDevice(), randomDevice()];
  const append = async (row: ReturnType<typeof slow.row>) =>
    rightOf(await store.append({ rows: [row], quarantined: [] })());
  const changed = async (since: bigint | null) =>
    rightOf(await store.changedNow({ tenant: null, vehicles: null, since })());
  await append(slow.row({ speed_kmh: 1 }));
  const mark = await sql.begin(async (transaction) => {
    await transaction`update vehicle_now set speed_kmh = 99 where vehicle = ${slow.vehicle}`;
    await append(quick.row({ device_time_us: NOON_US + SECOND_US }));
    const seen = await changed(null);
    expect(seen.states.map(({ speed_kmh }) => speed_kmh).toSorted()).toEqual([1, null]);
    return seen.mark;
  });
  const found = (await changed(mark)).states.filter(({ vehicle }) => vehicle === slow.vehicle);
  expect(found).toMatchObject([{ speed_kmh: 99 }]);
});
