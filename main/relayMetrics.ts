import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import type { WialonSighting } from '#adapters/wialonSession.ts';

/** What is seen of the traffic with Wialon, for Prometheus and, where the token is refused, for the log. */
export const relayMetrics = (registry: Registry, logger: Logger) => {
  const calls = new Counter({
    name: 'relay_wialon_calls_total',
    help: 'Calls to Wialon, by service and how they ended',
    labelNames: ['service', 'outcome'],
    registers: [registry],
  });
  return ({ service, outcome, alarm }: WialonSighting): void => {
    calls.inc({ service, outcome });
    if (alarm) logger.error({ relay: 'wialon', service, outcome }, 'relay');
  };
};
