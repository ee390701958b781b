import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { LedgerFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import type { CommandId } from '#domain/kernel/ids.ts';
import { opsStream } from '#domain/kernel/streams.ts';
import { digestOf } from './digest.ts';
import { eventOf } from './eventOf.ts';
import { platformActor, platformTenant } from './platform.ts';
import { type AppendFailure, type EventStore, READ_EVENTS_MAX } from './ports.ts';

const ATTEMPTS_MAX = 10;
const platform = { tenant: platformTenant, actor: platformActor };

type OpsFact = Extract<LedgerFact, { type: 'ReadModelSwitched' | 'PoisonSkipped' }>;

/**
 * Writes down what the platform did, in the stream of the month it did it in. The same command again writes
 * nothing.
 */
export const writeOps =
  (store: EventStore) =>
  async (command: CommandId, fact: OpsFact): Promise<Either<AppendFailure, null>> => {
    const stream = opsStream(fact.when.localDate.slice(0, 7).replace('-', ''));
    const content = digestOf(fact.data);
    const caused = { correlationId: command, causationId: null };
    const event = eventOf({ ...platform, command, content, ...caused }, stream, fact, 0);
    let from = 0n;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; ) {
      const page = await store.readStream({ stream, from, limit: READ_EVENTS_MAX })();
      if (isLeft(page)) return page;
      if (page.right.some(({ text }) => parseEvent(text).id === event.id)) return right(null);
      from += BigInt(page.right.length);
      if (page.right.length === READ_EVENTS_MAX) continue;
      const expected = from === 0n ? 'no_stream' : from - 1n;
      const appended = await store.append({ stream, expected, events: [event] })();
      if (!isLeft(appended)) return right(null);
      if (appended.left.code !== 'Conflict') return appended;
      attempt += 1;
    }
    return left({ code: 'Unavailable', detail: 'too many conflicts' });
  };
