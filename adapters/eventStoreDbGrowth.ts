import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AllStreamSubscription,
  END,
  type EventStoreDBClient,
  excludeSystemEvents,
} from '@eventstore/db-client';
import type { GrowthSign } from './followLog.ts';

const RETRY_DELAY_MS = 250;

/** Ends with the subscription: on its error, or on `signal`. */
const watch = (subscription: AllStreamSubscription, sign: GrowthSign, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    // The error listener stays: an error that nobody listens to would end the process.
    subscription.on('error', done);
    subscription.on('close', done);
    subscription.on('data', sign.raise);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });

/**
 * Raises the sign at every event that the server pushes, until `signal`. A subscription of the client is
 * dead after any error and is begun anew here; whatever came to pass in between is found by polling, and so
 * is everything while the server is frozen. Nothing is buffered: the events themselves are dropped and read
 * again in order by who follows.
 */
export const raiseOnGrowth = async (
  client: EventStoreDBClient,
  sign: GrowthSign,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const subscription = client.subscribeToAll({
      fromPosition: END,
      filter: excludeSystemEvents(),
      requiresLeader: true,
    });
    await watch(subscription, sign, signal);
    // Ended on both sides: leaving the loop of a reader would leave the call open on the server.
    subscription.unsubscribe().catch(() => {});
    subscription.destroy();
    await sleep(RETRY_DELAY_MS, null, { signal }).catch(() => {});
  }
};
