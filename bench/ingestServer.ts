import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import { memoryDeviceAccess, memoryDevices } from '#adapters/memoryDeviceAccess.ts';
import { telemetryStore } from '#adapters/telemetryStore.ts';
import { deriveUuid } from '#commands/identity.ts';
import { ActorId, DeviceIdent, Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import type { ListenerParts } from '#ingest/listeners/deliver.ts';
import { ipsTcp } from '#ingest/listeners/ipsTcp.ts';
import { mqttBroker } from '#ingest/listeners/mqttBroker.ts';
import { mqttClient } from '#ingest/listeners/mqttClient.ts';
import type { Bindings, Intake } from '#ingest/ports.ts';
import { telemetryWriter } from '#ingest/writer.ts';
import { answerQuestions, ServerAsked, ServerSetup } from './ingestProcess.ts';
import { percentile } from './measure.ts';

/**
 * The process that takes telemetry: the listener, the writer and the store of the product, with devices and
 * bindings in memory. It is told whether to write down what comes or to acknowledge it at once.
 */
const setup = ServerSetup.parse(JSON.parse(process.argv[2] ?? ''));
const TENANT = Tenant.parse('bench');
const CONNECTIONS = 4;
const ROLL_UP_PAUSE_MS = 60_000;
const LATENCIES_MAX = 1_000_000;
const here = { host: '127.0.0.1', port: 0 };

const store = telemetryStore({ url: setup.url });
const vehicleOf = (ident: DeviceIdent): VehicleId => VehicleId.parse(deriveUuid('bench', ident));
const vehicles = new Map<DeviceIdent, VehicleId>();
const bindings: Bindings = {
  ofDevices: () => async () =>
    right(({ ident }) => {
      const vehicle = vehicles.get(ident);
      return vehicle ? [{ vehicle, from_us: 0, to_us: null }] : [];
    }),
};
const writer = telemetryWriter({ store, bindings, sampling_interval_ms: 0 });

let writes = true;
let messages = 0;
let rows = 0;
const latencies_ms: number[] = [];

const intake: Intake = {
  take: (arrival) => async () => {
    const { length: stored } = arrival.readings;
    const taken = writes
      ? await writer.take(arrival)()
      : right({ stored, repeated: 0, sampled: 0, quarantined: 0 });
    if (isLeft(taken)) throw new Error(`not taken: ${taken.left.detail}`);
    const { repeated, quarantined } = taken.right;
    if (repeated + quarantined > 0)
      throw new Error('a reading of the load is none, or comes twice');
    messages += 1;
    rows += taken.right.stored;
    const sent_ms = arrival.readings[0]?.rest['sent_ms'];
    if (typeof sent_ms === 'number' && latencies_ms.length < LATENCIES_MAX) {
      latencies_ms.push(performance.timeOrigin + performance.now() - sent_ms);
    }
    return taken;
  },
};

const devices = memoryDeviceAccess(memoryDevices());
const parts: ListenerParts = {
  intake,
  access: devices,
  sight: (sighting) => {
    if (sighting.type === 'fault') process.stderr.write(`${String(sighting.error)}\n`);
  },
};

const logins: { ident: string; secret: string }[] = [];
const change = { actor: ActorId.parse(deriveUuid('actor', 'bench')), at: instantOf(Date.now()) };
for (let number = 0; number < setup.devices; number += 1) {
  const ident = DeviceIdent.parse(`bench-${number}`);
  vehicles.set(ident, vehicleOf(ident));
  const issued = await devices.register({ tenant: TENANT, ident, datagrams: false, ...change })();
  if (!isLeft(issued)) logins.push({ ident, secret: issued.right.secret });
}

const listen = async (): Promise<number> => {
  if (setup.way === 'broker') return (await mqttBroker(parts, here)).port;
  if (setup.way === 'ips') return (await ipsTcp(parts, here)).port;
  let subscribed = 0;
  const sight: ListenerParts['sight'] = (sighting) => {
    if (sighting.type === 'broker' && sighting.state === 'subscribed') subscribed += 1;
    parts.sight(sighting);
  };
  mqttClient(
    { ...parts, sight },
    {
      ...{
        url: setup.broker ?? '',
        username: null,
        password: null,
        ca: null,
        cert: null,
        key: null,
      },
      ...{ clientId: 'ledger', protocol: 5, tenants: '*' },
      share: { group: 'bench', connections: CONNECTIONS },
    },
  );
  while (subscribed < CONNECTIONS) await sleep(10);
  return 0;
};

const port = await listen();
// As in the product, what came is rolled up while more comes.
setInterval(() => void store.rollUp()(), ROLL_UP_PAUSE_MS).unref();

answerQuestions(ServerAsked, { port, logins }, async (asked) => {
  switch (asked.ask) {
    case 'begin':
      [writes, messages, rows] = [asked.writes, 0, 0];
      latencies_ms.length = 0;
      return {};
    case 'reached':
      while (messages < asked.messages) await sleep(1);
      return {};
    default: {
      const rss_mib = process.memoryUsage.rss() / 2 ** 20;
      return { messages, rows, p99_ms: percentile(latencies_ms, 0.99), rss_mib };
    }
  }
});
