import { connectAsync, type MqttClient } from 'mqtt';
import { answerTopicOf, commandTopicOf } from '#ingest/listeners/commandTopic.ts';
import { topicOf } from '#ingest/listeners/telemetryTopic.ts';
import type { Answer, DeviceLogin, Hearing, Uplink } from './uplink.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_S = 60;

/** Has a device hear its orders and answer them, retained, so that the last answer is known at any time. */
const hearOrders = async (
  client: MqttClient,
  device: DeviceLogin,
  hearing: Hearing,
): Promise<void> => {
  const answer = (message: Buffer | null): void => {
    if (message) client.publish(answerTopicOf(device), message, { qos: 1, retain: true });
  };
  client.on('message', (_topic, message) => answer(hearing.order(message)));
  answer(hearing.last());
  await client.subscribeAsync(commandTopicOf(device), { qos: 1 });
};

/**
 * A device on a connection of its own to a broker, which does not come back by itself. Messages go out at
 * QoS 1, as many at once as one likes; each is acknowledged by its PUBACK. Where it has ears it hears its
 * orders. Throws if it is not let in.
 */
export const mqttUplink = async (
  url: string,
  device: DeviceLogin,
  hearing: Hearing | null = null,
): Promise<Uplink> => {
  const client = await connectAsync(url, {
    username: device.ident,
    password: device.secret,
    clientId: device.ident,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
    keepalive: KEEP_ALIVE_S,
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  const topic = topicOf(device);
  const waiting = new Set<(answer: Answer) => void>();
  let isOpen = true;
  client.on('error', () => {});
  // The library would keep what was not acknowledged for a connection that is never made.
  client.on('close', () => {
    isOpen = false;
    for (const settle of waiting) settle('lost');
    waiting.clear();
  });
  if (hearing) await hearOrders(client, device, hearing);
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (!isOpen) return resolve('lost');
        waiting.add(resolve);
        client.publish(topic, message, { qos: 1 }, (error) => {
          waiting.delete(resolve);
          resolve(error ? 'lost' : 'acknowledged');
        });
      }),
    cut: () => {
      client.stream.destroy();
    },
    close: async () => {
      await client.endAsync(!isOpen);
    },
  };
};
