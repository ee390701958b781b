import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { generate } from 'mqtt-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { mqttBroker } from '#ingest/listeners/mqttBroker.ts';
import { rightOf } from '#tests/contracts/vaultHarness.ts';
import { AT, AT_S, forwarded, IDENT } from '#tests/ingest/formats/samples.ts';
import { bareClient, listenerHarness, loopback, until } from '#tests/support/listenerHarness.ts';

const open: { stop: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

const TOPIC = `fleet/acme/${IDENT}/up`;
const native = (seq: number): string =>
  JSON.stringify({ device_time: AT, seq, lat: 45.5, lon: 7.25 });

const listening = async (bounds: Parameters<typeof mqttBroker>[2] = {}) => {
  const harness = listenerHarness();
  const listener = await mqttBroker(harness.parts, loopback, bounds);
  open.push(listener);
  const device = await harness.device(IDENT);
  const connectAs = async (
    who: { readonly ident: string; readonly secret: string } = device,
    options: IClientOptions = {},
  ): Promise<MqttClient> => {
    const client = await connectAsync(
      `mqtt://127.0.0.1:${listener.port}`,
      {
        username: who.ident,
        password: who.secret,
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...options,
      },
      false,
    );
    client.on('error', () => {});
    open.push({ stop: () => client.endAsync(true) });
    return client;
  };
  return { ...harness, listener, register: harness.device, device, connectAs };
};

/** The code with which a login is refused. */
const refusal = async (login: Promise<unknown>): Promise<number> => {
  const error: unknown = await login.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof Error && 'code' in error ? Number(error.code) : 0;
};

describe('the embedded broker', () => {
  it('takes what a device says on its own topic, in any shape, and acknowledges it', async () => {
    const { connectAs, intake } = await listening();
    const client = await connectAs();
    for (const message of [
      native(1),
      JSON.stringify({ ident: IDENT, timestamp: AT_S }),
      JSON.stringify(forwarded()),
      'nonsense',
    ]) {
      await client.publishAsync(TOPIC, message, { qos: 1 });
    }
    await client.publishAsync(TOPIC, native(2), { qos: 2, retain: true });
    await client.publishAsync(TOPIC, native(3), { qos: 0 });
    await until(() => intake.durable.length === 6);
    expect(intake.durable.map(({ format }) => format)).toEqual([
      ...['native', 'flespi', 'traccar', 'unknown', 'native', 'native'],
    ]);
    for (const { tenant, ident, listener } of intake.durable) {
      expect([tenant, ident, listener]).toEqual(['acme', IDENT, 'mqtt']);
    }
  });

  it('does not acknowledge before it is durable', async () => {
    const { connectAs, intake } = await listening();
    const client = await connectAs();
    intake.state.slow_ms = 150;
    let isAcknowledged = false;
    const acknowledged = client.publishAsync(TOPIC, native(1), { qos: 1 }).then(() => {
      isAcknowledged = true;
    });
    await sleep(75);
    expect([isAcknowledged, intake.durable.length]).toEqual([false, 0]);
    await acknowledged;
    expect(intake.durable).toHaveLength(1);
  });

  it('lets in nobody without a good password', async () => {
    const { connectAs, device, devices, intake, seen } = await listening();
    for (const who of [
      { ident: IDENT, secret: 'wrong' },
      { ident: IDENT, secret: '' },
      { ident: '000000000000018', secret: device.secret },
      { ident: 'no ident', secret: device.secret },
      { ident: '', secret: '' },
    ]) {
      expect([who.ident, await refusal(connectAs(who))]).toEqual([who.ident, 4]);
    }
    expect(await refusal(connectAs(device, { protocolVersion: 5 }))).toBeGreaterThan(0);
    devices.up = false;
    const early = { ident: '000000000000019', secret: device.secret };
    expect(await refusal(connectAs(early))).toBe(3);
    expect(seen({ type: 'login_refused' })).toBe(6);
    expect(intake.state.asked).toBe(0);
  });

  it('hangs up on who speaks for another, and lets nobody listen', async () => {
    const { connectAs, intake, register, seen } = await listening();
    const other = await register('000000000000018');
    for (const topic of [
      'fleet/acme/000000000000018/up',
      `fleet/other/${IDENT}/up`,
      `fleet/acme/${IDENT}/down`,
      '$SYS/x',
    ]) {
      const client = await connectAs();
      const published = client.publishAsync(topic, native(1), { qos: 1 });
      published.catch(() => {});
      await until(() => !client.connected);
    }
    expect(seen({ outcome: 'foreign' })).toBe(4);
    expect(intake.state.asked).toBe(0);
    const listener = await connectAs(other);
    const granted = await listener.subscribeAsync('#', { qos: 1 }).catch(() => 'refused');
    expect(granted).toBe('refused');
    let heard = 0;
    listener.on('message', () => {
      heard += 1;
    });
    const client = await connectAs();
    await client.publishAsync(TOPIC, native(1), { qos: 1 });
    await sleep(50);
    expect([heard, listener.connected]).toEqual([0, true]);
  });

  it('is deaf to a will, and forgets a device that was pushed off by its next connection', async () => {
    const { connectAs, intake, connections } = await listening();
    const will = { topic: TOPIC, payload: Buffer.from(native(9)), qos: 1 as const, retain: false };
    const first = await connectAs(undefined, { will, clientId: 'one' });
    const second = await connectAs(undefined, { clientId: 'two' });
    await until(() => !first.connected && connections() === 1);
    await second.publishAsync(TOPIC, native(1), { qos: 1 });
    expect(intake.readings()).toBe(1);
  });

  it('holds a message back while the intake is away, and takes it once', async () => {
    const { connectAs, intake } = await listening();
    const client = await connectAs();
    intake.state.manner = 'Unavailable';
    let isAcknowledged = false;
    const acknowledged = client.publishAsync(TOPIC, native(1), { qos: 1 }).then(() => {
      isAcknowledged = true;
    });
    await until(() => intake.state.asked >= 3);
    expect([isAcknowledged, client.connected]).toEqual([false, true]);
    intake.state.manner = 'takes';
    await acknowledged;
    expect(intake.durable).toHaveLength(1);
  });

  it('hangs up on a message that cannot be taken for long, and gets it again', async () => {
    const { connectAs, intake, register } = await listening({ hold_max_ms: 150 });
    const client = await connectAs(undefined, { reconnectPeriod: 50 });
    const other = await connectAs(await register('000000000000018'));
    intake.state.manner = 'throws';
    const acknowledged = client.publishAsync(TOPIC, native(1), { qos: 1 });
    await until(() => !client.connected);
    expect(other.connected).toBe(true);
    intake.state.manner = 'takes';
    await acknowledged;
    expect(intake.readings()).toBe(1);
  });

  it('gets again what was kept and never acknowledged', async () => {
    const { connectAs, intake, listener, parts } = await listening();
    intake.state.manner = 'dies';
    const client = await connectAs(undefined, { reconnectPeriod: 50 });
    const acknowledged = client.publishAsync(TOPIC, native(1), { qos: 1 });
    await until(() => intake.durable.length === 1);
    await listener.stop();
    open.splice(0, 1);
    intake.state.manner = 'takes';
    open.unshift(await mqttBroker(parts, { ...loopback, port: listener.port }));
    await acknowledged;
    expect([intake.durable.length, intake.readings()]).toEqual([2, 1]);
  });

  it('ends with the secret it rests on', async () => {
    const { connectAs, registry, change, seen } = await listening();
    const client = await connectAs();
    await client.publishAsync(TOPIC, native(1), { qos: 1 });
    rightOf(await registry.revoke(change(IDENT))());
    client.publishAsync(TOPIC, native(2), { qos: 1 }).catch(() => {});
    await until(() => !client.connected);
    expect(seen({ reason: 'revoked' })).toBe(1);
  });

  it('bounds packets before they are gathered, those of strangers most of all', async () => {
    const { connectAs, listener, seen, intake } = await listening();
    const stranger = await bareClient(listener.port);
    stranger.say(Buffer.from([0x10, 0xff, 0xff, 0x7f]));
    await stranger.closed();
    const client = await connectAs();
    client.publishAsync(TOPIC, Buffer.alloc(3_000_000, 0x20), { qos: 1 }).catch(() => {});
    await until(() => !client.connected);
    expect(seen({ outcome: 'too_large' })).toBe(2);
    const large = await connectAs();
    const many = `[${Array.from({ length: 5_000 }, (_, seq) => native(seq)).join()}]`;
    await large.publishAsync(TOPIC, many, { qos: 1 });
    expect(intake.readings()).toBe(5_000);
  });

  it('hangs up on who does not log in, or keeps silent for longer than promised', async () => {
    const { listener, device, seen } = await listening({ login_ms: 100 });
    const silent = await bareClient(listener.port);
    await silent.closed();
    expect(seen({ reason: 'too_late' })).toBe(1);
    const login = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'x',
      keepalive: 1,
      username: device.ident,
      password: Buffer.from(device.secret),
    });
    const dripping = await bareClient(listener.port);
    dripping.say(login);
    await until(() => dripping.heard().length === 4);
    dripping.say(Buffer.from([0x30, 0x7f]));
    const drip = setInterval(() => dripping.say('x'), 100);
    await dripping.closed();
    clearInterval(drip);
  });

  it('has no room for more strangers than it may have, and minds no idle hundreds', async () => {
    const { connectAs, listener, connections, intake } = await listening({ strangers_max: 300 });
    const idle = await Promise.all(Array.from({ length: 400 }, () => bareClient(listener.port)));
    await until(() => connections() === 300);
    const client = await connectAs();
    for (let seq = 0; seq < 50; seq += 1) await client.publishAsync(TOPIC, native(seq), { qos: 1 });
    expect(intake.durable).toHaveLength(50);
    for (const each of idle) each.socket.destroy();
  });
});
