import type { Logger } from 'pino';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { JobSighting } from '#commands/immobilization/parts.ts';

const MS_PER_S = 1_000;
const BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 10, 12, 15, 30, 60];

/**
 * Numbers about blocks and releases: the four clocks, how they ended, and why they wait. Those that wait
 * for a safe moment, or for a device that is away, are counted apart and are in no clock.
 */
export const immobilizationMetrics = (
  registry: Registry,
  logger: Logger,
  inFlight: () => number,
): ((sighting: JobSighting) => void) => {
  const registers = [registry];
  const clocks = new Histogram({
    name: 'ledger_immobilization_clock_seconds',
    help: 'Of blocks: decision (until sent), and from there until accepted, executed, confirmed.',
    labelNames: ['clock'],
    buckets: BUCKETS_S,
    registers,
  });
  const ended = new Counter({
    name: 'ledger_immobilization_ended_total',
    help: 'Blocks and releases that ended, by how and why.',
    labelNames: ['status', 'code'],
    registers,
  });
  const doubted = new Counter({
    name: 'ledger_immobilization_doubts_total',
    help: 'Looks at vehicles that are to be blocked, by why it was not certain that they stand.',
    labelNames: ['doubt'],
    registers,
  });
  const failed = new Counter({
    name: 'ledger_immobilization_failures_total',
    help: 'Steps of jobs that could not be taken, by code.',
    labelNames: ['code'],
    registers,
  });
  new Gauge({
    name: 'ledger_immobilization_in_flight',
    help: 'Jobs that this process drives.',
    registers,
    collect() {
      this.set(inFlight());
    },
  });
  return (sighting) => {
    switch (sighting.type) {
      case 'clock':
        return clocks.observe({ clock: sighting.clock }, sighting.took_ms / MS_PER_S);
      case 'ended': {
        const { status, code } = sighting;
        ended.inc({ status, code });
        return logger.info({ work: 'immobilization', status, code }, 'job ended');
      }
      case 'doubted':
        for (const doubt of sighting.doubts) doubted.inc({ doubt });
        return;
      default:
        failed.inc({ code: sighting.code });
        logger.warn({ work: 'immobilization', code: sighting.code }, 'background');
    }
  };
};
