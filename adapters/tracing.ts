import {
  isSpanContextValid,
  type Link,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { EventStore } from '#commands/ports.ts';
import type { Observe } from '#projections/ports.ts';

const REMEMBERED_MAX = 2_000;
const LINKS_MAX = 100;

const tracer = trace.getTracer('equinomix-ledger');

/** The last appends of this process, and which of them a batch of a read model took in. */
const appendMemory = () => {
  /** Their spans by the position that each came to, oldest first. */
  const appends = new Map<bigint, SpanContext>();
  /** How far each read model has been traced. */
  const traced_to = new Map<string, bigint>();
  return {
    remember: (position: bigint, span: SpanContext): void => {
      if (!isSpanContextValid(span)) return;
      appends.set(position, span);
      const [oldest] = appends.keys();
      if (appends.size > REMEMBERED_MAX && oldest !== undefined) appends.delete(oldest);
    },
    /** A batch has many causes, so they are its links. */
    causesOf: (readModel: string, position: bigint): readonly Link[] => {
      const after = traced_to.get(readModel) ?? -1n;
      traced_to.set(readModel, position);
      return [...appends]
        .filter(([appended]) => appended > after && appended <= position)
        .slice(-LINKS_MAX)
        .map(([, context]) => ({ context }));
    },
  };
};
type AppendMemory = ReturnType<typeof appendMemory>;

/** Starts exporting spans to a collector; the answer stops that. Without an endpoint spans cost nothing. */
export const startTracing = (endpoint: string | null): (() => Promise<void>) => {
  if (endpoint === null) return async () => {};
  const traceExporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const sdk = new NodeSDK({ serviceName: 'equinomix-ledger', traceExporter, instrumentations: [] });
  sdk.start();
  return () => sdk.shutdown();
};

const tracedStore = (store: EventStore, { remember }: AppendMemory): EventStore => ({
  ...store,
  append: (request) => () =>
    tracer.startActiveSpan('append', async (span) => {
      const [first] = request.events;
      span.setAttributes({
        'ledger.stream': request.stream,
        'ledger.events': request.events.length,
        'ledger.correlation_id': first?.correlationId ?? '',
      });
      try {
        const result = await store.append(request)();
        if (isLeft(result)) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: result.left.code });
        } else {
          span.setAttribute('ledger.position', String(result.right.position));
          remember(result.right.position, span.spanContext());
        }
        return result;
      } finally {
        span.end();
      }
    }),
});

const tracedBatch = (sighting: Parameters<Observe>[0], { causesOf }: AppendMemory): void => {
  if (sighting.type !== 'batch') return;
  const { readModel, events, rows, batch_ms, position } = sighting;
  const end_ms = Date.now();
  const links = [...causesOf(readModel, position)];
  const span = tracer.startSpan('project', { startTime: end_ms - batch_ms, links });
  span.setAttributes({
    'ledger.read_model': readModel,
    'ledger.events': events,
    'ledger.rows': rows,
    'ledger.position': String(position),
  });
  span.end(end_ms);
};

/**
 * Spans of the ledger's own work. `traced` is the same store, with a span for every append, inside that of
 * the request. `traceProjection` makes a span for every batch that a projection took in, reaching back to
 * when it began, and linked to the appends in it, which belong to the traces of their requests.
 */
export const ledgerSpans = () => {
  const memory = appendMemory();
  const traceProjection: Observe = (sighting) => tracedBatch(sighting, memory);
  return { traced: (store: EventStore) => tracedStore(store, memory), traceProjection };
};
