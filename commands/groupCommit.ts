/** Bounds of one group, and of what may wait for its turn. */
export interface GroupLimits {
  readonly group_items_max: number;
  readonly group_weight_max: number;
  readonly waiting_items_max: number;
  readonly waiting_max_ms: number;
  /** How many groups may be under way at once: while one is at work, the next can already be sent. */
  readonly flights_max: number;
  /**
   * More than this many are shared out to the groups that may set off. Writers that are answered together
   * come back together: in one group they would wait for the server, and then the server for them.
   */
  readonly shared_items_min: number;
}

/** Limits for small items that weigh alike: so many in a group, and one group after another. */
export const evenGroups = (items_max: number, waiting_max_ms: number): GroupLimits => ({
  group_items_max: items_max,
  group_weight_max: items_max,
  waiting_items_max: 20_000,
  waiting_max_ms,
  flights_max: 1,
  shared_items_min: items_max,
});

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly weight: number;
  readonly since_ms: number;
  readonly answer: (result: Result) => void;
  readonly fail: (error: unknown) => void;
}

interface Deps<Item, Result> {
  readonly limits: GroupLimits;
  /**
   * Carries out a group; the results in the order of the items. Must not throw for what the items' senders
   * can bear.
   */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** The answer to an item that was never sent, because too many waited or it waited too long. */
  readonly refused: (reason: 'queue_full' | 'waited_too_long') => Result;
  /**
   * The answer to every item of a group whose commit threw. What it throws itself, every item's sender gets
   * thrown.
   */
  readonly failed: (error: unknown) => Result;
}

/**
 * Group commit: while one group is under way the next gathers, so that many small writes share one round trip
 * and one flush. Items keep their order. `weight` is whatever `group_weight_max` bounds, here bytes.
 */
export const groupCommit = <Item, Result>({
  limits,
  commit,
  refused,
  failed,
}: Deps<Item, Result>) => {
  let waiting: Waiting<Item, Result>[] = [];
  let flights = 0;
  let isPumpDue = false;
  let idle: Array<() => void> = [];

  const nextGroup = (): readonly Waiting<Item, Result>[] => {
    const oldest_ms = performance.now() - limits.waiting_max_ms;
    const expired = waiting.filter(({ since_ms }) => since_ms < oldest_ms);
    if (expired.length > 0) {
      waiting = waiting.filter(({ since_ms }) => since_ms >= oldest_ms);
      for (const { answer } of expired) answer(refused('waited_too_long'));
    }
    const free = limits.flights_max - flights;
    const share = Math.max(limits.shared_items_min, Math.ceil(waiting.length / free));
    const items_max = Math.min(share, limits.group_items_max);
    let weight = 0;
    let size = 0;
    for (const each of waiting) {
      weight += each.weight;
      if (size > 0 && (size >= items_max || weight > limits.group_weight_max)) break;
      size += 1;
    }
    return waiting.splice(0, size);
  };

  const commitOne = async (group: readonly Waiting<Item, Result>[]): Promise<void> => {
    const results = await commit(group.map(({ item }) => item));
    group.forEach(({ answer }, index) => {
      const result = results[index];
      if (result === undefined) throw new Error('a group came back with too few results');
      answer(result);
    });
  };

  const failAll = (group: readonly Waiting<Item, Result>[], error: unknown): void => {
    try {
      const result = failed(error);
      for (const { answer } of group) answer(result);
    } catch (bug) {
      for (const { fail } of group) fail(bug);
    }
  };

  const fly = async (group: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      await commitOne(group);
    } catch (error) {
      failAll(group, error);
    }
    flights -= 1;
    schedule();
  };

  const pump = (): void => {
    isPumpDue = false;
    while (flights < limits.flights_max && waiting.length > 0) {
      const group = nextGroup();
      if (group.length === 0) break;
      flights += 1;
      void fly(group);
    }
    if (flights > 0 || waiting.length > 0) return;
    for (const resolve of idle) resolve();
    idle = [];
  };

  /** Behind the current turn of the event loop: what is submitted together goes together. */
  const schedule = (): void => {
    if (isPumpDue) return;
    isPumpDue = true;
    setImmediate(pump);
  };

  return {
    submit: (item: Item, weight: number): Promise<Result> =>
      new Promise((answer, fail) => {
        if (waiting.length >= limits.waiting_items_max) {
          answer(refused('queue_full'));
          return;
        }
        waiting.push({ item, weight, since_ms: performance.now(), answer, fail });
        if (flights < limits.flights_max) schedule();
      }),
    /** Ends when nothing waits and nothing is under way. */
    drained: (): Promise<void> =>
      flights > 0 || isPumpDue ? new Promise((resolve) => idle.push(resolve)) : Promise.resolve(),
  };
};
