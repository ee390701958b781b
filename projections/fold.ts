import { isLeft } from 'fp-ts/lib/Either.js';
import type { ISql } from 'postgres';
import { canonicalJson } from '#domain/kernel/canonical.ts';
import { entryText, StoredRow, shareOf, storedEntry } from './digest.ts';
import { type Follower, PARKED_KEYS_MAX, rowId, skipId } from './follower.ts';
import type { Account } from './generations.ts';
import { decoded, type LogEntry } from './logEntry.ts';
import type { ProjectedEvent } from './projection.ts';
import { type HeldRow, NO_ROW } from './rowCache.ts';
import { keysOf, reasonOf, step } from './step.ts';

/** One event for one row. */
interface Delivery {
  readonly id: string;
  readonly key: string;
  readonly event: ProjectedEvent;
  readonly entry: LogEntry;
}

/** A row as it was before the work and as it is now. */
interface Touched {
  readonly tenant: string;
  readonly key: string;
  readonly before: HeldRow;
  row: unknown;
}

/** A delivery that waits behind a failure; `reason` where it is the failure itself. */
export interface Waiting {
  readonly tenant: string;
  readonly key: string;
  readonly event: ProjectedEvent;
  readonly entry: LogEntry;
  readonly reason: string | null;
}

/** What folding some events has come to so far, none of it written yet. */
export interface Work {
  position: bigint;
  recorded_ms: number;
  events: number;
  account: Account;
  halted: string | null;
  readonly touched: Map<string, Touched>;
  readonly waiting: Waiting[];
  readonly parkedNow: Set<string>;
}

/** Work that begins where the follower stands. */
export const newWork = ({ checkpoint }: Follower): Work => ({
  position: checkpoint.position,
  recorded_ms: checkpoint.recorded_ms,
  events: 0,
  account: checkpoint.account,
  halted: null,
  touched: new Map(),
  waiting: [],
  parkedNow: new Set(),
});

const counted = (account: Account, ended: Partial<Account>): Account => ({
  handled: account.handled + (ended.handled ?? 0),
  ignored: account.ignored + (ended.ignored ?? 0),
  parked: account.parked + (ended.parked ?? 0),
  read: account.read + (ended.read ?? 0),
});

const decodedOrWhy = (entry: LogEntry): ProjectedEvent | string => {
  try {
    return decoded(entry);
  } catch (error) {
    return reasonOf(error);
  }
};

/**
 * Who gets what of the entries behind the work's position. Stops, halted, at an event that cannot be
 * decoded or keyed; the work's position then is that of the event before it.
 */
const route = (
  { projection, handles }: Follower,
  work: Work,
  entries: readonly LogEntry[],
): readonly Delivery[] => {
  const deliveries: Delivery[] = [];
  let ignored = 0;
  for (const entry of entries) {
    const { position, type } = entry.record;
    if (position <= work.position) continue;
    if (handles !== 'all' && !handles.has(type)) ignored += 1;
    else {
      const event = decodedOrWhy(entry);
      const keys = typeof event === 'string' ? null : keysOf(projection, event);
      if (typeof event === 'string' || keys === null || isLeft(keys)) {
        const why = typeof event === 'string' ? event : keys && isLeft(keys) ? keys.left : '';
        work.halted = `at position ${position}: ${why}`;
        break;
      }
      if (keys.right.length === 0) ignored += 1;
      for (const key of keys.right) {
        deliveries.push({ id: rowId(event.tenant, key), key, event, entry });
      }
    }
    work.position = position;
    work.recorded_ms = entry.recorded_ms;
    work.events += 1;
  }
  work.account = counted(work.account, { ignored, read: ignored + deliveries.length });
  return deliveries;
};

/** A row that was read from a table, with its share of the digest. */
export const heldRow = (stored: StoredRow): HeldRow => ({
  row: JSON.parse(stored.row),
  share: shareOf(storedEntry(stored)),
  chars: stored.row.length,
});

/**
 * Takes the rows that deliveries touch to hand: from memory, else from the table in one statement, once the
 * writes under way, which may hold them, are over.
 */
const touchRows = async (
  sql: ISql<{ bigint: bigint }>,
  follower: Follower,
  work: Work,
  deliveries: readonly Delivery[],
): Promise<void> => {
  const { touched } = work;
  const missing = new Map<string, { readonly tenant: string; readonly key: string }>();
  for (const { id, key, event } of deliveries) {
    if (touched.has(id) || missing.has(id)) continue;
    const { tenant } = event;
    const before = follower.rows.get(id) ?? (follower.rows.isNew(id) ? NO_ROW : null);
    if (before) touched.set(id, { tenant, key, before, row: before.row });
    else missing.set(id, { tenant, key });
  }
  if (missing.size === 0) return;
  await follower.written;
  const rows = [...missing.values()];
  const found = StoredRow.array().parse(
    await sql`
      select t.tenant, t.key, t.row::text as row
        from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.key)}::text[])
             as wanted(tenant, key)
        join ${sql(follower.generation.table)} as t using (tenant, key)`,
  );
  const held = new Map(found.map((row) => [rowId(row.tenant, row.key), heldRow(row)]));
  for (const [id, { tenant, key }] of missing) {
    const before = held.get(id) ?? NO_ROW;
    touched.set(id, { tenant, key, before, row: before.row });
  }
};

const deliver = (follower: Follower, work: Work, delivery: Delivery): keyof Account => {
  const { id, key, event, entry } = delivery;
  const { tenant } = event;
  if (follower.parked.has(id) || work.parkedNow.has(id)) {
    work.waiting.push({ tenant, key, event, entry, reason: null });
    return 'parked';
  }
  const touched = work.touched.get(id);
  if (!touched) throw new Error('a row is folded that was not taken to hand');
  const next = step(follower.projection, { row: touched.row, event, key });
  if (isLeft(next)) {
    if (follower.skips.has(skipId(id, event.id))) return 'ignored';
    work.parkedNow.add(id);
    work.waiting.push({ tenant, key, event, entry, reason: next.left });
    return 'parked';
  }
  touched.row = next.right;
  return 'handled';
};

/**
 * Folds entries of the log into the work. Nothing is written; what lies behind the work's position is passed
 * over.
 */
export const foldEntries =
  (sql: ISql<{ bigint: bigint }>) =>
  async (follower: Follower, work: Work, entries: readonly LogEntry[]): Promise<void> => {
    const deliveries = route(follower, work, entries);
    if (deliveries.length === 0) return;
    await touchRows(sql, follower, work, deliveries);
    const ended = { handled: 0, ignored: 0, parked: 0, read: 0 };
    for (const delivery of deliveries) ended[deliver(follower, work, delivery)] += 1;
    work.account = counted(work.account, ended);
    if (follower.parked.size + work.parkedNow.size <= PARKED_KEYS_MAX) return;
    const halted = `more than ${PARKED_KEYS_MAX} rows would be parked`;
    Object.assign(work, newWork(follower), { halted });
  };

/** A row after some work: its canonical text, null where the row goes, before and after. */
export interface RowChange {
  readonly id: string;
  readonly tenant: string;
  readonly key: string;
  readonly text: string | null;
  readonly before: HeldRow;
  readonly after: HeldRow;
}

/** The rows that the work has changed; those that came out as they went in are left out. */
export const rowChanges = (work: Work): readonly RowChange[] => {
  const changes: RowChange[] = [];
  for (const [id, { tenant, key, before, row }] of work.touched) {
    if (row === before.row) continue;
    if (row === null) {
      changes.push({ id, tenant, key, text: null, before, after: NO_ROW });
      continue;
    }
    const text = canonicalJson(row);
    const share = shareOf(entryText({ tenant, key, row: text }));
    if (share === before.share) continue;
    const after = { row, share, chars: text.length };
    changes.push({ id, tenant, key, text, before, after });
  }
  return changes;
};
