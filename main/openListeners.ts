import { readFile } from 'node:fs/promises';
import type { DeviceLine } from '#ingest/deviceLine.ts';
import type { ListenerParts } from '#ingest/listeners/deliver.ts';
import { ipsTcp } from '#ingest/listeners/ipsTcp.ts';
import { ipsUdp } from '#ingest/listeners/ipsUdp.ts';
import { mqttBroker } from '#ingest/listeners/mqttBroker.ts';
import { type BrokerAccess, mqttClient } from '#ingest/listeners/mqttClient.ts';
import { mqttLine } from '#ingest/listeners/mqttLine.ts';
import { osmAndServer } from '#ingest/listeners/osmAndServer.ts';
import type { ListenerConfig } from './listenerConfig.ts';

/** Listeners that listen. `ports` by name; `stop` lets what is being kept be answered, within bounds. */
export interface OpenListeners {
  readonly ports: Readonly<Record<string, number>>;
  /** Listeners that were left out since their usual port was taken. */
  readonly left: readonly string[];
  /** The way back to devices that speak MQTT, on our own broker or somebody else's; null: there is none. */
  readonly line: DeviceLine | null;
  readonly stop: () => Promise<void>;
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

const fileOf = async (path: string | null): Promise<Buffer | null> =>
  path === null ? null : readFile(path);

const accessOf = async (broker: NonNullable<ListenerConfig['broker']>): Promise<BrokerAccess> => {
  const { url, username, password, clientId, protocol, tenants, group, connections } = broker;
  return {
    ...{ url, username, password, clientId, protocol },
    ca: await fileOf(broker.caFile),
    cert: await fileOf(broker.certFile),
    key: await fileOf(broker.keyFile),
    share: { group, connections },
    tenants: tenants === '*' ? tenants : new Set(tenants),
  };
};

/**
 * Opens every listener that the configuration wants, over an intake that is there. If one of them cannot
 * listen at a port that was asked for, those before it are closed again and the failure is told.
 */
export const openListeners = async (
  parts: ListenerParts,
  config: ListenerConfig,
): Promise<OpenListeners> => {
  const { host } = config;
  const ports: Record<string, number> = {};
  const left: string[] = [];
  let line: DeviceLine | null = null;
  const opened: { readonly stop: () => Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.allSettled(opened.map((each) => each.stop()));
  };
  const wanted = [
    ['mqtt', config.mqttPort, mqttBroker],
    ['osmand', config.osmandPort, osmAndServer],
    ['ips_tcp', config.ipsPort, ipsTcp],
    ['ips_udp', config.ipsPort, ipsUdp],
  ] as const;
  try {
    for (const [name, port, open] of wanted) {
      if (port === null) continue;
      // Datagrams go where the connections go, also where the port was any.
      const where = { host, port: name === 'ips_udp' ? (ports['ips_tcp'] ?? port) : port };
      const listener = await open(parts, where).catch((error: unknown) => {
        if (!config.assumed.has(name) || !isTaken(error)) throw error;
        return null;
      });
      if (listener === null) {
        left.push(name);
        continue;
      }
      opened.push(listener);
      line ??= listener.line ?? null;
      ports[name] = listener.port;
    }
    if (config.broker) {
      const access = await accessOf(config.broker);
      opened.push(mqttClient(parts, access));
      const foreign = mqttLine(access, (error) =>
        parts.sight({ type: 'fault', listener: 'mqtt', error }),
      );
      opened.push(foreign);
      line ??= foreign;
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports, left, line, stop };
};
