import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { ISql } from 'postgres';
import { z } from 'zod';
import { Digest } from '#domain/kernel/ids.ts';
import { digestText } from './digest.ts';
import { codeOf, type Generation, generationsIn, storedGeneration } from './generations.ts';
import type { Database } from './ports.ts';

const UNANNOUNCED_MAX = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** The data of the ReadModelSwitched that is to be appended to the log. */
export interface Switched {
  readonly readModel: string;
  readonly version: number;
  readonly generation: number;
  readonly digest: Digest;
}

/** Why readers were not switched: try again soon, or the table says other things than the one they have. */
export type NotSwitched =
  | { readonly code: 'not_yet' }
  | { readonly code: 'differs_from_live'; readonly live: Digest; readonly rebuilt: Digest };

/**
 * How the two tables have to stand to each other. `reach` brings the new one to a position while the old one
 * waits.
 */
export interface SwitchTerms {
  readonly mustEqualLive: boolean;
  readonly reach: (position: bigint) => Promise<boolean>;
}

const notYet = left({ code: 'not_yet' } as const);

const recordSwitch = async (
  tx: ISql<{ bigint: bigint }>,
  { name, version, generation }: Generation,
  { position, digest }: { readonly position: bigint; readonly digest: Digest },
): Promise<void> => {
  await tx`update read_models set state = 'retired' where name = ${name} and state = 'live'`;
  await tx`update read_models set state = 'live' where name = ${name} and generation = ${generation}`;
  // Whoever still writes to the old table, or to the new one as its builder, finds that it has been
  // overtaken.
  await tx`update read_model_checkpoints set stamp = gen_random_uuid() where name = ${name}`;
  await tx`
    insert into read_model_views (name, generation, version, position, digest)
    values (${name}, ${generation}, ${version}, ${position}, ${digest})
    on conflict (name) do update
       set generation = excluded.generation, version = excluded.version, position = excluded.position,
           digest = excluded.digest, switched_at = clock_timestamp(), announced_at = null`;
};

/**
 * Shows readers the table of a rebuilt generation, in one transaction that holds the live checkpoint, so
 * that the runner waits and then finds itself overtaken. The pool needs a second connection for `reach`.
 */
export const switchTable = async (
  sql: Database,
  built: Generation,
  { mustEqualLive, reach }: SwitchTerms,
): Promise<Either<NotSwitched, Switched>> => {
  const { name, version, generation } = built;
  try {
    return await sql.begin(async (tx) => {
      await tx`set local lock_timeout = '3s'`;
      const before = (await generationsIn(tx, { state: 'live', name }))[0];
      const live = before && (await storedGeneration(tx, { ...before.generation, lock: true }));
      if (before && !live) return notYet;
      if (live && !(await reach(live.checkpoint.position))) return notYet;
      const ready = await storedGeneration(tx, { name, generation, lock: true });
      if (!ready) return notYet;
      const { position, digest } = ready.checkpoint;
      const rebuilt = digestText(digest);
      if (live && mustEqualLive) {
        if (live.checkpoint.position !== position) return notYet;
        const shown = digestText(live.checkpoint.digest);
        if (shown !== rebuilt) {
          return left({ code: 'differs_from_live', live: shown, rebuilt } as const);
        }
      }
      if (live && live.checkpoint.position > position) return notYet;
      await recordSwitch(tx, built, { position, digest: rebuilt });
      await tx`select show_read_model(${name}, ${built.table})`;
      return right({ readModel: name, version, generation, digest: rebuilt });
    });
  } catch (error) {
    if (codeOf(error) === LOCK_NOT_AVAILABLE) return notYet;
    throw error;
  }
};

const Unannounced = z.array(
  z.object({ readModel: z.string(), version: z.int(), generation: z.int(), digest: Digest }),
);

/**
 * Has every switch told to the log that has not been: after a switch, and when the process starts, should
 * it have stopped in between. `announce` appends a ReadModelSwitched and answers whether that worked; the
 * same switch may be announced twice, so its event has to have an id that follows from its data. Answers
 * whether all is told.
 */
export const announceSwitches =
  (sql: Database, announce: (switched: Switched) => Promise<boolean>) =>
  async (): Promise<boolean> => {
    const pending = Unannounced.parse(
      await sql`
        select name as "readModel", version, generation, digest from read_model_views
         where announced_at is null order by switched_at limit ${UNANNOUNCED_MAX}`,
    );
    let all = true;
    for (const switched of pending) {
      const { readModel, generation } = switched;
      if (await announce(switched)) {
        await sql`
          update read_model_views set announced_at = clock_timestamp()
           where name = ${readModel} and generation = ${generation}`;
      } else all = false;
    }
    return all;
  };
