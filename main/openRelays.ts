import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { mqttRelay } from '#adapters/mqttRelay.ts';
import { wialonRelay } from '#adapters/wialonRelay.ts';
import type { RelayOf } from '#commands/immobilization/ports.ts';
import type { DeviceLine } from '#ingest/deviceLine.ts';
import {
  SIMULATED_TOKEN,
  type WialonSimulator,
  wialonSimulator,
} from '#simulators/wialon/wialonSimulator.ts';
import type { RelayConfig } from './relayConfig.ts';
import { relayMetrics } from './relayMetrics.ts';

/** Relays that are open. `of` null: there is none of that kind. `simulator` null: Wialon is a real one. */
export interface OpenRelays {
  readonly of: RelayOf;
  readonly simulator: WialonSimulator | null;
  readonly close: () => Promise<void>;
}

/** `line`: the way to devices that speak MQTT; null: there is none. */
interface Parts {
  readonly registry: Registry;
  readonly logger: Logger;
  readonly line: DeviceLine | null;
}

/** Opens the relays that the configuration wants, and the simulator where that is one of them. */
export const openRelays = async (
  { registry, logger, line }: Parts,
  config: RelayConfig,
): Promise<OpenRelays> => {
  const simulator = config?.kind === 'simulated' ? await wialonSimulator() : null;
  const at =
    config?.kind === 'wialon'
      ? { url: config.url, token: config.token }
      : simulator && { url: simulator.url, token: SIMULATED_TOKEN };
  const wialon = at && wialonRelay({ ...at, observe: relayMetrics(registry, logger) });
  const mqtt = line && mqttRelay(line);
  return {
    of: (method) => (method === 'vialon_relay' ? wialon : mqtt),
    simulator,
    close: async () => {
      await mqtt?.close();
      await wialon?.close();
      await simulator?.stop();
    },
  };
};
