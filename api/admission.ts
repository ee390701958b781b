import type { FastifyInstance } from 'fastify';
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import { epochMs, type Instant } from '#domain/kernel/instant.ts';
import { rateWindow } from '#ingest/rateWindow.ts';
import type { Authenticate } from './authenticate.ts';
import { authorize, isPublic } from './authorize.ts';
import { type Admitted, isSameAdmission } from './caller.ts';
import { POLICY } from './policy.ts';
import { refuse } from './problem.ts';
import type { BorderRefusal } from './refusals.ts';

const Params = z.object({ driver_id: z.string().optional() });

const READING = new Set(['GET', 'HEAD']);

const WINDOW_MS = 1_000;
const SUBJECTS_COUNTED_MAX = 10_000;

/** What the guard works with. */
interface Guarding {
  readonly authenticate: Authenticate;
  readonly now: () => Instant;
  /** How many requests one subject may make in a second, from wherever. */
  readonly subject_requests_per_s_max: number;
}

/**
 * Lets nobody through whom the policy does not: first who asks, then whether that role may. Refuses to
 * start while a route has no row in the policy, or a row has no route.
 */
export const guard = (
  app: FastifyInstance,
  { authenticate, now, subject_requests_per_s_max }: Guarding,
): void => {
  const pace = rateWindow({
    times_max: subject_requests_per_s_max,
    window_ms: WINDOW_MS,
    keys_max: SUBJECTS_COUNTED_MAX,
  });
  const registered = new Set<string>();
  app.decorateRequest('caller', null);
  app.decorateRequest('isStillAllowed', async () => true);
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) registered.add(`${one} ${url}`);
  });
  app.addHook('onReady', async () => {
    const open = [...registered].filter((route) => !POLICY[route]);
    const idle = Object.keys(POLICY).filter((route) => !registered.has(route));
    if (open.length + idle.length === 0) return;
    throw new Error(`the policy lacks ${open.join(', ')} and has no route for ${idle.join(', ')}`);
  });
  app.addHook('onRequest', async (request, reply) => {
    // What is no route at all is answered as such to anybody.
    if (request.is404) return;
    const route = `${request.method} ${request.routeOptions.url}`;
    if (isPublic(route)) return;
    const reads = READING.has(request.method);
    const driver = Params.safeParse(request.params).data?.driver_id ?? null;
    const admit = async (): Promise<Either<BorderRefusal | Unavailable, Admitted>> => {
      const caller = await authenticate(request.headers.authorization, { reads });
      if (isLeft(caller)) return caller;
      const role = authorize(route, caller.right, { driver, now_ms: epochMs(now()) });
      return isLeft(role) ? role : right({ ...caller.right, role: role.right });
    };
    const admitted = await admit();
    if (isLeft(admitted)) return refuse(reply, admitted.left);
    const { tenant, actor } = admitted.right;
    const retry_after_s = pace(`${tenant} ${actor}`);
    if (retry_after_s !== null) return refuse(reply, { code: 'TooManyRequests', retry_after_s });
    request.caller = admitted.right;
    request.isStillAllowed = async () => {
      const again = await admit();
      return isLeft(again)
        ? again.left.code === 'Unavailable'
        : isSameAdmission(again.right, admitted.right);
    };
  });
};
