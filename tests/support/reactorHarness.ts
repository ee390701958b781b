import { right } from 'fp-ts/lib/Either.js';
import type { EventStore } from '#commands/ports.ts';
import { type Reactor, type ReactorMarks, runReactor } from '#commands/reactors/reactor.ts';
import { allEvents } from './ledger.ts';

/** Marks of reactors, in memory. */
export const memoryMarks = (): ReactorMarks & { readonly at: Map<string, bigint> } => {
  const at = new Map<string, bigint>();
  return {
    at,
    read: (name) => async () => right(at.get(name) ?? null),
    write: (name, position) => async () => {
      at.set(name, position);
      return right(null);
    },
  };
};

/** Runs a reactor until it has seen everything there is. */
export const settle = async (
  store: EventStore,
  marks: ReturnType<typeof memoryMarks>,
  reactor: Reactor,
): Promise<void> => {
  const stopping = new AbortController();
  const running = runReactor({ store, marks, observeFailure: () => {} })(reactor, stopping.signal);
  for (let quiet = 0; quiet < 3; ) {
    const before = (await allEvents(store)).length;
    await new Promise((resolve) => setTimeout(resolve, 10));
    const after = (await allEvents(store)).length;
    quiet = before === after && marks.at.get(reactor.name) === BigInt(after) ? quiet + 1 : 0;
  }
  stopping.abort();
  await running;
};
