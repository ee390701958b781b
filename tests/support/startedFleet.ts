import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { telemetryStore } from '#adapters/telemetryStore.ts';
import { DeviceIdent, type VehicleId } from '#domain/kernel/ids.ts';
import { fleetApi } from '#ingest/simulator/fleetApi.ts';
import type { DeviceLogin } from '#ingest/simulator/uplink.ts';
import type { RowPlace } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { demoTenant } from '#main/fillDemo.ts';
import { testDatabase } from './database.ts';
import { instant } from './samples.ts';
import { runCli, type ServerProcess, startServer } from './serverProcess.ts';
import { rightOf } from './telemetrySamples.ts';

const POLL_MS = 20;
const PAGE_ROWS = 10_000;
const PAGE_ITEMS = 500;

const Page = z.object({ items: z.array(z.unknown()) });

/** Long enough ago for recorded drives. */
const FOUNDED = instant('2021-01-01T00:00:00.000Z');

/** At which port the server listens to devices by that way, once it has said so. */
export const portOf = async ({ said }: ServerProcess, name: string): Promise<number> => {
  for (;;) {
    const port = new RegExp(`devices: ${name} on port (\\d+)`).exec(said())?.[1];
    if (port !== undefined) return Number(port);
    await sleep(POLL_MS);
  }
};

/**
 * The product as a process of its own over a database of its own, a park in it, and ways to fit devices and
 * to look at what was stored. `environment` is to be given to every server that follows the first.
 */
export const startedFleet = async (changed: Readonly<Record<string, string>>) => {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-fleet-'));
  await chmod(directory, 0o711);
  const database = await testDatabase();
  const environment = { DATA_DIR: directory, DATABASE_URL: database.url, ...changed };
  const first = await startServer(environment);
  const token = (await runCli(environment, 'token', '--role', 'admin')).stdout.trim();
  const api = fleetApi(first.address, token, demoTenant);
  const park = await api.openPark('park', 'B-1', FOUNDED);
  const store = telemetryStore({ url: database.url });
  const tenant = demoTenant;

  /** Everything that is stored of a vehicle, by time. */
  const rowsOf = async (vehicle: VehicleId): Promise<readonly TelemetryRow[]> => {
    const rows: TelemetryRow[] = [];
    let after: RowPlace | null = null;
    for (;;) {
      const asked = { tenant, vehicle, from_us: 0, to_us: 5e15, after, limit: PAGE_ROWS };
      const page: readonly TelemetryRow[] = rightOf(await store.rows(asked)());
      rows.push(...page);
      after = page.at(-1) ?? null;
      if (page.length < PAGE_ROWS) return rows;
    }
  };

  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const reply = await fetch(`${first.address}/api/v1/${path}`, { ...init, headers });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  };

  return {
    environment,
    /** A list of the API, as far as it fits a page. */
    listOf: async (path: string): Promise<readonly unknown[]> =>
      Page.parse(await ask(`${path}&limit=${PAGE_ITEMS}`)).items,
    /** Says how detectors judge all of the park's vehicles. */
    configure: async (settings: Readonly<Record<string, unknown>>): Promise<void> => {
      const body = JSON.stringify({ settings, occurred_at: FOUNDED });
      await ask(`parks/${park}/detection`, { method: 'PUT', body });
    },
    first,
    token,
    park,
    rowsOf,
    /** The vehicles of which anything is stored. */
    heard: async (): Promise<readonly VehicleId[]> =>
      rightOf(await store.now({ tenant, vehicles: null })()).map(({ vehicle }) => vehicle),
    /** A vehicle with a device in it since 2021, by a number of one's own. */
    fitted: async (
      number: number,
    ): Promise<{ readonly vehicle: VehicleId; readonly login: DeviceLogin }> => {
      const vin = `VF1FLEET${String(number).padStart(9, '0')}`;
      const vehicle = await api.registerVehicle(`v${number}`, { park, vin, at: FOUNDED });
      const login = await api.registerDevice(DeviceIdent.parse(`dev-${number}`));
      await api.fit(vehicle, login.ident, FOUNDED);
      return { vehicle, login };
    },
    /** To be called when no server is left. */
    close: async (): Promise<void> => {
      await store.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
