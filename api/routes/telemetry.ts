import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { problems, refuse } from '#api/problem.ts';
import type { App } from '#api/zod.ts';
import { MESSAGE_MAX_BYTES } from '#ingest/formats/reading.ts';
import { admit } from '#ingest/listeners/admit.ts';
import { arrivalOf, deliver, type ListenerParts } from '#ingest/listeners/deliver.ts';
import { deviceOf } from '#ingest/listeners/deviceRequest.ts';
import { bearerOf } from '#ingest/listeners/deviceToken.ts';
import { unpack } from '#ingest/listeners/unpack.ts';

const listener = 'http';

const Reject = z.strictObject({
  index: z.int(),
  code: z.string(),
  field: z.string().nullable(),
});
const Taken = z
  .strictObject({
    stored: z.int(),
    repeated: z.int(),
    sampled: z.int(),
    quarantined: z.int(),
    rejects: z.array(Reject),
  })
  .meta({
    id: 'Taken',
    description:
      'All of it is durable; what could not be read waits in quarantine. Do not send it again.',
  });

/** Lets in the device that the header names, before anything of the body is read. */
const admitDevice =
  (parts: ListenerParts) => async (request: FastifyRequest, reply: FastifyReply) => {
    const credentials = bearerOf(request.headers.authorization);
    if (credentials === null) {
      parts.sight({ type: 'login_refused', listener, reason: 'malformed' });
      return refuse(reply, { code: 'Unauthenticated' });
    }
    const grant = await admit(parts)(listener, credentials);
    if (isLeft(grant)) {
      const { left: no } = grant;
      if (no.code === 'Unavailable') return refuse(reply, no);
      return no.code === 'DeviceRefused'
        ? refuse(reply, { code: 'Unauthenticated' })
        : refuse(reply, { code: 'TooManyRequests', retry_after_s: no.retry_after_s });
    }
    request.device = grant.right;
  };

const REFUSED_CODING = {
  coding_unknown: { code: 'UnsupportedMediaType' },
  broken: { code: 'MalformedRequest', flaws: [{ at: 'body', what: 'is no gzip' }] },
  too_large: { code: 'BodyTooLarge' },
} as const;

const take = (parts: ListenerParts) => async (request: FastifyRequest, reply: FastifyReply) => {
  const { tenant, ident } = deviceOf(request);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const raw = await unpack(body, request.headers['content-encoding']);
  if (isLeft(raw)) {
    const outcome = raw.left === 'too_large' ? 'too_large' : 'malformed';
    parts.sight({ type: 'message', listener, outcome });
    return refuse(reply, REFUSED_CODING[raw.left]);
  }
  const arrival = arrivalOf({ tenant, ident, listener, raw: raw.right });
  const taken = await deliver(parts)(arrival);
  if (isLeft(taken)) return refuse(reply, { code: 'Unavailable', detail: taken.left.detail });
  return reply.send({ ...taken.right, rejects: [...arrival.rejects] });
};

/**
 * POST /telemetry: what devices say, in any format that is known by its shape: JSON, a list, a JSON a line,
 * as it is or by gzip. The device is who its token says, not who the body says. 200 once all of it is
 * durable; 503 with Retry-After when nothing of it was taken.
 */
export const telemetryRoutes = (app: App, parts: ListenerParts): void => {
  app.decorateRequest('device', null);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: MESSAGE_MAX_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/telemetry',
      {
        bodyLimit: MESSAGE_MAX_BYTES,
        onRequest: admitDevice(parts),
        schema: {
          tags: ['telemetry'],
          summary: 'Send telemetry, in any format that is known, as the device whose token it is',
          response: { 200: Taken, default: problems },
        },
      },
      take(parts),
    );
  });
};
