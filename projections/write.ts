import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { digestText, withShares } from './digest.ts';
import { type RowChange, rowChanges, type Waiting, type Work } from './fold.ts';
import { type Follower, rowId } from './follower.ts';
import type { Checkpoint, Generation } from './generations.ts';
import type { Database } from './ports.ts';

const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 300_000;

/** What became of the deliveries that waited for one row when it was tried again. */
export interface Retried {
  readonly tenant: string;
  readonly key: string;
  /** The position of the last delivery that is done with, null if the first one failed again. */
  readonly through: bigint | null;
  /** Why the next one failed; null if none did. */
  readonly reason: string | null;
  readonly attempts: number;
  /** Whether nothing waits any more. */
  readonly released: boolean;
}

/**
 * All that one transaction writes for one generation. It takes effect only on top of the stamp `expected`.
 */
export interface Change {
  readonly generation: Generation;
  readonly expected: string;
  readonly next: Checkpoint;
  readonly halted: string | null;
  readonly rows: readonly RowChange[];
  readonly waiting: readonly Waiting[];
  readonly retried: Retried | null;
}

/** How long a row waits before it is tried again, doubling from 1 s to 5 min. */
const retryDelay_ms = (attempts: number): number =>
  Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempts, 30), RETRY_MAX_MS);

/** The change that folded work amounts to. */
export const changeOf = (
  { generation, checkpoint }: Follower,
  work: Work,
  retried: Retried | null = null,
): Change => {
  const rows = rowChanges(work);
  let { digest } = checkpoint;
  for (const { before, after } of rows) {
    digest = withShares(digest, { removed: before.share, added: after.share });
  }
  const { position, recorded_ms, account, halted, waiting } = work;
  return {
    generation,
    expected: checkpoint.stamp,
    next: { position, recorded_ms, digest, account, stamp: randomUUID() },
    halted,
    rows,
    waiting,
    retried,
  };
};

/** Brings a follower in memory to where a change has brought, or is about to bring, its generation. */
export const settle = (follower: Follower, change: Change): void => {
  follower.checkpoint = change.next;
  follower.halted = change.halted;
  for (const { id, after } of change.rows) follower.rows.put(id, after);
  for (const { tenant, key, reason } of change.waiting) {
    if (reason === null) continue;
    const retry_at_ms = Date.now() + retryDelay_ms(0);
    follower.parked.set(rowId(tenant, key), { tenant, key, attempts: 0, retry_at_ms });
  }
  const { retried } = change;
  if (!retried) return;
  const { tenant, key, attempts, released } = retried;
  const id = rowId(tenant, key);
  if (released) follower.parked.delete(id);
  else {
    const retry_at_ms = Date.now() + (retried.reason === null ? 0 : retryDelay_ms(attempts));
    follower.parked.set(id, { tenant, key, attempts, retry_at_ms });
  }
};

const waitingRow = ({ tenant, key, event, entry }: Waiting) => ({
  tenant,
  key,
  event: event.id,
  position: String(entry.record.position),
  type: entry.record.type,
  stream: entry.record.stream,
  revision: String(entry.record.revision),
  raw_ms: entry.record.rawTime_ms,
  recorded_ms: entry.recorded_ms,
  body: entry.record.text,
});

const parkedRow = ({ tenant, key, reason }: Waiting) => ({
  tenant,
  key,
  reason,
  delay_ms: retryDelay_ms(0),
});

const retriedRow = ({ through, ...retried }: Retried) => ({
  ...retried,
  through: through === null ? null : String(through),
  delay_ms: retried.reason === null ? 0 : retryDelay_ms(retried.attempts),
});

/** A row that a table is to hold. */
type KeptRow = RowChange & { readonly text: string };

/** A change as `write_read_models` takes it, without its rows; see migrations/0011_rows_as_lines.sql. */
const changeRow = (
  { generation, expected, next, halted, rows, waiting, retried }: Change,
  counts: { readonly rows_before: number; readonly added: number; readonly altered: number },
) => ({
  name: generation.name,
  generation: generation.generation,
  expected,
  stamp: next.stamp,
  position: String(next.position),
  recorded_ms: next.recorded_ms,
  digest: digestText(next.digest),
  ...next.account,
  halted,
  ...counts,
  gone: rows.filter(({ text }) => text === null).map(({ tenant, key }) => ({ tenant, key })),
  parkedKeys: waiting.filter(({ reason }) => reason !== null).map(parkedRow),
  deliveries: waiting.map(waitingRow),
  retried: retried && retriedRow(retried),
});

const isKept = (row: RowChange): row is KeptRow => row.text !== null;

/** Changes, and the rows of all of them: of each change first those that are new to their table. */
const inOrder = (changes: readonly Change[]) => {
  const kept: KeptRow[] = [];
  const described = changes.map((change) => {
    const rows_before = kept.length;
    const rows = change.rows.filter(isKept);
    const added = rows.filter(({ before }) => before.row === null);
    const altered = rows.filter(({ before }) => before.row !== null);
    for (const row of added) kept.push(row);
    for (const row of altered) kept.push(row);
    return changeRow(change, { rows_before, added: added.length, altered: altered.length });
  });
  return { described, kept };
};

const Written = z.tuple([z.object({ written: z.boolean() })]);

/**
 * Writes rows and checkpoints of some generations in one transaction, or nothing: `overtaken` where another
 * writer has moved one of the checkpoints. It is a single statement, see migrations/0003_projections.sql:
 * one round trip, and no transaction that the client would have to end on a connection that may be gone
 * (postgres.js 3.4.9 takes the process down when it tries; source: its issues 1208 and 1216). The commit
 * does not wait for the disk: should the server lose its last moments, rows and checkpoint go back together
 * and the log is read again from there; the stamps, random and never used twice, keep a writer that
 * remembers more than the server from building on it.
 */
export const writeChanges = async (
  sql: Database,
  changes: readonly Change[],
): Promise<'written' | 'overtaken'> => {
  const { described, kept } = inOrder(changes);
  const [{ written }] = Written.parse(
    await sql`
      select write_read_models(${JSON.stringify(described)}::text::jsonb,
                               ${kept.map(({ tenant }) => tenant).join('\n')},
                               ${kept.map(({ key }) => key).join('\n')},
                               ${kept.map(({ text }) => text).join('\n')}) as written`,
  );
  return written ? 'written' : 'overtaken';
};
