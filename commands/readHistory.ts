import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { Held } from '#domain/access/held.ts';
import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import { type EventStore, READ_EVENTS_MAX, type RecordedEvent, type Unavailable } from './ports.ts';

/** A stored event as decisions see it. Throws for what does not parse: corruption. */
export const heldEvent = ({ text, revision, position }: RecordedEvent): Held => {
  const event = parseEvent(text);
  return { id: event.id, revision, position, fact: decodeFact(event) };
};

/** All events of a stream from a revision on, undecoded, oldest first; none where it does not exist. */
export const readWhole =
  ({ readStream }: Pick<EventStore, 'readStream'>) =>
  async (stream: StreamName, from = 0n): Promise<Either<Unavailable, readonly RecordedEvent[]>> => {
    const all: RecordedEvent[] = [];
    for (let next = from; ; ) {
      const page = await readStream({ stream, from: next, limit: READ_EVENTS_MAX })();
      if (isLeft(page)) return page;
      all.push(...page.right);
      if (page.right.length < READ_EVENTS_MAX) return right(all);
      next += BigInt(page.right.length);
    }
  };

/** All events of a stream from a revision on, as decisions see them. */
export const readHistory =
  (store: Pick<EventStore, 'readStream'>) =>
  async (stream: StreamName, from = 0n): Promise<Either<Unavailable, readonly Held[]>> => {
    const all = await readWhole(store)(stream, from);
    return isLeft(all) ? all : right(all.right.map(heldEvent));
  };
