import type { Evaluated } from '#domain/features/feature.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { Instant } from '#domain/kernel/instant.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';
import { generationsIn } from '#projections/generations.ts';
import { intervals } from '#projections/intervals.ts';
import { parkedKeys } from '#projections/parking.ts';
import type { Database } from '#projections/ports.ts';
import type { Calendar } from './calendar.ts';
import { evaluateDay } from './evaluate.ts';

/** How far the intervals have got, and how many of a tenant's wait behind an event that cannot be folded. */
interface IntervalsState {
  readonly checkpoint: LogPosition;
  readonly parkedKeys: (tenant: Tenant) => number;
}

/**
 * The state of the intervals that features are reckoned from; null while there are none. Rows of another
 * version mean something else: there is nothing to reckon until they are rebuilt.
 */
export const intervalsState = async (sql: Database): Promise<IntervalsState | null> => {
  const live = (await generationsIn(sql, { state: 'live', name: intervals.name }))[0];
  if (!live || live.checkpoint.position < 0n) return null;
  if (live.generation.version !== intervals.version) return null;
  const parked = await parkedKeys(sql)(intervals.name);
  return {
    checkpoint: String(live.checkpoint.position),
    parkedKeys: (tenant) => parked.filter((row) => row.tenant === tenant).length,
  };
};

/**
 * The features of days at this moment, by all that was known at `asOf`; `incomplete`: some events could not
 * be taken in.
 */
interface Live {
  readonly asOf: LogPosition;
  readonly incomplete: boolean;
  readonly features: readonly Evaluated[];
}

/** What is needed to reckon for this moment; `sleepOverhead_s`: what of a gap is no sleep. */
export interface LiveParts {
  readonly sql: Database;
  readonly calendar: Calendar;
  readonly sleepOverhead_s: number;
}

/**
 * Reckons what a park's or a driver's day would come to if it ended at an instant, and keeps nothing of it;
 * null while there is nothing to reckon from.
 */
export const liveFeatures =
  (parts: LiveParts) =>
  async (asked: {
    readonly tenant: Tenant;
    readonly subject: SubjectKey;
    readonly at: Instant;
  }): Promise<Live | null> => {
    const { sql, calendar, sleepOverhead_s } = parts;
    const state = await intervalsState(sql);
    if (state === null) return null;
    const moment = { ...asked, asOf: state.checkpoint, sleepOverhead_s };
    const features = await evaluateDay({ sql, calendar })(moment);
    const incomplete = state.parkedKeys(asked.tenant) > 0;
    return { asOf: state.checkpoint, incomplete, features };
  };
