import { isLeft } from 'fp-ts/lib/Either.js';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { EventStore } from '#commands/ports.ts';
import type { Observe } from '#projections/ports.ts';

const LATENCY_BUCKETS_S = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];
const SIZE_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** What the parts tell of themselves, for Prometheus. Names end in a unit. */
export const ledgerMetrics = () => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const append = new Histogram({
    name: 'ledger_append_seconds',
    help: 'Time an append took, by outcome',
    labelNames: ['outcome'],
    buckets: LATENCY_BUCKETS_S,
    registers,
  });
  const group = new Histogram({
    name: 'ledger_group_commit_appends',
    help: 'Appends that shared a commit',
    buckets: SIZE_BUCKETS,
    registers,
  });
  const conflicts = new Counter({
    name: 'ledger_append_conflicts_total',
    help: 'Appends decided again because the stream had gone on',
    registers,
  });
  const batch = new Histogram({
    name: 'ledger_projection_batch_seconds',
    help: 'Time to fold and write a batch of events, by read model',
    labelNames: ['read_model'],
    buckets: LATENCY_BUCKETS_S,
    registers,
  });
  const lag = new Gauge({
    name: 'ledger_projection_lag_seconds',
    help: 'Age of the last event of a batch when its effect could be read, by read model',
    labelNames: ['read_model'],
    registers,
  });
  const sightings = new Counter({
    name: 'ledger_projection_sightings_total',
    help: 'Rows parked, released or drifted and read models halted, resumed, overtaken or sampled',
    labelNames: ['read_model', 'type'],
    registers,
  });
  const reactions = new Counter({
    name: 'ledger_reaction_failures_total',
    help: 'Reactions that could not be carried out, by reactor and code',
    labelNames: ['reactor', 'code'],
    registers,
  });
  const observeProjection: Observe = (sighting) => {
    if (sighting.type === 'batch') {
      batch.observe({ read_model: sighting.readModel }, sighting.batch_ms / 1_000);
      lag.set({ read_model: sighting.readModel }, sighting.lag_ms / 1_000);
      return;
    }
    const read_model = 'readModel' in sighting ? sighting.readModel : 'runner';
    sightings.inc({ read_model, type: sighting.type });
  };
  return {
    registry,
    observeProjection,
    observeGroup: (appends: number): void => group.observe(appends),
    observeConflict: (): void => conflicts.inc(),
    observeReaction: ({ reactor, code }: { reactor: string; code: string }): void =>
      reactions.inc({ reactor, code }),
    /** The same store, with its appends timed. */
    timed: (store: EventStore): EventStore => ({
      ...store,
      append: (request) => async () => {
        const begun = performance.now();
        const result = await store.append(request)();
        const outcome = isLeft(result) ? result.left.code : 'Appended';
        append.observe({ outcome }, (performance.now() - begun) / 1_000);
        return result;
      },
    }),
  };
};
