import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Relay } from '#commands/relay.ts';
import { epochMs } from '#domain/kernel/instant.ts';
import { type Clock, wallClock } from '#ingest/clock.ts';
import { leastRecentlyUsed } from './leastRecentlyUsed.ts';
import { isFromFuture } from './wialonAnswers.ts';
import { wialonHistory } from './wialonHistory.ts';
import { wialonHttp } from './wialonHttp.ts';
import { wialonMemory } from './wialonMemory.ts';
import { unitNumber, wialonSend } from './wialonSend.ts';
import { type WialonSighting, wialonSession } from './wialonSession.ts';
import { type TakenOrder, traceOf } from './wialonTrace.ts';
import { wialonWatch } from './wialonWatch.ts';

/** Where Wialon is, and how to speak to it. `sessions`: how many share the orders, ten at once in each. */
export interface WialonOptions {
  readonly url: string;
  readonly token: string;
  readonly sessions?: number;
  readonly timeout_ms?: number;
  readonly clock?: Clock;
  readonly observe?: (sighting: WialonSighting) => void;
}

const SESSIONS = 4;
const TIMEOUT_MS = 2_000;
const RUNNING_MAX = 10;
const ORDERS_MAX = 5_000;
const MS_PER_S = 1_000;
/** What was heard longer ago than this is not the present. */
const FRESH_MS = 3_000;
/** Sessions end after five minutes of silence; those for orders are kept alive. */
const KEEP_ALIVE_MS = 120_000;
const KEEP_ALIVE_LOOK_MS = 30_000;
const CALL_MAX_MS = 2_000;
/** How long an order waits for its unit to be followed. */
const FOLLOW_MAX_MS = 500;

/**
 * The relay over Wialon's remote API. Orders go out over sessions of their own; what becomes of them is heard
 * by another one that asks once a second. Where that does not reach back to the order, as after a restart,
 * what Wialon keeps is loaded instead. Source: Wialon's documentation of the remote API.
 */
export const wialonRelay = (options: WialonOptions): Relay => {
  const { url, token, clock = wallClock, observe = () => {} } = options;
  const count = options.sessions ?? SESSIONS;
  // For orders, the watch and the history.
  const sockets_max = (count + 2) * RUNNING_MAX;
  const http = wialonHttp(url, { timeout_ms: options.timeout_ms ?? TIMEOUT_MS, sockets_max });
  const parts = { http, token, clock, observe };
  const forOrders = Array.from({ length: count }, () => wialonSession(parts));
  const forWatch = wialonSession(parts);
  const memory = wialonMemory();
  const watch = wialonWatch(forWatch, memory, clock);
  const forHistory = wialonSession(parts);
  const load = wialonHistory(forHistory, clock);
  const send = wialonSend(forOrders, clock);
  const orders = leastRecentlyUsed<TakenOrder>(ORDERS_MAX);

  const keepAlive = (): void => {
    const idle = forOrders.filter((each) => each.used_ms() + KEEP_ALIVE_MS <= clock.now_ms());
    for (const each of idle) void each.call('avl_evts', {}, clock.now_ms() + CALL_MAX_MS);
    stopKeepingAlive = clock.after(KEEP_ALIVE_LOOK_MS, keepAlive);
  };
  let stopKeepingAlive = clock.after(KEEP_ALIVE_LOOK_MS, keepAlive);

  const soon = (): Promise<void> => new Promise((resolve) => clock.after(FOLLOW_MAX_MS, resolve));
  /** From when on everything matters that was told: from the order on, where we gave it since then. */
  const mattersFrom_ms = ({ to, action, since }: Parameters<Relay['trace']>[0]): number => {
    const order = orders.get(to.unit);
    const since_ms = epochMs(since);
    return order?.action === action ? Math.max(order.sent_ms, since_ms) : since_ms;
  };
  const isFresh = (): boolean => clock.now_ms() - watch.heard_ms() <= FRESH_MS;
  /** Whether everything that was told of the unit since then has been heard. */
  const isKnown = (unit: number, from_ms: number): boolean => {
    const { reach_ms } = memory.of(unit);
    return isFresh() && reach_ms !== null && reach_ms <= from_ms;
  };
  const lookBack = async (unit: number): Promise<boolean> => {
    const followed_ms = memory.of(unit).reach_ms;
    const history = await load(unit);
    if (history === null) return false;
    const now_s = (clock.now_ms() + watch.ahead_ms()) / MS_PER_S;
    const messages = history.messages.filter((message) => !isFromFuture(message, now_s));
    memory.loaded(unit, messages);
    const { reach_ms } = memory.of(unit);
    // What is followed since before the history was loaded has no gap to it.
    if (followed_ms !== null && reach_ms !== null) {
      memory.reaches(unit, Math.min(followed_ms, history.reach_ms - watch.ahead_ms()));
    }
    return true;
  };

  return {
    send: (order) => async () => {
      const unit = unitNumber(order.to.unit);
      if (unit === null) {
        return left({ code: 'NotDelivered', reason: 'no number of a unit', again: false });
      }
      // What is followed before the order goes out misses nothing that comes of it.
      await Promise.race([watch.follow(unit), soon()]);
      const sent_ms = clock.now_ms();
      const sent = await send(unit, order);
      if (isLeft(sent)) return sent;
      const until_ms = clock.now_ms() + order.queue_s * MS_PER_S;
      orders.put(order.to.unit, { action: order.action, sent_ms, until_ms });
      return sent;
    },
    trace: (question) => async () => {
      const unit = unitNumber(question.to.unit);
      if (unit === null) return left({ code: 'Unavailable', detail: 'no number of a unit' });
      await watch.follow(unit);
      if (!isKnown(unit, mattersFrom_ms(question)) && !(await lookBack(unit))) {
        return left({ code: 'Unavailable', detail: 'Wialon does not tell' });
      }
      const { messages, connected } = memory.of(unit);
      const traced = {
        ...{ messages, user: forWatch.user() ?? forHistory.user() },
        connected: isFresh() ? connected : null,
        order: orders.get(question.to.unit) ?? null,
        ...{ ahead_ms: watch.ahead_ms(), now_ms: clock.now_ms() },
      };
      return right(traceOf(traced, question));
    },
    close: async () => {
      stopKeepingAlive();
      watch.close();
      http.close();
    },
  };
};
