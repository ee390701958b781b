import type { Unavailable, Unknown } from '#commands/ports.ts';

/**
 * Our own clock ran out. The client's deadlines bound neither reads nor the search for a cluster's leader.
 */
export const noAnswer = (): Error => Object.assign(new Error('no answer in time'), { code: 4 });

/**
 * What the client or the server says when a call certainly came to nothing: it never left the process, or
 * the server turned it away unread. Source: @grpc/grpc-js 1.14 (`picker`, `internal-channel`), the client's
 * `discovery`, and the server's `RpcExceptions` (ServerNotReady, ServerBusy).
 */
const NOT_DONE = [
  'No connection established',
  'Channel closed before call started',
  'Name resolution failed',
  'Failed to discover after',
  'Server Is Not Ready',
  'Server Is Too Busy',
];

/**
 * Codes of gRPC that outages have: cancelled, unknown, deadline exceeded, resource exhausted, aborted (the
 * server's own timeout), internal (a stream that was reset), unavailable.
 */
const OUTAGE_CODES = new Set([1, 2, 4, 8, 10, 13, 14]);

/** Refusals that come as one of those codes, or without any, and are no outage. */
const REFUSALS = new Set([
  'access-denied',
  'invalid-argument',
  'stream-deleted',
  'maximum-append-size-exceeded',
  'missing-required-metadata-property',
  'unsupported',
]);

const member = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

const isCertain = (error: unknown): boolean => {
  const message = messageOf(error);
  return (
    member(error, 'type') === 'not-leader' || NOT_DONE.some((phrase) => message.includes(phrase))
  );
};

/**
 * Branches on `type` and `code`: messages of the client may be empty, and the first error of a client has no
 * type.
 */
const isOutage = (error: unknown): boolean => {
  if (isCertain(error)) return true;
  const type = member(error, 'type');
  if (typeof type === 'string' && REFUSALS.has(type)) return false;
  const code = member(error, 'code');
  if (typeof code === 'number') return OUTAGE_CODES.has(code);
  return type === 'timeout' || type === 'deadline-exceeded' || type === 'unknown';
};

const detailOf = (error: unknown): string => {
  const what = member(error, 'type') ?? member(error, 'code') ?? 'unreachable';
  return `eventstore: ${String(what)} ${messageOf(error)}`.trimEnd();
};

/** What a failed read comes to. Throws what is no outage: a bug. */
export const readFailure = (error: unknown): Unavailable => {
  if (!isOutage(error)) throw error;
  return { code: 'Unavailable', detail: detailOf(error) };
};

/** What a failed append comes to: certainly not done, or not to be told. Throws what is no outage: a bug. */
export const writeFailure = (error: unknown): Unavailable | Unknown => {
  if (!isOutage(error)) throw error;
  return { code: isCertain(error) ? 'Unavailable' : 'Unknown', detail: detailOf(error) };
};

/**
 * Whether the server itself gave up waiting. That it does, after 2 to 3 s, also for an append that comes
 * while the very same one is under way (seen with 23.10), so there it pays to look whether the events are
 * there.
 */
export const isServerTimeout = (error: unknown): boolean => member(error, 'type') === 'timeout';
