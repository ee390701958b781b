import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { callerOf } from './caller.ts';
import { refuse } from './problem.ts';
import type { Refusal } from './refusals.ts';

const STREAM_LIFE_MS = 3_600_000;
/** How often it is asked whether who follows a stream may still do so. */
const ASK_AGAIN_MS = 2_000;
const BUFFER_MAX_BYTES = 64 * 1024;

/** Begins a stream, or says why not; the frames end when the signal fires, and are asked for one by one. */
export type Begin = (signal: AbortSignal) => Promise<Either<Refusal, AsyncIterable<string>>>;

/**
 * Opens streams of server-sent events, a bounded number of them at a time, and closes them with the token
 * they were opened with, when its bearer may no longer follow, after an hour, and when the server closes.
 */
export const liveStreams = (
  app: FastifyInstance,
  { streams_max }: { readonly streams_max: number },
) => {
  const open = new Set<AbortController>();
  app.addHook('preClose', async () => {
    for (const stream of open) stream.abort();
  });
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    begin: Begin,
  ): Promise<FastifyReply> => {
    if (open.size >= streams_max) return refuse(reply, { code: 'TooManyStreams' });
    const stream = new AbortController();
    open.add(stream);
    const left_ms = callerOf(request).until_ms - Date.now();
    // A stream must not outlive the token it was opened with; the client comes back with a new one.
    const limit = setTimeout(() => stream.abort(), Math.min(STREAM_LIFE_MS, Math.max(0, left_ms)));
    const asking = setInterval(() => {
      request.isStillAllowed().then(
        (isAllowed) => isAllowed || stream.abort(),
        () => stream.abort(),
      );
    }, ASK_AGAIN_MS);
    reply.raw.on('close', () => {
      clearTimeout(limit);
      clearInterval(asking);
      stream.abort();
      open.delete(stream);
    });
    const begun = await begin(stream.signal);
    if (isLeft(begun)) return refuse(reply, begun.left);
    const body = Readable.from(begun.right, { objectMode: false, highWaterMark: BUFFER_MAX_BYTES });
    return reply
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .type('text/event-stream')
      .send(body);
  };
};
