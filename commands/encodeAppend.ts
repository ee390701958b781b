import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { canonicalText, type EventInvalid } from '#domain/kernel/event.ts';
import { StreamName } from '#domain/kernel/streams.ts';
import { APPEND_EVENTS_MAX, type AppendRequest } from './ports.ts';

/** EventStoreDB refuses appends over 1 MiB in all; the rest is left to its own envelope. */
const APPEND_BYTES_MAX = 900 * 1024;

const malformed = (path: string) => left({ code: 'EventMalformed', path } as const);

/**
 * The canonical texts of an append, in order. Every adapter calls this before it talks to a store: a
 * malformed id or an event that is too large must never reach a client library. Refuses what breaks a limit
 * or does not belong to the stream.
 */
export const encodeAppend = (request: AppendRequest): Either<EventInvalid, readonly string[]> => {
  const { stream, expected, events } = request;
  if (!StreamName.safeParse(stream).success) return malformed('stream');
  if (events.length < 1 || events.length > APPEND_EVENTS_MAX) return malformed('events');
  if (typeof expected === 'bigint' && expected < 0n) return malformed('expected');
  if (new Set(events.map(({ id }) => id)).size !== events.length) return malformed('events.id');
  const texts: string[] = [];
  let bytes = 0;
  for (const event of events) {
    if (event.stream !== stream) return malformed('events.stream');
    const text = canonicalText(event);
    if (isLeft(text)) return text;
    bytes += Buffer.byteLength(text.right);
    if (bytes > APPEND_BYTES_MAX) return left({ code: 'EventTooLarge', bytes });
    texts.push(text.right);
  }
  return right(texts);
};
