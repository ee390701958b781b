import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { Tenant } from '#domain/kernel/ids.ts';
import { type BrokerAccess, mqttClient } from '#ingest/listeners/mqttClient.ts';
import { listen } from '#ingest/listeners/openListener.ts';
import { AT, IDENT } from '#tests/ingest/formats/samples.ts';
import { selfSigned } from '#tests/support/certificate.ts';
import { listenerHarness, loopback, until } from '#tests/support/listenerHarness.ts';
import { mosquitto, mosquittoPath } from '#tests/support/mosquitto.ts';
import { acme } from '#tests/support/samples.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const TOPIC = `fleet/acme/${IDENT}/up`;
const native = (seq: number): string =>
  JSON.stringify({ device_time: AT, seq, lat: 45.5, lon: 7.25 });

const access = (url: string): BrokerAccess => ({
  url,
  username: null,
  password: null,
  ca: null,
  cert: null,
  key: null,
  clientId: 'ledger-test',
  share: null,
  protocol: 4,
  tenants: '*',
});

const publisher = async (url: string): Promise<MqttClient> => {
  const client = await connectAsync(url, { reconnectPeriod: 100 });
  client.on('error', () => {});
  open.push(() => client.endAsync(true));
  return client;
};

/** Our reader on a broker, once it has subscribed. */
const reading = async (broker: BrokerAccess, harness = listenerHarness()) => {
  const subscribed = () => harness.seen({ type: 'broker', state: 'subscribed' });
  const before = subscribed();
  const reader = mqttClient(harness.parts, broker);
  const stop = () => reader.stop();
  open.push(stop);
  await until(() => subscribed() >= before + (broker.share?.connections ?? 1));
  return { ...harness, stop };
};

const publishAll = (client: MqttClient, from: number, to: number) =>
  Promise.all(
    Array.from({ length: to - from }, (_, n) =>
      client.publishAsync(TOPIC, native(from + n), { qos: 1 }),
    ),
  );

/** A broker in this process that speaks MQTT 3.1.1 and knows no sharing. */
const plainBroker = async () => {
  const broker = await Aedes.createBroker({ concurrency: 1_000 });
  const server = createServer((socket) => void broker.handle(socket));
  const port = await listen(server, loopback);
  const acknowledged: unknown[] = [];
  broker.on('ack', (packet) => acknowledged.push(packet));
  open.push(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `mqtt://127.0.0.1:${port}`, acknowledged };
};

describe('reading from a broker', () => {
  it('takes what belongs to somebody and passes over the rest, for good', async () => {
    const broker = await plainBroker();
    const tenants = new Set([acme, Tenant.parse('other')]);
    const { intake, device, seen } = await reading({ ...access(broker.url), tenants });
    await device('000000000000018', { tenant: Tenant.parse('other') });
    const client = await publisher(broker.url);
    for (const topic of [
      TOPIC,
      'fleet/acme/000000000000018/up',
      'fleet/other/000000000000018/up',
      'fleet/third/000000000000019/up',
      'fleet/ACME/000000000000019/up',
    ]) {
      await client.publishAsync(topic, native(1), { qos: 1 });
    }
    await until(() => broker.acknowledged.length === 5 && intake.durable.length === 2);
    expect(seen({ outcome: 'foreign' })).toBe(2);
    expect(seen({ outcome: 'malformed' })).toBe(1);
    expect(intake.durable.map(({ tenant, ident }) => [tenant, ident])).toEqual([
      ['acme', IDENT],
      ['other', '000000000000018'],
    ]);
  });

  it('acknowledges what is durable and nothing else, several messages being on their way', async () => {
    const broker = await plainBroker();
    const { intake } = await reading(access(broker.url));
    const client = await publisher(broker.url);
    intake.state.slow_ms = 200;
    await publishAll(client, 0, 10);
    await until(() => intake.state.waiting === 10);
    expect([intake.durable.length, broker.acknowledged.length]).toEqual([0, 0]);
    await until(() => broker.acknowledged.length === 10);
    expect(intake.durable).toHaveLength(10);
  });

  it('leaves unacknowledged what cannot be taken, and takes it once when the intake is back', async () => {
    const broker = await plainBroker();
    const { intake } = await reading(access(broker.url));
    const client = await publisher(broker.url);
    intake.state.manner = 'Unavailable';
    await publishAll(client, 0, 5);
    await until(() => intake.state.asked >= 10);
    expect(broker.acknowledged).toEqual([]);
    intake.state.manner = 'throws';
    await sleep(300);
    intake.state.manner = 'takes';
    await until(() => broker.acknowledged.length === 5);
    expect([intake.durable.length, intake.readings()]).toEqual([5, 5]);
  });
});

describe.skipIf(mosquittoPath === null)('reading from Mosquitto', () => {
  const started = async (lines: readonly string[] = []) => {
    const broker = await mosquitto(lines);
    open.push(broker.close);
    return broker;
  };
  const shared = (url: string, connections: number): BrokerAccess => ({
    ...access(url),
    protocol: 5,
    share: { group: 'ledger', connections },
  });

  it('shares the work between connections: every message once', async () => {
    for (const protocol of [4, 5] as const) {
      const broker = await started();
      const { intake } = await reading({ ...shared(broker.url, 4), protocol });
      const client = await publisher(broker.url);
      await publishAll(client, 0, 400);
      await until(() => intake.readings() === 400);
      expect(intake.durable).toHaveLength(400);
    }
  });

  it('takes so many messages at a time and no more, whatever the broker would send', async () => {
    for (const protocol of [4, 5] as const) {
      const broker = await started(['max_inflight_messages 1000']);
      const { intake } = await reading({ ...shared(broker.url, 1), protocol });
      intake.state.slow_ms = 1_500;
      const client = await publisher(broker.url);
      const published = publishAll(client, 0, 700);
      await until(() => intake.state.waiting === 256);
      await sleep(100);
      expect([protocol, intake.state.waiting]).toEqual([protocol, 256]);
      intake.state.slow_ms = 0;
      await published;
      await until(() => intake.readings() === 700);
      expect(intake.durable).toHaveLength(700);
    }
  });

  it('gets again what it did not acknowledge before it died', async () => {
    const broker = await started();
    const dying = await reading(shared(broker.url, 1));
    dying.intake.state.manner = 'dies';
    const client = await publisher(broker.url);
    await publishAll(client, 0, 20);
    await until(() => dying.intake.durable.length === 20);
    void dying.stop();
    // The broker gives the name of a session to whoever comes last.
    const next = await reading(shared(broker.url, 1));
    await until(() => next.intake.readings() === 20);
    await publishAll(client, 20, 30);
    await until(() => next.intake.readings() === 30);
  });

  it('leaves with the broker what it could not keep before it was stopped', async () => {
    const broker = await started();
    const stopped = await reading(shared(broker.url, 1));
    stopped.intake.state.manner = 'Unavailable';
    const client = await publisher(broker.url);
    await publishAll(client, 0, 20);
    await until(() => stopped.intake.state.asked >= 20);
    await stopped.stop();
    const next = await reading(shared(broker.url, 1));
    await until(() => next.intake.readings() === 20);
  });

  it('comes back after a restart of the broker and misses nothing of it', async () => {
    const broker = await started();
    const { intake, seen } = await reading(shared(broker.url, 2));
    const client = await publisher(broker.url);
    await publishAll(client, 0, 50);
    intake.state.manner = 'Unavailable';
    await publishAll(client, 50, 100);
    await broker.end();
    await until(() => seen({ type: 'broker', state: 'lost' }) === 2);
    intake.state.manner = 'takes';
    await broker.start();
    await until(() => client.connected && seen({ type: 'broker', state: 'subscribed' }) >= 4);
    await publishAll(client, 100, 150);
    await until(() => intake.readings() === 150, 20_000);
  });

  it('gets what came while it was away', async () => {
    const broker = await started();
    const first = await reading(shared(broker.url, 1));
    await first.stop();
    const client = await publisher(broker.url);
    await publishAll(client, 0, 30);
    const second = await reading(shared(broker.url, 1));
    await until(() => second.intake.readings() === 30);
    expect(first.intake.readings()).toBe(0);
  });

  it('does not acknowledge over a connection what came over the one before', async () => {
    const broker = await started();
    const { intake, seen } = await reading(shared(broker.url, 1));
    const client = await publisher(broker.url);
    intake.state.slow_ms = 1_500;
    await publishAll(client, 0, 10);
    await until(() => intake.state.waiting === 10);
    await broker.end();
    await broker.start();
    await until(() => seen({ type: 'broker', state: 'subscribed' }) === 2);
    intake.state.slow_ms = 0;
    // The broker sends them again, and gets its acknowledgements for that.
    await until(() => intake.durable.length === 20);
    expect(intake.readings()).toBe(10);
  });

  it('speaks TLS only with whom it can trust', async () => {
    const { certificate, files, remove } = await selfSigned();
    open.push(remove);
    const broker = await started([`certfile ${files.cert}`, `keyfile ${files.key}`]);
    const url = broker.url.replace('mqtt:', 'mqtts:');
    const { intake } = await reading({ ...shared(url, 1), ca: certificate });
    const distrusting = listenerHarness();
    const reader = mqttClient(distrusting.parts, { ...shared(url, 1), clientId: 'other' });
    open.push(() => reader.stop());
    await until(() => distrusting.seen({ type: 'fault' }) === 1);
    expect(distrusting.seen({ type: 'broker' })).toBe(0);
    const client = await connectAsync(url, { ca: certificate });
    open.push(() => client.endAsync(true));
    await publishAll(client, 0, 5);
    await until(() => intake.readings() === 5);
  });
});
