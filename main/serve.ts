import { isLeft } from 'fp-ts/lib/Either.js';
import { type Logger, pino } from 'pino';
import { isOutage } from '#adapters/postgresFailure.ts';
import { startTracing } from '#adapters/tracing.ts';
import { authenticate, remoteKeys } from '#api/authenticate.ts';
import { rightsInForce } from '#api/rightsInForce.ts';
import { server } from '#api/server.ts';
import { STREAM_PACE } from '#api/vehicleStream.ts';
import type { ListenerParts } from '#ingest/listeners/deliver.ts';
import { pacedAccess } from '#ingest/pacedAccess.ts';
import { rateWindow } from '#ingest/rateWindow.ts';
import { Rates } from '#ingest/simulator/mischief.ts';
import { assetFigures } from '#projections/assetFigures.ts';
import { bookFigures } from '#projections/bookFigures.ts';
import { knownRest } from '#projections/features/knownRest.ts';
import { liveFeatures } from '#projections/features/live.ts';
import { explainFeature, featureValues } from '#projections/features/query.ts';
import { readModelStatus } from '#projections/lag.ts';
import { readPage, readRow } from '#projections/query.ts';
import type { WialonSimulator } from '#simulators/wialon/wialonSimulator.ts';
import { backgroundWork } from './backgroundWork.ts';
import { boundedRest } from './boundedRest.ts';
import { calendar } from './calendar.ts';
import { closingOn } from './closing.ts';
import type { Config } from './config.ts';
import { demoLogin } from './demoLogin.ts';
import { demoTenant, type FilledDemo, fillDemo } from './fillDemo.ts';
import { surviveLibraryFaults } from './libraryFaults.ts';
import { listenerMetrics } from './listenerMetrics.ts';
import { liveDemo } from './liveDemo.ts';
import { openBatchJobs } from './openBatchJobs.ts';
import { openDetection } from './openDetection.ts';
import { openImmobilizer } from './openImmobilizer.ts';
import { type OpenLedger, openLedger } from './openLedger.ts';
import { type OpenListeners, openListeners } from './openListeners.ts';
import { openRelays } from './openRelays.ts';
import { openTelemetry } from './openTelemetry.ts';
import { relayDemo } from './relayDemo.ts';

const DEVICES_COUNTED_MAX = 100_000;
const LAG_LOOK_MS = 500;
const STALE_LAG_MS = 5_000;
/** Listening there is listening on every address. */
const ANY_HOST = new Set(['0.0.0.0', '::']);

const issuerOf = async (open: OpenLedger, say: (line: string) => void, logger: Logger) => {
  const { oidc } = open.config;
  if (oidc === null) return demoLogin(open, say, logger);
  return { issuer: { ...oidc, keys: remoteKeys(oidc.issuer) }, close: async () => {} };
};

/**
 * Looks at the lag twice a second, so that a health check costs nothing and tells when looking itself fails.
 */
const lagWatch = (status: ReturnType<typeof readModelStatus>) => {
  let seen: { lag_ms: number | null; at_ms: number } = { lag_ms: null, at_ms: 0 };
  const look = async (): Promise<void> => {
    const lags = (await status()).map(({ lag_ms }) => lag_ms);
    const known = lags.filter((lag_ms) => lag_ms !== null);
    seen = { lag_ms: known.length < lags.length ? null : Math.max(0, ...known), at_ms: Date.now() };
  };
  const timer = setInterval(() => void look().catch(() => {}), LAG_LOOK_MS);
  return {
    lag_ms: (): number | null => (Date.now() - seen.at_ms < STALE_LAG_MS ? seen.lag_ms : null),
    stop: (): void => clearInterval(timer),
  };
};

const readiness = (open: OpenLedger) => async () => {
  const head = await open.store.head()();
  const database = await open.sql`select 1`.then(
    () => true,
    () => false,
  );
  return { event_store: !isLeft(head), database };
};

/** Has some of the demo's vehicles move, as devices do: by our own broker where there is one. */
const moveDemo = async (
  open: OpenLedger,
  { seed, until, rented }: FilledDemo,
  at: {
    readonly address: string;
    readonly listeners: OpenListeners;
    readonly signal: AbortSignal;
  },
): Promise<void> => {
  const { config } = open;
  const port = at.listeners.ports['mqtt'];
  const host = ANY_HOST.has(config.host) ? '127.0.0.1' : config.host;
  const vehicles = rented.slice(0, config.demo?.live ?? 0);
  const mqtt = port === undefined ? null : `mqtt://${host}:${port}`;
  const where = { vehicles, mqtt, address: at.address };
  const asked = { tenant: demoTenant, seed, since: until, rates: Rates.parse({}), ...where };
  await liveDemo(open, asked, at.signal);
};

/** Has two vehicles of the demo show how an engine is blocked, where the relay is the simulated one. */
const showRelay = async (
  open: OpenLedger,
  { until: since, rented, idle }: FilledDemo,
  {
    address,
    listeners,
    say,
    simulator,
  }: {
    readonly address: string;
    readonly listeners: OpenListeners;
    readonly say: (line: string) => void;
    readonly simulator: WialonSimulator | null;
  },
): Promise<void> => {
  const parked = idle.at(-1);
  const moving = rented.at(-1)?.vehicle;
  const port = listeners.ports['ips_tcp'];
  if (!simulator || !parked || !moving || port === undefined) return;
  const { config } = open;
  const host = ANY_HOST.has(config.host) ? '127.0.0.1' : config.host;
  const shown = { tenant: demoTenant, since, parked, moving, simulator, ips: { host, port } };
  await relayDemo(open, shown, { address, say });
};

/**
 * Starts the whole product by its configuration: stores, projections, reactors and the API, and, where
 * wanted, the demo. Answers what was started; `stop` ends it in order.
 */
export const serve = async (config: Config, say: (line: string) => void) => {
  const logger = pino({ level: config.logLevel, base: null });
  surviveLibraryFaults(logger);
  const stopTracing = startTracing(config.otlpEndpoint);
  const started_ms = Date.now();
  const open = await openLedger(config, { keepAdopted: false });
  const work = backgroundWork(open, logger);
  const closing = closingOn(open, work.waiter);
  const status = readModelStatus({
    sql: open.sql,
    source: open.store,
    densePositions: open.densePositions,
  });
  const lag = lagWatch(status);
  const { issuer, close: closeLogin } = await issuerOf(open, say, logger);
  const kept = openTelemetry(open, logger);
  const detection = openDetection(open, work.waiter, logger);
  work.run(detection.reactor);
  const telemetry: ListenerParts = {
    intake: kept.intake,
    access: pacedAccess(
      open.devices,
      rateWindow({
        times_max: config.rates.device_per_s_max,
        window_ms: 1_000,
        keys_max: DEVICES_COUNTED_MAX,
      }),
    ),
    sight: listenerMetrics(open.metrics.registry, logger),
  };
  const batch = await openBatchJobs(open, logger);
  const app = await server({
    workspace: open.ledger,
    authenticate: authenticate(issuer, open.surrogates, rightsInForce(open.ledger, issuer.issuer)),
    accessRecords: open.accessRecords,
    readings: { row: readRow(open.sql), page: readPage(open.sql), waitFor: work.waiter.waitFor },
    eventsOfSubject: work.eventsOfSubject,
    features: {
      values: featureValues(open.sql),
      explain: explainFeature({ sql: open.sql, calendar }),
      live: liveFeatures({ sql: open.sql, calendar, sleepOverhead_s: config.sleepOverhead_s }),
    },
    knownRest: boundedRest(
      knownRest({ sql: open.sql, calendar, sleepOverhead_s: config.sleepOverhead_s }),
      logger,
    ),
    books: { figures: bookFigures(open.sql), assets: assetFigures(open.sql), closing },
    fenceShapes: open.fenceShapes,
    openings: open.openings,
    bank: config.bank,
    devices: open.devices,
    telemetry,
    kept: { ...kept.kept, evidence: detection.memory },
    streamPace: STREAM_PACE,
    readModelStatus: status,
    batchJobs: batch,
    imports: batch.imports,
    vitals: { started_ms, lag_ms: lag.lag_ms, ready: readiness(open) },
    metrics: open.metrics.registry,
    logger,
    isOutage,
    requests_per_s_max: config.rates.address_per_s_max,
    subject_requests_per_s_max: config.rates.subject_per_s_max,
    corsOrigins: config.corsOrigins,
    trustProxy: false,
  });
  const address = await app.listen({ host: config.host, port: config.port });
  say(`listening on ${address}`);
  const listeners = await openListeners(telemetry, config.listeners);
  for (const [name, port] of Object.entries(listeners.ports))
    say(`devices: ${name} on port ${port}`);
  for (const name of listeners.left) say(`devices: no ${name}, its usual port is taken`);
  const { registry } = open.metrics;
  const relays = await openRelays({ registry, logger, line: listeners.line }, config.relay);
  const driven = { store: kept, relayOf: relays.of };
  const immobilizer = openImmobilizer(open, driven, logger);
  work.run(immobilizer.reactor);
  const filling = config.demo
    ? fillDemo(open, config.demo, { address, say, closing })
    : Promise.resolve(null);
  const moving = new AbortController();
  let moved: Promise<void> = Promise.resolve();
  filling.then(
    (demo) => {
      if (demo === null || moving.signal.aborted) return;
      const at = { address, listeners, signal: moving.signal };
      const failed = (error: unknown) =>
        logger.error({ work: 'live demo', err: error }, 'background');
      const relayed = showRelay(open, demo, { ...at, say, simulator: relays.simulator });
      moved = Promise.all([moveDemo(open, demo, at), relayed]).then(() => {}, failed);
    },
    // Whoever waits for the filling is told.
    () => {},
  );
  return {
    address,
    filling,
    stop: async (): Promise<void> => {
      moving.abort();
      await moved;
      await immobilizer.stop();
      await Promise.all([app.close(), listeners.stop(), closeLogin()]);
      await relays.close();
      await kept.stop();
      lag.stop();
      await batch.close();
      await work.stop();
      await detection.stop();
      await open.close();
      await stopTracing();
    },
  };
};
