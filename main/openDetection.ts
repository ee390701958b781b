import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Logger } from 'pino';
import { watches } from '#adapters/watches.ts';
import { ignoreLateData } from '#commands/conditions.ts';
import { detectionReactor } from '#ingest/detection/detectionReactor.ts';
import { type IgnoredReadings, lookAtWatch } from '#ingest/detection/lookAtWatch.ts';
import { publish } from '#ingest/detection/publish.ts';
import { detectionRound } from '#ingest/detection/runDetection.ts';
import { detectorRequest } from '#ingest/detection/telling.ts';
import { vehicleTimeline } from '#ingest/detection/vehicleTimeline.ts';
import { instantAt } from '#ingest/microInstant.ts';
import type { PositionWaiter } from '#projections/waitFor.ts';
import { detectionMetrics } from './detectionMetrics.ts';
import type { OpenLedger } from './openLedger.ts';
import { repeatedly } from './repeatedly.ts';
import { vehiclesOfPark } from './vehiclesOfPark.ts';

/** Rows wait so long before detectors see them, and conclusions before the ledger hears of them. */
const PAUSE_MS = 2_000;
const TIDY_PAUSE_MS = 3_600_000;
const ROUNDS_MAX = 1_000;
const US_PER_MS = 1_000;
const DAY_US = 86_400_000_000;

/**
 * Detection: looks at the rows of telemetry as they come and tells the ledger what follows. `reactor` is to
 * be run with the others; `stop` ends after the round under way.
 */
export const openDetection = (open: OpenLedger, waiter: PositionWaiter, logger: Logger) => {
  const { url, ledger: workspace, sql, config, fenceShapes: shapes } = open;
  const memory = watches({ url });
  const now_us = (): number => Date.now() * US_PER_MS;
  const metrics = detectionMetrics(open.metrics.registry, logger);
  const ignore = async (ignored: IgnoredReadings) => {
    const { key, from_us, to_us, readings } = ignored;
    const { tenant, vehicle, ident } = key;
    const said = [ident, String(from_us), String(to_us), String(readings)];
    const told = await ignoreLateData(workspace)(detectorRequest(tenant, vehicle, ...said), {
      vehicle,
      ident,
      from: instantAt(from_us),
      to: instantAt(to_us),
      readings,
    });
    if (!isLeft(told)) return right(null);
    logger.warn({ work: 'detection', code: told.left.code }, 'background');
    const isAway = told.left.code === 'Unavailable' || told.left.code === 'Unknown';
    return isAway ? left({ code: 'Unavailable', detail: 'ledger' } as const) : right(null);
  };
  const round = detectionRound({
    watches: memory,
    look: lookAtWatch({
      watches: memory,
      timelineOf: vehicleTimeline({ workspace, shapes }),
      ignore,
      raw_retention_us: config.telemetryRetention.raw_days * DAY_US,
      now_us,
    }),
    publish: publish({ watches: memory, workspace, now_us }),
    now_us,
    observe: metrics,
  });
  const stopping = new AbortController();
  const { signal } = stopping;
  const again = repeatedly(signal);
  const failed = (error: unknown) => logger.error({ work: 'detection', err: error }, 'background');
  const work = [
    again(
      async () => {
        for (let rounds = 0; rounds < ROUNDS_MAX && !signal.aborted; rounds += 1) {
          const busy = await round();
          if (isLeft(busy)) {
            logger.warn({ work: 'detection', ...busy.left }, 'background');
            return;
          }
          if (!busy.right) return;
        }
      },
      PAUSE_MS,
      failed,
    ),
    again(
      async () => {
        const tidied = await memory.tidy({ now_us: now_us() })();
        if (isLeft(tidied)) logger.warn({ work: 'detection tidy', ...tidied.left }, 'background');
      },
      TIDY_PAUSE_MS,
      failed,
    ),
  ];
  return {
    memory,
    reactor: detectionReactor({
      workspace,
      watches: memory,
      vehiclesOf: vehiclesOfPark(sql, waiter),
    }),
    stop: async (): Promise<void> => {
      stopping.abort();
      await Promise.allSettled(work);
      await memory.close();
    },
  };
};
