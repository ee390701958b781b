import { setTimeout as sleep } from 'node:timers/promises';
import { left } from 'fp-ts/lib/Either.js';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import type { AppendRequest, EventStore } from '#commands/ports.ts';
import { eventStoreContract } from '#tests/contracts/eventStore.ts';
import type { EventStoreHarness } from '#tests/contracts/eventStoreHarness.ts';
import { rightOf } from '#tests/contracts/eventStoreSamples.ts';

const DOWN_MS = 30;
const ANSWER_MS = 2;
const never = new Promise<true>(() => {});

/**
 * A log in memory has no connections to lose; an answer takes a while to arrive here, in which it can vanish.
 */
const start = async (): Promise<EventStoreHarness> => {
  const log = memoryLog();
  let cut = Promise.withResolvers<false>();
  let swallowing = false;

  const arrival = async () => {
    const arrives = swallowing ? never : sleep(ANSWER_MS).then(() => true);
    return Promise.race([arrives, cut.promise]);
  };
  const behindFaults = (store: EventStore): EventStore => {
    const underWay = new Set<Promise<unknown>>();
    const appended = async (request: AppendRequest) => {
      const outcome = await store.append(request)();
      if (await arrival()) return outcome;
      return left({ code: 'Unknown', detail: 'the answer was lost' } as const);
    };
    const append: EventStore['append'] = (request) => () => {
      const work = appended(request).finally(() => underWay.delete(work));
      underWay.add(work);
      return work;
    };
    const close = async () => {
      await Promise.all([...underWay]);
      await store.close();
    };
    return { ...store, append, close };
  };
  const heal = async () => {
    log.up = true;
    swallowing = false;
  };
  return {
    open: () => behindFaults(memoryEventStore(log)),
    openAside: () => memoryEventStore(log),
    faults: {
      swallowAnswers: () => {
        swallowing = true;
      },
      freeze: () => {},
      cut: () => {
        cut.resolve(false);
        cut = Promise.withResolvers();
      },
      stop: async () => {
        log.up = false;
      },
      restart: async () => {
        log.up = false;
        await sleep(DOWN_MS);
        log.up = true;
      },
      heal,
    },
    traffic: () => null,
    appendSlowly: async (request, hold_ms) => {
      rightOf(await memoryEventStore(log).append(request)());
      await sleep(hold_ms);
    },
    close: async () => {},
  };
};

eventStoreContract({ name: 'in memory', start, ordered: true, wire: false });
