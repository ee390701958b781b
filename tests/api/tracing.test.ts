import { NodeSDK, tracing } from '@opentelemetry/sdk-node';
import { afterAll, describe, expect, it } from 'vitest';
import { ledgerSpans } from '#adapters/tracing.ts';
import { rightOf } from '#tests/support/ledger.ts';
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

  it('has the work on a request hang below its span, that below the caller’s, and projections linked', async () => {
    const api = await testApi();
    const { traced, traceProjection } = ledgerSpans();
    Object.assign(api.store, traced({ ...api.store }));
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
    const position = rightOf(await api.store.head()()) ?? 0n;
    const batch = { type: 'batch', readModel: 'parks', events: 1, rows: 1, lag_ms: 2 } as const;
    traceProjection({ ...batch, batch_ms: 1, position });
    traceProjection({ ...batch, batch_ms: 1, position: position + 1n });
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
    const [first, second] = spans.filter(({ name }) => name === 'project');
    expect(first?.links.map(({ context }) => context.spanId)).toContain(
      inner?.spanContext().spanId,
    );
    expect(second?.links).toEqual([]);
  });
});
