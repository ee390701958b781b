import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { Logger } from 'pino';
import { reactorMarks } from '#adapters/reactorMarks.ts';
import { chargeOpenRentals } from '#commands/driverAccounts/chargeOpenRentals.ts';
import { accountStandingReactor } from '#commands/reactors/accountStandingReactor.ts';
import { attributionReactor } from '#commands/reactors/attributionReactor.ts';
import { chargingReactor } from '#commands/reactors/chargingReactor.ts';
import { deductionReactor } from '#commands/reactors/deductionReactor.ts';
import { depreciationReactor } from '#commands/reactors/depreciationReactor.ts';
import { erasureReactor } from '#commands/reactors/erasureReactor.ts';
import { postingReactor } from '#commands/reactors/postingReactor.ts';
import { type Reactor, runReactor } from '#commands/reactors/reactor.ts';
import { settlementReactor } from '#commands/reactors/settlementReactor.ts';
import { standingReactor } from '#commands/reactors/standingReactor.ts';
import { stockReactor } from '#commands/reactors/stockReactor.ts';
import { postingRules } from '#domain/finance/rules/all.ts';
import { readModels } from '#projections/readModels.ts';
import { rentals } from '#projections/rentals.ts';
import { projectionRunner } from '#projections/runner.ts';
import { runSampler } from '#projections/sampler.ts';
import { announceSwitches } from '#projections/switchTable.ts';
import { positionWaiter } from '#projections/waitFor.ts';
import { announceSwitch } from './announceSwitch.ts';
import { attributedFacts } from './attributedFacts.ts';
import { eventsOfSubject } from './eventsOfSubject.ts';
import { materialiseFeatures } from './materialiseFeatures.ts';
import type { OpenLedger } from './openLedger.ts';
import { repeatedly } from './repeatedly.ts';
import { runningRentals } from './runningRentals.ts';

const REACTOR_PAUSE_MS = 1_000;
const SAMPLE_ROWS = 20;
const SAMPLE_PAUSE_MS = 5_000;
const FEATURES_PAUSE_MS = 15_000;
/** How many times as long as a look at the features took it is rested: they take a tenth of the time. */
const FEATURES_REST = 9;
const SWEEP_PAUSE_MS = 600_000;
const ANNOUNCE_PAUSE_MS = 10_000;
const CHARGING_PAUSE_MS = 60_000;
const RENTALS_WAIT_MS = 2_000;

/**
 * What goes on behind the requests: read models, reactors, features, sampling, and the vault's sweeping.
 * `stop` ends all of it and waits for it.
 */
export const backgroundWork = (open: OpenLedger, logger: Logger) => {
  const { store, sql, ledger, metrics, now, platformZone } = open;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiter = positionWaiter(sql);
  const find = eventsOfSubject(sql, store);
  const runner = projectionRunner({
    sql,
    source: store,
    projections: readModels,
    observe: (sighting) => {
      metrics.observeProjection(sighting);
      open.traceProjection(sighting);
      if (sighting.type !== 'batch' && sighting.type !== 'sampled') {
        logger.warn({ ...sighting, position: undefined }, 'projection');
      }
    },
    progressed: waiter.nudge,
  });
  const reactorDeps = {
    store,
    marks: reactorMarks(sql),
    observeFailure: (failure: { reactor: string; code: string; event: string }) => {
      metrics.observeReaction(failure);
      logger.warn(failure, 'reaction');
    },
  };
  const failed = (work: string) => (error: unknown) =>
    logger.error({ work, err: error }, 'background');
  const again = repeatedly(signal);
  const reactors = [
    erasureReactor(ledger),
    standingReactor(ledger),
    attributionReactor(ledger, attributedFacts(sql, waiter)),
    settlementReactor(ledger),
    depreciationReactor(ledger),
    postingReactor(ledger, postingRules),
    chargingReactor(ledger),
    deductionReactor(ledger),
    accountStandingReactor(ledger),
    stockReactor(ledger),
  ];
  const running = (reactor: Reactor): Promise<void> =>
    again(() => runReactor(reactorDeps)(reactor, signal), REACTOR_PAUSE_MS, failed(reactor.name));
  const features = async (): Promise<void> => {
    const begun_ms = performance.now();
    await materialiseFeatures(open, signal);
    const rest_ms = (performance.now() - begun_ms) * FEATURES_REST;
    await sleep(rest_ms, undefined, { signal }).catch(() => {});
  };
  const charge = chargeOpenRentals({
    workspace: ledger,
    rentals: runningRentals(sql),
    observeFailure: (failure) => logger.warn(failure, 'charging'),
  });
  const charging = async (): Promise<void> => {
    const asked = { readModel: rentals.name, position: 0n, timeout_ms: RENTALS_WAIT_MS };
    // Of a read model that is still being filled there is no table yet.
    if (!isLeft(await waiter.waitFor(asked))) await charge(signal);
  };
  const work = [
    runner.run(signal),
    ...reactors.map(running),
    runSampler(
      { sql, eventsOfSubject: find, observe: metrics.observeProjection },
      {
        projections: readModels,
        rows_max: SAMPLE_ROWS,
        pause_ms: SAMPLE_PAUSE_MS,
        signal,
        failed: failed('sampler'),
      },
    ),
    again(features, FEATURES_PAUSE_MS, failed('features')),
    again(charging, CHARGING_PAUSE_MS, failed('charging')),
    again(
      async () => {
        await open.vault.sweep(now());
      },
      SWEEP_PAUSE_MS,
      failed('sweep'),
    ),
    again(
      async () => {
        await announceSwitches(sql, announceSwitch(store, now, platformZone))();
      },
      ANNOUNCE_PAUSE_MS,
      failed('announce'),
    ),
  ];
  return {
    waiter,
    runner,
    eventsOfSubject: find,
    /** Runs one reactor more, until `stop`. */
    run: (reactor: Reactor): void => {
      work.push(running(reactor));
    },
    stop: async (): Promise<void> => {
      stopping.abort();
      await Promise.allSettled(work);
    },
  };
};
