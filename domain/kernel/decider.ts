import type { Either } from 'fp-ts/lib/Either.js';

/**
 * The whole of a consistency boundary, as three members and no more. `decide` says which facts follow from a
 * command in a state, or why none may; `evolve` never fails and never judges; `initial` is the state of
 * nothing.
 */
export interface Decider<Command, Event, State, Refusal> {
  readonly initial: State;
  readonly decide: (command: Command, state: State) => Either<Refusal, readonly Event[]>;
  readonly evolve: (state: State, event: Event) => State;
}

/** Left folds a history, oldest first, into a state. */
export const replay = <Event, State>(
  { initial, evolve }: Pick<Decider<never, Event, State, unknown>, 'initial' | 'evolve'>,
  history: Iterable<Event>,
): State => {
  let state = initial;
  for (const event of history) state = evolve(state, event);
  return state;
};

/** Closes a switch over a union: a new member without a branch is a compile error, and a bug at run time. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
};
