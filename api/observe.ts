import { type Context, context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Histogram, type Registry } from 'prom-client';

const DURATION_BUCKETS_S = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
const TRACER = 'equinomix-ledger';
const SERVER_ERROR = 500;

declare module 'fastify' {
  interface FastifyRequest {
    /** The span of this request, as the context in which its work runs. */
    span: Context | null;
  }
}

/**
 * The route of a request as it is registered, never the address that was asked for, which may name
 * people.
 */
const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? 'unmatched';

const durations = (registry: Registry): Histogram<'method' | 'route' | 'status'> =>
  new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  });

const logLine = (log: FastifyBaseLogger, request: FastifyRequest, reply: FastifyReply): void => {
  const { method, id, caller } = request;
  log.info({
    request: id,
    method,
    route: routeOf(request),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    tenant: caller?.tenant,
    actor: caller?.actor,
    role: caller?.role,
  });
};

const beginSpan = (request: FastifyRequest): Context => {
  const parent = propagation.extract(context.active(), request.headers);
  const span = trace
    .getTracer(TRACER)
    .startSpan(`${request.method} ${routeOf(request)}`, { attributes: {} }, parent);
  span.setAttributes({
    'http.request.method': request.method,
    'http.route': routeOf(request),
    'ledger.request': request.id,
  });
  return trace.setSpan(parent, span);
};

const endSpan = (request: FastifyRequest, status: number): void => {
  const span = request.span && trace.getSpan(request.span);
  if (!span) return;
  span.setAttribute('http.response.status_code', status);
  if (status >= SERVER_ERROR) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
};

/**
 * One log line, one measurement and one span per request. The span goes on through the work on the
 * request; without an SDK, which main starts, spans cost nothing and go nowhere.
 */
export const observe = (app: FastifyInstance, registry: Registry): void => {
  const histogram = durations(registry);
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, done) => {
    request.span = beginSpan(request);
    context.with(request.span, done);
  });
  // The body arrives on the socket's own thread of events, which knows nothing of the span.
  app.addHook('preValidation', (request, _reply, done) => {
    context.with(request.span ?? context.active(), done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const labels = { method, route: routeOf(request), status: String(reply.statusCode) };
    histogram.observe(labels, reply.elapsedTime / 1_000);
    logLine(app.log, request, reply);
    endSpan(request, reply.statusCode);
    done();
  });
};
