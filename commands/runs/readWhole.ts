import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import {
  type EventStore,
  READ_EVENTS_MAX,
  type RecordedEvent,
  type Unavailable,
} from '#commands/ports.ts';
import type { StreamName } from '#domain/kernel/streams.ts';

/** All events of a stream, undecoded, oldest first; none where it does not exist. */
export const readWhole =
  ({ readStream }: Pick<EventStore, 'readStream'>) =>
  async (stream: StreamName): Promise<Either<Unavailable, readonly RecordedEvent[]>> => {
    const events: RecordedEvent[] = [];
    for (;;) {
      const from = BigInt(events.length);
      const page = await readStream({ stream, from, limit: READ_EVENTS_MAX })();
      if (isLeft(page)) return page;
      events.push(...page.right);
      if (page.right.length < READ_EVENTS_MAX) return right(events);
    }
  };
