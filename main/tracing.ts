import { SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { EventStore } from '#commands/ports.ts';
import type { Observe } from '#projections/ports.ts';

const tracer = trace.getTracer('equinomix-ledger');

/** Starts exporting spans to a collector; the answer stops that. Without an endpoint spans cost nothing. */
export const startTracing = (endpoint: string | null): (() => Promise<void>) => {
  if (endpoint === null) return async () => {};
  const traceExporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const sdk = new NodeSDK({ serviceName: 'equinomix-ledger', traceExporter, instrumentations: [] });
  sdk.start();
  return () => sdk.shutdown();
};

/** The same store, with a span for every append, inside that of the request. */
export const traced = (store: EventStore): EventStore => ({
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
        if (isLeft(result))
          span.setStatus({ code: SpanStatusCode.ERROR, message: result.left.code });
        else span.setAttribute('ledger.position', String(result.right.position));
        return result;
      } finally {
        span.end();
      }
    }),
});

/** A span for every batch that a projection took in, reaching back to when it began. */
export const traceProjection: Observe = (sighting) => {
  if (sighting.type !== 'batch') return;
  const { readModel, events, rows, batch_ms, position } = sighting;
  const end_ms = Date.now();
  const span = tracer.startSpan('project', { startTime: end_ms - batch_ms });
  span.setAttributes({
    'ledger.read_model': readModel,
    'ledger.events': events,
    'ledger.rows': rows,
    'ledger.position': String(position),
  });
  span.end(end_ms);
};
