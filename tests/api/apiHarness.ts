import { left, right } from 'fp-ts/lib/Either.js';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { memoryDeviceAccess, memoryDevices } from '#adapters/memoryDeviceAccess.ts';
import { type MemoryLog, memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { memoryFenceShapes } from '#adapters/memoryFenceShapes.ts';
import { memoryOpenings } from '#adapters/memoryOpenings.ts';
import { memoryVault, memoryVaultData } from '#adapters/memoryVault.ts';
import { authenticate } from '#api/authenticate.ts';
import { type DemoBearer, demoIssuer } from '#api/demoTokens.ts';
import type { Access } from '#api/ports.ts';
import { type ServerParts, server } from '#api/server.ts';
import { STREAM_PACE } from '#api/vehicleStream.ts';
import { restUnknown } from '#commands/access.ts';
import { digestOf } from '#commands/digest.ts';
import { deriveUuid } from '#commands/identity.ts';
import { stateCache } from '#commands/stateCache.ts';
import { workspace } from '#commands/workspace.ts';
import { Iban } from '#domain/finance/iban.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { instantOf, Zone } from '#domain/kernel/instant.ts';
import { CsvMapping } from '#ingest/bank/csvMapping.ts';
import type { Sighting } from '#ingest/listeners/sighting.ts';
import { memoryIntake } from '#tests/support/memoryIntake.ts';
import { uuid8 } from '#tests/support/samples.ts';
import { telemetryAway } from '#tests/support/telemetryAway.ts';
import { memoryBooks } from './memoryBooks.ts';
import { memoryEventsOfSubject, memoryReadings } from './memoryReadings.ts';

/** How the bank of the tests writes its tables. */
const aMapping = {
  ...{ delimiter: ',', decimal: '.', currency: 'EUR' },
  columns: { booked_on: 'day', amount: 'amount', reference: 'ref', end_to_end_id: 'purpose' },
};

/** Files that are taken in are tested on Postgres. */
const noImports = async () => left({ code: 'Unavailable', detail: 'not here' } as const);

/** A server on a log in memory, with an issuer of its own, and everything it wrote down. */
export const testApi = async (log: MemoryLog = memoryLog(), changed: Partial<ServerParts> = {}) => {
  const issuer = await demoIssuer(null);
  const accesses: Access[] = [];
  const lines: Record<string, unknown>[] = [];
  const now = () => instantOf(Date.now());
  const metrics = new Registry();
  const store = memoryEventStore(log);
  const intake = memoryIntake();
  const devices = memoryDevices();
  const access = memoryDeviceAccess(devices);
  const sightings: Sighting[] = [];
  const app = await server({
    workspace: workspace({
      store,
      vault: memoryVault(memoryVaultData(), { isLogged: async (events) => new Set(events) }),
      claimHash: { of: ({ kind, value }) => digestOf({ kind, value }) },
      cache: stateCache({ entries_max: 1_000 }),
      now,
      platformZone: Zone.parse('UTC'),
      observeConflict: () => {},
    }),
    authenticate: authenticate(issuer, {
      of: (person) => async () =>
        right(ActorId.parse(deriveUuid('actor', person.issuer, person.subject))),
    }),
    accessRecords: {
      record: (access) => async () => {
        accesses.push(access);
        return right(null);
      },
    },
    readings: memoryReadings(log),
    eventsOfSubject: memoryEventsOfSubject(log),
    features: {
      values: async () => [],
      explain: async (value) => ({ value, intervals: [], intervalsInAll: 0, agrees: true }),
      live: async () => null,
    },
    knownRest: restUnknown,
    books: memoryBooks(log),
    fenceShapes: memoryFenceShapes(),
    openings: memoryOpenings(),
    bank: {
      debtor: { name: 'Fleet Operator', iban: Iban.parse('DE89370400440532013000'), bic: null },
      csv: CsvMapping.parse(aMapping),
    },
    devices: access,
    telemetry: { intake: intake.intake, access, sight: (sighting) => sightings.push(sighting) },
    kept: telemetryAway,
    streamPace: STREAM_PACE,
    readModelStatus: async () => [],
    batchJobs: {
      counts: () => async () => right([]),
      dead: () => async () => right([]),
      replay: () => async () => right(false),
    },
    imports: { ask: noImports, statuses: () => async () => right([]), look: null },
    vitals: {
      started_ms: Date.now() - 72 * 3_600_000,
      lag_ms: () => 12,
      ready: async () => ({ event_store: log.up }),
    },
    metrics,
    logger: pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) }),
    isOutage: (error) => error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED',
    requests_per_s_max: 100_000,
    subject_requests_per_s_max: 100_000,
    corsOrigins: [],
    trustProxy: false,
    ...changed,
  });
  await app.ready();
  const bearer = async (who: Partial<DemoBearer> = {}): Promise<Record<string, string>> => {
    const token = await issuer.issue({ role: 'admin', tenant: 'acme', parks: '*', ...who });
    return { authorization: `Bearer ${token}` };
  };
  return {
    app,
    log,
    store,
    issuer,
    bearer,
    accesses,
    lines,
    metrics,
    intake,
    access,
    devices,
    sightings,
  };
};

export type TestApi = Awaited<ReturnType<typeof testApi>>;

/** A request as a client would make it; the reply's body as JSON. */
export const call = async (
  { app, bearer }: TestApi,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: unknown,
  headers: Readonly<Record<string, string>> = {},
) => {
  const reply = await app.inject({
    method,
    url: url.startsWith('/api') || url.startsWith('/.') ? url : `/api/v1${url}`,
    headers: { ...(await bearer()), ...headers },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    ...(payload === undefined
      ? {}
      : {
          headers: { ...(await bearer()), 'content-type': 'application/json', ...headers },
        }),
  });
  const isJson = /json/.test(reply.headers['content-type']?.toString() ?? '');
  return { status: reply.statusCode, headers: reply.headers, body: isJson ? reply.json() : null };
};

export const aPark = { code: 'BER-1', name: 'Berlin', currency: 'EUR', zone: 'Europe/Berlin' };
export const START = '2026-03-01T06:00:00Z';
const VIN_LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';
let vins = 0;

/** A number that no other vehicle of the tests has, from a maker outside North America. */
const nextVin = (): string => {
  vins += 1;
  return `VF1${VIN_LETTERS[vins % VIN_LETTERS.length]}CVYB0${String(vins).padStart(8, '0')}`;
};

export const aVehicle = (park_id: string) => ({
  park_id,
  owner_id: uuid8(0x30),
  vin: nextVin(),
  make: 'Renault',
  model: 'Twizy',
  year: 2021,
  odometer_m: 0,
  occurred_at: START,
});

export const aDriver = (park_id: string) => ({
  park_id,
  identity: { given_name: 'Ann', family_name: 'Example' },
  contact: { email: 'ann@example.org' },
  occurred_at: START,
});

/** A park, a vehicle that may be rented and a driver, made by requests. */
export const fleet = async (api: TestApi) => {
  const park = await call(api, 'POST', '/parks', { ...aPark, occurred_at: START });
  const vehicle = await call(api, 'POST', '/transport_registry', aVehicle(park.body.id));
  await call(api, 'POST', `/transport_registry/${vehicle.body.id}/commission`, {
    occurred_at: START,
  });
  const driver = await call(api, 'POST', '/drivers', aDriver(park.body.id));
  return { park: park.body.id, vehicle: vehicle.body.id, driver: driver.body.id };
};
