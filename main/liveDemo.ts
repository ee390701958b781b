import { isLeft } from 'fp-ts/lib/Either.js';
import { fitDevice } from '#commands/devices.ts';
import { digestOf } from '#commands/digest.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Request } from '#commands/workspace.ts';
import { ActorId, CommandId, DeviceIdent, type VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import { deviceToken } from '#ingest/listeners/deviceToken.ts';
import { httpUplink } from '#ingest/simulator/httpUplink.ts';
import type { Rates } from '#ingest/simulator/mischief.ts';
import { mqttUplink } from '#ingest/simulator/mqttUplink.ts';
import { type FleetMember, noFigures, runFleet } from '#ingest/simulator/runFleet.ts';
import type { DeviceLogin, Hearing, Uplink } from '#ingest/simulator/uplink.ts';
import type { OpenLedger } from './openLedger.ts';

const INTERVAL_S = 5;
const actor = {
  kind: 'system',
  id: ActorId.parse(deriveUuid('actor', 'demo')),
  role: 'demo',
} as const;

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

const requestOf = ({ tenant }: Asked, vehicle: VehicleId): Request => {
  const command = CommandId.parse(deriveUuid('demo-device', tenant, vehicle));
  const content = digestOf(vehicle);
  const origin = { tenant, actor, command, content, correlationId: command, causationId: null };
  return { origin, mayActIn: () => true };
};

/**
 * A device in a vehicle, registered and fitted once however often the demo starts. Its secret is a new one
 * each time and is kept nowhere. Null where whoever tries the demo has done something else with the two.
 */
const fitted = async (
  { ledger, devices, now }: OpenLedger,
  asked: Asked,
  vehicle: VehicleId,
): Promise<DeviceLogin | null> => {
  const { tenant, since: at } = asked;
  const ident = DeviceIdent.parse(`demo-${vehicle}`);
  const change = { tenant, ident, actor: actor.id, at: now() };
  const registered = await devices.register({ ...change, datagrams: false })();
  const isThere = isLeft(registered) && registered.left.code === 'DeviceRegistered';
  const issued = isThere ? await devices.rotate(change)() : registered;
  if (isLeft(issued)) return null;
  const put = { vehicle, ident, at, removed: null };
  const done = await fitDevice(ledger)(requestOf(asked, vehicle), put);
  if (isLeft(done) && done.left.code !== 'DeviceAlreadyFitted') return null;
  return { tenant, ...issued.right, token: deviceToken(issued.right) };
};

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
    const login = await fitted(open, asked, vehicle);
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
