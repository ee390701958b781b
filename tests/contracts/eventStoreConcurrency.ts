import { setImmediate as nextTurn } from 'node:timers/promises';
import { isRight } from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import type { EventStore, RecordedEvent } from '#commands/ports.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { EventStoreHarness, Subject } from './eventStoreHarness.ts';
import {
  anEvent,
  events,
  everythingAfter,
  idsOf,
  leftOf,
  ofTenant,
  randomStream,
  randomTenant,
  rightOf,
  wholeStream,
} from './eventStoreSamples.ts';

const WRITERS = 64;
const HOLD_MS = 300;
/** Less than what EventStoreDB takes to give up on an append that meets itself. */
const TOGETHER_MS = 1_500;
const LONG = { timeout: 90_000 };

type Expected = 'no_stream' | bigint;

/** Appends one event after another to a stream of one's own; answers their ids. */
const writeAlone = async (store: EventStore, stream: StreamName, count: number) => {
  const list = events(stream, count);
  for (const [index, event] of list.entries()) {
    const expected: Expected = index === 0 ? 'no_stream' : BigInt(index - 1);
    const { revision } = rightOf(await store.append({ stream, expected, events: [event] })());
    expect(revision).toBe(BigInt(index));
  }
  return list.map(({ id }) => id);
};

/** Appends one event to a stream that others write to as well, after every conflict at what it told. */
const writeAmongOthers = async (store: EventStore, event: LedgerEvent, begin: Expected) => {
  const { stream } = event;
  let expected = begin;
  while (true) {
    const outcome = await store.append({ stream, expected, events: [event] })();
    if (isRight(outcome)) return outcome.right.revision;
    if (outcome.left.code !== 'Conflict') throw new Error(outcome.left.code);
    expected = outcome.left.actual ?? 'no_stream';
  }
};

/** Appends some events that way; answers each id with its revision. */
const writeAllAmongOthers = async (store: EventStore, stream: StreamName, count: number) => {
  const acknowledged: (readonly [bigint, string])[] = [];
  let expected: Expected = 'no_stream';
  for (const event of events(stream, count)) {
    expected = await writeAmongOthers(store, event, expected);
    acknowledged.push([expected, event.id]);
  }
  return acknowledged;
};

/**
 * A reader and a subscriber of everything behind a position; `stop` answers what each has seen, in its order.
 */
const watchFrom = (store: EventStore, start: bigint | null) => {
  const ending = new AbortController();
  const polled: RecordedEvent[] = [];
  const pushed: RecordedEvent[] = [];
  const poll = async () => {
    while (!ending.signal.aborted) {
      const after = polled.at(-1)?.position ?? start;
      polled.push(...rightOf(await store.readAll({ after, limit: 50 })()));
      await nextTurn();
    }
  };
  const follow = async () => {
    const { signal } = ending;
    for await (const batch of store.subscribe({ after: start, signal }))
      pushed.push(...batch.events);
  };
  const both = Promise.all([poll(), follow()]);
  return {
    stop: async (last: bigint | undefined) => {
      const lastOf = () => [polled.at(-1)?.position, pushed.at(-1)?.position];
      await expect.poll(lastOf, { timeout: 10_000 }).toEqual([last, last]);
      ending.abort();
      await both;
      return { polled, pushed };
    },
  };
};

const positionsOf = (recorded: readonly RecordedEvent[]) =>
  recorded.map(({ position }) => position);

/** Many writers, with and without a slow transaction, while others read. */
export const writersContract = (
  harness: () => EventStoreHarness,
  store: () => EventStore,
): void => {
  it('loses and doubles nothing with 64 writers on one stream', LONG, async () => {
    const stream = randomStream(randomTenant());
    const writers = Array.from({ length: WRITERS }, () => writeAllAmongOthers(store(), stream, 2));
    const acknowledged = (await Promise.all(writers)).flat();
    const inOrder = acknowledged.toSorted(([left], [right]) => (left < right ? -1 : 1));
    expect(inOrder.map(([revision]) => revision)).toEqual(inOrder.map((_, index) => BigInt(index)));
    const recorded = await wholeStream(store(), stream);
    expect(idsOf(recorded)).toEqual(inOrder.map(([, id]) => id));
    const positions = positionsOf(recorded);
    expect(positions).toEqual(positions.toSorted((left, right) => (left < right ? -1 : 1)));
  });

  it('shows no reader a gap, and lets nothing overtake, with 64 writers and a slow one', async () => {
    const tenant = randomTenant();
    const start = rightOf(await store().head()());
    const watchers = watchFrom(store(), start);
    const slow = [randomStream(tenant), randomStream(tenant), randomStream(tenant)];
    const slowly = async () => {
      for (const stream of slow) {
        const list = events(stream, 3);
        await harness().appendSlowly({ stream, expected: 'no_stream', events: list }, HOLD_MS);
      }
      return 3 * slow.length;
    };
    const own = Array.from({ length: WRITERS }, () => randomStream(tenant));
    const [held, ...ids] = await Promise.all([
      slowly(),
      ...own.map((stream) => writeAlone(store(), stream, 8)),
    ]);
    const all = await everythingAfter(store(), start);
    const { polled, pushed } = await watchers.stop(all.at(-1)?.position);
    expect(positionsOf(polled)).toEqual(positionsOf(all));
    expect(positionsOf(pushed)).toEqual(positionsOf(all));
    expect(polled).toEqual(all);
    expect(ofTenant(tenant, all)).toHaveLength(held + WRITERS * 8);
    for (const [index, stream] of own.entries()) {
      expect(idsOf(await wholeStream(store(), stream))).toEqual(ids[index]);
    }
  });
};

/** Appends that are submitted side by side, and that an adapter may carry out together. */
export const groupContract = (
  harness: () => EventStoreHarness,
  store: () => EventStore,
  { ordered }: Subject,
): void => {
  const at = (stream: StreamName, expected: Expected, count = 1) => {
    const list = events(stream, count);
    return {
      ids: list.map(({ id }) => id),
      outcome: store().append({ stream, expected, events: list })(),
    };
  };

  it('lets one of several contenders win and tells the others where the stream is', async () => {
    const stream = randomStream(randomTenant());
    const contenders = [3, 1, 2, 5, 1].map((count) => at(stream, 'no_stream', count));
    const outcomes = await Promise.all(contenders.map(({ outcome }) => outcome));
    const winner = outcomes.findIndex(isRight);
    const recorded = await wholeStream(store(), stream);
    expect(idsOf(recorded)).toEqual(contenders[winner]?.ids);
    const actual = BigInt(recorded.length - 1);
    for (const loser of outcomes.filter((_, index) => index !== winner)) {
      expect(leftOf(loser)).toEqual({ code: 'Conflict', actual });
    }
  });

  it('does not let a conflict in one stream touch another', async () => {
    const tenant = randomTenant();
    const begun = randomStream(tenant);
    rightOf(await at(begun, 'no_stream').outcome);
    const fresh = Array.from({ length: 20 }, () => randomStream(tenant));
    const appends = fresh.flatMap((stream) => [at(stream, 'no_stream', 2), at(begun, 'no_stream')]);
    const outcomes = await Promise.all(appends.map(({ outcome }) => outcome));
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 2 === 0) expect(rightOf(outcome).revision).toBe(1n);
      else expect(leftOf(outcome)).toEqual({ code: 'Conflict', actual: 0n });
    }
  });

  it('carries out the same append once when it comes several times at the same time', async () => {
    const stream = randomStream(randomTenant());
    const request = { stream, expected: 'no_stream', events: events(stream, 3) } as const;
    const begun_ms = performance.now();
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => store().append(request)()));
    expect(performance.now() - begun_ms).toBeLessThan(TOGETHER_MS);
    const results = outcomes.map(rightOf);
    expect(results).toEqual(results.map(() => results[0]));
    expect(await wholeStream(store(), stream)).toHaveLength(3);
  });

  it('carries out the same append once when it comes through several stores', async () => {
    const stores = [store(), harness().openAside(), harness().openAside()];
    for (const each of stores) rightOf(await each.head()());
    for (let turn = 0; turn < 3; turn += 1) {
      const stream = randomStream(randomTenant());
      const request = { stream, expected: 'no_stream', events: events(stream, 2) } as const;
      const outcomes = await Promise.all(stores.map((each) => each.append(request)()));
      const results = outcomes.map(rightOf);
      expect(results).toEqual(results.map(() => results[0]));
      expect(await wholeStream(store(), stream)).toHaveLength(2);
    }
    await Promise.all(stores.slice(1).map((each) => each.close()));
  });

  it.runIf(ordered)(
    'decides appends to one stream in the order they were submitted in',
    async () => {
      const stream = randomStream(randomTenant());
      const one = anEvent(stream);
      const first = store().append({ stream, expected: 'no_stream', events: [one] })();
      const [second, loser, third, late, ahead] = [
        at(stream, 0n, 2),
        at(stream, 0n),
        at(stream, 2n),
        at(stream, 'no_stream'),
        at(stream, 9n),
      ];
      const again = store().append({ stream, expected: 'no_stream', events: [one] })();
      expect(rightOf(await first).revision).toBe(0n);
      expect(rightOf(await second.outcome).revision).toBe(2n);
      expect(leftOf(await loser.outcome)).toMatchObject({ code: 'Conflict' });
      expect(rightOf(await third.outcome).revision).toBe(3n);
      expect(leftOf(await late.outcome)).toEqual({ code: 'Conflict', actual: 3n });
      expect(leftOf(await ahead.outcome)).toEqual({ code: 'Conflict', actual: 3n });
      expect(await again).toEqual(await first);
      const stored = idsOf(await wholeStream(store(), stream));
      expect(stored).toEqual([one.id, ...second.ids, ...third.ids]);
    },
  );
};
