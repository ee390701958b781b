import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import { decodeFact } from '#domain/events.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import { emptyMap, type GrowingMap, withEntries } from '#domain/kernel/growingMap.ts';
import type { CommandId, Digest } from '#domain/kernel/ids.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { Aggregate } from './aggregate.ts';
import { type EventStore, READ_EVENTS_MAX, type Unavailable } from './ports.ts';

/** What a command that was carried out left in its stream. */
export interface CommandTrace {
  readonly contentHash: Digest;
  readonly stream: StreamName;
  readonly revision: bigint;
  readonly position: bigint;
}

/**
 * An aggregate as far as its stream was read: the state, the stream that is written to next and its last
 * revision (null: it does not exist yet), the position of the last event, and what every command left.
 */
export interface Loaded<State> {
  readonly state: State;
  readonly stream: StreamName;
  readonly revision: bigint | null;
  readonly position: bigint | null;
  readonly commands: GrowingMap<CommandId, CommandTrace>;
}

/** An aggregate of which nothing has been read. */
export const unread = <C, E, State, R>({
  decider,
  streamOf,
}: Aggregate<C, E, State, R>): Loaded<State> => ({
  state: decider.initial,
  stream: streamOf(decider.initial),
  revision: null,
  position: null,
  commands: emptyMap,
});

/**
 * Reads on from what is loaded to the end of the stream, and through the streams that follow it. Throws for
 * what does not parse or does not belong there: corruption.
 */
export const readOn =
  (store: Pick<EventStore, 'readStream'>) =>
  async <C, E, State, R>(
    aggregate: Aggregate<C, E, State, R>,
    loaded: Loaded<State>,
  ): Promise<Either<Unavailable, Loaded<State>>> => {
    let { state, stream, revision, position } = loaded;
    let { commands } = loaded;
    for (;;) {
      const from = revision === null ? 0n : revision + 1n;
      const page = await store.readStream({ stream, from, limit: READ_EVENTS_MAX })();
      if (isLeft(page)) return page;
      const traces = new Map<CommandId, CommandTrace>();
      for (const record of page.right) {
        const event = parseEvent(record.text);
        const fact = decodeFact(event);
        if (!aggregate.owns(fact))
          throw new Error(`event ${event.id} does not belong in ${stream}`);
        state = aggregate.decider.evolve(state, fact);
        ({ revision, position } = record);
        const { commandId, contentHash } = event;
        traces.set(commandId, { contentHash, stream, revision, position });
      }
      if (traces.size > 0) commands = withEntries(commands, traces);
      if (page.right.length === READ_EVENTS_MAX) continue;
      const next = aggregate.streamOf(state);
      if (next === stream) return right({ state, stream, revision, position, commands });
      stream = next;
      revision = null;
    }
  };
