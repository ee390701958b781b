import type { Request } from '#commands/workspace.ts';
import type { VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { httpUplink } from '#ingest/simulator/httpUplink.ts';
import type { Rates } from '#ingest/simulator/mischief.ts';
import { mqttUplink } from '#ingest/simulator/mqttUplink.ts';
import { type FleetMember, noFigures, runFleet } from '#ingest/simulator/runFleet.ts';
import type { Hearing, Uplink } from '#ingest/simulator/uplink.ts';
import { demoDevice } from './demoDevice.ts';
import type { OpenLedger } from './openLedger.ts';

const INTERVAL_S = 5;
/** Where the vehicles of the demo's parks drive: Rabat, Lisbon, Istanbul, by the number of the park. */
const CITIES = [
  { origin: { lat: 33.98, lon: -6.87 }, blocks: 16 },
  { origin: { lat: 38.72, lon: -9.17 }, blocks: 16 },
  { origin: { lat: 41.0, lon: 28.85 }, blocks: 16 },
] as const;

/** A vehicle of the demo that is to move, and the number of its park. */
export interface LiveVehicle {
  readonly vehicle: VehicleId;
  readonly park: number;
}

interface Asked {
  readonly tenant: Request['origin']['tenant'];
  readonly seed: string;
  /** Since when the devices are in the vehicles: the same at every start. */
  readonly since: Instant;
  readonly vehicles: readonly LiveVehicle[];
  /** Where devices may speak; null: by HTTP alone. */
  readonly mqtt: string | null;
  readonly address: string;
  /** How often something goes wrong. */
  readonly rates: Rates;
}

/**
 * Has some vehicles of the demo move, through the same listener and with the same secrets as every device.
 * They are few and speak rarely, so that they cost next to nothing. Ends some time after the signal fires.
 */
export const liveDemo = async (
  open: OpenLedger,
  asked: Asked,
  signal: AbortSignal,
): Promise<void> => {
  const { vehicles, seed, mqtt, address, rates } = asked;
  const members: FleetMember[] = [];
  for (const { vehicle, park } of vehicles) {
    if (signal.aborted) return;
    const login = await demoDevice(open, asked, vehicle);
    if (login === null) continue;
    const city = CITIES[park % CITIES.length] ?? CITIES[0];
    const connect = async (hearing: Hearing): Promise<Uplink> =>
      mqtt === null ? httpUplink(address, login) : mqttUplink(mqtt, login, hearing);
    members.push({ login, city, connect });
  }
  await runFleet(members, {
    ...{ shape: 'flespi', seed, rates, interval_s: INTERVAL_S, speed_up: 1 },
    begin_s: Math.floor(Date.now() / 1_000),
    figures: noFigures(),
    signal,
  });
};
