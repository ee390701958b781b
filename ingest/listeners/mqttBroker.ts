import type { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type AedesOptions, type AuthenticateError, type Client } from 'aedes';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { DeviceLine } from '#ingest/deviceLine.ts';
import { MESSAGE_MAX_BYTES } from '#ingest/formats/reading.ts';
import { boundPackets } from './boundPackets.ts';
import { type BrokerLine, brokerLine } from './brokerLine.ts';
import type { ListenerParts } from './deliver.ts';
import { type MqttDevice, mqttDevice } from './mqttDevice.ts';
import { listen, type OpenListener } from './openListener.ts';
import { type Strangers, strangers } from './strangers.ts';

const listener = 'mqtt';

/** How the broker is bounded. */
interface Bounds {
  readonly connections_max: number;
  readonly strangers_max: number;
  /** From the connection to a login that is asked for. */
  readonly login_ms: number;
  /** How long a message is held, unacknowledged, while the intake is away; then its device is hung up on. */
  readonly hold_max_ms: number;
}

const BOUNDS: Bounds = {
  connections_max: 20_000,
  strangers_max: 2_000,
  login_ms: 15_000,
  hold_max_ms: 30_000,
};

/** A packet with a message of the greatest size, its topic and its header. */
const PACKET_MAX_BYTES = MESSAGE_MAX_BYTES + 1_024;
/** As long as nobody has logged in; a login with a will has to fit. */
const STRANGER_PACKET_MAX_BYTES = 8 * 1_024;
/** For devices that ask not to be watched. One that is silent for longer is taken to be gone. */
const KEEP_ALIVE_S = 3_600;
const LIBRARY_BOUNDS = {
  concurrency: 100,
  heartbeatInterval: 60_000,
  drainTimeout: 30_000,
  queueLimit: 16,
  maxInflightInbound: 16,
  maxTopicLevels: 16,
  maxClientsIdLength: 128,
} as const satisfies AedesOptions;

/** What the library says of a login that was not asked for in time. */
const LATE_LOGIN = 'connect did not arrive in time';

/** CONNACK's return codes. Source: MQTT 3.1.1, table 3.1. */
const RETURN_CODES = { unavailable: 3, refused: 4 } as const;

const noLogin = (why: keyof typeof RETURN_CODES): AuthenticateError =>
  Object.assign(new Error(why), { returnCode: RETURN_CODES[why] });

type Devices = Map<Client, MqttDevice>;
type Rules = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
>;

/** What the broker asks, and what it is told. An error ends the connection that it is about. */
const rules = ({ sight }: ListenerParts, devices: Devices): Rules => {
  const fault = (error: unknown): void => sight({ type: 'fault', listener, error });
  const logIn = async (client: Client, username: string, password: string) => {
    const verdict = await devices.get(client)?.logIn(username, password);
    return verdict === undefined || isLeft(verdict) ? noLogin(verdict?.left ?? 'refused') : null;
  };
  return {
    preConnect: (_client, packet, done) => {
      // A device is known by its ident alone: none can push another off by taking the name of its client.
      packet.clientId = packet.username ?? '';
      packet.clean = true;
      packet.keepalive = packet.keepalive || KEEP_ALIVE_S;
      Reflect.deleteProperty(packet, 'will');
      done(null, true);
    },
    authenticate: (client, username, password, done) => {
      logIn(client, username ?? '', password?.toString('utf8') ?? '').then(
        (refused) => done(refused, refused === null),
        (error: unknown) => {
          fault(error);
          done(noLogin('unavailable'), false);
        },
      );
    },
    authorizePublish: (client, packet, done) => {
      const device = client && devices.get(client);
      if (!device) return done(new Error('nobody publishes'));
      packet.retain = false;
      device.keep(packet.topic, Buffer.from(packet.payload)).then(
        (isKept) => done(isKept ? null : new Error('not kept')),
        (error: unknown) => {
          fault(error);
          done(new Error('fault'));
        },
      );
    },
    // At QoS 0 nobody would know whether it has heard.
    authorizeSubscribe: (client, subscription, done) => {
      const mayHear = devices.get(client)?.mayHear(subscription.topic) ?? false;
      done(null, mayHear && isQos(subscription.qos) ? subscription : null);
    },
    authorizeForward: (client, packet) =>
      devices.get(client)?.mayHear(packet.topic) ? packet : null,
  };
};

const serverOf = (
  { sight }: ListenerParts,
  bounds: Bounds,
  enter: (socket: Socket) => { readonly device: MqttDevice; readonly left: () => void },
): Server => {
  const server = createServer({ noDelay: true }, (socket) => {
    sight({ type: 'connections', listener, change: 1 });
    boundPackets(
      socket,
      () => (device.isKnown() ? PACKET_MAX_BYTES : STRANGER_PACKET_MAX_BYTES),
      () => sight({ type: 'message', listener, outcome: 'too_large' }),
    );
    const { device, left } = enter(socket);
    socket.on('close', () => {
      sight({ type: 'connections', listener, change: -1 });
      left();
    });
  });
  server.maxConnections = bounds.connections_max;
  server.on('drop', () => sight({ type: 'login_refused', listener, reason: 'too_many' }));
  return server;
};

/** Qualities of service at which a device confirms what it has heard; 128 is a refusal. */
const isQos = (qos: number): boolean => qos === 1 || qos === 2;

/** Has a device hear its orders once it has asked to, and says when it has acknowledged one. */
const connectLine = (broker: Aedes, devices: Devices): void => {
  broker.on('subscribe', (subscriptions, client) => {
    const device = devices.get(client);
    if (!subscriptions.some(({ topic, qos }) => isQos(qos) && device?.mayHear(topic))) return;
    device?.listens(
      (topic, payload) =>
        new Promise((resolve) => {
          const packet = {
            cmd: 'publish',
            topic,
            payload,
            qos: 1,
            dup: false,
            retain: false,
          } as const;
          client.publish(packet, (error) => resolve(!error));
        }),
    );
  });
  broker.on('unsubscribe', (_topics, client) => devices.get(client)?.turnsAway());
  broker.on('ack', (_packet, client) => devices.get(client)?.acknowledged());
};

const entrance =
  (
    parts: ListenerParts,
    bounds: Bounds,
    broker: Aedes,
    devices: Devices,
    unknown: Strangers<Socket>,
    line: BrokerLine,
  ) =>
  (socket: Socket) => {
    const client = broker.handle(socket);
    const device = mqttDevice(parts, { hold_max_ms: bounds.hold_max_ms, line }, () =>
      unknown.leave(socket),
    );
    devices.set(client, device);
    unknown.enter(socket);
    return {
      device,
      left: () => {
        device.leave();
        devices.delete(client);
        unknown.leave(socket);
      },
    };
  };

/**
 * A broker for devices and nobody else: a device logs in, says what it has to say on its own topic, and hears
 * its own orders. A message is handed over before it is acknowledged, and held back until it is durable; if
 * that takes too long the device is hung up on and sends it again. It keeps no sessions, wills or retained
 * messages, and no subscription beyond its connection. MQTT 3.1 and 3.1.1.
 */
export const mqttBroker = async (
  parts: ListenerParts,
  at: { readonly host: string; readonly port: number },
  changed: Partial<Bounds> = {},
): Promise<OpenListener & { readonly line: DeviceLine }> => {
  const bounds = { ...BOUNDS, ...changed };
  const { sight } = parts;
  const devices: Devices = new Map();
  const line = brokerLine();
  const broker = await Aedes.createBroker({
    ...LIBRARY_BOUNDS,
    ...rules(parts, devices),
    connectTimeout: bounds.login_ms,
  });
  const events: EventEmitter = broker;
  events.on('error', (error: unknown) => sight({ type: 'fault', listener, error }));
  broker.on('connectionError', (_client, { message }) => {
    if (message === LATE_LOGIN) sight({ type: 'login_refused', listener, reason: 'too_late' });
  });
  connectLine(broker, devices);
  const unknown = strangers<Socket>(bounds.strangers_max, (oldest) => {
    sight({ type: 'login_refused', listener, reason: 'too_many' });
    oldest.destroy();
  });
  const server = serverOf(parts, bounds, entrance(parts, bounds, broker, devices, unknown, line));
  const port = await listen(server, at);
  return {
    port,
    line: line.line,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await closed;
    },
  };
};
