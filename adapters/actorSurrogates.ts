import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { z } from 'zod';
import type { ClaimHash, Unavailable } from '#commands/ports.ts';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { boundedPool } from './boundedPool.ts';
import { leastRecentlyUsed } from './leastRecentlyUsed.ts';
import { readFailure } from './postgresFailure.ts';

const STATEMENT_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 2;
const CLOSE_TIMEOUT_S = 5;
const CACHED_MAX = 10_000;

/** Whoever logged in, as the identity provider names them. */
export interface Login {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * Random stand-ins for people: the same login has the same one for ever, and it says nothing about the
 * login.
 */
export interface ActorSurrogates {
  readonly of: (login: Login) => TaskEither<Unavailable, ActorId>;
  readonly close: () => Promise<void>;
}

interface Options {
  readonly url: string;
  readonly claimHash: ClaimHash;
  readonly cached_max?: number;
}

const Row = z.tuple([z.object({ actor: ActorId })]);

/**
 * Stand-ins kept in Postgres under a keyed hash of the login, which is in no table and no event: without
 * the key of the key store nobody can tell whether a login they know of is among them.
 */
export const actorSurrogates = (options: Options): ActorSurrogates => {
  const { url, claimHash, cached_max = CACHED_MAX } = options;
  const pool = boundedPool({
    url,
    connections_max: CONNECTIONS_MAX,
    statement_timeout_ms: STATEMENT_TIMEOUT_MS,
    application: 'ledger-actors',
  });
  const cache = leastRecentlyUsed<ActorId>(cached_max);
  const fetch = async (hash: string): Promise<ActorId> => {
    const found = await pool.run(
      (sql) => sql`select actor from actor_surrogates where subject_hash = ${hash}`,
    );
    if (found.length > 0) return Row.parse(found)[0].actor;
    // Of two that come at once the first one wins; the second one gets what the first one wrote.
    const rows = await pool.run(
      (sql) => sql`
        insert into actor_surrogates (subject_hash, actor) values (${hash}, gen_random_uuid())
            on conflict (subject_hash) do update set subject_hash = excluded.subject_hash
        returning actor`,
    );
    return Row.parse(rows)[0].actor;
  };
  return {
    of:
      ({ issuer, subject }) =>
      async (): Promise<Either<Unavailable, ActorId>> => {
        const hash = claimHash.of({ kind: 'login', value: canonicalJson([issuer, subject]) });
        const cached = cache.get(hash);
        if (cached !== undefined) return right(cached);
        try {
          const actor = await fetch(hash);
          cache.put(hash, actor);
          return right(actor);
        } catch (error) {
          return left(readFailure(error));
        }
      },
    close: () => pool.end(CLOSE_TIMEOUT_S),
  };
};
