import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { LedgerFact } from '#domain/events.ts';
import { CommandId, type ParkId } from '#domain/kernel/ids.ts';
import type { Instant, Zone } from '#domain/kernel/instant.ts';
import type { Aggregate } from './aggregate.ts';
import { type Done, type HandleFailure, handle } from './handle.ts';
import { deriveUuid } from './identity.ts';
import { type Loaded, readOn, unread } from './load.ts';
import type { Origin } from './origin.ts';
import type { ClaimHash, EventStore, Unavailable, Vault } from './ports.ts';
import type { StateCache } from './stateCache.ts';

/** The caller may not act here; told as if there were nothing here. */
export interface OutsideScope {
  readonly code: 'OutsideScope';
}

/** A request of some caller: where it comes from, and the parks it may act in. */
export interface Request {
  readonly origin: Origin;
  readonly mayActIn: (park: ParkId) => boolean;
}

/** What every use case works with. */
export interface Workspace {
  readonly store: EventStore;
  readonly vault: Vault;
  readonly claimHash: ClaimHash;
  /** The stream of an aggregate, folded to its end. */
  readonly load: <C, E, S, R>(
    aggregate: Aggregate<C, E, S, R>,
  ) => Promise<Either<Unavailable, Loaded<S>>>;
  readonly submit: ReturnType<typeof handle>;
  readonly now: () => Instant;
  /** The zone of what belongs to no park. */
  readonly platformZone: Zone;
}

interface Deps {
  readonly store: EventStore;
  readonly vault: Vault;
  readonly claimHash: ClaimHash;
  readonly cache: StateCache;
  readonly now: () => Instant;
  readonly platformZone: Zone;
  readonly observeConflict: () => void;
}

/** Puts the parts of the write side together. */
export const workspace = (deps: Deps): Workspace => {
  const { store, vault, claimHash, cache, now, platformZone } = deps;
  const read = readOn(store);
  return {
    store,
    vault,
    claimHash,
    now,
    platformZone,
    submit: handle(deps),
    load: async (aggregate) => {
      const key = aggregate.streamOf(aggregate.decider.initial);
      const page = await read(aggregate, cache.get(key, unread(aggregate)));
      if (!isLeft(page)) cache.put(key, page.right);
      return page;
    },
  };
};

/** A command with the id of the thing it made or changed. */
export type Outcome<Id extends string, Refusal> = Promise<
  Either<Refusal | HandleFailure | OutsideScope, Done & { readonly id: Id }>
>;

/** Lets a caller through to a park, or says that there is nothing there. */
export const scope =
  ({ mayActIn }: Pick<Request, 'mayActIn'>) =>
  (park: ParkId): Either<OutsideScope, null> =>
    mayActIn(park) ? right(null) : left({ code: 'OutsideScope' });

/** For what has been let through already, or what the ledger does of its own accord. */
export const everywhere = (): Either<never, null> => right(null);

/** A request that follows from another: a command of its own, the same on every retry. */
export const followUp = (origin: Origin, ...step: readonly string[]): Origin => ({
  ...origin,
  command: CommandId.parse(deriveUuid('follow-up', origin.command, ...step)),
});

interface Step<C, E, S, R> {
  readonly origin: Origin;
  readonly aggregate: Aggregate<C, E, S, R>;
  readonly command: NoInfer<C>;
  readonly authorize: (state: S) => Either<OutsideScope, unknown>;
}

/** Submits a command and adds the id that the answer speaks of. */
export const submitAs =
  ({ submit }: Workspace) =>
  <Id extends string, C, E extends LedgerFact, S, R>(id: Id, step: Step<C, E, S, R>) =>
  async (): Outcome<Id, R> => {
    const done: TaskEither<R | OutsideScope | HandleFailure, Done> = submit(step);
    const result = await done();
    return isLeft(result) ? result : right({ ...result.right, id });
  };
