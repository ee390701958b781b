import { isLeft } from 'fp-ts/lib/Either.js';
import { installImmobilizer } from '#commands/immobilization/requests.ts';
import type { Installation } from '#domain/immobilization/installation.ts';
import type { Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { WialonSimulator } from '#simulators/wialon/wialonSimulator.ts';
import { demoDevice, demoRequest } from './demoDevice.ts';
import type { OpenLedger } from './openLedger.ts';

const FIRST_UNIT = 1001;
const MOVING_KMH = 45;

/** What is built into the vehicles of the demo: it breaks the starter, and can stop no engine that runs. */
const starter: Omit<Installation, 'installation' | 'unit'> = {
  method: 'vialon_relay',
  output: 1,
  blocks_when_on: true,
  interrupts: 'starter',
  speed_guard_tested_on: null,
  ignition_from: 'wire',
  defers_when_refused: false,
  installer: 'demo',
  certificate: 'demo',
};

/** Vehicles of the demo with an immobilizer, by what they do. */
export interface RelayDemo {
  readonly parked: VehicleId;
  readonly moving: VehicleId;
}

interface Asked extends RelayDemo {
  readonly tenant: Tenant;
  /** Since when the devices are in the vehicles. */
  readonly since: Instant;
  readonly simulator: WialonSimulator;
  /** Where devices speak Wialon IPS to us. */
  readonly ips: { readonly host: string; readonly port: number };
}

const commandsToTry = (address: string, { parked, moving }: RelayDemo): string => `
  Four more, to block an engine and to release it (a moment after the start: the vehicle has to be seen to stand):

  TOKEN=$(npm run --silent token -- --role operator --permission immobilize --mfa)
  curl -X POST -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"method":"vialon_relay","reason":"safety_lockdown"}' ${address}/api/v1/access/${parked}/immobilize
  curl -X POST -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"reason":"mistake"}' ${address}/api/v1/access/${parked}/release
  curl -X POST -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"method":"vialon_relay","reason":"safety_lockdown","wait":false}' ${address}/api/v1/access/${moving}/immobilize

  Each answers {"job_id": …}; what became of it, with the reason and every step:
  curl -H "Authorization: Bearer $TOKEN" ${address}/api/v1/access/${parked}/immobilize/<job_id>
`;

/**
 * Builds immobilizers into two vehicles of the demo, whose devices are units of the simulator: one is
 * parked, one moves. What the units tell comes in as Wialon's retranslator brings it. Says what there is to
 * try.
 */
export const relayDemo = async (
  open: OpenLedger,
  asked: Asked,
  { address, say }: { readonly address: string; readonly say: (line: string) => void },
): Promise<void> => {
  const { tenant, parked, moving, simulator, ips } = asked;
  for (const [index, vehicle] of [parked, moving].entries()) {
    const login = await demoDevice(open, asked, vehicle);
    const id = FIRST_UNIT + index;
    const request = demoRequest(tenant, 'demo-immobilizer', vehicle);
    const built = { vehicle, ...starter, unit: String(id) };
    const installed = await installImmobilizer(open.ledger)(request, built);
    if (login === null || isLeft(installed)) return;
    simulator.add({
      id,
      name: `demo ${id}`,
      speed_kmh: vehicle === moving ? MOVING_KMH : 0,
      ignition: vehicle === moving,
      destination: { ...ips, ident: login.ident, password: login.secret },
    });
  }
  say(commandsToTry(address, asked));
};
