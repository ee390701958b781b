import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import type { DeviceLine } from '#ingest/deviceLine.ts';
import { mqttLine } from '#ingest/listeners/mqttLine.ts';
import { faultProxy } from './faultProxy.ts';
import { until } from './listenerHarness.ts';
import { mosquitto } from './mosquitto.ts';
import type { Lined } from './mqttRelayHarness.ts';
import { acme } from './samples.ts';

const POLL_MS = 20;
const POLLS_MAX = 250;

/** Waits until the broker can be reached, and has answered that it has nobody to give an order to. */
export const untilReached = async (line: DeviceLine): Promise<void> => {
  const nobody = { tenant: acme, ident: DeviceIdent.parse('nobody') };
  for (let polls = 0; polls < POLLS_MAX; polls += 1) {
    if ((await line.order(nobody, Buffer.from('{}'), 1)) !== 'away') return;
    await sleep(POLL_MS);
  }
  throw new Error('the broker was never reached');
};

/** Our line to a broker of somebody else's, over a stretch of wire on which things can go wrong. */
export const foreignLine = async (protocol: 4 | 5) => {
  const broker = await mosquitto();
  const proxy = await faultProxy(broker.port);
  const none = { username: null, password: null, ca: null, cert: null, key: null, share: null };
  const url = `mqtt://127.0.0.1:${proxy.port}`;
  const access = { ...none, url, clientId: 'ledger', protocol, tenants: '*' } as const;
  const line = mqttLine(access, () => {});
  await untilReached(line);
  const lined: Lined = {
    ...{ line, url: broker.url },
    register: async (name) => {
      const ident = DeviceIdent.parse(`${name}-${randomUUID().slice(0, 8)}`);
      return { tenant: acme, ident, secret: 'x', token: '' };
    },
    loseAnswer: () => {
      const before = proxy.bytes().sent;
      proxy.swallowAnswers();
      void until(() => proxy.bytes().sent > before).then(async () => {
        await sleep(POLL_MS);
        proxy.cut();
        await proxy.heal();
      });
    },
    mended: () => untilReached(line),
    close: async () => {
      await line.stop();
      await proxy.close();
      await broker.close();
    },
  };
  return { ...lined, broker };
};
