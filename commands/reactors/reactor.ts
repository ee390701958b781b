import { setTimeout as sleep } from 'node:timers/promises';
import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { digestOf } from '#commands/digest.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { Origin } from '#commands/origin.ts';
import type { EventBatch, EventStore, RecordedEvent, Unavailable } from '#commands/ports.ts';
import type { Request } from '#commands/workspace.ts';
import { decodeFact, type LedgerFact } from '#domain/events.ts';
import { type LedgerEvent, parseEvent } from '#domain/kernel/event.ts';
import { ActorId, CommandId } from '#domain/kernel/ids.ts';

const RETRY_DELAY_MS = 500;
const RETRY_DELAY_MAX_MS = 30_000;

/** How far each reactor has acted, kept where it survives a restart. */
export interface ReactorMarks {
  readonly read: (reactor: string) => TaskEither<Unavailable, bigint | null>;
  /** Moves a mark on; never back. */
  readonly write: (reactor: string, position: bigint) => TaskEither<Unavailable, null>;
}

/** An event as a reactor sees it. */
export interface Stimulus {
  readonly event: LedgerEvent;
  readonly fact: LedgerFact;
  readonly position: bigint;
}

/**
 * Something that acts when the log says so. What it does must be the same command each time it sees the
 * same event: after a crash it sees some again. A Left means that it could not act now and must see the
 * event again.
 */
export interface Reactor {
  readonly name: string;
  readonly handles: readonly LedgerFact['type'][];
  /** How many events may be acted on side by side, where their order does not matter; otherwise one. */
  readonly atOnce_max?: number;
  readonly react: (stimulus: Stimulus) => Promise<Either<{ readonly code: string }, unknown>>;
}

/** The actor in whose name reactors act. */
const reactorActor = {
  kind: 'system',
  id: ActorId.parse(deriveUuid('actor', 'reactor')),
  role: 'reactor',
} as const;

/** The request that a reaction makes: caused by the event, and the same however often it is made. */
export const reactionTo = (
  { event }: Stimulus,
  reactor: string,
  ...step: readonly string[]
): Request => {
  const origin: Origin = {
    tenant: event.tenant,
    actor: reactorActor,
    command: CommandId.parse(deriveUuid('reaction', reactor, event.id, ...step)),
    content: digestOf({ basis: event.id }),
    correlationId: event.correlationId,
    causationId: event.id,
  };
  return { origin, mayActIn: () => true };
};

interface Deps {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly marks: ReactorMarks;
  /** Told of what a reaction could not do yet. */
  readonly observeFailure: (failure: { reactor: string; code: string; event: string }) => void;
}

/** Codes that say "not now". Any other refusal is the domain's last word, and the reactor goes on. */
const PASSING = new Set(['Unavailable', 'Unknown', 'TooManyConflicts', 'Behind']);

/** Follows the log for a reactor until `signal` fires: from its mark on, each event once it was acted on. */
export const runReactor =
  ({ store, marks, observeFailure }: Deps) =>
  async (reactor: Reactor, signal: AbortSignal): Promise<void> => {
    const persist = async <T>(
      attempt: () => Promise<Either<{ code: string }, T>>,
      event: string,
    ) => {
      let delay_ms = RETRY_DELAY_MS;
      while (!signal.aborted) {
        const result = await attempt();
        if (!isLeft(result)) return result.right;
        const { code } = result.left;
        observeFailure({ reactor: reactor.name, code, event });
        if (!PASSING.has(code)) return null;
        await sleep(delay_ms, undefined, { signal }).catch(() => {});
        delay_ms = Math.min(delay_ms * 2, RETRY_DELAY_MAX_MS);
      }
      return null;
    };
    const handled = new Set<string>(reactor.handles);
    const actOnOne = async (record: RecordedEvent): Promise<void> => {
      const event = parseEvent(record.text);
      const stimulus = { event, fact: decodeFact(event), position: record.position };
      await persist(() => reactor.react(stimulus), event.id);
    };
    const actOn = async ({ events }: EventBatch): Promise<void> => {
      const { atOnce_max = 1 } = reactor;
      const wanted = events.filter(({ type }) => handled.has(type));
      for (let from = 0; from < wanted.length && !signal.aborted; from += atOnce_max) {
        await Promise.all(wanted.slice(from, from + atOnce_max).map(actOnOne));
      }
    };
    const after = await persist(marks.read(reactor.name), 'mark');
    for await (const batch of store.subscribe({ after, signal })) {
      await actOn(batch);
      const last = batch.events.at(-1)?.position;
      if (signal.aborted) return;
      if (last !== undefined) await persist(marks.write(reactor.name, last), 'mark');
    }
  };
