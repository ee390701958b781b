import compress from '@fastify/compress';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import type { KnownRest } from '#commands/access.ts';
import type { FenceShapes, Openings } from '#commands/ports.ts';
import type { Workspace } from '#commands/workspace.ts';
import type { DeviceRegistry } from '#ingest/deviceAccess.ts';
import type { ListenerParts } from '#ingest/listeners/deliver.ts';
import type { ReadModelStatus } from '#projections/lag.ts';
import type { EventsOfSubject } from '#projections/refold.ts';
import { guard } from './admission.ts';
import type { Authenticate } from './authenticate.ts';
import { understandCommands } from './command.ts';
import { describeApi, documentationRoutes } from './documentation.ts';
import { handleErrors, refuseAddress, refuseSocket, tooMany } from './errors.ts';
import { healthRoutes, type Vitals } from './health.ts';
import { observe } from './observe.ts';
import type { AccessRecords, Features, KeptTelemetry } from './ports.ts';
import { awaitPositions, type Readings } from './reading.ts';
import { accessRoutes } from './routes/access.ts';
import { accessRulesRoutes } from './routes/accessRules.ts';
import { accountRoutes } from './routes/accounts.ts';
import { assetPerformanceRoutes } from './routes/assetPerformance.ts';
import { assetShareRoutes } from './routes/assetShares.ts';
import { assetRoutes } from './routes/assets.ts';
import { assetTermsRoutes } from './routes/assetTerms.ts';
import { assetValueRoutes } from './routes/assetValue.ts';
import { type Bank, bankRoutes } from './routes/bank.ts';
import { bankExceptionRoutes } from './routes/bankExceptions.ts';
import { conditionRoutes } from './routes/conditions.ts';
import { detectionRoutes } from './routes/detection.ts';
import { deviceAccessRoutes } from './routes/deviceAccess.ts';
import { deviceRoutes } from './routes/devices.ts';
import { driverAccountRoutes } from './routes/driverAccounts.ts';
import { driverRoutes } from './routes/drivers.ts';
import { etlRoutes, type JobsToLookAt } from './routes/etl.ts';
import { eventLogRoutes } from './routes/eventLog.ts';
import { eventRoutes } from './routes/events.ts';
import { evidenceRoutes } from './routes/evidence.ts';
import { featureRoutes } from './routes/features.ts';
import { type Books, financeRoutes } from './routes/finance.ts';
import { fineRoutes } from './routes/fines.ts';
import { immobilizationRoutes } from './routes/immobilization.ts';
import { immobilizerRoutes } from './routes/immobilizers.ts';
import { type Imports, importRoutes } from './routes/imports.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { inventoryRoutes } from './routes/inventory.ts';
import { investorRoutes } from './routes/investors.ts';
import { lockoutRoutes } from './routes/lockouts.ts';
import { parkRoutes } from './routes/parks.ts';
import { partyRoutes } from './routes/parties.ts';
import { planRoutes } from './routes/plans.ts';
import { rateRoutes } from './routes/rates.ts';
import { rentalRoutes } from './routes/rentals.ts';
import { repairRoutes } from './routes/repairs.ts';
import { runRoutes } from './routes/runs.ts';
import { simulateRulesRoutes } from './routes/simulateRules.ts';
import { statementRoutes } from './routes/statements.ts';
import { subjectRoutes } from './routes/subjects.ts';
import { telemetryRoutes } from './routes/telemetry.ts';
import { telemetryHistoryRoutes } from './routes/telemetryHistory.ts';
import { telemetryLiveRoutes } from './routes/telemetryLive.ts';
import { telemetryQuarantineRoutes } from './routes/telemetryQuarantine.ts';
import { tripRoutes } from './routes/trips.ts';
import { userRoutes } from './routes/users.ts';
import { vehicleRoutes } from './routes/vehicles.ts';
import type { StreamPace } from './vehicleStream.ts';
import { type App, speakZod } from './zod.ts';

const BODY_MAX_BYTES = 256 * 1024;
const PARAM_MAX_CHARS = 128;
const IDLE_SOCKET_MS = 60_000;
const KEEP_ALIVE_MS = 72_000;
const REQUEST_TIMEOUT_MS = 30_000;
const PLUGIN_TIMEOUT_MS = 20_000;
const REQUESTS_PER_SOCKET_MAX = 100_000;
const COMPRESS_FROM_BYTES = 1_024;
const CLIENTS_COUNTED_MAX = 10_000;
const RATE_WINDOW_MS = 1_000;
const PREFLIGHT_AGE_S = 600;
const COMPRESSIBLE = /^text\/(?!event-stream)|[+/](?:json|xml)(?:;|$)|[+/]javascript(?:;|$)/u;

/** What the server is built from. */
export interface ServerParts {
  readonly workspace: Workspace;
  readonly authenticate: Authenticate;
  readonly accessRecords: AccessRecords;
  readonly readings: Readings;
  readonly eventsOfSubject: EventsOfSubject;
  readonly features: Features;
  readonly knownRest: KnownRest;
  readonly books: Books;
  readonly fenceShapes: FenceShapes;
  readonly openings: Openings;
  readonly bank: Bank;
  readonly devices: DeviceRegistry;
  readonly telemetry: ListenerParts;
  readonly kept: KeptTelemetry;
  readonly streamPace: StreamPace;
  readonly readModelStatus: () => Promise<readonly ReadModelStatus[]>;
  readonly batchJobs: JobsToLookAt;
  readonly imports: Imports;
  readonly vitals: Vitals;
  readonly metrics: Registry;
  readonly logger: FastifyBaseLogger;
  /** Whether an error means that a store is away, rather than that we made a mistake. */
  readonly isOutage: (error: unknown) => boolean;
  /** How many requests one client address may make in a second. */
  readonly requests_per_s_max: number;
  /** How many requests one subject may make in a second, from whatever addresses. */
  readonly subject_requests_per_s_max: number;
  /** Origins whose pages a browser may let talk to us; none by default. */
  readonly corsOrigins: readonly string[];
  /** Whether a proxy in front tells who the client is. */
  readonly trustProxy: boolean;
}

const bare = ({ logger, trustProxy }: ServerParts): FastifyInstance =>
  fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    genReqId: () => crypto.randomUUID(),
    requestIdHeader: false,
    trustProxy,
    bodyLimit: BODY_MAX_BYTES,
    connectionTimeout: IDLE_SOCKET_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    pluginTimeout: PLUGIN_TIMEOUT_MS,
    maxRequestsPerSocket: REQUESTS_PER_SOCKET_MAX,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    exposeHeadRoutes: false,
    frameworkErrors: refuseAddress,
    clientErrorHandler: refuseSocket,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: {
      maxParamLength: PARAM_MAX_CHARS,
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
    },
  });

const protect = async (app: FastifyInstance, parts: ServerParts): Promise<void> => {
  await app.register(helmet, {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: [`'none'`], frameAncestors: [`'none'`] },
    },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
  });
  await app.register(compress, {
    global: true,
    threshold: COMPRESS_FROM_BYTES,
    encodings: ['br', 'gzip'],
    customTypes: COMPRESSIBLE,
    globalDecompression: false,
  });
  // Without origins there is no such header at all. Tokens travel in a header, so cookies are never wanted.
  if (parts.corsOrigins.length > 0) {
    await app.register(cors, {
      origin: [...parts.corsOrigins],
      credentials: false,
      methods: ['GET', 'POST', 'PUT', 'DELETE'],
      allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'ledger-position'],
      exposedHeaders: ['command-id', 'location', 'request-id', 'retry-after', 'www-authenticate'],
      maxAge: PREFLIGHT_AGE_S,
    });
  }
  await app.register(rateLimit, {
    global: true,
    max: parts.requests_per_s_max,
    timeWindow: RATE_WINDOW_MS,
    cache: CLIENTS_COUNTED_MAX,
    hook: 'onRequest',
    keyGenerator: (request) => request.ip,
    errorResponseBuilder: (_request, { ttl }) => tooMany(Math.max(1, Math.ceil(ttl / 1_000))),
  });
};

const routes = (app: App, parts: ServerParts): void => {
  const { workspace, accessRecords, readings, eventsOfSubject, features } = parts;
  parkRoutes(app, parts);
  detectionRoutes(app, workspace, parts.fenceShapes);
  vehicleRoutes(app, parts, accessRecords);
  deviceRoutes(app, parts);
  driverRoutes(app, parts, accessRecords);
  driverAccountRoutes(app, parts);
  planRoutes(app, parts);
  rentalRoutes(app, parts);
  accessRoutes(app, parts);
  accessRulesRoutes(app, parts);
  simulateRulesRoutes(app, parts);
  lockoutRoutes(app, parts);
  tripRoutes(app, parts);
  fineRoutes(app, parts);
  incidentRoutes(app, parts);
  conditionRoutes(app, parts);
  repairRoutes(app, parts);
  eventLogRoutes(app, parts);
  assetRoutes(app, readings, eventsOfSubject);
  partyRoutes(app, parts, accessRecords);
  assetTermsRoutes(app, parts);
  assetValueRoutes(app, parts);
  assetPerformanceRoutes(app, parts);
  assetShareRoutes(app, parts, readings);
  investorRoutes(app, parts);
  statementRoutes(app, parts);
  eventRoutes(app, { store: workspace.store, accessRecords, now: workspace.now });
  featureRoutes(app, readings, { ...features, now: workspace.now });
  deviceAccessRoutes(app, parts.devices, workspace.now);
  const telling = { accessRecords, now: workspace.now, kept: parts.kept };
  telemetryRoutes(app, parts.telemetry);
  telemetryHistoryRoutes(app, { ...telling, readings });
  evidenceRoutes(app, { ...telling, readings });
  telemetryLiveRoutes(app, { ...telling, readings, streamPace: parts.streamPace });
  telemetryQuarantineRoutes(app, telling);
  etlRoutes(app, parts);
  importRoutes(app, parts.imports);
  immobilizerRoutes(app, workspace, parts);
  immobilizationRoutes(app, parts);
  subjectRoutes(app, workspace);
  userRoutes(app, parts);
  financeRoutes(app, parts, parts.books);
  rateRoutes(app, parts);
  accountRoutes(app, parts);
  inventoryRoutes(app, parts);
  runRoutes(app, parts, parts);
  bankRoutes(app, parts, parts);
  bankExceptionRoutes(app, parts);
};

/** Builds the server. Nobody listens yet: main does, and tests inject. */
export const server = async (parts: ServerParts): Promise<FastifyInstance> => {
  const { workspace, readings, vitals, metrics } = parts;
  const app = bare(parts);
  speakZod(app);
  app.removeContentTypeParser('text/plain');
  handleErrors(app, parts.isOutage);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('request-id', request.id);
  });
  observe(app, metrics);
  await protect(app, parts);
  const { authenticate, subject_requests_per_s_max } = parts;
  guard(app, { authenticate, now: workspace.now, subject_requests_per_s_max });
  understandCommands(app, workspace.now);
  awaitPositions(app, readings);
  await describeApi(app);
  await documentationRoutes(app);
  await app.register(async (root) =>
    healthRoutes(root.withTypeProvider<ZodTypeProvider>(), vitals, metrics),
  );
  await app.register(async (inner) => routes(inner.withTypeProvider<ZodTypeProvider>(), parts), {
    prefix: '/api/v1',
  });
  return app;
};
