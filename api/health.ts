import type { Registry } from 'prom-client';
import { z } from 'zod';
import { problems } from './problem.ts';
import type { App } from './zod.ts';

/** What the server can be asked about its own health. */
export interface Vitals {
  /** When the process began, in milliseconds since 1970. */
  readonly started_ms: number;
  /** How far the slowest read model is behind the log; null where that cannot be told at the moment. */
  readonly lag_ms: () => number | null;
  /** Whether each thing that is needed for work can be reached, by name. Bounded in time. */
  readonly ready: () => Promise<Readonly<Record<string, boolean>>>;
}

const Health = z.strictObject({
  status: z.enum(['ok', 'degraded']),
  uptime: z.string(),
  lag_ms: z.number().nullable(),
});
const Readiness = z.strictObject({
  status: z.enum(['ready', 'not_ready']),
  checks: z.record(z.string(), z.boolean()),
});

/**
 * A span of time in the largest unit that it fills: `72h`, `5m`, `12s`. Source: specification 000,
 * "Health Checks".
 */
export const uptimeText = (span_ms: number): string => {
  const seconds = Math.max(0, Math.floor(span_ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  return seconds < 3_600 ? `${Math.floor(seconds / 60)}m` : `${Math.floor(seconds / 3_600)}h`;
};

const tags = ['health'];

/** Whether the process lives, whether it can work, and its numbers. */
export const healthRoutes = (app: App, vitals: Vitals, metrics: Registry): void => {
  app.get(
    '/healthz',
    { schema: { tags, summary: 'Whether the process lives', response: { 200: Health } } },
    async (_request, reply) => {
      const lag_ms = vitals.lag_ms();
      const uptime = uptimeText(Date.now() - vitals.started_ms);
      return reply.send({ status: lag_ms === null ? 'degraded' : 'ok', uptime, lag_ms });
    },
  );
  app.get(
    '/readyz',
    {
      schema: {
        tags,
        summary: 'Whether it can do its work',
        response: { 200: Readiness, 503: Readiness, default: problems },
      },
    },
    async (_request, reply) => {
      const checks = await vitals.ready();
      const isReady = Object.values(checks).every((each) => each);
      const status = isReady ? 'ready' : 'not_ready';
      return reply.code(isReady ? 200 : 503).send({ status, checks });
    },
  );
  app.get(
    '/metrics',
    { schema: { tags, summary: 'Numbers for Prometheus', hide: true } },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  );
};
