import { isLeft } from 'fp-ts/lib/Either.js';
import {
  advance,
  type Batch,
  halt,
  type RunnerParts,
  recordHalt,
  type Slot,
  takeUpLive,
} from './advance.ts';
import { BEFORE_ALL, ensureLive } from './generations.ts';
import { logEntries } from './logEntry.ts';
import type { Database, EventSource, Observe, RecordedEvent } from './ports.ts';
import type { AnyProjection } from './projection.ts';
import { housekeeping } from './runnerHousekeeping.ts';
import { reasonOf } from './step.ts';

const TICK_MS = 250;
const CATCH_UP_EVENTS = 1_000;
const CATCH_UP_RETRY_MS = 250;
const ADVANCE_TIMEOUT_MS = 60_000;
const STALL_MS = 15_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 10_000;

const AHEAD = 'its checkpoint is ahead of the log';

/**
 * What a runner is built from. `progressed` is called whenever a checkpoint has moved: for those who wait.
 */
export interface RunnerOptions {
  readonly sql: Database;
  readonly source: EventSource;
  readonly projections: readonly AnyProjection[];
  readonly observe: Observe;
  readonly progressed?: () => void;
}

/**
 * Where a projection stands in this process. `progressed_ms` is when its checkpoint last moved, since 1970.
 */
interface RunnerStatus {
  readonly readModel: string;
  readonly version: number;
  readonly lane: Slot['lane'];
  readonly position: bigint | null;
  readonly parkedKeys: number;
  readonly progressed_ms: number;
}

/**
 * Keeps read models up to date. `run` ends only with its signal; `status` tells where each projection stands.
 */
export interface ProjectionRunner {
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly status: () => readonly RunnerStatus[];
  /**
   * When the loop last went round, in milliseconds since 1970: it does so four times a second even when idle.
   */
  readonly alive_ms: () => number;
}

interface Session extends RunnerParts {
  readonly source: EventSource;
  readonly slots: readonly Slot[];
  /** How far the lane of the followers has taken the log up. */
  position: bigint;
  recorded_ms: number;
  batch_ms: number;
  catchingUp: Promise<void> | null;
  readonly rounds: { reload_ms: number; heartbeat_ms: number };
}

const sleep = (delay_ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, delay_ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });

/** The answer to work, or null if it takes longer than that. */
const within = async <T>(work: Promise<T>, limit_ms: number): Promise<T | null> => {
  const timer = new AbortController();
  try {
    return await Promise.race([work, sleep(limit_ms, timer.signal).then(() => null)]);
  } finally {
    timer.abort();
  }
};

const bounded = async (work: Promise<void>): Promise<void> => {
  const done = await within(
    work.then(() => true),
    ADVANCE_TIMEOUT_MS,
  );
  if (!done) throw new Error(`a batch took more than ${ADVANCE_TIMEOUT_MS} ms`);
};

const inLane = (session: Session, lane: Slot['lane']): readonly Slot[] =>
  session.slots.filter((slot) => slot.lane === lane);

const headOf = async (source: EventSource): Promise<bigint> => {
  const head = await source.head()();
  if (isLeft(head)) throw new Error(`the log is away: ${head.left.detail}`);
  return head.right ?? BEFORE_ALL;
};

/**
 * Takes every projection up where the database says. The furthest ones follow the log; the others catch up.
 */
const openSession = async (options: RunnerOptions): Promise<Session> => {
  const { sql, source, observe, projections, progressed = () => {} } = options;
  await ensureLive(sql, projections);
  const slots: Slot[] = [];
  for (const projection of projections) {
    const follower = await takeUpLive(sql)(projection);
    const lane = follower ? 'catching_up' : 'outdated';
    slots.push({ projection, follower, lane, halts: 0, retry_at_ms: 0, progressed_ms: 0 });
  }
  // After the checkpoints, which other runners move on meanwhile: none of them can be ahead of the log.
  const head = await headOf(source);
  let lead = { position: BEFORE_ALL, recorded_ms: 0 };
  for (const slot of slots) {
    const { follower } = slot;
    if (!follower) continue;
    if (follower.halted !== null) slot.halts = 1;
    if (follower.checkpoint.position > head) {
      // Nothing can be right with it until it is rebuilt, or the log is the one it was made from.
      halt(observe, slot, AHEAD);
      await recordHalt(sql, follower, AHEAD);
      slot.retry_at_ms = Number.POSITIVE_INFINITY;
    } else if (follower.checkpoint.position > lead.position) lead = follower.checkpoint;
  }
  for (const slot of slots) {
    if (slot.lane !== 'catching_up') continue;
    if (slot.follower?.checkpoint.position === lead.position) slot.lane = 'following';
  }
  const { position, recorded_ms } = lead;
  const batch_ms = Date.now();
  const rounds = { reload_ms: batch_ms, heartbeat_ms: batch_ms };
  const state = { position, recorded_ms, batch_ms, rounds, catchingUp: null };
  return { sql, source, observe, progressed, slots, ...state };
};

const followBatch = async (session: Session, events: readonly RecordedEvent[]): Promise<void> => {
  const after = session.position;
  const fresh = events.filter(({ position }) => position > after);
  const entries = logEntries(fresh, session.recorded_ms);
  const last = entries.at(-1);
  session.batch_ms = Date.now();
  if (!last) return;
  // Moved before the work, so that whoever joins during it has to have got at least to its end.
  session.position = last.record.position;
  session.recorded_ms = last.recorded_ms;
  await bounded(advance(session, inLane(session, 'following'), { after, entries }));
};

/** Reads on for those behind, from the hindmost, until each has got to where the followers are. */
const catchUp = async (session: Session, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    let hindmost: Slot['follower'] = null;
    for (const slot of inLane(session, 'catching_up')) {
      const { follower } = slot;
      if (!follower || follower.checkpoint.position >= session.position) slot.lane = 'following';
      else if (!hindmost || follower.checkpoint.position < hindmost.checkpoint.position) {
        hindmost = follower;
      }
    }
    if (!hindmost) return;
    const { position: after, recorded_ms } = hindmost.checkpoint;
    const page = await session.source.readAll({
      after: after === BEFORE_ALL ? null : after,
      limit: CATCH_UP_EVENTS,
    })();
    if (isLeft(page)) {
      await sleep(CATCH_UP_RETRY_MS, signal);
      continue;
    }
    const batch: Batch = { after, entries: logEntries(page.right, recorded_ms) };
    await bounded(advance(session, inLane(session, 'catching_up'), batch));
  }
};

/** Throws if the log has grown and the subscription has kept silent about it for 15 s. */
const checkForStall = async (session: Session): Promise<void> => {
  if (Date.now() - session.batch_ms < STALL_MS) return;
  const { position } = session;
  const head = await headOf(session.source);
  if (head > position && session.position === position) throw new Error('the subscription stalled');
  session.batch_ms = Date.now();
};

const followLog = async (session: Session, stop: AbortController, alive: () => void) => {
  const { signal } = stop;
  const after = session.position === BEFORE_ALL ? null : session.position;
  const batches = session.source.subscribe({ after, signal })[Symbol.asyncIterator]();
  const failed: unknown[] = [];
  // The next batch is read while this one is written.
  const fetch = () => {
    const coming = batches.next();
    coming.catch(() => {});
    return coming;
  };
  let coming = fetch();
  let ticked_ms = 0;
  while (!signal.aborted) {
    const got = await within(coming, TICK_MS);
    alive();
    if (got?.done) break;
    if (got) {
      coming = fetch();
      await followBatch(session, got.value.events);
    }
    if (Date.now() - ticked_ms >= TICK_MS) {
      await bounded(housekeeping(session));
      await checkForStall(session);
      ticked_ms = Date.now();
    }
    if (session.catchingUp || inLane(session, 'catching_up').length === 0) continue;
    session.catchingUp = catchUp(session, signal)
      .catch((error: unknown) => {
        failed.push(error);
        stop.abort();
      })
      .finally(() => {
        session.catchingUp = null;
      });
  }
  await session.catchingUp;
  if (failed.length > 0) throw failed[0];
};

/**
 * The runner of read models: reads the log once for all projections, and starts over, with growing pauses
 * and for ever, whatever goes wrong. Several may run at once: checkpoints keep them apart.
 */
export const projectionRunner = (options: RunnerOptions): ProjectionRunner => {
  let session: Session | null = null;
  let alive_ms = 0;
  let wait_ms = BACKOFF_FIRST_MS;
  const alive = () => {
    alive_ms = Date.now();
  };

  const oneSession = async (signal: AbortSignal): Promise<void> => {
    const stop = new AbortController();
    const forward = () => stop.abort();
    signal.addEventListener('abort', forward, { once: true });
    try {
      session = await openSession(options);
      await followLog(session, stop, alive);
    } finally {
      signal.removeEventListener('abort', forward);
      stop.abort();
    }
  };

  return {
    run: async (signal) => {
      while (!signal.aborted) {
        const begun_ms = Date.now();
        try {
          await oneSession(signal);
        } catch (error) {
          options.observe({ type: 'restarted', detail: reasonOf(error), wait_ms });
        }
        if (Date.now() - begun_ms > BACKOFF_MAX_MS) wait_ms = BACKOFF_FIRST_MS;
        await sleep(wait_ms, signal);
        wait_ms = Math.min(wait_ms * 2, BACKOFF_MAX_MS);
      }
    },
    status: () =>
      (session?.slots ?? []).map(({ projection, follower, lane, progressed_ms }) => ({
        readModel: projection.name,
        version: projection.version,
        lane,
        position: follower?.checkpoint.position ?? null,
        parkedKeys: follower?.parked.size ?? 0,
        progressed_ms,
      })),
    alive_ms: () => alive_ms,
  };
};
