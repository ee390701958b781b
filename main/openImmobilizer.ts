import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { jobQueue } from '#adapters/jobQueue.ts';
import { blocksAllowed } from '#commands/immobilization/blocksAllowed.ts';
import type { RelayOf } from '#commands/immobilization/ports.ts';
import { runJobs } from '#commands/immobilization/runJobs.ts';
import { immobilizationReactor } from '#commands/reactors/immobilizationReactor.ts';
import { sightingsOf } from '#ingest/sightings.ts';
import type { TelemetryStore } from '#ingest/store.ts';
import { immobilizationMetrics } from './immobilizationMetrics.ts';
import type { OpenLedger } from './openLedger.ts';

/**
 * What drives blocks and releases, from the queue in the database. `reactor` is to be run with the others;
 * `stop` waits for the steps under way.
 */
export const openImmobilizer = (
  { url, ledger: workspace, fenceShapes: shapes, metrics }: OpenLedger,
  {
    store,
    relayOf,
  }: { readonly store: Pick<TelemetryStore, 'recentRows'>; readonly relayOf: RelayOf },
  logger: Logger,
) => {
  const queue = jobQueue({ url });
  const observe = immobilizationMetrics(metrics.registry, logger, () => jobs.inFlight());
  const jobs = runJobs({
    workspace,
    queue,
    sightings: sightingsOf({ store, shapes }),
    relayOf,
    newBlocksAllowed: blocksAllowed(workspace),
    monotonic_ms: () => performance.now(),
    sleep: (ms) => sleep(ms),
    observe,
    failed: (error) => logger.error({ work: 'immobilization', err: error }, 'background'),
  });
  const stopping = new AbortController();
  const running = jobs.run(stopping.signal);
  return {
    reactor: immobilizationReactor(queue, jobs.nudge),
    stop: async (): Promise<void> => {
      stopping.abort();
      await running;
      await queue.close();
    },
  };
};
