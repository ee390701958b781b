import { connect, type MqttClient } from 'mqtt';
import { type DeviceLine, LINE_MESSAGE_MAX_BYTES, type LineOutcome } from '#ingest/deviceLine.ts';
import { ALL_ANSWERS, commandTopicOf, ownerOfAnswers } from './commandTopic.ts';
import { type BrokerAccess, credentialsOf } from './mqttClient.ts';
import type { TopicOwner } from './telemetryTopic.ts';

const ACKNOWLEDGED_WITHIN_MS = 2_000;
const CONNECT_TIMEOUT_MS = 10_000;
const AGAIN_MS = 1_000;
const KEEP_ALIVE_S = 30;
/** A broker's word that nobody has subscribed. Source: MQTT 5, section 3.4.2.1. */
const NO_SUBSCRIBERS = 0x10;

type Hear = (from: TopicOwner, message: Buffer) => void;

/**
 * The line over somebody else's broker. A connection that is lost is never taken up again but replaced: the
 * library would otherwise send again what was not acknowledged. Devices retain their last answer there.
 * Whether a device listens only the broker knows, which tells when an order comes, and only by MQTT 5.
 */
export const mqttLine = (
  access: BrokerAccess,
  failed: (error: Error) => void,
): DeviceLine & { readonly stop: () => Promise<void> } => {
  const hearers = new Set<Hear>();
  /** What to call for each order that is not acknowledged yet, should the connection end. */
  const waiting = new Set<() => void>();
  /** Messages of which the broker said, when it acknowledged them, that they are for nobody. */
  const forNobody = new Set<number>();
  let client: MqttClient | null = null;
  let again: NodeJS.Timeout | null = null;
  let isStopped = false;

  const hear = (topic: string, message: Buffer): void => {
    const owner = ownerOfAnswers(topic);
    if (owner === null || message.length > LINE_MESSAGE_MAX_BYTES) return;
    if (access.tenants !== '*' && !access.tenants.has(owner.tenant)) return;
    for (const each of hearers) each(owner, message);
  };
  const subscribe = (to: MqttClient): void => {
    to.subscribe(ALL_ANSWERS, { qos: 1 }, (error) => {
      if (error) failed(error);
    });
  };
  const open = (): void => {
    const opened = connect(access.url, {
      ...credentialsOf(access),
      clientId: `${access.clientId}-orders`,
      protocolVersion: access.protocol,
      clean: true,
      reconnectPeriod: 0,
      keepalive: KEEP_ALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      resubscribe: false,
      rejectUnauthorized: true,
    });
    client = opened;
    opened.on('error', failed);
    opened.on('connect', () => subscribe(opened));
    opened.on('message', hear);
    // Told here, before the library calls back, which keeps it to itself.
    opened.on('packetreceive', (packet) => {
      if (packet.cmd !== 'puback' || packet.reasonCode !== NO_SUBSCRIBERS) return;
      if (packet.messageId !== undefined) forNobody.add(packet.messageId);
    });
    opened.on('close', () => {
      for (const lost of waiting) lost();
      forNobody.clear();
      if (client !== opened || isStopped) return;
      client = null;
      again = setTimeout(open, AGAIN_MS);
    });
  };
  open();

  const order: DeviceLine['order'] = (to, message, expires_s) =>
    new Promise<LineOutcome>((resolve) => {
      if (!client?.connected) return resolve('away');
      const lost = (): void => resolve('unknown');
      const tooLate = setTimeout(lost, ACKNOWLEDGED_WITHIN_MS);
      waiting.add(lost);
      const properties = { messageExpiryInterval: Math.max(1, Math.floor(expires_s)) };
      const options = {
        qos: 1,
        retain: false,
        ...(access.protocol === 5 && { properties }),
      } as const;
      client.publish(commandTopicOf(to), message, options, (error, packet) => {
        clearTimeout(tooLate);
        waiting.delete(lost);
        const isForNobody = forNobody.delete(packet?.messageId ?? 0);
        if (error) resolve('unknown');
        else resolve(isForNobody ? 'nobody' : 'taken');
      });
    });

  return {
    order,
    isConnected: () => null,
    listen: (each) => {
      hearers.add(each);
      // What devices retained comes again with a subscription.
      if (client?.connected) subscribe(client);
      return () => {
        hearers.delete(each);
      };
    },
    stop: async () => {
      isStopped = true;
      if (again) clearTimeout(again);
      await client?.endAsync(true);
    },
  };
};
