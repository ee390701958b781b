import { isLeft } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Account, StoredGeneration } from './generations.ts';
import { BEFORE_ALL, generationsIn } from './generations.ts';
import type { Database, EventSource } from './ports.ts';
import { isClosed, lagBehind } from './rebuildChecks.ts';

/**
 * A live read model against the end of the log. `lag_ms` is how long the first event that it has not read
 * has been in the log, `behind_events` how many it has not read, null where positions are not dense; both
 * null where the log cannot be read. `progressed_ms` is when its checkpoint last moved or its runner last
 * said that it is alive.
 */
export interface ReadModelStatus {
  readonly readModel: string;
  readonly version: number;
  readonly generation: number;
  readonly position: bigint;
  readonly head: bigint | null;
  readonly lag_ms: number | null;
  readonly behind_events: bigint | null;
  readonly haltedReason: string | null;
  readonly account: Account;
  readonly isClosed: boolean;
  readonly parkedKeys: number;
  readonly progressed_ms: number;
}

const Extra = z.array(
  z.object({
    name: z.string(),
    generation: z.int(),
    progressed_at: z.date(),
    keys: z.bigint(),
    waiting: z.bigint(),
  }),
);

const extras = async (sql: Database) => {
  const rows = Extra.parse(
    await sql`
      select c.name, c.generation, c.progressed_at,
             (select count(*) from read_model_parked_keys as k
               where k.name = c.name and k.generation = c.generation) as keys,
             (select count(*) from read_model_parked_deliveries as d
               where d.name = c.name and d.generation = c.generation) as waiting
        from read_model_checkpoints as c`,
  );
  return new Map(rows.map((row) => [`${row.name} ${row.generation}`, row]));
};

/**
 * How every live read model stands, against the real end of the log rather than what the runner believes it
 * to be. `densePositions` says that the store counts events without gaps.
 */
export const readModelStatus =
  (parts: {
    readonly sql: Database;
    readonly source: EventSource;
    readonly densePositions: boolean;
  }) =>
  async (): Promise<readonly ReadModelStatus[]> => {
    const { sql, source, densePositions } = parts;
    const [live, known, answer] = await Promise.all([
      generationsIn(sql, { state: 'live' }),
      extras(sql),
      source.head()(),
    ]);
    const head = isLeft(answer) ? null : (answer.right ?? BEFORE_ALL);
    const lags = new Map<bigint, number | null>();
    const lagOf = async (position: bigint): Promise<number | null> => {
      if (head === null) return null;
      if (position >= head) return 0;
      const lag_ms = lags.has(position)
        ? (lags.get(position) ?? null)
        : await lagBehind(source, position);
      lags.set(position, lag_ms);
      return lag_ms;
    };
    const behind = (position: bigint): bigint | null => {
      if (head === null || !densePositions) return null;
      const unread = (head > 0n ? head : 0n) - (position > 0n ? position : 0n);
      return unread > 0n ? unread : 0n;
    };
    const statusOf = async ({ generation, checkpoint, halted }: StoredGeneration) => {
      const { position, account } = checkpoint;
      const more = known.get(`${generation.name} ${generation.generation}`);
      return {
        readModel: generation.name,
        version: generation.version,
        generation: generation.generation,
        position,
        head,
        lag_ms: await lagOf(position),
        behind_events: behind(position),
        haltedReason: halted,
        account,
        isClosed: isClosed(account, Number(more?.waiting ?? 0n)),
        parkedKeys: Number(more?.keys ?? 0n),
        progressed_ms: more?.progressed_at.getTime() ?? 0,
      };
    };
    const statuses: ReadModelStatus[] = [];
    for (const each of live) statuses.push(await statusOf(each));
    return statuses;
  };
