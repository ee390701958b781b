import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type {
  ConnectionError,
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { problem, refuse } from './problem.ts';
import type { Flaw, Refusal } from './refusals.ts';

const FLAWS_MAX = 20;
const WHERE: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
};

/** What the framework refuses by itself, by its own codes. */
const byCode: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'BrokenJson' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'BrokenJson' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BodyTooLarge' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'BrokenJson' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'UnsupportedMediaType' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'UriTooLong' },
  FST_ERR_BAD_URL: { code: 'NotFound' },
};

const byStatus: Readonly<Record<number, Refusal>> = {
  400: { code: 'BrokenJson' },
  404: { code: 'NotFound' },
  408: { code: 'RequestTimeout' },
  413: { code: 'BodyTooLarge' },
  414: { code: 'UriTooLong' },
  415: { code: 'UnsupportedMediaType' },
  431: { code: 'HeadersTooLarge' },
};

/** Where in a request something is wrong, and what; never what stood there. */
const flawsOf = (error: FastifyError): readonly Flaw[] => {
  const where = WHERE[error.validationContext ?? ''] ?? 'request';
  return (error.validation ?? []).slice(0, FLAWS_MAX).map(({ instancePath, message }) => ({
    at: `${where}${instancePath.replace(/\/$/, '')}`,
    what: message ?? 'is wrong',
  }));
};

/** The request may still be asked again later: the limit says when. */
export const tooMany = (retry_after_s: number): Error & { readonly refusal: Refusal } =>
  Object.assign(new Error('too many requests'), {
    refusal: { code: 'TooManyRequests', retry_after_s } as const,
  });

const isRefusal = (error: unknown): error is { readonly refusal: Refusal } =>
  error instanceof Error && 'refusal' in error;

const refusalOf = (error: FastifyError, isOutage: (error: unknown) => boolean): Refusal => {
  if (isRefusal(error)) return error.refusal;
  if (hasZodFastifySchemaValidationErrors(error) || error.validation) {
    return { code: 'MalformedRequest', flaws: flawsOf(error) };
  }
  if (isOutage(error)) return { code: 'Unavailable', detail: '' };
  const known = byCode[error.code];
  if (known) return known;
  return byStatus[error.statusCode ?? 500] ?? { code: 'Internal' };
};

const logBug = (request: FastifyRequest, { name, message, stack, code }: FastifyError): void => {
  request.log.error({ request: request.id, err: { name, message, stack, code } });
};

/**
 * Turns whatever is thrown into a problem document. What is neither the caller's mistake nor an outage is
 * a bug: 500, logged with the request's id, and nothing of it told.
 */
export const handleErrors = (app: FastifyInstance, isOutage: (error: unknown) => boolean): void => {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const refusal = refusalOf(error, isOutage);
    if (refusal.code === 'Internal') logBug(request, error);
    return refuse(reply, refusal);
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, { code: 'NotFound' }));
};

/** What the framework refuses before there is a route: an address that is too long or cannot be read. */
export const refuseAddress = (
  error: FastifyError,
  _request: FastifyRequest,
  reply: FastifyReply,
): void => {
  refuse(reply, byCode[error.code] ?? { code: 'Internal' });
};

const bySocketCode: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { code: 'HeadersTooLarge' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'RequestTimeout' },
};

/** Answers what is not even HTTP, on the bare socket, and hangs up. */
export const refuseSocket = (error: ConnectionError, socket: Socket): void => {
  if (socket.destroyed || error.code === 'ECONNRESET') return;
  const refusal = bySocketCode[error.code] ?? { code: 'MalformedRequest', flaws: [] };
  const body = problem(refusal, crypto.randomUUID());
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
};
