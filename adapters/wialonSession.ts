import type { Clock } from '#ingest/clock.ts';
import { slots } from './slots.ts';
import { errorIn, LoggedIn } from './wialonAnswers.ts';
import type { Exchange, WialonHttp } from './wialonHttp.ts';

/**
 * How a call ended. `done`: `epoch` counts the logins, so that a session that began anew can be told.
 * `error`: what Wialon says of it; some codes mean that it was not carried out. `unsent`: it has not left us;
 * `code` is that of the login that was refused, null for any other reason. `unknown`: it may have been done.
 */
export type CallOutcome =
  | { readonly kind: 'done'; readonly body: unknown; readonly epoch: number }
  | { readonly kind: 'error'; readonly code: number }
  | { readonly kind: 'unsent'; readonly reason: string; readonly code: number | null }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * What is seen of the traffic with Wialon: a service and how it ended, as `done`, `error_<code>`, `unsent` or
 * `unknown`. `alarm`: the token is no longer good, and somebody has to look after it.
 */
export interface WialonSighting {
  readonly service: string;
  readonly outcome: string;
  readonly alarm: boolean;
}

/** What a session works with. */
export interface SessionParts {
  readonly http: WialonHttp;
  readonly token: string;
  readonly clock: Clock;
  readonly observe: (sighting: WialonSighting) => void;
}

/** A session of the remote API. It logs in when it has to. */
export interface WialonSession {
  /** Calls a service; it is not sent any more after `notAfter_ms` by our clock. */
  readonly call: (service: string, params: unknown, notAfter_ms: number) => Promise<CallOutcome>;
  /** How many calls run or wait. */
  readonly load: () => number;
  /** Whether Wialon asked it to go easy, for a while. */
  readonly isResting: () => boolean;
  readonly used_ms: () => number;
  /** Who we are at Wialon; null until it was told. */
  readonly user: () => number | null;
  /** Has the next call log in anew. */
  readonly forget: () => void;
}

interface Login {
  readonly sid: string;
  readonly epoch: number;
}

/** Requests at once in a session. Source: Wialon's documentation of the remote API, "Limitations". */
const RUNNING_MAX = 10;
const WAITING_MAX = 500;
const SESSION_LOST = new Set([1, 1011]);
const TOO_MUCH = new Set([10, 1003]);
const TOKEN_BAD = new Set([8, 9]);
const JITTER_MAX_MS = 250;
const REST_MIN_MS = 250;
const REST_MAX_MS = 4_000;
/** Ten failed logins in a minute close the door to our address; six sessions share it. */
const REFUSED_REST_MS = 60_000;
const POLL = 'avl_evts';

const outcomeName = (exchange: Exchange): string => {
  if (exchange.kind !== 'answered') return exchange.kind;
  const code = errorIn(exchange.body);
  if (code === null) return 'unreadable';
  return code === 0 ? 'done' : `error_${code}`;
};

/** What an exchange says of a call; what is no answer at all may have been done. */
const outcomeOf = (exchange: Exchange, { epoch }: Login): CallOutcome => {
  if (exchange.kind === 'unsent') return { ...exchange, code: null };
  if (exchange.kind === 'unknown') return exchange;
  const code = errorIn(exchange.body);
  if (code === null) return { kind: 'unknown', reason: 'unreadable' };
  return code !== 0 ? { kind: 'error', code } : { kind: 'done', body: exchange.body, epoch };
};

const isLost = (outcome: CallOutcome): boolean =>
  outcome.kind === 'error' && SESSION_LOST.has(outcome.code);

/**
 * Opens a session when the first call needs one. A session that Wialon no longer knows is opened anew, once a
 * call, and the call sent again: having been refused it was not carried out. After errors 10 and 1003 it
 * rests, each time longer.
 */
export const wialonSession = (parts: SessionParts): WialonSession => {
  const { http, token, clock } = parts;
  const places = slots(clock, { running_max: RUNNING_MAX, waiting_max: WAITING_MAX });
  let login: Login | null = null;
  let loggingIn: Promise<Login | CallOutcome> | null = null;
  let epoch = 0;
  let user: number | null = null;
  let used_ms = clock.now_ms();
  let rest = { until_ms: 0, next_ms: REST_MIN_MS };
  let refused: { readonly until_ms: number; readonly code: number } | null = null;

  const post = async (service: string, params: unknown, sid: string | null): Promise<Exchange> => {
    used_ms = clock.now_ms();
    const form = { ...(sid !== null && { sid }), params: JSON.stringify(params) };
    const path = service === POLL ? '/avl_evts' : `/wialon/ajax.html?svc=${service}`;
    const exchange = await http.post(path, form);
    const code = exchange.kind === 'answered' ? errorIn(exchange.body) : null;
    const alarm = code !== null && TOKEN_BAD.has(code);
    parts.observe({ service, outcome: outcomeName(exchange), alarm });
    return exchange;
  };

  const logIn = async (): Promise<Login | CallOutcome> => {
    const exchange = await post('token/login', { token, fl: 1 }, null);
    if (exchange.kind !== 'answered') {
      return { kind: 'unsent', reason: `login ${exchange.reason}`, code: null };
    }
    const code = errorIn(exchange.body) ?? 0;
    if (code !== 0) {
      if (TOKEN_BAD.has(code)) refused = { code, until_ms: clock.now_ms() + REFUSED_REST_MS };
      return { kind: 'unsent', reason: `login error ${code}`, code };
    }
    const told = LoggedIn.safeParse(exchange.body);
    if (!told.success) return { kind: 'unsent', reason: 'login unreadable', code: null };
    epoch += 1;
    user = told.data.user.id;
    login = { sid: told.data.eid, epoch };
    refused = null;
    return login;
  };
  const loggedIn = (): Promise<Login | CallOutcome> => {
    if (login !== null) return Promise.resolve(login);
    if (refused && clock.now_ms() < refused.until_ms) {
      const { code } = refused;
      return Promise.resolve({ kind: 'unsent', reason: `login error ${code}`, code });
    }
    loggingIn ??= logIn().finally(() => {
      loggingIn = null;
    });
    return loggingIn;
  };

  const once = async (
    service: string,
    params: unknown,
    notAfter_ms: number,
  ): Promise<{ readonly outcome: CallOutcome; readonly by: Login | null }> => {
    const by = await loggedIn();
    if ('kind' in by) return { outcome: by, by: null };
    if (clock.now_ms() > notAfter_ms) {
      return { outcome: { kind: 'unsent', reason: 'too late', code: null }, by };
    }
    return { outcome: outcomeOf(await post(service, params, by.sid), by), by };
  };

  const goEasy = (outcome: CallOutcome): void => {
    if (outcome.kind === 'error' && TOO_MUCH.has(outcome.code)) {
      const until_ms = clock.now_ms() + rest.next_ms;
      rest = { until_ms, next_ms: Math.min(REST_MAX_MS, 2 * rest.next_ms) };
    } else if (outcome.kind === 'done') rest = { until_ms: 0, next_ms: REST_MIN_MS };
  };
  const jitter = (): Promise<void> =>
    new Promise((resolve) => clock.after(Math.random() * JITTER_MAX_MS, resolve));

  const withPlace: WialonSession['call'] = async (service, params, notAfter_ms) => {
    const first = await once(service, params, notAfter_ms);
    if (!isLost(first.outcome)) return first.outcome;
    // Another call may have opened the next one meanwhile.
    if (login === first.by) login = null;
    await jitter();
    const second = await once(service, params, notAfter_ms);
    if (isLost(second.outcome) && login === second.by) login = null;
    return second.outcome;
  };

  return {
    call: async (service, params, notAfter_ms) => {
      const giveBack = await places.take(Math.max(0, notAfter_ms - clock.now_ms()));
      if (giveBack === null) return { kind: 'unsent', reason: 'busy', code: null };
      try {
        const outcome = await withPlace(service, params, notAfter_ms);
        goEasy(outcome);
        return outcome;
      } finally {
        giveBack();
      }
    },
    load: places.load,
    isResting: () => clock.now_ms() < rest.until_ms,
    used_ms: () => used_ms,
    user: () => user,
    forget: () => {
      login = null;
    },
  };
};
