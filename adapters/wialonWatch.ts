import { z } from 'zod';
import type { Clock } from '#ingest/clock.ts';
import {
  connectionIn,
  Events,
  Followed,
  isFromFuture,
  messageIn,
  WialonEvent,
} from './wialonAnswers.ts';
import type { WialonMemory } from './wialonMemory.ts';
import type { CallOutcome, WialonSession } from './wialonSession.ts';

/** Between an answer and the next question: Wialon allows ten in ten seconds. */
const POLL_EVERY_MS = 1_000;
const FAILED_PAUSE_MAX_MS = 10_000;
const CALL_MAX_MS = 2_000;
const FOLLOWED_AT_ONCE_MAX = 1_000;
const UNITS_MAX = 5_000;
/** Messages, the last message, and whether it is connected. */
const FOLLOW_FLAGS = 0x20 | 0x400 | 0x200000;
const ADD = 1;
const OFFSETS_MAX = 10;
const MS_PER_S = 1_000;

const LastMessage = z.object({ lmsg: z.unknown() });

/** What is heard of units as it happens. */
export interface WialonWatch {
  /** Has a unit followed, if it is not yet; done when it is, or could not be. */
  readonly follow: (unit: number) => Promise<void>;
  /** When, by our clock, everything that had happened had been heard. */
  readonly heard_ms: () => number;
  /** By how much Wialon's clock is ahead of ours, at least; 0 while that is not known. */
  readonly ahead_ms: () => number;
  readonly close: () => void;
}

/**
 * Asks a session of its own what happened, once a second, and remembers it. An answer that was lost has taken
 * with it what it told, so the session is then opened anew, and what was heard before no longer reaches.
 */
export const wialonWatch = (
  session: WialonSession,
  memory: WialonMemory,
  clock: Clock,
): WialonWatch => {
  const followed = new Set<number>();
  const pending = new Set<number>();
  let subscribing: Promise<void> | null = null;
  let epoch = 0;
  let heard_ms = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let offsets_ms: readonly number[] = [];
  let cancelPause = (): void => {};
  const ahead_ms = (): number => (offsets_ms.length === 0 ? 0 : Math.max(...offsets_ms));
  let isClosed = false;

  const beginAnew = (): void => {
    memory.lostTouch();
    for (const unit of followed) pending.add(unit);
    followed.clear();
  };
  /** Takes note of a login: what was subscribed to before it no longer is. */
  const notice = (outcome: CallOutcome): void => {
    if (outcome.kind !== 'done' || outcome.epoch <= epoch) return;
    epoch = outcome.epoch;
    beginAnew();
  };
  const call = async (service: string, params: unknown): Promise<CallOutcome> => {
    const outcome = await session.call(service, params, clock.now_ms() + CALL_MAX_MS);
    notice(outcome);
    return outcome;
  };

  const subscribeSome = async (units: readonly number[]): Promise<boolean> => {
    const spec = [{ type: 'col', data: units, flags: FOLLOW_FLAGS, mode: ADD }];
    const outcome = await call('core/update_data_flags', { spec });
    const told = Followed.safeParse(outcome.kind === 'done' ? outcome.body : null);
    if (!told.success) return false;
    for (const { i, d } of told.data) {
      const connected = connectionIn(d);
      const last = messageIn(LastMessage.safeParse(d).data?.lmsg);
      if (connected !== null) memory.connection(i, connected);
      const now_s = (clock.now_ms() + ahead_ms()) / MS_PER_S;
      if (last && !isFromFuture(last, now_s)) memory.heard(i, last);
      memory.reaches(i, clock.now_ms());
    }
    for (const unit of units) {
      pending.delete(unit);
      followed.add(unit);
    }
    return true;
  };
  const subscribe = (): Promise<void> => {
    const all = async (): Promise<void> => {
      while (pending.size > 0 && !isClosed) {
        const some = [...pending].slice(0, FOLLOWED_AT_ONCE_MAX);
        if (!(await subscribeSome(some))) return;
      }
    };
    subscribing ??= all().finally(() => {
      subscribing = null;
    });
    return subscribing;
  };

  const remember = (events: readonly unknown[], now_s: number): void => {
    for (const event of events) {
      const told = WialonEvent.safeParse(event);
      if (!told.success) continue;
      const { i, t, d } = told.data;
      const message = t === 'm' ? messageIn(d) : null;
      const connected = t === 'u' ? connectionIn(d) : null;
      if (message && !isFromFuture(message, now_s)) memory.heard(i, message);
      if (connected !== null) memory.connection(i, connected);
    }
  };
  const poll = async (): Promise<boolean> => {
    if (pending.size > 0) await subscribe();
    const begun_ms = clock.now_ms();
    const outcome = await call('avl_evts', {});
    const told = Events.safeParse(outcome.kind === 'done' ? outcome.body : null);
    if (!told.success) {
      session.forget();
      return false;
    }
    offsets_ms = [...offsets_ms, told.data.tm * MS_PER_S - clock.now_ms()].slice(-OFFSETS_MAX);
    remember(told.data.events, told.data.tm);
    heard_ms = begun_ms;
    return true;
  };
  const run = async (): Promise<void> => {
    while (!isClosed) {
      failures = (await poll()) ? 0 : failures + 1;
      const pause_ms = Math.min(FAILED_PAUSE_MAX_MS, POLL_EVERY_MS * 2 ** Math.min(failures, 8));
      await new Promise<void>((resolve) => {
        const cancel = clock.after(pause_ms, resolve);
        cancelPause = () => {
          cancel();
          resolve();
        };
      });
    }
  };
  void run();

  return {
    follow: (unit) => {
      if (followed.has(unit)) return Promise.resolve();
      const [oldest] = followed;
      if (followed.size + pending.size >= UNITS_MAX && oldest !== undefined)
        followed.delete(oldest);
      pending.add(unit);
      return subscribe();
    },
    heard_ms: () => heard_ms,
    ahead_ms,
    close: () => {
      isClosed = true;
      cancelPause();
    },
  };
};
