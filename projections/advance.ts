import { foldEntries, newWork } from './fold.ts';
import { type Follower, type RowRoom, takeUp } from './follower.ts';
import { codeOf, generationsIn } from './generations.ts';
import type { LogEntry } from './logEntry.ts';
import type { Database, Observe } from './ports.ts';
import type { AnyProjection } from './projection.ts';
import { reasonOf } from './step.ts';
import { type Change, changeOf, settle, writeChanges } from './write.ts';

/** Memory for the rows of one live projection. */
const LIVE_ROOM: RowRoom = { chars_max: 4 * 1024 * 1024, filter_bytes: 0 };
const ATTEMPTS_MAX = 10;
const HALT_FIRST_MS = 1_000;
const HALT_MAX_MS = 60_000;

/**
 * Where a projection of the runner is: `following` the end of the log with the others, `catching_up` apart
 * from them, `halted` at an event that it cannot read, or `outdated`: readers see another version than the
 * code's.
 */
type Lane = 'following' | 'catching_up' | 'halted' | 'outdated';

/** A projection's place in the runner. `follower` is null where it is outdated. */
export interface Slot {
  readonly projection: AnyProjection;
  follower: Follower | null;
  lane: Lane;
  halts: number;
  retry_at_ms: number;
  progressed_ms: number;
}

/** What the runner works with. `progressed` is called whenever a checkpoint has moved. */
export interface RunnerParts {
  readonly sql: Database;
  readonly observe: Observe;
  readonly progressed: () => void;
}

/** Entries of the log that follow on a position without a gap. */
export interface Batch {
  readonly after: bigint;
  readonly entries: readonly LogEntry[];
}

/** Whether trying again may help by itself: the connection or the server, not what was asked of it. */
export const isTransient = (error: unknown): boolean => {
  const code = codeOf(error);
  return code !== '' && !/^(21|22|23|42|54|XX)[0-9A-Z]{3}$/.test(code);
};

/** Takes up the live generation of a projection, null where readers see another version. */
export const takeUpLive =
  (sql: Database) =>
  async (projection: AnyProjection): Promise<Follower | null> => {
    const live = (await generationsIn(sql, { state: 'live', name: projection.name }))[0];
    if (!live || live.generation.version !== projection.version) return null;
    return takeUp(sql, LIVE_ROOM)(projection, live);
  };

/**
 * Puts a projection aside until it is tried again, waiting from 1 s to 1 min; readers keep what they have.
 */
export const halt = (observe: Observe, slot: Slot, reason: string): void => {
  slot.lane = 'halted';
  slot.retry_at_ms = Date.now() + Math.min(HALT_FIRST_MS * 2 ** slot.halts, HALT_MAX_MS);
  slot.halts = Math.min(slot.halts + 1, 30);
  observe({ type: 'halted', readModel: slot.projection.name, reason });
};

interface Prepared {
  readonly slot: Slot;
  readonly follower: Follower;
  readonly change: Change;
  readonly events: number;
}

const prepare = async (
  sql: Database,
  slot: Slot,
  follower: Follower,
  { entries }: Batch,
): Promise<Prepared> => {
  const work = newWork(follower);
  await foldEntries(sql)(follower, work, entries);
  return { slot, follower, change: changeOf(follower, work), events: work.events };
};

/** Brings memory in line with what has been written, and tells of it. */
const conclude = (
  { observe, progressed }: RunnerParts,
  { slot, follower, change, events }: Prepared,
  { begun_ms, rawTime_ms }: { readonly begun_ms: number; readonly rawTime_ms: number },
): void => {
  settle(follower, change);
  const now_ms = Date.now();
  slot.progressed_ms = now_ms;
  const { name: readModel } = slot.projection;
  for (const { key, event, reason } of change.waiting) {
    if (reason === null) continue;
    const { id, tenant } = event;
    observe({ type: 'parked', readModel, tenant, key, event: id, reason });
  }
  if (change.halted !== null) halt(observe, slot, change.halted);
  else if (slot.halts > 0) {
    slot.halts = 0;
    observe({ type: 'resumed', readModel });
  }
  const rows = change.rows.length;
  const { position } = change.next;
  const lag_ms = Math.max(0, now_ms - rawTime_ms);
  observe({
    type: 'batch',
    readModel,
    events,
    rows,
    batch_ms: now_ms - begun_ms,
    lag_ms,
    position,
  });
  progressed();
};

/** Leaves word in the database that a projection is halted; its next write takes that back. */
export const recordHalt = (
  sql: Database,
  { generation: { name, generation } }: Follower,
  reason: string,
) =>
  sql`
    update read_model_checkpoints
       set halted_reason = ${reason}, halted_since = coalesce(halted_since, clock_timestamp())
     where name = ${name} and generation = ${generation}`;

/**
 * Takes one projection through a batch by itself. When another writer was quicker it takes up what that one
 * left and goes on; when the database refuses what it was given, the projection is halted.
 */
const advanceAlone = async (parts: RunnerParts, slot: Slot, batch: Batch): Promise<void> => {
  const { sql, observe } = parts;
  const last = batch.entries.at(-1);
  const { name: readModel } = slot.projection;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const { follower } = slot;
    if (!follower || !last || follower.checkpoint.position >= last.record.position) return;
    if (follower.checkpoint.position < batch.after) break;
    const begun_ms = Date.now();
    let refused: string | null = null;
    try {
      const prepared = await prepare(sql, slot, follower, batch);
      if ((await writeChanges(sql, [prepared.change])) === 'written') {
        conclude(parts, prepared, { begun_ms, rawTime_ms: last.record.rawTime_ms });
        return;
      }
    } catch (error) {
      if (isTransient(error)) throw error;
      refused = reasonOf(error);
    }
    slot.follower = await takeUpLive(sql)(slot.projection);
    if (!slot.follower) {
      slot.lane = 'outdated';
      return;
    }
    if (refused !== null && slot.follower.checkpoint.stamp === follower.checkpoint.stamp) {
      await recordHalt(sql, follower, refused);
      halt(observe, slot, refused);
      return;
    }
    observe({ type: 'overtaken', readModel });
  }
  slot.lane = 'catching_up';
};

/**
 * Takes projections through a batch, in one transaction for all of them; where that fails, each by itself,
 * so that one that is overtaken or refused holds up no other. Throws only for outages.
 */
export const advance = async (
  parts: RunnerParts,
  slots: readonly Slot[],
  batch: Batch,
): Promise<void> => {
  const last = batch.entries.at(-1);
  if (!last) return;
  const { position, rawTime_ms } = last.record;
  const begun_ms = Date.now();
  const ready: { readonly slot: Slot; readonly follower: Follower }[] = [];
  for (const slot of slots) {
    const { follower } = slot;
    if (!follower || follower.checkpoint.position >= position) continue;
    if (follower.checkpoint.position < batch.after) slot.lane = 'catching_up';
    else ready.push({ slot, follower });
  }
  if (ready.length === 0) return;
  try {
    const prepared = await Promise.all(
      ready.map(({ slot, follower }) => prepare(parts.sql, slot, follower, batch)),
    );
    const changes = prepared.map(({ change }) => change);
    if ((await writeChanges(parts.sql, changes)) === 'written') {
      for (const each of prepared) conclude(parts, each, { begun_ms, rawTime_ms });
      return;
    }
  } catch (error) {
    if (isTransient(error)) throw error;
  }
  for (const { slot } of ready) await advanceAlone(parts, slot, batch);
};
