import type { Loaded } from './load.ts';

/** What remembers how far aggregates were read. Losing it costs time, never truth. */
export interface StateCache {
  readonly get: <State>(key: string, initial: Loaded<State>) => Loaded<State>;
  readonly put: <State>(key: string, loaded: Loaded<State>) => void;
}

/**
 * A cache of at most `entries_max` aggregates, of which the one longest unused goes first. Keys name the
 * first stream of an aggregate, so that a key always holds the same sort of state.
 */
export const stateCache = ({ entries_max }: { readonly entries_max: number }): StateCache => {
  // biome-ignore lint/suspicious/noExplicitAny: each key holds the state of its own aggregate.
  const held = new Map<string, Loaded<any>>();
  return {
    get: (key, initial) => {
      const found = held.get(key);
      if (!found) return initial;
      held.delete(key);
      held.set(key, found);
      return found;
    },
    put: (key, loaded) => {
      held.delete(key);
      held.set(key, loaded);
      const oldest = held.keys().next();
      if (held.size > entries_max && !oldest.done) held.delete(oldest.value);
    },
  };
};
