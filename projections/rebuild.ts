import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { FILL_ROOM, type Filled, fill } from './fill.ts';
import { type Follower, takeUp } from './follower.ts';
import {
  createGeneration,
  dropGeneration,
  type Generation,
  generationsIn,
  indexGeneration,
  type StoredGeneration,
  storedGeneration,
} from './generations.ts';
import { retryParked } from './parking.ts';
import type { Database, EventSource } from './ports.ts';
import { type Progress, progressMeter } from './progress.ts';
import type { AnyProjection } from './projection.ts';
import {
  checkLag,
  checkTable,
  type Lagging,
  type NewlyParked,
  newlyParked,
  type UnfitTable,
} from './rebuildChecks.ts';
import { announceSwitches, type NotSwitched, type Switched, switchTable } from './switchTable.ts';
import { settle, writeChanges } from './write.ts';

const SWITCH_ATTEMPTS_MAX = 200;
const SWITCH_WAIT_MS = 50;
const RETRIES_MAX = 100_000;

/** What a rebuild works with. `announce` appends ReadModelSwitched; see `announceSwitches`. */
export interface RebuildParts {
  /** Needs two connections at least. */
  readonly sql: Database;
  readonly source: EventSource;
  readonly announce: (switched: Switched) => Promise<boolean>;
  readonly progress?: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** What is to be rebuilt. */
export interface RebuildRequest {
  readonly projection: AnyProjection;
  /** Throws away what an interrupted rebuild has left, as one must when the code has changed since. */
  readonly fromStart?: boolean;
  /** The live table is known to be wrong: the new one of the same version need not equal it. */
  readonly replaceDrifted?: boolean;
}

/** Why readers keep the table that they have. What was built stays and is gone on with the next time. */
export type RebuildRefused =
  | Exclude<Filled, { readonly code: 'reached' }>
  | UnfitTable
  | NewlyParked
  | Lagging
  | Exclude<NotSwitched, { readonly code: 'not_yet' }>
  | { readonly code: 'live_out_of_reach' };

/** A rebuild that readers have been switched to. `announced` false: the log has not been told yet. */
export interface Rebuilt extends Switched {
  readonly events: number;
  readonly ms: number;
  readonly announced: boolean;
}

const liveOf = async (sql: Database, name: string): Promise<StoredGeneration | null> =>
  (await generationsIn(sql, { state: 'live', name }))[0] ?? null;

/** The generation that an interrupted rebuild of this version has left, or a new one. */
const buildingOf = async (sql: Database, request: RebuildRequest): Promise<Follower> => {
  const { projection, fromStart = false } = request;
  const { name, version } = projection;
  const left = await generationsIn(sql, { state: 'building', name });
  const usable = fromStart ? undefined : left.findLast((g) => g.generation.version === version);
  const retired = await generationsIn(sql, { state: 'retired', name });
  for (const { generation } of [...left, ...retired]) {
    const isNewer = generation.version > version;
    if (generation !== usable?.generation && !isNewer) await dropGeneration(sql, generation);
  }
  if (usable) return takeUp(sql, FILL_ROOM)(projection, usable);
  const created = await createGeneration(sql, projection, 'building');
  const stored = await storedGeneration(sql, created);
  if (!stored) throw new Error(`generation ${created.generation} of ${name} is gone`);
  return takeUp(sql, FILL_ROOM)(projection, stored);
};

/**
 * Tries every parked row once more: what stopped an earlier attempt may have been mended or skipped since.
 */
const retryAll = async (sql: Database, follower: Follower): Promise<boolean> => {
  const rows = [...follower.parked.values()];
  for (let retries = 0; retries < RETRIES_MAX; retries += 1) {
    const row = rows.shift();
    if (!row) return true;
    const change = await retryParked(sql)(follower, row);
    if ((await writeChanges(sql, [change])) === 'overtaken') return false;
    settle(follower, change);
    const { retried } = change;
    if (retried && !retried.released && retried.reason === null) rows.push(row);
  }
  return true;
};

/** Everything that has to hold before readers may be switched and that takes long to find out. */
const checkAll = async (
  sql: Database,
  { generation }: Follower,
  live: { readonly generation: Generation | null; readonly comparable: boolean },
): Promise<RebuildRefused | null> => {
  const unfit = await checkTable(sql, generation);
  if (isLeft(unfit)) return unfit.left;
  if (live.comparable && live.generation) {
    const drifted = await checkTable(sql, live.generation);
    if (isLeft(drifted)) return drifted.left;
  }
  return newlyParked(sql, generation, live.generation);
};

const pause = (delay_ms: number) => new Promise((resolve) => setTimeout(resolve, delay_ms));

/** Catches up and switches, again and again until both tables stand where they have to. */
const catchUpAndSwitch = async (
  parts: RebuildParts,
  follower: Follower,
  mustEqualLive: boolean,
): Promise<Either<RebuildRefused, Switched>> => {
  const { sql, source } = parts;
  const { name } = follower.generation;
  let last: RebuildRefused = { code: 'live_out_of_reach' };
  for (let attempt = 0; attempt < SWITCH_ATTEMPTS_MAX; attempt += 1) {
    const live = await liveOf(sql, name);
    const upTo = live && mustEqualLive ? live.checkpoint.position : null;
    const filled = await fill(parts)(follower, upTo);
    if (filled.code !== 'reached') return left(filled);
    const parked = await newlyParked(sql, follower.generation, live?.generation ?? null);
    if (parked) return left(parked);
    const lagging = await checkLag(source, follower.checkpoint.position);
    if (!lagging) {
      const switched = await switchTable(sql, follower.generation, {
        mustEqualLive,
        reach: async (position) =>
          follower.checkpoint.position >= position ||
          (await fill(parts)(follower, position)).code === 'reached',
      });
      if (!isLeft(switched)) return switched;
      if (switched.left.code !== 'not_yet') return left(switched.left);
    }
    last = lagging ?? { code: 'live_out_of_reach' };
    if (parts.signal.aborted) return left({ code: 'interrupted' });
    await pause(SWITCH_WAIT_MS);
  }
  return left(last);
};

/**
 * Rebuilds a read model from the log into a table of its own and switches readers to it, without downtime.
 * Refused, and readers keep what they have, unless the new table's digest is that of its rows, its account
 * closes, nothing waits in it that does not wait in the live one, and it is not behind; for the version
 * that readers already have, also unless the live table's digest is that of its own rows and, at one and
 * the same checkpoint, of the new ones.
 */
export const rebuild =
  (parts: RebuildParts) =>
  async (request: RebuildRequest): Promise<Either<RebuildRefused, Rebuilt>> => {
    const { sql, source } = parts;
    const { projection, replaceDrifted = false } = request;
    const begun_ms = Date.now();
    const announce = announceSwitches(sql, parts.announce);
    await announce();
    const follower = await buildingOf(sql, request);
    const live = await liveOf(sql, projection.name);
    const comparable = live?.generation.version === projection.version && !replaceDrifted;
    const meter = await progressMeter(source, follower.checkpoint.position, parts.progress);
    const metered = { ...parts, read: meter.read };
    // To the live table's position first where both are to be compared: a table cannot be rolled back.
    const filled = await fill(metered)(follower, comparable ? live.checkpoint.position : null);
    if (filled.code !== 'reached') return left(filled);
    if (!(await retryAll(sql, follower))) return left({ code: 'overtaken' });
    await indexGeneration(sql, follower.generation, projection);
    const generation = live?.generation ?? null;
    const refused = await checkAll(sql, follower, { generation, comparable });
    if (refused) return left(refused);
    const switched = await catchUpAndSwitch(metered, follower, comparable);
    if (isLeft(switched)) return switched;
    const announced = await announce();
    if (generation) await dropGeneration(sql, generation);
    const ms = Date.now() - begun_ms;
    return right({ ...switched.right, events: meter.events(), ms, announced });
  };
