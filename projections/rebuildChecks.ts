import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { type Digest, Tenant } from '#domain/kernel/ids.ts';
import { digestText, tableDigest } from './digest.ts';
import { type Account, BEFORE_ALL, type Generation, storedGeneration } from './generations.ts';
import type { Database, EventSource } from './ports.ts';

const NEWLY_PARKED_LISTED_MAX = 100;
const LAG_MAX_MS = 10_000;

/** Why a table may not be shown to readers. */
export type UnfitTable =
  | {
      readonly code: 'digest_differs';
      readonly readModel: string;
      readonly generation: number;
      readonly kept: Digest;
      readonly recomputed: Digest;
    }
  | { readonly code: 'account_open'; readonly account: Account; readonly waiting: number };

/** A row in which something waits that did not wait in what readers have now. */
export interface NewlyParked {
  readonly code: 'newly_parked';
  readonly rows: readonly { readonly tenant: Tenant; readonly key: string }[];
}

/** The log has gone on without the table. */
export interface Lagging {
  readonly code: 'lagging';
  readonly lag_ms: number;
}

const Count = z.tuple([z.object({ count: z.bigint() })]);

/** Whether every delivery ended somewhere, and what is said to wait does wait. */
export const isClosed = (account: Account, waiting: number): boolean =>
  account.handled + account.ignored + account.parked === account.read && account.parked === waiting;

/**
 * Whether a generation is what it claims to be: its digest is that of its rows, computed anew from one
 * snapshot, and its account of deliveries closes.
 */
export const checkTable = (
  sql: Database,
  { name, generation, table }: Generation,
): Promise<Either<UnfitTable, Digest>> =>
  sql.begin('isolation level repeatable read read only', async (tx) => {
    const stored = await storedGeneration(tx, { name, generation });
    if (!stored) throw new Error(`generation ${generation} of ${name} is gone`);
    const { account, digest } = stored.checkpoint;
    const [{ count }] = Count.parse(
      await tx`
        select count(*) as count from read_model_parked_deliveries
         where name = ${name} and generation = ${generation}`,
    );
    const waiting = Number(count);
    if (!isClosed(account, waiting))
      return left({ code: 'account_open', account, waiting } as const);
    const kept = digestText(digest);
    const recomputed = digestText((await tableDigest(tx, table)).digest);
    if (kept === recomputed) return right(kept);
    return left({ code: 'digest_differs', readModel: name, generation, kept, recomputed } as const);
  });

const ParkedRows = z.array(z.object({ tenant: Tenant, key: z.string() }));

/**
 * The rows parked in a generation and not in another (null: no other), at most 100; null where there are
 * none.
 */
export const newlyParked = async (
  sql: Database,
  { name, generation }: Generation,
  than: Generation | null,
): Promise<NewlyParked | null> => {
  const rows = ParkedRows.parse(
    await sql`
      select tenant, key from read_model_parked_keys where name = ${name} and generation = ${generation}
      except
      select tenant, key from read_model_parked_keys
       where name = ${name} and generation = ${than?.generation ?? -1}
       order by tenant, key limit ${NEWLY_PARKED_LISTED_MAX}`,
  );
  return rows.length === 0 ? null : { code: 'newly_parked', rows };
};

/**
 * How long the first event behind a position has been in the log, by the store's clock: 0 where nothing is
 * behind it, null where the log cannot be read.
 */
export const lagBehind = async (source: EventSource, position: bigint): Promise<number | null> => {
  const next = await source.readAll({
    after: position === BEFORE_ALL ? null : position,
    limit: 1,
  })();
  if (isLeft(next)) return null;
  const first = next.right[0];
  return first ? Math.max(0, Date.now() - first.rawTime_ms) : 0;
};

/** Refuses a table that is more than ten seconds behind the log. */
export const checkLag = async (source: EventSource, position: bigint): Promise<Lagging | null> => {
  const lag_ms = await lagBehind(source, position);
  if (lag_ms === null || lag_ms > LAG_MAX_MS) {
    return { code: 'lagging', lag_ms: lag_ms ?? Number.POSITIVE_INFINITY };
  }
  return null;
};
