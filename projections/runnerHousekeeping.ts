import { Tenant } from '#domain/kernel/ids.ts';
import { halt, isTransient, type RunnerParts, type Slot, takeUpLive } from './advance.ts';
import type { Follower } from './follower.ts';
import { generationsIn } from './generations.ts';
import { retryParked } from './parking.ts';
import { reasonOf } from './step.ts';
import { settle, writeChanges } from './write.ts';

const RELOAD_MS = 1_000;
const HEARTBEAT_MS = 10_000;
const RETRIES_PER_ROUND_MAX = 100;

/** What the rounds look after. */
interface Looked extends RunnerParts {
  readonly slots: readonly Slot[];
  readonly rounds: { reload_ms: number; heartbeat_ms: number };
}

/** Takes up again what somebody else has changed: another runner, a rebuild that was switched to, a skip. */
const takeUpChanges = async (session: Looked): Promise<void> => {
  const live = await generationsIn(session.sql, { state: 'live' });
  for (const slot of session.slots) {
    if (slot.lane === 'catching_up') continue;
    const { projection, follower } = slot;
    const stored = live.find(({ generation }) => generation.name === projection.name);
    if (stored?.checkpoint.stamp === follower?.checkpoint.stamp) continue;
    const taken = await takeUpLive(session.sql)(projection);
    slot.follower = taken;
    if (!taken) slot.lane = 'outdated';
    else if (slot.lane !== 'halted' || taken.generation.table !== follower?.generation.table) {
      slot.lane = 'catching_up';
    }
  }
};

const retryRow = async (session: Looked, slot: Slot, follower: Follower): Promise<boolean> => {
  const now_ms = Date.now();
  const due = follower.parked.values().find(({ retry_at_ms }) => retry_at_ms <= now_ms);
  if (!due) return false;
  const change = await retryParked(session.sql)(follower, due);
  if ((await writeChanges(session.sql, [change])) === 'overtaken') {
    slot.follower = await takeUpLive(session.sql)(slot.projection);
    slot.lane = slot.follower ? 'catching_up' : 'outdated';
    return false;
  }
  settle(follower, change);
  if (change.retried?.released) {
    const { name: readModel } = slot.projection;
    const tenant = Tenant.parse(due.tenant);
    session.observe({ type: 'released', readModel, tenant, key: due.key });
  }
  return true;
};

const retryRows = async (session: Looked, slot: Slot): Promise<void> => {
  for (let retries = 0; retries < RETRIES_PER_ROUND_MAX; retries += 1) {
    const { follower } = slot;
    if (slot.lane !== 'following' || !follower) return;
    try {
      if (!(await retryRow(session, slot, follower))) return;
    } catch (error) {
      if (isTransient(error)) throw error;
      halt(session.observe, slot, reasonOf(error));
    }
  }
};

const heartbeat = async ({ sql, slots }: Looked): Promise<void> => {
  const stamps = slots
    .filter(({ lane }) => lane === 'following')
    .flatMap(({ follower }) => (follower ? [follower.checkpoint.stamp] : []));
  await sql`
    update read_model_checkpoints set progressed_at = clock_timestamp() where stamp = any(${stamps}::uuid[])`;
};

/**
 * What is done between batches: changes by others are taken up, halted projections and parked rows tried
 * again when their time has come, and those at the end of the log say that they are alive.
 */
export const housekeeping = async (session: Looked): Promise<void> => {
  const now_ms = Date.now();
  const last = session.rounds;
  if (now_ms - last.reload_ms >= RELOAD_MS) {
    last.reload_ms = now_ms;
    await takeUpChanges(session);
  }
  for (const slot of session.slots) {
    if (slot.lane === 'halted' && slot.retry_at_ms <= now_ms) slot.lane = 'catching_up';
    await retryRows(session, slot);
  }
  if (now_ms - last.heartbeat_ms < HEARTBEAT_MS) return;
  last.heartbeat_ms = now_ms;
  await heartbeat(session);
};
