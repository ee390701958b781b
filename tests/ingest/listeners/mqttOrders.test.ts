import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceIdent } from '#domain/kernel/ids.ts';
import { deviceToken } from '#ingest/listeners/deviceToken.ts';
import { mqttBroker } from '#ingest/listeners/mqttBroker.ts';
import { mqttUplink } from '#ingest/simulator/mqttUplink.ts';
import { IDENT } from '#tests/ingest/formats/samples.ts';
import { listenerHarness, loopback, until } from '#tests/support/listenerHarness.ts';
import { acme } from '#tests/support/samples.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const TOPIC = `commands/acme/${IDENT}`;

const listening = async () => {
  const harness = listenerHarness();
  const broker = await mqttBroker(harness.parts, loopback);
  open.push(broker.stop);
  const device = await harness.device(IDENT);
  const owner = { tenant: acme, ident: device.ident };
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const connect = async (who: { ident: DeviceIdent; secret: string }): Promise<MqttClient> => {
    const client = await connectAsync(url, {
      ...{ username: who.ident, password: who.secret, reconnectPeriod: 0, protocolVersion: 4 },
    });
    client.on('error', () => {});
    open.push(() => client.endAsync(true));
    return client;
  };
  const order = (text: string) => broker.line.order(owner, Buffer.from(text), 3);
  return { ...harness, broker, issued: device, owner, url, connect, order };
};

describe('orders over the embedded broker', () => {
  it('reach the device that listens, once, and nobody where none does', async () => {
    const { broker, issued, owner, connect, order } = await listening();
    expect([await order('1'), broker.line.isConnected(owner)]).toEqual(['nobody', false]);
    const client = await connect(issued);
    const heard: string[] = [];
    client.on('message', (topic, message) => heard.push(`${topic} ${message}`));
    expect(await order('2')).toBe('nobody');
    await client.subscribeAsync(TOPIC, { qos: 1 });
    await until(() => broker.line.isConnected(owner) === true);
    expect([await order('3'), await order('4')]).toEqual(['taken', 'taken']);
    expect(heard).toEqual([`${TOPIC} 3`, `${TOPIC} 4`]);
    await client.unsubscribeAsync(TOPIC);
    expect(await order('5')).toBe('nobody');
    await client.subscribeAsync(TOPIC, { qos: 1 });
    await until(() => broker.line.isConnected(owner) === true);
    await client.endAsync(true);
    await until(() => broker.line.isConnected(owner) === false);
    expect(await order('6')).toBe('nobody');
    expect(heard).toHaveLength(2);
  });

  it('are not known to have come where the connection ends before they are acknowledged', async () => {
    const { broker, issued, owner, connect, order } = await listening();
    const client = await connect(issued);
    client.handleMessage = () => client.stream.destroy();
    await client.subscribeAsync(TOPIC, { qos: 1 });
    await until(() => broker.line.isConnected(owner) === true);
    expect(await order('1')).toBe('unknown');
  });

  it('are heard by no other device, and given by none', async () => {
    const { device, issued, connect, order, seen, broker, owner } = await listening();
    const other = await connect(await device('000000000000018'));
    let heard = 0;
    other.on('message', () => {
      heard += 1;
    });
    for (const topic of [TOPIC, `${TOPIC}/answer`, 'commands/#', 'commands/acme/+', '#', '+/+/+']) {
      await expect(other.subscribeAsync(topic, { qos: 1 })).rejects.toThrow();
    }
    const own = 'commands/acme/000000000000018';
    await expect(other.subscribeAsync(own, { qos: 0 })).rejects.toThrow();
    await other.subscribeAsync(own, { qos: 1 });
    const client = await connect(issued);
    await client.subscribeAsync(TOPIC, { qos: 1 });
    await until(() => broker.line.isConnected(owner) === true);
    expect(await order('1')).toBe('taken');
    expect(heard).toBe(0);
    for (const topic of [TOPIC, own, `${TOPIC}/answer`]) {
      const liar = await connect(await device(`liar-${seen({ outcome: 'foreign' })}`));
      liar.publishAsync(topic, 'x', { qos: 1 }).catch(() => {});
      await until(() => !liar.connected);
    }
    expect([heard, seen({ outcome: 'foreign' })]).toEqual([0, 3]);
  });

  it('are answered by the device, and the last answer is kept', async () => {
    const { broker, issued, url, order, intake } = await listening();
    const answers: string[] = [];
    const stop = broker.line.listen(({ ident }, message) => answers.push(`${ident} ${message}`));
    const login = { tenant: acme, ...issued, token: deviceToken(issued) };
    let last: Buffer | null = null;
    const hearing = {
      last: () => last,
      order: (message: Buffer) => {
        last = Buffer.from(`did ${message}`);
        return last;
      },
    };
    const uplink = await mqttUplink(url, login, hearing);
    await until(() => broker.line.isConnected(login) === true);
    expect([await order('1'), await order('2')]).toEqual(['taken', 'taken']);
    await until(() => answers.length === 2);
    expect(answers).toEqual([`${IDENT} did 1`, `${IDENT} did 2`]);
    stop();
    const later: string[] = [];
    broker.line.listen((_from, message) => later.push(String(message)));
    expect(later).toEqual(['did 2']);
    await uplink.close();
    const again = await mqttUplink(url, login, hearing);
    await until(() => later.length === 2);
    expect([later.at(-1), answers.length]).toEqual(['did 2', 2]);
    await again.close();
    // Answers are none of telemetry's business.
    expect(intake.state.asked).toBe(0);
  });
});
