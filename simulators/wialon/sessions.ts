import type { Clock } from '#ingest/clock.ts';

/** Something that happened, as `avl_evts` tells it: `m` a message, `u` a change of the unit. */
export interface WialonEvent {
  readonly i: number;
  readonly t: 'm' | 'u';
  readonly d: unknown;
}

/** A session: whose it is, what it wants to hear of which unit, and what it has not been told yet. */
export interface Session {
  readonly sid: string;
  readonly user: number;
  readonly follows: Map<number, number>;
  used_ms: number;
  events: WialonEvent[];
  running: number;
  isLoading: boolean;
  polls_ms: number[];
}

/**
 * How often somebody went beyond what is allowed: requests at once in a session, `avl_evts` in ten seconds,
 * heavy requests at once, logins in a minute.
 */
export interface Violations {
  running: number;
  polls: number;
  heavy: number;
  logins: number;
}

/** Bounds of Wialon. Source: its documentation of the remote API, "Limitations". */
export const SESSION_LIMITS = {
  running_max: 10,
  polls_max: 10,
  polls_ms: 10_000,
  logins_max: 120,
  failed_max: 10,
  logins_ms: 60_000,
  sessions_max: 100,
} as const;
const EVENTS_MAX = 10_000;
const SID_DIGITS = 32;

/** What a session hears of a unit, as bits of the flags it subscribed to. */
export const FOLLOWS = { messages: 0x20 | 0x400, connection: 0x200000 } as const;

/** The sessions that there are. A session that nothing is asked of for `life_ms` is gone. */
export const sessionTable = (clock: Clock, life_ms: number) => {
  let sessions = new Map<string, Session>();
  let opened = 0;
  let logins: { readonly at_ms: number; readonly failed: boolean }[] = [];
  const violations: Violations = { running: 0, polls: 0, heavy: 0, logins: 0 };
  const isAlive = ({ used_ms }: Session): boolean => clock.now_ms() - used_ms < life_ms;

  return {
    violations,
    /** Whether one more login is allowed now, which counts as one. */
    mayLogIn: (failed: boolean): boolean => {
      const since_ms = clock.now_ms() - SESSION_LIMITS.logins_ms;
      logins = [
        ...logins.filter(({ at_ms }) => at_ms > since_ms),
        { at_ms: clock.now_ms(), failed },
      ];
      const failures = logins.filter((each) => each.failed).length;
      const isOver =
        failures > SESSION_LIMITS.failed_max ||
        logins.length - failures > SESSION_LIMITS.logins_max;
      if (isOver) violations.logins += 1;
      return !isOver;
    },
    open: (user: number): Session => {
      opened += 1;
      const sid = opened.toString(16).padStart(SID_DIGITS, '0');
      const fresh = { follows: new Map(), events: [], running: 0, isLoading: false, polls_ms: [] };
      const session: Session = { sid, user, used_ms: clock.now_ms(), ...fresh };
      sessions = new Map([...sessions].filter(([, each]) => isAlive(each)));
      const [oldest] = sessions.keys();
      if (sessions.size >= SESSION_LIMITS.sessions_max && oldest) sessions.delete(oldest);
      sessions.set(sid, session);
      return session;
    },
    /** The session of that id, which lives on by being asked for; null: there is none. */
    find: (sid: string): Session | null => {
      const session = sessions.get(sid);
      if (!session || !isAlive(session)) return null;
      session.used_ms = clock.now_ms();
      return session;
    },
    drop: (sid: string): void => {
      sessions.delete(sid);
    },
    clear: (): void => {
      sessions = new Map();
    },
    /** Tells whoever follows the unit with one of these flags. */
    tell: (flags: number, event: WialonEvent): void => {
      for (const session of sessions.values()) {
        if (((session.follows.get(event.i) ?? 0) & flags) === 0) continue;
        session.events.push(event);
        if (session.events.length > EVENTS_MAX) session.events.shift();
      }
    },
    /** Whether `avl_evts` may be asked now, which counts as asking. */
    mayPoll: (session: Session): boolean => {
      const since_ms = clock.now_ms() - SESSION_LIMITS.polls_ms;
      session.polls_ms = [
        ...session.polls_ms.filter((at_ms) => at_ms > since_ms),
        clock.now_ms(),
      ].slice(-2 * SESSION_LIMITS.polls_max);
      const isOver = session.polls_ms.length > SESSION_LIMITS.polls_max;
      if (isOver) violations.polls += 1;
      return !isOver;
    },
  };
};
export type SessionTable = ReturnType<typeof sessionTable>;
