import { z } from 'zod';
import { Tenant } from '#domain/kernel/ids.ts';

/** A port, or none. Port 0 is any that is free. */
const Port = z.union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)]);

/** The ports where devices expect these protocols: Traccar's for OsmAnd, Gurtam's for Wialon IPS. */
const USUAL_PORTS = { mqtt: 1_883, osmand: 5_055, ips: 20_332 } as const;

const CONNECTIONS_MAX = 64;
const CONNECTIONS_DEFAULT = 4;

/** What the environment may say about devices. */
export const ListenerEnvironment = z.object({
  MQTT_PORT: Port.optional(),
  OSMAND_PORT: Port.optional(),
  IPS_PORT: Port.optional(),
  MQTT_URL: z.url({ protocol: /^(mqtts?|wss?)$/ }).optional(),
  MQTT_USERNAME: z.string().min(1).optional(),
  MQTT_PASSWORD: z.string().min(1).optional(),
  MQTT_CA_FILE: z.string().min(1).optional(),
  MQTT_CERT_FILE: z.string().min(1).optional(),
  MQTT_KEY_FILE: z.string().min(1).optional(),
  MQTT_CLIENT_ID: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default('equinomix'),
  MQTT_GROUP: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default('equinomix'),
  MQTT_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(CONNECTIONS_MAX)
    .default(CONNECTIONS_DEFAULT),
  MQTT_VERSION: z.enum(['3.1.1', '5']).default('5'),
  MQTT_TENANTS: z
    .union([
      z.literal('*'),
      z
        .string()
        .transform((text) => text.split(','))
        .pipe(z.array(Tenant)),
    ])
    .default('*'),
});

/** Which listeners there are to be; a port that is null is none. */
export interface ListenerConfig {
  readonly host: string;
  readonly mqttPort: number | null;
  readonly osmandPort: number | null;
  readonly ipsPort: number | null;
  /** Listeners whose ports nobody named: where such a port is taken, they are left out. */
  readonly assumed: ReadonlySet<string>;
  /** Somebody else's broker to read from. */
  readonly broker: {
    readonly url: string;
    readonly username: string | null;
    readonly password: string | null;
    readonly caFile: string | null;
    readonly certFile: string | null;
    readonly keyFile: string | null;
    readonly clientId: string;
    readonly group: string;
    readonly connections: number;
    readonly protocol: 4 | 5;
    readonly tenants: '*' | readonly Tenant[];
  } | null;
}

const brokerOf = (said: z.infer<typeof ListenerEnvironment>): ListenerConfig['broker'] =>
  said.MQTT_URL === undefined
    ? null
    : {
        url: said.MQTT_URL,
        username: said.MQTT_USERNAME ?? null,
        password: said.MQTT_PASSWORD ?? null,
        caFile: said.MQTT_CA_FILE ?? null,
        certFile: said.MQTT_CERT_FILE ?? null,
        keyFile: said.MQTT_KEY_FILE ?? null,
        clientId: said.MQTT_CLIENT_ID,
        group: said.MQTT_GROUP,
        connections: said.MQTT_CONNECTIONS,
        protocol: said.MQTT_VERSION === '5' ? 5 : 4,
        tenants: said.MQTT_TENANTS,
      };

/**
 * Which listeners there are to be. What is not said is off, but for the start where all is embedded: there
 * every listener has its usual port, and the broker is our own unless another is named.
 */
export const listenerConfig = (
  said: z.infer<typeof ListenerEnvironment>,
  { host, embedded }: { readonly host: string; readonly embedded: boolean },
): ListenerConfig => {
  const broker = brokerOf(said);
  const portOf = (port: 'off' | number | undefined, usual: number | null): number | null =>
    port === 'off' ? null : (port ?? (embedded ? usual : null));
  const unsaid = [
    ['mqtt', said.MQTT_PORT],
    ['osmand', said.OSMAND_PORT],
    ['ips_tcp', said.IPS_PORT],
    ['ips_udp', said.IPS_PORT],
  ] as const;
  return {
    host,
    assumed: new Set(unsaid.filter(([, port]) => port === undefined).map(([name]) => name)),
    mqttPort: portOf(said.MQTT_PORT, broker === null ? USUAL_PORTS.mqtt : null),
    osmandPort: portOf(said.OSMAND_PORT, USUAL_PORTS.osmand),
    ipsPort: portOf(said.IPS_PORT, USUAL_PORTS.ips),
    broker,
  };
};
