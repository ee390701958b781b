import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { type Digest, Tenant } from '#domain/kernel/ids.ts';
import {
  digestText,
  type StoredRow,
  shareOf,
  storedEntry,
  tableRows,
  withShares,
} from './digest.ts';
import { FILL_ROOM, type Filled, fill } from './fill.ts';
import { type Follower, takeUp } from './follower.ts';
import {
  type Account,
  createGeneration,
  dropGeneration,
  type Generation,
  generationsIn,
  storedGeneration,
} from './generations.ts';
import type { Database, EventSource } from './ports.ts';
import { type Progress, progressMeter } from './progress.ts';
import type { AnyProjection } from './projection.ts';

const DIFFERING_ROWS_MAX = 100;
const LEFT_OVER_MS = 6 * 3_600_000;

/** What a verification works with. */
export interface VerifyParts {
  /** Needs two connections at least. */
  readonly sql: Database;
  readonly source: EventSource;
  readonly progress?: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** One of the two tables: `kept` is the digest of its checkpoint, `recomputed` that of its rows. */
interface VerifiedTable {
  readonly rows: number;
  readonly kept: Digest;
  readonly recomputed: Digest;
  readonly account: Account;
}

/** How a row differs: it says other things, the log knows no such row, or the table lacks it. */
interface DifferingRow {
  readonly tenant: Tenant;
  readonly key: string;
  readonly difference: 'other' | 'not_in_log' | 'missing';
}

/**
 * What a verification found at `position`. `differing` lists at most 100 rows, `differingRows` counts them
 * all.
 */
export interface Verified {
  readonly readModel: string;
  readonly version: number;
  readonly generation: number;
  readonly position: bigint;
  readonly live: VerifiedTable;
  readonly fresh: VerifiedTable;
  readonly differing: readonly DifferingRow[];
  readonly differingRows: number;
  readonly isFaithful: boolean;
}

/** Why nothing could be verified. `no_live_table`: readers have another version than the code's, or none. */
export type VerifyRefused =
  | Exclude<Filled, { readonly code: 'reached' }>
  | { readonly code: 'no_live_table' };

type Snapshot = Parameters<typeof tableRows>[0];

interface Comparison {
  readonly live: { digest: bigint; rows: number };
  readonly fresh: { digest: bigint; rows: number };
  readonly differing: DifferingRow[];
  differingRows: number;
}

const rowName = ({ tenant, key }: StoredRow): string => `${tenant} ${key}`;

const noteRow = (
  comparison: Comparison,
  { tenant, key }: StoredRow,
  difference: DifferingRow['difference'],
): void => {
  comparison.differingRows += 1;
  if (comparison.differing.length >= DIFFERING_ROWS_MAX) return;
  comparison.differing.push({ tenant: Tenant.parse(tenant), key, difference });
};

const counted = (side: Comparison['live'], row: StoredRow): bigint => {
  const share = shareOf(storedEntry(row));
  side.digest = withShares(side.digest, { removed: 0n, added: share });
  side.rows += 1;
  return share;
};

/** Compares a page of the live table with all that the fresh one has in the same stretch. */
const compareStretch = async (
  comparison: Comparison,
  live: readonly StoredRow[],
  fresh: AsyncIterable<readonly StoredRow[]>,
): Promise<void> => {
  const shares = new Map(live.map((row) => [rowName(row), counted(comparison.live, row)]));
  const known = new Set<string>();
  for await (const page of fresh) {
    for (const row of page) {
      const share = counted(comparison.fresh, row);
      const shown = shares.get(rowName(row));
      if (shown === undefined) noteRow(comparison, row, 'missing');
      else if (shown !== share) noteRow(comparison, row, 'other');
      if (shown !== undefined) known.add(rowName(row));
    }
  }
  for (const row of live) if (!known.has(rowName(row))) noteRow(comparison, row, 'not_in_log');
};

const compareTables = async (
  snapshot: Snapshot,
  sql: Database,
  tables: { readonly live: string; readonly fresh: string },
): Promise<Comparison> => {
  const comparison: Comparison = {
    live: { digest: 0n, rows: 0 },
    fresh: { digest: 0n, rows: 0 },
    differing: [],
    differingRows: 0,
  };
  let after: StoredRow | null = null;
  for await (const page of tableRows(snapshot, tables.live)) {
    const through: StoredRow | null = page.at(-1) ?? null;
    await compareStretch(comparison, page, tableRows(sql, tables.fresh, { after, through }));
    after = through;
  }
  await compareStretch(comparison, [], tableRows(sql, tables.fresh, { after, through: null }));
  return comparison;
};

const verifiedTable = (
  { digest, rows }: Comparison['live'],
  checkpoint: { readonly digest: bigint; readonly account: Account },
): VerifiedTable => ({
  rows,
  kept: digestText(checkpoint.digest),
  recomputed: digestText(digest),
  account: checkpoint.account,
});

const sameAccount = (one: Account, other: Account): boolean =>
  one.handled === other.handled &&
  one.ignored === other.ignored &&
  one.parked === other.parked &&
  one.read === other.read;

/**
 * Compares in one snapshot of the live table, to whose checkpoint the fresh table is brought while it is
 * held.
 */
const compareAtCheckpoint = (
  parts: VerifyParts,
  live: Generation,
  follower: Follower,
): Promise<Either<VerifyRefused, Verified>> =>
  parts.sql.begin('isolation level repeatable read read only', async (snapshot) => {
    const shown = await storedGeneration(snapshot, live);
    if (!shown) return left({ code: 'no_live_table' } as const);
    const { position } = shown.checkpoint;
    const filled = await fill(parts)(follower, position);
    if (filled.code !== 'reached') return left(filled);
    const tables = { live: live.table, fresh: follower.generation.table };
    const { differing, differingRows, ...sums } = await compareTables(snapshot, parts.sql, tables);
    const shownTable = verifiedTable(sums.live, shown.checkpoint);
    const fresh = verifiedTable(sums.fresh, follower.checkpoint);
    const isFaithful =
      differingRows === 0 &&
      shownTable.kept === fresh.kept &&
      shownTable.recomputed === fresh.recomputed &&
      fresh.kept === fresh.recomputed &&
      sameAccount(shownTable.account, fresh.account);
    const { name: readModel, version, generation } = live;
    const found = { live: shownTable, fresh, differing, differingRows, isFaithful };
    return right({ readModel, version, generation, position, ...found });
  });

const Old = z.array(z.object({ generation: z.int() }));

/** Drops what a verification that was killed has left behind. */
const sweepScratch = async (sql: Database, name: string): Promise<void> => {
  const old = Old.parse(
    await sql`
      select generation from read_models where name = ${name} and state = 'scratch'
         and created_at < clock_timestamp() - ${LEFT_OVER_MS} * interval '1 millisecond'`,
  );
  for (const { generation } of old) {
    const stored = await storedGeneration(sql, { name, generation });
    if (stored) await dropGeneration(sql, stored.generation);
  }
};

/**
 * Holds a live read model against the log: folds the log anew into a scratch table, to exactly the live
 * checkpoint, and compares row for row, digest and account. Changes nothing that readers see.
 */
export const verify =
  (parts: VerifyParts) =>
  async (projection: AnyProjection): Promise<Either<VerifyRefused, Verified>> => {
    const { sql, source, progress } = parts;
    const { name, version } = projection;
    const live = (await generationsIn(sql, { state: 'live', name }))[0];
    if (live?.generation.version !== version) return left({ code: 'no_live_table' });
    await sweepScratch(sql, name);
    const scratch = await createGeneration(sql, projection, 'scratch');
    try {
      const stored = await storedGeneration(sql, scratch);
      if (!stored) throw new Error(`generation ${scratch.generation} of ${name} is gone`);
      const follower = await takeUp(sql, FILL_ROOM)(projection, stored);
      const meter = await progressMeter(source, follower.checkpoint.position, progress);
      const metered = { ...parts, read: meter.read };
      const filled = await fill(metered)(follower, live.checkpoint.position);
      if (filled.code !== 'reached') return left(filled);
      const { position } =
        (await storedGeneration(sql, live.generation))?.checkpoint ?? live.checkpoint;
      const again = await fill(metered)(follower, position);
      if (again.code !== 'reached') return left(again);
      return await compareAtCheckpoint(parts, live.generation, follower);
    } finally {
      await dropGeneration(sql, scratch);
    }
  };
