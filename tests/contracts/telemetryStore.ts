import { afterAll, beforeAll, describe } from 'vitest';
import type { TelemetryStore } from '#ingest/store.ts';
import { telemetryBindingContract } from './telemetryBinding.ts';
import type { TelemetryHarness, TelemetrySubject } from './telemetryHarness.ts';
import { telemetryKeepingContract } from './telemetryKeeping.ts';
import { telemetryNowContract } from './telemetryNow.ts';
import { telemetryQuarantineContract } from './telemetryQuarantine.ts';
import { telemetryRetentionContract } from './telemetryRetention.ts';
import { telemetryRollupContract } from './telemetryRollups.ts';

/** What every telemetry store must do. Every test has devices, vehicles and tenants of its own. */
export const telemetryContract = (subject: TelemetrySubject): void => {
  describe(`the telemetry store ${subject.name}`, () => {
    let started: { readonly harness: TelemetryHarness; readonly store: TelemetryStore } | undefined;
    const running = () => {
      if (!started) throw new Error('the harness has not been started');
      return started;
    };
    const harness = () => running().harness;
    const store = () => running().store;
    beforeAll(async () => {
      const begun = await subject.start();
      started = { harness: begun, store: begun.open() };
    });
    afterAll(async () => {
      await started?.store.close();
      await started?.harness.close();
    });

    describe('keeping', () => telemetryKeepingContract(harness, store));
    describe('what is known by now', () => telemetryNowContract(store));
    describe('rollups', () => telemetryRollupContract(harness, store));
    describe('binding', () => telemetryBindingContract(harness, store));
    describe('quarantine', () => telemetryQuarantineContract(harness, store));
    describe('retention', () => telemetryRetentionContract(subject.start));
  });
};
