import { expect, it } from 'vitest';
import { type EventStore, READ_EVENTS_MAX } from '#commands/ports.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { EventStoreHarness } from './eventStoreHarness.ts';
import { PROMPT_MS, wakeUp_ms } from './eventStorePromptness.ts';
import {
  anEvent,
  batchesUntil,
  events,
  everythingAfter,
  idsOf,
  ofTenant,
  randomStream,
  randomTenant,
  rightOf,
  textOf,
  wholeStream,
} from './eventStoreSamples.ts';

/** More than two pages of a subscription. */
const SLOW_EVENTS = 12_000;
const LONG = { timeout: 90_000 };

const headOf = async (store: EventStore): Promise<bigint | null> => rightOf(await store.head()());

/** Appends that many single events to three streams in turn; answers a tenant's events in total order. */
const interleaved = async (store: EventStore, count: number) => {
  const tenant = randomTenant();
  const streams = [0, 1, 2].map(() => randomStream(tenant));
  const start = await headOf(store);
  for (let n = 0; n < count; n += 1) {
    const stream = streams[n % streams.length] ?? randomStream(tenant);
    const revision = Math.floor(n / streams.length) - 1;
    const expected = revision < 0 ? ('no_stream' as const) : BigInt(revision);
    rightOf(await store.append({ stream, expected, events: [anEvent(stream)] })());
  }
  return { tenant, start, all: ofTenant(tenant, await everythingAfter(store, start)) };
};

/** Reading streams and the whole log. */
export const readingContract = (store: () => EventStore): void => {
  it('reads a stream from any revision, a page at a time', async () => {
    const stream = randomStream(randomTenant());
    const list = events(stream, 7);
    rightOf(await store().append({ stream, expected: 'no_stream', events: list })());
    for (let from = 0; from <= 8; from += 1) {
      for (const limit of [1, 3, 100]) {
        const page = rightOf(await store().readStream({ stream, from: BigInt(from), limit })());
        expect(page.map(({ text }) => text)).toEqual(list.slice(from, from + limit).map(textOf));
      }
    }
  });

  it('finds nothing in a stream that does not exist', async () => {
    expect(await wholeStream(store(), randomStream(randomTenant()))).toEqual([]);
  });

  it('reads everything from any position, in order and page by page alike', async () => {
    const { tenant, start, all } = await interleaved(store(), 12);
    expect(all).toHaveLength(12);
    const positions = all.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((left, right) => (left < right ? -1 : 1)));
    for (const [index, after] of [start, ...positions].entries()) {
      expect(ofTenant(tenant, await everythingAfter(store(), after))).toEqual(all.slice(index));
    }
    const singly = [];
    for (let after = start; singly.at(-1)?.position !== positions.at(-1); ) {
      const page = rightOf(await store().readAll({ after, limit: 1 })());
      expect(page).toHaveLength(1);
      singly.push(...page);
      after = page[0]?.position ?? after;
    }
    expect(ofTenant(tenant, singly)).toEqual(all);
  });

  it('reads from the very start', async () => {
    await interleaved(store(), 3);
    const page = rightOf(await store().readAll({ after: null, limit: 2 })());
    expect(page).toHaveLength(2);
    expect(page[1]?.position).toBeGreaterThan(page[0]?.position ?? 0n);
  });

  it('knows its head', async () => {
    const { all } = await interleaved(store(), 2);
    const head = await headOf(store());
    expect(head).not.toBeNull();
    expect(head).toBeGreaterThanOrEqual(all[1]?.position ?? 0n);
    expect(rightOf(await store().readAll({ after: head, limit: 10 })())).toEqual([]);
  });
};

/** Fills a stream with more than two pages of a subscription; answers how many bytes of text that was. */
const fill = async (store: EventStore, stream: StreamName): Promise<number> => {
  const append_events = 400;
  let bytes = 0;
  for (let n = 0; n < SLOW_EVENTS; n += append_events) {
    const data = { note: 'x'.repeat(1_200) };
    const list = Array.from({ length: append_events }, () => anEvent(stream, data));
    bytes += list.reduce((sum, event) => sum + textOf(event).length, 0);
    const expected = n === 0 ? ('no_stream' as const) : BigInt(n - 1);
    rightOf(await store.append({ stream, expected, events: list })());
  }
  return bytes;
};

/** Subscribing to the whole log. */
export const subscriptionContract = (
  harness: () => EventStoreHarness,
  store: () => EventStore,
): void => {
  it('resumes from every position', async () => {
    const { tenant, start, all } = await interleaved(store(), 12);
    for (const [index, after] of [start, ...all.map(({ position }) => position)].entries()) {
      const batches = await batchesUntil(store(), after, ({ caughtUp }) => caughtUp);
      const seen = batches.flatMap(({ events: list }) => ofTenant(tenant, list));
      expect(seen).toEqual(all.slice(index));
    }
  });

  it('says on a quiet log that it has caught up, and then brings what comes', async () => {
    const stream = randomStream(randomTenant());
    const one = anEvent(stream);
    let told = false;
    const batches = await batchesUntil(store(), await headOf(store()), (batch) => {
      if (batch.caughtUp && !told) {
        told = true;
        void store().append({ stream, expected: 'no_stream', events: [one] })();
      }
      return batch.events.some(({ stream: name }) => name === stream);
    });
    expect(told).toBe(true);
    expect(batches.at(-1)?.caughtUp).toBe(true);
    expect(batches.flatMap(({ events: list }) => idsOf(list))).toContain(one.id);
  });

  it('wakes every subscriber of a store promptly', async () => {
    expect(await wakeUp_ms(store(), store())).toBeLessThan(PROMPT_MS);
  });

  it('ends with its signal, also while it waits', async () => {
    const ending = new AbortController();
    const after = await headOf(store());
    setTimeout(() => ending.abort(), 50);
    const begun_ms = performance.now();
    for await (const batch of store().subscribe({ after, signal: ending.signal })) {
      expect(batch.caughtUp).toBe(true);
    }
    expect(performance.now() - begun_ms).toBeLessThan(PROMPT_MS);
  });

  it('holds a slow consumer back instead of reading ahead', LONG, async () => {
    const fresh = harness().open();
    const tenant = randomTenant();
    const after = await headOf(fresh);
    const written_bytes = await fill(fresh, randomStream(tenant));
    const last = await headOf(fresh);
    const before = harness().traffic()?.received ?? 0;
    const ending = new AbortController();
    let seen = 0;
    for await (const { events: list } of fresh.subscribe({ after, signal: ending.signal })) {
      expect(list.length).toBeLessThanOrEqual(READ_EVENTS_MAX);
      if (seen === 0) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        const received_bytes = (harness().traffic()?.received ?? 0) - before;
        expect(received_bytes).toBeLessThan(written_bytes * 0.65);
      }
      seen += ofTenant(tenant, list).length;
      if (list.at(-1)?.position === last) ending.abort();
    }
    expect(seen).toBe(SLOW_EVENTS);
    await fresh.close();
  });
};
