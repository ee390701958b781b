import { telemetryQuarantine } from '#adapters/telemetryQuarantine.ts';
import { telemetryStore } from '#adapters/telemetryStore.ts';
import type { TelemetryHarness } from '#tests/contracts/telemetryHarness.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { faultProxy } from './faultProxy.ts';
import { NOON_US, rightOf } from './telemetrySamples.ts';

const TIMEOUT_MS = 3_000;

/** Telemetry on a database that is reached over a wire that can break. */
export const telemetryHarness = async (
  started: Promise<TestDatabase> = testDatabase(),
  settleRollups: TelemetryHarness['settleRollups'] = async (store) => {
    rightOf(await store.rollUp()());
  },
): Promise<TelemetryHarness & { readonly url: string }> => {
  const database = await started;
  const direct = new URL(database.url);
  const proxy = await faultProxy(Number(direct.port === '' ? 5432 : direct.port));
  const behind = new URL(database.url);
  behind.port = String(proxy.port);
  const quarantine = telemetryQuarantine({ url: behind.href });
  return {
    url: database.url,
    open: ({ now_us = () => NOON_US, retention, bounds } = {}) =>
      telemetryStore({
        url: behind.href,
        now: () => now_us() / 1_000,
        append_timeout_ms: TIMEOUT_MS,
        read_timeout_ms: TIMEOUT_MS,
        ...(retention && { retention }),
        ...(bounds && { quarantine_bounds: bounds }),
      }),
    quarantine,
    settleRollups,
    swallowAnswers: proxy.swallowAnswers,
    down: proxy.refuse,
    up: proxy.heal,
    close: async () => {
      await quarantine.close();
      await proxy.close();
      await database.drop();
    },
  };
};
