import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { FaultKind, Faults } from './faults.ts';
import { secondsOf } from './message.ts';
import { callBatch, callService, ERRORS, errorOf, logIn, type World } from './services.ts';
import { SESSION_LIMITS, type Session } from './sessions.ts';

/** A call as it came: which service, of which session, with which parameters. */
export interface Call {
  readonly service: string;
  readonly sid: string;
  readonly params: unknown;
}

/** What the caller gets: an answer, now or late, a bare HTTP status, text that is none, or a reset. */
export type Reply =
  | { readonly kind: 'answer'; readonly body: unknown; readonly late: boolean }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'reset' };

/** What calls are answered with. `service_ms`: how long one takes. */
export interface CallParts {
  readonly world: World;
  readonly faults: Faults;
  readonly service_ms: number;
  /** How often each service was asked for. */
  readonly counts: Map<string, number>;
}

const HEAVY = 'messages/load_last';
const POLL = 'avl_evts';
const BEFORE: ReadonlySet<FaultKind> = new Set([
  'reset_before',
  'http_500',
  'error',
  'session_expired',
]);
const AFTER: ReadonlySet<FaultKind> = new Set([
  'reset_after',
  'answer_late',
  'answer_unreadable',
  'http_502_after',
]);
const About = z.object({ itemId: z.int() });

const answer = (body: unknown, late = false): Reply => ({ kind: 'answer', body, late });

const poll = ({ sessions, clock }: World, session: Session): unknown => {
  if (!sessions.mayPoll(session)) return errorOf(ERRORS.concurrent);
  const { events } = session;
  session.events = [];
  return { tm: secondsOf(clock.now_ms()), events };
};

const carryOut = (world: World, session: Session, { service, params }: Call): unknown => {
  if (service === POLL) return poll(world, session);
  if (service === 'core/batch') return callBatch(world, session, params);
  return callService(world, session, service, params);
};

/** Carries a call out within the limits of its session; what goes beyond them is turned away, and counted. */
const withinLimits = async (
  { world, service_ms }: CallParts,
  session: Session,
  call: Call,
): Promise<unknown> => {
  const { violations } = world.sessions;
  if (session.running >= SESSION_LIMITS.running_max) {
    violations.running += 1;
    return errorOf(ERRORS.concurrent);
  }
  const isHeavy = call.service === HEAVY;
  if (isHeavy && session.isLoading) {
    violations.heavy += 1;
    return errorOf(ERRORS.busy);
  }
  session.running += 1;
  session.isLoading ||= isHeavy;
  if (service_ms > 0) await sleep(service_ms);
  const body = carryOut(world, session, call);
  session.running -= 1;
  if (isHeavy) session.isLoading = false;
  return body;
};

const inSession = async (parts: CallParts, call: Call): Promise<unknown> => {
  if (call.service === 'token/login') return logIn(parts.world, call.params);
  const session = parts.world.sessions.find(call.sid);
  return session === null ? errorOf(ERRORS.session) : withinLimits(parts, session, call);
};

/** Answers a call, or does not, as the faults that are switched on want it. */
export const answerCall = async (parts: CallParts, call: Call): Promise<Reply> => {
  const { world, faults, counts } = parts;
  counts.set(call.service, (counts.get(call.service) ?? 0) + 1);
  const about = About.safeParse(call.params);
  const moment = { service: call.service, unit: about.success ? about.data.itemId : null };
  const before = faults.strike(BEFORE, moment);
  if (before?.kind === 'reset_before') return { kind: 'reset' };
  if (before?.kind === 'http_500') return { kind: 'status', status: 500 };
  if (before?.kind === 'error') return answer(errorOf(before.code));
  if (before) world.sessions.drop(call.sid);
  const body = await inSession(parts, call);
  const after = faults.strike(AFTER, moment);
  if (after?.kind === 'reset_after') return { kind: 'reset' };
  if (after?.kind === 'http_502_after') return { kind: 'status', status: 502 };
  if (after?.kind === 'answer_unreadable') return { kind: 'unreadable' };
  return answer(body, after !== null);
};
