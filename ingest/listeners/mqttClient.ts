import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import type { Unavailable } from '#commands/ports.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { MESSAGE_MAX_BYTES } from '#ingest/formats/reading.ts';
import type { NotTaken } from '#ingest/ports.ts';
import { arrivalOf, deliver, type ListenerParts } from './deliver.ts';
import type { Outcome } from './sighting.ts';
import { ALL_DEVICES, ownerOfTopic } from './telemetryTopic.ts';
import { untilRight } from './untilRight.ts';

const listener = 'mqtt';

/** A broker of somebody else's, and how to read from it. */
export interface BrokerAccess {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
  /** Certificates as PEM: of the authority, where it is none of the known ones, and our own. */
  readonly ca: Buffer | null;
  readonly cert: Buffer | null;
  readonly key: Buffer | null;
  /** Names our sessions at the broker, with a number behind it; no two processes may have the same. */
  readonly clientId: string;
  /** How many connections share the work, by a shared subscription of this name; null: one alone. */
  readonly share: { readonly group: string; readonly connections: number } | null;
  /** MQTT 3.1.1 or 5. */
  readonly protocol: 4 | 5;
  /** Of whose devices messages are taken from this broker. */
  readonly tenants: '*' | ReadonlySet<Tenant>;
}

/** How many messages of a connection may wait to be kept; a broker of MQTT 5 sends no more than that. */
const WAITING_MAX = 256;
const SESSION_S = 7 * 24 * 3_600;
const KEEP_ALIVE_S = 60;
const CONNECT_TIMEOUT_MS = 10_000;
const RECONNECT_MS = 1_000;
const FINISH_MAX_MS = 5_000;
const FINISH_LOOK_MS = 10;
const FAREWELL_MAX_MS = 2_000;
const PACKET_MAX_BYTES = MESSAGE_MAX_BYTES + 64 * 1_024;

/**
 * By this the library goes on to the next message without acknowledging this one, as it does after any error:
 * it would otherwise take one message at a time. Seen in mqtt 5.16, `handlers/publish.js`.
 */
const LATER = new Error('acknowledged later');

/** PUBACK, which is the same in MQTT 3.1.1 and 5 where all is well. Source: MQTT 5, section 3.4. */
const puback = (messageId: number): Buffer =>
  Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]);

/** Who we are to a broker, as the library wants it. */
export const credentialsOf = (access: BrokerAccess): IClientOptions => ({
  ...(access.username !== null && { username: access.username }),
  ...(access.password !== null && { password: access.password }),
  ...(access.ca && { ca: access.ca }),
  ...(access.cert && { cert: access.cert }),
  ...(access.key && { key: access.key }),
});

const optionsOf = (access: BrokerAccess, clientId: string): IClientOptions => ({
  clientId,
  protocolVersion: access.protocol,
  clean: false,
  keepalive: KEEP_ALIVE_S,
  connectTimeout: CONNECT_TIMEOUT_MS,
  reconnectPeriod: RECONNECT_MS,
  reconnectOnConnackError: true,
  resubscribe: false,
  manualConnect: true,
  rejectUnauthorized: true,
  ...credentialsOf(access),
  ...(access.protocol === 5 && {
    properties: {
      sessionExpiryInterval: SESSION_S,
      receiveMaximum: WAITING_MAX,
      maximumPacketSize: PACKET_MAX_BYTES,
    },
  }),
});

/**
 * Keeps a message that a broker delivered. Right: it may be acknowledged, because it is durable or because it
 * never will be: a topic that is none of ours, of a tenant this broker does not speak for, or of a device
 * that is another tenant's.
 */
const keep =
  (parts: ListenerParts, { tenants }: BrokerAccess) =>
  async (topic: string, raw: Buffer): Promise<Either<Unavailable | NotTaken, 'kept'>> => {
    const passOver = (outcome: Outcome) => {
      parts.sight({ type: 'message', listener, outcome });
      return right('kept' as const);
    };
    const named = ownerOfTopic(topic);
    if (named === null) return passOver('malformed');
    if (tenants !== '*' && !tenants.has(named.tenant)) return passOver('foreign');
    if (raw.length > MESSAGE_MAX_BYTES) return passOver('too_large');
    const owner = await parts.access.ownerOf(named.ident)();
    if (isLeft(owner)) return owner;
    if (owner.right !== null && owner.right.tenant !== named.tenant) return passOver('foreign');
    const taken = await deliver(parts)(arrivalOf({ ...named, listener, raw }));
    return isLeft(taken) ? taken : right('kept');
  };

/** A stretch of connection between two losses of it. An acknowledgement belongs to the one it came over. */
interface Line {
  readonly stream: MqttClient['stream'];
  readonly gone: AbortController;
  waiting: number;
  /** Goes on to the next message, where that has to wait for room. */
  goOn: (() => void) | null;
}

/** Has a client acknowledge each message when it is kept, several of them being on their way at once. */
const acknowledgeWhenKept = (
  client: MqttClient,
  kept: (topic: string, raw: Buffer, signalOf: () => AbortSignal) => Promise<boolean>,
): { readonly stop: () => Promise<void> } => {
  let line: Line | null = null;
  let stopping = false;

  const currentLine = (): Line => {
    if (line?.stream === client.stream) return line;
    line?.gone.abort();
    line = { stream: client.stream, gone: new AbortController(), waiting: 0, goOn: null };
    return line;
  };

  const handle = async (on: Line, packet: IPublishPacket): Promise<void> => {
    const isKept = await kept(packet.topic, Buffer.from(packet.payload), () => on.gone.signal);
    on.waiting -= 1;
    if (isKept && packet.messageId && on.stream === client.stream && on.stream.writable) {
      on.stream.write(puback(packet.messageId));
    }
    // The next message may come while this is called, and may have to wait in its turn.
    const { goOn } = on;
    on.goOn = null;
    goOn?.();
  };

  client.handleMessage = (packet, next) => {
    // What comes now stays with the broker, but it has to be read for the connection to end in order.
    if (stopping) return next(LATER);
    const on = currentLine();
    on.waiting += 1;
    if (on.waiting < WAITING_MAX) next(LATER);
    else on.goOn = () => next(LATER);
    void handle(on, packet);
  };
  client.on('close', () => line?.gone.abort());

  return {
    stop: async () => {
      stopping = true;
      // What is being kept may end in an acknowledgement; what waits to be tried again stays with the broker.
      line?.gone.abort();
      const end_ms = Date.now() + FINISH_MAX_MS;
      while ((line?.waiting ?? 0) > 0 && Date.now() < end_ms) {
        await new Promise((done) => setTimeout(done, FINISH_LOOK_MS));
      }
    },
  };
};

const oneConnection = (parts: ListenerParts, access: BrokerAccess, number: number) => {
  const { sight } = parts;
  const client = connect(access.url, optionsOf(access, `${access.clientId}-${number}`));
  let told = '';
  let isConnected = false;
  const fault = (error: Error): void => {
    if (error.message === told) return;
    told = error.message;
    sight({ type: 'fault', listener, error });
  };
  const keeping = keep(parts, access);
  const messages = acknowledgeWhenKept(client, async (topic, raw, signalOf) => {
    try {
      return (await untilRight(() => keeping(topic, raw), signalOf)) === 'kept';
    } catch (error) {
      sight({ type: 'fault', listener, error });
      return false;
    }
  });
  const filter = access.share ? `$share/${access.share.group}/${ALL_DEVICES}` : ALL_DEVICES;
  client.on('error', fault);
  client.on('connect', () => {
    told = '';
    isConnected = true;
    sight({ type: 'connections', listener, change: 1 });
    client.subscribe(filter, { qos: 1 }, (error) => {
      if (error) fault(error);
      else sight({ type: 'broker', listener, state: 'subscribed' });
    });
  });
  client.on('close', () => {
    if (!isConnected) return;
    isConnected = false;
    sight({ type: 'broker', listener, state: 'lost' });
    sight({ type: 'connections', listener, change: -1 });
  });
  client.connect();
  return {
    stop: async (): Promise<void> => {
      await messages.stop();
      const forced = setTimeout(() => client.stream.destroy(), FAREWELL_MAX_MS);
      await client.endAsync(!client.connected);
      clearTimeout(forced);
    },
  };
};

/**
 * Reads what devices say from a broker, over one connection or several that share the work. The session
 * outlives the connection, so that the broker keeps what comes meanwhile; a message is acknowledged when it
 * is durable and not before, so that the broker sends it again after a loss of the connection or of this
 * process. Each connection comes back by itself.
 */
export const mqttClient = (
  parts: ListenerParts,
  access: BrokerAccess,
): { readonly stop: () => Promise<void> } => {
  const connections = Array.from({ length: access.share?.connections ?? 1 }, (_, number) =>
    oneConnection(parts, access, number),
  );
  return {
    stop: async () => {
      await Promise.all(connections.map((each) => each.stop()));
    },
  };
};
