import { setTimeout as sleep } from 'node:timers/promises';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { LedgerFact } from '#domain/events.ts';
import type { EventInvalid, LedgerEvent } from '#domain/kernel/event.ts';
import { heldAt, withEntries } from '#domain/kernel/growingMap.ts';
import type { StreamName } from '#domain/kernel/streams.ts';
import type { Aggregate } from './aggregate.ts';
import { eventOf } from './eventOf.ts';
import { type Loaded, readOn, unread } from './load.ts';
import type { Origin } from './origin.ts';
import type {
  Appended,
  AppendFailure,
  AppendRequest,
  EventStore,
  Unavailable,
  Unknown,
} from './ports.ts';
import type { StateCache } from './stateCache.ts';
import { turns } from './turns.ts';

const DECIDE_ATTEMPTS_MAX = 20;
const UNKNOWN_ATTEMPTS_MAX = 8;
const UNKNOWN_DELAY_MS = 250;

/** What a command came to. Where it had been carried out before or changed nothing, `events` is empty. */
export interface Done {
  readonly stream: StreamName;
  readonly revision: bigint | null;
  readonly position: bigint | null;
  readonly events: readonly LedgerEvent[];
}

export type HandleFailure =
  | { readonly code: 'IdempotencyKeyReused' }
  | { readonly code: 'TooManyConflicts' }
  | Unavailable
  | Unknown
  | EventInvalid;

interface Deps {
  readonly store: EventStore;
  readonly cache: StateCache;
  /** Told how often an append met a conflict; for metrics. */
  readonly observeConflict: () => void;
}

interface Submission<Command, Event, State, Refusal, Forbidden> {
  readonly origin: Origin;
  readonly aggregate: Aggregate<Command, Event, State, Refusal>;
  readonly command: NoInfer<Command>;
  /** Whether who asks may ask this of what it is asked of; its refusal comes before the domain's. */
  readonly authorize: (state: State) => Either<Forbidden, unknown>;
}

/**
 * Appends; an outcome that cannot be told is settled by asking for the very same append again, a bounded
 * time.
 */
const appendForCertain = async (
  store: EventStore,
  request: AppendRequest,
): Promise<Either<AppendFailure, Appended>> => {
  let result = await store.append(request)();
  let uncertain = false;
  for (let attempt = 1; attempt < UNKNOWN_ATTEMPTS_MAX && isLeft(result); attempt += 1) {
    const { code } = result.left;
    uncertain ||= code === 'Unknown';
    if (code !== 'Unknown' && !(uncertain && code === 'Unavailable')) return result;
    await sleep(UNKNOWN_DELAY_MS * attempt);
    result = await store.append(request)();
  }
  // Once the outcome of a first try is unknown, a later "unavailable" settles nothing.
  if (isLeft(result) && result.left.code === 'Unavailable' && uncertain) {
    return left({ code: 'Unknown', detail: result.left.detail });
  }
  return result;
};

/** What is loaded, with the facts that were just appended. */
const advanced = <C, Event, State, R>(
  { decider, streamOf }: Aggregate<C, Event, State, R>,
  loaded: Loaded<State>,
  facts: readonly Event[],
  { command, content: contentHash }: Origin,
  { revision, position }: Appended,
): Loaded<State> => {
  const state = facts.reduce(decider.evolve, loaded.state);
  const next = streamOf(state);
  const { stream } = loaded;
  const trace = { contentHash, stream, revision, position };
  return {
    state,
    stream: next,
    revision: next === stream ? revision : null,
    position,
    commands: withEntries(loaded.commands, [[command, trace]]),
  };
};

/** Reads, decides and appends, and begins again where somebody else was faster. */
const carryOut = async <Command, Event extends LedgerFact, State, Refusal, Forbidden>(
  { store, cache, observeConflict }: Deps,
  submission: Submission<Command, Event, State, Refusal, Forbidden>,
  key: StreamName,
): Promise<Either<Refusal | Forbidden | HandleFailure, Done>> => {
  const { origin, aggregate, command, authorize } = submission;
  const read = readOn(store);
  let loaded: Loaded<State> = cache.get(key, unread(aggregate));
  let fresh = false;
  for (let attempt = 0; attempt < DECIDE_ATTEMPTS_MAX; attempt += 1) {
    if (attempt > 0 || loaded.revision === null) {
      const page = await read(aggregate, loaded);
      if (isLeft(page)) return page;
      loaded = page.right;
      fresh = true;
      cache.put(key, loaded);
    }
    const { state, stream, revision, position } = loaded;
    const before = heldAt(loaded.commands, origin.command);
    if (before) {
      if (before.contentHash !== origin.content) return left({ code: 'IdempotencyKeyReused' });
      return right({ ...before, events: [] });
    }
    const allowed = authorize(state);
    const decision: Either<Refusal | Forbidden, readonly Event[]> = isLeft(allowed)
      ? allowed
      : aggregate.decider.decide(command, state);
    if (isLeft(decision) || decision.right.length === 0) {
      if (!fresh) continue;
      return isLeft(decision) ? decision : right({ stream, revision, position, events: [] });
    }
    const events = decision.right.map((fact, index) => eventOf(origin, stream, fact, index));
    const expected = revision ?? 'no_stream';
    const appended = await appendForCertain(store, { stream, expected, events });
    if (isLeft(appended)) {
      if (appended.left.code !== 'Conflict') return left(appended.left);
      observeConflict();
      continue;
    }
    cache.put(key, advanced(aggregate, loaded, decision.right, origin, appended.right));
    return right({ ...appended.right, stream, events });
  }
  return left({ code: 'TooManyConflicts' });
};

/**
 * The one way in: reads the stream, answers a command that it already holds as it did then, asks whether the
 * caller may, lets the domain decide, and appends at the revision that was decided upon. A conflict is
 * decided again on what has come since. What was decided on a remembered state is only believed once the
 * store has agreed to it, or, where nothing is to be appended, once the stream has been read to its end.
 */
export const handle = (deps: Deps) => {
  const inTurn = turns();
  return <Command, Event extends LedgerFact, State, Refusal, Forbidden = never>(
    submission: Submission<Command, Event, State, Refusal, Forbidden>,
  ): TaskEither<Refusal | Forbidden | HandleFailure, Done> => {
    const { aggregate } = submission;
    const key = aggregate.streamOf(aggregate.decider.initial);
    return () => inTurn(key, () => carryOut(deps, submission, key));
  };
};
