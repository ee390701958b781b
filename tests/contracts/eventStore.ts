import { afterAll, beforeAll, describe } from 'vitest';
import type { EventStore } from '#commands/ports.ts';
import { appendContract } from './eventStoreAppends.ts';
import { groupContract, writersContract } from './eventStoreConcurrency.ts';
import { faultContract } from './eventStoreFaults.ts';
import type { EventStoreHarness, Subject } from './eventStoreHarness.ts';
import { modelContract } from './eventStoreModel.ts';
import { readingContract, subscriptionContract } from './eventStoreReading.ts';

/**
 * What every event store must do. The log may hold events of others and may grow by them meanwhile: every
 * test has a tenant of its own and reads from where the log ended when it began.
 */
export const eventStoreContract = (subject: Subject): void => {
  describe(`the event store ${subject.name}`, () => {
    let started: { readonly harness: EventStoreHarness; readonly store: EventStore } | undefined;
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

    describe('appends', () => appendContract(harness, store));
    describe('groups', () => groupContract(harness, store, subject));
    describe('reading', () => readingContract(store));
    describe('subscriptions', () => subscriptionContract(harness, store));
    describe('writers', () => writersContract(harness, store));
    describe('random appends', () => modelContract(store));
    describe('faults', () => faultContract(harness, subject));
  });
};
