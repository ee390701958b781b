import { setTimeout as sleep } from 'node:timers/promises';
import { eventStoreDb } from '#adapters/eventStoreDb.ts';
import type { EventStoreHarness } from '#tests/contracts/eventStoreHarness.ts';
import { rightOf } from '#tests/contracts/eventStoreSamples.ts';
import { faultProxy } from './faultProxy.ts';

/** Longer than the server's own timeout for an append, 2 to 3 s. */
const TIMEOUT_MS = 4_000;
const DOWN_MS = 300;

const HOST = /^esdb:\/\/(?:127\.0\.0\.1|localhost):(\d+)/;

/**
 * A server of EventStoreDB that belongs to somebody else, on this machine, behind a proxy: what would be a
 * restart is every connection cut, and none let in for a while.
 */
export const eventStoreDbHarness = (url: string) => async (): Promise<EventStoreHarness> => {
  const [, port] = HOST.exec(url) ?? [];
  if (port === undefined) throw new Error('EVENTSTORE_URL must be esdb://127.0.0.1:PORT?tls=false');
  const proxy = await faultProxy(Number(port));
  const proxied = url.replace(HOST, `esdb://127.0.0.1:${proxy.port}`);
  return {
    open: () =>
      eventStoreDb({
        url: proxied,
        append_timeout_ms: TIMEOUT_MS,
        read_timeout_ms: TIMEOUT_MS,
      }),
    openAside: () => eventStoreDb({ url }),
    faults: {
      swallowAnswers: proxy.swallowAnswers,
      freeze: proxy.freeze,
      cut: proxy.cut,
      stop: proxy.refuse,
      restart: async () => {
        await proxy.refuse();
        await sleep(DOWN_MS);
        await proxy.heal();
      },
      heal: proxy.heal,
    },
    traffic: proxy.bytes,
    // The server has no transactions that stay open; a slow append is one like any other.
    appendSlowly: async (request, hold_ms) => {
      const store = eventStoreDb({ url });
      rightOf(await store.append(request)());
      await sleep(hold_ms);
      await store.close();
    },
    close: proxy.close,
  };
};
