import type { Logger } from 'pino';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { unreachable } from '#domain/kernel/decider.ts';
import type { Sight } from '#ingest/listeners/sighting.ts';

const LATENCY_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What listeners tell of themselves, for Prometheus and, where something is wrong, for the log. */
export const listenerMetrics = (registry: Registry, logger: Logger): Sight => {
  const registers = [registry];
  const connections = new Gauge({
    name: 'telemetry_open_connections',
    help: 'Connections of devices, and to a broker, by listener',
    labelNames: ['listener'],
    registers,
  });
  const messages = new Counter({
    name: 'telemetry_messages_total',
    help: 'Messages of devices, by listener and by what became of them',
    labelNames: ['listener', 'outcome'],
    registers,
  });
  const refusals = new Counter({
    name: 'telemetry_refused_logins_total',
    help: 'Devices that were not let in, or not for longer, by listener and reason',
    labelNames: ['listener', 'reason'],
    registers,
  });
  const handedOver = new Histogram({
    name: 'telemetry_intake_seconds',
    help: 'Time from a message being read until it was durable or not taken, by listener',
    labelNames: ['listener'],
    buckets: LATENCY_BUCKETS_S,
    registers,
  });
  return (sighting) => {
    const { listener } = sighting;
    switch (sighting.type) {
      case 'connections':
        connections.inc({ listener }, sighting.change);
        return;
      case 'message':
        messages.inc({ listener, outcome: sighting.outcome });
        return;
      case 'login_refused':
        refusals.inc({ listener, reason: sighting.reason });
        return;
      case 'handed_over':
        handedOver.observe({ listener }, sighting.ms / 1_000);
        return;
      case 'broker':
        logger.info({ listener, state: sighting.state }, 'broker');
        return;
      case 'fault':
        logger.error({ listener, err: sighting.error }, 'listener');
        return;
      default:
        unreachable(sighting);
    }
  };
};
