import { telemetryQuarantine } from '#adapters/telemetryQuarantine.ts';
import { telemetryStore } from '#adapters/telemetryStore.ts';
import { watches } from '#adapters/watches.ts';
import type { StreamPace } from '#api/vehicleStream.ts';
import { Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { readTelemetry } from '#ingest/formats/recognise.ts';
import { liveStates } from '#ingest/liveStates.ts';
import { replayAll, replayEntry } from '#ingest/replay.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { telemetryWriter } from '#ingest/writer.ts';
import { testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import {
  memoryBindings,
  randomDevice,
  randomIdent,
  rightOf,
} from '#tests/support/telemetrySamples.ts';
import { aPark, aVehicle, call, fleet, START, testApi } from './apiHarness.ts';

const POLL_MS = 40;
const TIMEOUT_MS = 3_000;
const PACE: StreamPace = { heart_beat_ms: 60_000, scope_ms: 60_000, stall_max_ms: 60_000 };

/** The API over telemetry in a database whose wire can be cut, with two parks and three vehicles. */
export const telemetryScene = async (pace: Partial<StreamPace> = {}) => {
  const database = await testDatabase();
  const direct = new URL(database.url);
  const proxy = await faultProxy(Number(direct.port === '' ? 5432 : direct.port));
  const behind = new URL(database.url);
  behind.port = String(proxy.port);
  const url = behind.href;
  const store = telemetryStore({ url, append_timeout_ms: TIMEOUT_MS, read_timeout_ms: TIMEOUT_MS });
  const quarantine = telemetryQuarantine({ url });
  const { bindings, bind } = memoryBindings();
  const writer = telemetryWriter({ store, bindings });
  const faults: unknown[] = [];
  const replaying = { quarantine, writer, read: readTelemetry };
  const looks = { count: 0 };
  const counted: typeof store.changedNow = (request) => {
    if (request.tenant === null) looks.count += 1;
    return store.changedNow(request);
  };
  const memory = watches({ url });
  const kept = {
    store,
    evidence: memory,
    live: liveStates({
      store: { changedNow: counted },
      poll_ms: POLL_MS,
      failed: (error) => faults.push(error),
    }),
    quarantine,
    replayEntry: replayEntry(replaying),
    replayAll: replayAll(replaying),
  };
  const api = await testApi(undefined, { kept, streamPace: { ...PACE, ...pace } });
  const { park, vehicle } = await fleet(api);
  const other = await call(api, 'POST', '/parks', { ...aPark, code: 'B-2', occurred_at: START });
  const vehicleIn = async (where: string) =>
    VehicleId.parse((await call(api, 'POST', '/transport_registry', aVehicle(where))).body.id);
  const tenant = Tenant.parse('acme');
  const deviceOf = (of: VehicleId) => {
    const ident = randomIdent();
    const device = { ...randomDevice(), tenant, vehicle: of, ident };
    const row = (told: Partial<TelemetryRow> = {}) =>
      device.row({ ident, tenant, vehicle: of, ...told });
    return { ...device, row };
  };
  return {
    api,
    store,
    quarantine,
    memory,
    writer,
    bind,
    proxy,
    faults,
    looks,
    parks: { first: String(park), second: String(other.body.id) },
    vehicles: {
      first: VehicleId.parse(vehicle),
      second: await vehicleIn(park),
      elsewhere: await vehicleIn(other.body.id),
    },
    deviceOf,
    append: async (...rows: TelemetryRow[]) =>
      rightOf(await store.append({ rows, quarantined: [] })()),
    close: async () => {
      await api.app.close();
      await Promise.all([store.close(), quarantine.close(), memory.close()]);
      await proxy.close();
      await database.drop();
    },
  };
};

export type TelemetryScene = Awaited<ReturnType<typeof telemetryScene>>;
