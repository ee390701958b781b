import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { Unavailable } from '#commands/ports.ts';
import type { DeviceRefused, DeviceTooOften } from '#ingest/deviceAccess.ts';
import { MESSAGE_MAX_BYTES } from '#ingest/formats/reading.ts';
import { admit } from './admit.ts';
import { arrivalOf, deliver, type ListenerParts } from './deliver.ts';
import { deviceOf } from './deviceRequest.ts';
import { credentialsOf } from './deviceToken.ts';
import type { OpenListener } from './openListener.ts';
import type { Outcome } from './sighting.ts';
import { unpack } from './unpack.ts';

const listener = 'osmand';
const CONNECTIONS_MAX = 10_000;
const IDLE_SOCKET_MS = 30_000;
const KEEP_ALIVE_MS = 30_000;
const REQUEST_TIMEOUT_MS = 30_000;
const REQUESTS_PER_SOCKET_MAX = 100_000;
const TOKEN_MAX_CHARS = 256;
const RETRY_AFTER_S = 5;

interface Route {
  readonly Params: { readonly token: string };
}

/** What an address says behind its question mark; that is the message, where there is no body. */
const queryOf = (url: string): string => {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
};

const rawOf = async ({ body, headers, url }: FastifyRequest<Route>) =>
  Buffer.isBuffer(body) && body.length > 0
    ? unpack(body, headers['content-encoding'])
    : unpack(Buffer.from(queryOf(url)), undefined);

const later = (reply: FastifyReply): FastifyReply =>
  reply.code(503).header('retry-after', String(RETRY_AFTER_S)).send();

/** Says why a device is not let in. Whether the name or the secret was wrong is nobody's business. */
const keepOut = (reply: FastifyReply, no: DeviceRefused | DeviceTooOften | Unavailable) => {
  if (no.code === 'DeviceRefused') return reply.code(403).send();
  if (no.code === 'Unavailable') return later(reply);
  return reply.code(429).header('retry-after', String(no.retry_after_s)).send();
};

/** Lets in the device that the path names, before anything of a body is read. */
const admitDevice =
  (parts: ListenerParts) => async (request: FastifyRequest<Route>, reply: FastifyReply) => {
    const credentials = credentialsOf(request.params.token);
    if (credentials === null) {
      parts.sight({ type: 'login_refused', listener, reason: 'malformed' });
      return reply.code(403).send();
    }
    const grant = await admit(parts)(listener, credentials);
    if (isLeft(grant)) return keepOut(reply, grant.left);
    request.device = grant.right;
  };

const take =
  (parts: ListenerParts) =>
  async (request: FastifyRequest<Route>, reply: FastifyReply): Promise<FastifyReply> => {
    const { tenant, ident } = deviceOf(request);
    const passOver = (outcome: Outcome, status: number): FastifyReply => {
      parts.sight({ type: 'message', listener, outcome });
      return reply.code(status).send();
    };
    const raw = await rawOf(request);
    if (isLeft(raw)) {
      return raw.left === 'too_large' ? passOver('too_large', 413) : passOver('malformed', 400);
    }
    if (raw.right.length === 0) return passOver('malformed', 400);
    const taken = await deliver(parts)(arrivalOf({ tenant, ident, listener, raw: raw.right }));
    return isLeft(taken) ? later(reply) : reply.code(200).send();
  };

/**
 * Listens for OsmAnd, for Traccar Client and for whatever else sends a position by calling an address: the
 * device's token is the path, since these apps can send no header, and the message is the query, or the body
 * as a form or as JSON. 200 once it is durable, in quarantine too: these apps send what was refused again and
 * again, and nothing else until then. Anything from 400 on has them keep the position and come back.
 */
export const osmAndServer = async (
  parts: ListenerParts,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<OpenListener> => {
  // Nothing logs: the addresses hold secrets.
  const app = fastify({
    logger: false,
    bodyLimit: MESSAGE_MAX_BYTES,
    connectionTimeout: IDLE_SOCKET_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxRequestsPerSocket: REQUESTS_PER_SOCKET_MAX,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: TOKEN_MAX_CHARS, ignoreTrailingSlash: true },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send());
  app.decorateRequest('device', null);
  app.route<Route>({
    method: ['GET', 'POST'],
    url: '/:token',
    onRequest: admitDevice(parts),
    handler: take(parts),
  });
  await app.listen({ host, port });
  const address = app.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return { port: address.port, stop: () => app.close() };
};
