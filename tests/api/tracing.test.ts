import { trace } from '@opentelemetry/api';
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';
import { afterAll, describe, expect, it } from 'vitest';
import { aPark, testApi } from './apiHarness.ts';

const exporter = new tracing.InMemorySpanExporter();
const sdk = new NodeSDK({
  spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
  instrumentations: [],
  autoDetectResources: false,
});
sdk.start();

describe('tracing', () => {
  afterAll(() => sdk.shutdown());

  it('has the work on a request, body and all, hang below its span, which hangs below the caller’s', async () => {
    const api = await testApi();
    const { append } = api.store;
    Object.assign(api.store, {
      append: (request: Parameters<typeof append>[0]) => () =>
        trace.getTracer('test').startActiveSpan('append', async (span) => {
          const result = await append(request)();
          span.end();
          return result;
        }),
    });
    const base = await api.app.listen({ port: 0, host: '127.0.0.1' });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const reply = await fetch(`${base}/api/v1/parks`, {
      method: 'POST',
      headers: {
        ...(await api.bearer()),
        'content-type': 'application/json',
        traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      },
      body: JSON.stringify(aPark),
    });
    expect(reply.status).toBe(201);
    await api.app.close();
    const spans = exporter.getFinishedSpans();
    const http = spans.find(({ name }) => name === 'POST /api/v1/parks');
    const inner = spans.find(({ name }) => name === 'append');
    expect(http?.spanContext().traceId).toBe(traceId);
    expect(http?.attributes).toMatchObject({
      'http.route': '/api/v1/parks',
      'http.response.status_code': 201,
    });
    expect(inner?.spanContext().traceId).toBe(traceId);
    expect(inner?.parentSpanContext?.spanId).toBe(http?.spanContext().spanId);
  });
});
