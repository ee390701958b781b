import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { afterEach, expect, it } from 'vitest';
import type { EventStore, RecordedEvent } from '#commands/ports.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { EventStoreHarness, Subject } from './eventStoreHarness.ts';
import { PROMPT_MS, wakeUp_ms } from './eventStorePromptness.ts';
import {
  anEvent,
  appendStubbornly,
  batchesUntil,
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

/** Stores of a harness have timeouts of a few seconds; whatever happens they must answer within this. */
const ANSWER_MS = 6_000;
/** A lost connection is replaced at once, not only when a statement has run into its timeout. */
const RECONNECT_MS = 900;
const away = { _tag: 'Left', left: { code: 'Unavailable' } };
const NOTICE_MS = 100;
const WRITERS = 8;
const APPENDS_PER_WRITER = 80;

const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
  const begun_ms = performance.now();
  const result = await work;
  expect(performance.now() - begun_ms).toBeLessThan(ANSWER_MS);
  return result;
};

/**
 * Writes one event after another, each as often as it takes; answers ids in order and how often an answer was
 * lost.
 */
const writeStubbornly = async (store: EventStore, stream: StreamName) => {
  const list = events(stream, APPENDS_PER_WRITER);
  for (const [index, event] of list.entries()) {
    const expected = index === 0 ? ('no_stream' as const) : BigInt(index - 1);
    const { revision } = await appendStubbornly(store, { stream, expected, events: [event] });
    expect(revision).toBe(BigInt(index));
    await sleep(5);
  }
  return list.map(({ id }) => id);
};

/** A store, and how many of its appends have failed: trouble that nobody noticed proves nothing. */
const counted = (store: EventStore) => {
  let failures = 0;
  const append: EventStore['append'] = (request) => async () => {
    const outcome = await store.append(request)();
    if (isLeft(outcome)) failures += 1;
    return outcome;
  };
  return [{ ...store, append }, () => failures] as const;
};

/**
 * Writers and a subscriber through a time of trouble: nothing acknowledged is lost, nothing is doubled or out
 * of order.
 */
const survive = async (harness: EventStoreHarness, trouble: () => Promise<void>): Promise<void> => {
  const [store, failures] = counted(harness.open());
  const aside = harness.openAside();
  const tenant = randomTenant();
  const after = rightOf(await aside.head()());
  const ending = new AbortController();
  const seen: RecordedEvent[] = [];
  const follow = async () => {
    for await (const batch of store.subscribe({ after, signal: ending.signal })) {
      seen.push(...ofTenant(tenant, batch.events));
    }
  };
  const following = follow();
  const streams = Array.from({ length: WRITERS }, () => randomStream(tenant));
  const writing = Promise.all(streams.map((stream) => writeStubbornly(store, stream)));
  await sleep(60);
  await trouble();
  const ids = await writing;
  for (const [index, stream] of streams.entries()) {
    expect(idsOf(await wholeStream(store, stream))).toEqual(ids[index]);
  }
  const all = ofTenant(tenant, await everythingAfter(store, after));
  expect(all).toHaveLength(WRITERS * APPENDS_PER_WRITER);
  await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(all.length);
  ending.abort();
  await following;
  expect(seen).toEqual(all);
  expect(failures()).toBeGreaterThan(0);
  await Promise.all([store.close(), aside.close()]);
};

/** Lost answers, lost connections, and logs that are away, frozen or restarted. */
export const faultContract = (harness: () => EventStoreHarness, { wire }: Subject): void => {
  afterEach(() => harness().faults.heal());

  it('says Unknown when the answer is lost, and gives the first result when asked again', async () => {
    const { open, openAside, faults } = harness();
    const [store, aside] = [open(), openAside()];
    const stream = randomStream(randomTenant());
    rightOf(await store.append({ stream, expected: 'no_stream', events: [anEvent(stream)] })());
    const request = { stream, expected: 0n, events: events(stream, 2) };
    faults.swallowAnswers();
    const lost = store.append(request)();
    await expect.poll(async () => (await wholeStream(aside, stream)).length).toBe(3);
    faults.cut();
    expect(leftOf(await inTime(lost)).code).toBe('Unknown');
    await faults.heal();
    const healed_ms = performance.now();
    const first = await appendStubbornly(store, request);
    expect(performance.now() - healed_ms).toBeLessThan(RECONNECT_MS);
    const recorded = await wholeStream(aside, stream);
    expect(recorded).toHaveLength(3);
    expect(first).toEqual({ revision: 2n, position: recorded[2]?.position });
    rightOf(await store.append({ stream, expected: 2n, events: [anEvent(stream)] })());
    expect(rightOf(await store.append(request)())).toEqual(first);
    await Promise.all([store.close(), aside.close()]);
  });

  it('says Unavailable within a bounded time while the log is away, and works when it is back', async () => {
    const { open, faults } = harness();
    const store = open();
    const stream = randomStream(randomTenant());
    const request = { stream, expected: 'no_stream', events: [anEvent(stream)] } as const;
    rightOf(await store.head()());
    await faults.stop();
    // A store that has not yet noticed sends into a dead connection, and cannot tell what came of it.
    await sleep(NOTICE_MS);
    const fresh = open();
    for (const each of [store, fresh]) {
      const outcomes = await inTime(
        Promise.all([
          each.append(request)(),
          each.readStream({ stream, from: 0n, limit: 1 })(),
          each.readAll({ after: null, limit: 1 })(),
          each.head()(),
        ]),
      );
      for (const outcome of outcomes) expect(outcome).toMatchObject(away);
    }
    await faults.heal();
    for (const each of [store, fresh])
      expect((await appendStubbornly(each, request)).revision).toBe(0n);
    expect(await wholeStream(store, stream)).toHaveLength(1);
    await Promise.all([store.close(), fresh.close()]);
  });

  it.runIf(wire)('answers within a bounded time while the log is frozen', async () => {
    const { open, faults } = harness();
    const store = open();
    const stream = randomStream(randomTenant());
    rightOf(await store.append({ stream, expected: 'no_stream', events: [anEvent(stream)] })());
    const request = { stream, expected: 0n, events: [anEvent(stream)] };
    faults.freeze();
    const pending = [store.append(request)(), store.head()()] as const;
    const reading = store.readAll({ after: null, limit: 1 })();
    const [append, head] = await inTime(Promise.all(pending));
    expect(leftOf(append).code).toBe('Unknown');
    expect(leftOf(head).code).toBe('Unavailable');
    expect(leftOf(await inTime(reading)).code).toBe('Unavailable');
    await faults.heal();
    expect((await appendStubbornly(store, request)).revision).toBe(1n);
    expect(await wholeStream(store, stream)).toHaveLength(2);
    await store.close();
  });

  it('brings a subscription that was begun while the log was away, and promptly so', async () => {
    const { open, openAside, faults } = harness();
    const [store, aside] = [open(), openAside()];
    const after = rightOf(await aside.head()());
    await faults.stop();
    const stream = randomStream(randomTenant());
    const one = anEvent(stream);
    const following = batchesUntil(store, after, ({ events: list }) =>
      idsOf(list).includes(one.id),
    );
    await sleep(300);
    await faults.heal();
    await appendStubbornly(store, { stream, expected: 'no_stream', events: [one] });
    await inTime(following);
    expect(await wakeUp_ms(aside, store)).toBeLessThan(PROMPT_MS);
    faults.cut();
    expect(await wakeUp_ms(aside, store)).toBeLessThan(PROMPT_MS);
    await Promise.all([store.close(), aside.close()]);
  });

  it('survives connections that break all the time', async () => {
    await survive(harness(), async () => {
      for (let turn = 0; turn < 20; turn += 1) {
        harness().faults.cut();
        await sleep(20 + 10 * (turn % 4));
      }
    });
  });

  it('survives restarts of the log', async () => {
    await survive(harness(), async () => {
      await harness().faults.restart();
      await sleep(150);
      await harness().faults.restart();
    });
  });

  it('waits on closing for appends that are under way', async () => {
    const store = harness().open();
    const stream = randomStream(randomTenant());
    const request = { stream, expected: 'no_stream', events: [anEvent(stream)] } as const;
    let answered = false;
    const pending = store
      .append(request)()
      .finally(() => {
        answered = true;
      });
    await store.close();
    await nextTurn();
    expect(answered).toBe(true);
    expect(isRight(await pending)).toBe(true);
  });
};
