import { z } from 'zod';
import type { LogPosition } from '#domain/features/stored.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf, LocalDate } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { Database } from '#projections/ports.ts';
import {
  Cadence,
  type Calendar,
  lastInstantOf,
  localDateOf,
  seriesKey,
  windowOf,
} from './calendar.ts';
import { evaluate, formulasFor } from './evaluate.ts';
import { movedTo, Progress, progressColumns, progressOf, writeProgress } from './progress.ts';
import type { Connection } from './readIntervals.ts';
import { scanChanges } from './scan.ts';
import { writeValues } from './store.ts';

const WINDOWS_MAX = 100;
const PARKS_MAX = 50;
const DRIVERS_MAX = 200;
/** What a driver's day or a park's month comes to so far changes every minute, and every change is kept. */
const DRIVER_PAUSE_MS = 3_600_000;
const SUBJECTS_MAX = 100_000;

/**
 * What to bring up to date: the features of a tenant, at `now`, with the view `intervals` at `checkpoint` and
 * `parkedKeys` of its rows waiting behind an event that cannot be folded. Checkpoint and count belong
 * together: read them in one snapshot.
 */
export interface MaterialiseRequest {
  readonly tenant: Tenant;
  readonly now: Instant;
  readonly checkpoint: LogPosition;
  readonly parkedKeys: number;
}

/** What one call did; `isMore`: there is more to do at once, by another call. */
export interface Materialised {
  readonly windows: number;
  readonly valuesWritten: number;
  readonly isMore: boolean;
}

interface Work extends MaterialiseRequest {
  readonly sql: Connection;
  readonly calendar: Calendar;
  readonly sleepOverhead_s: number;
}

/**
 * Evaluates a window of a subject at its last instant, or now while it is under way; answers how many values
 * changed.
 */
const evaluateWindow = async (
  work: Work,
  { subject, cadence, zone }: Progress,
  first: LocalDate,
): Promise<number> => {
  const { sql, calendar, tenant, now, checkpoint: asOf, parkedKeys, sleepOverhead_s } = work;
  const window = windowOf(calendar, { cadence }, first);
  const last = lastInstantOf(calendar, window, zone);
  const closed = last < now;
  const at = closed ? last : now;
  const moment = { tenant, subject, cadence, window, at, asOf, sleepOverhead_s };
  const features = await evaluate({ sql, calendar })(moment);
  const incomplete = parkedKeys > 0;
  return writeValues(sql)({ ...moment, closed, incomplete, computedAt: now }, features);
};

const Stale = z.array(z.object({ subject: SubjectKey, cadence: Cadence, first: LocalDate }));

/** Windows that a late fact bears on, newest first. */
const evaluateStale = async (work: Work): Promise<Materialised> => {
  const { sql, tenant } = work;
  const stale = Stale.parse(
    await sql`
      select subject, cadence, window_from::text as first from platform_feature_stale
       where tenant = ${tenant} order by window_from desc, subject, cadence limit ${WINDOWS_MAX}`,
  );
  const progress = await progressOf(sql)(tenant, [...new Set(stale.map(({ subject }) => subject))]);
  let valuesWritten = 0;
  for (const { first, ...series } of stale) {
    const held = progress.get(seriesKey(series));
    if (held) valuesWritten += await evaluateWindow(work, held, first);
  }
  await sql`
    delete from platform_feature_stale as s
     using unnest(${stale.map(({ subject }) => subject)}::text[],
                  ${stale.map(({ cadence }) => cadence)}::text[],
                  ${stale.map(({ first }) => first)}::text[]::date[]) as done(subject, cadence, window_from)
     where s.tenant = ${tenant} and s.subject = done.subject and s.cadence = done.cadence
       and s.window_from = done.window_from`;
  return { windows: stale.length, valuesWritten, isMore: stale.length === WINDOWS_MAX };
};

/** The windows that have closed, one of each subject after the other, those first that closed longest ago. */
const evaluateClosed = async (work: Work): Promise<Materialised> => {
  const { sql, calendar, tenant, now } = work;
  let windows = 0;
  let valuesWritten = 0;
  while (windows < WINDOWS_MAX) {
    const due = Progress.array().parse(
      await sql`
        select ${progressColumns(sql)} from platform_feature_progress
         where tenant = ${tenant} and due_at <= ${now}::text::timestamptz
         order by due_at, subject, cadence limit ${WINDOWS_MAX - windows}`,
    );
    if (due.length === 0) return { windows, valuesWritten, isMore: false };
    const moved: Progress[] = [];
    for (const progress of due) {
      valuesWritten += await evaluateWindow(work, progress, progress.nextWindow);
      const { to } = windowOf(calendar, progress, progress.nextWindow);
      moved.push(movedTo(calendar, progress, to));
    }
    await writeProgress(sql)(tenant, moved);
    windows += due.length;
  }
  return { windows, valuesWritten, isMore: true };
};

/**
 * The day under way, and a park's month, subjects taking turns where there are many: what is idle or rested
 * changes without an event.
 */
const evaluateCurrent = async (work: Work): Promise<Materialised> => {
  const { sql, calendar, tenant, now } = work;
  const rested = instantOf(epochMs(now) - DRIVER_PAUSE_MS);
  const due = Progress.array().parse(
    await sql`
      (select ${progressColumns(sql)} from platform_feature_progress
        where tenant = ${tenant} and cadence = 'day' and subject like 'park:%'
        order by current_at nulls first, subject limit ${PARKS_MAX})
      union all
      (select ${progressColumns(sql)} from platform_feature_progress
        where tenant = ${tenant} and cadence = 'day' and subject like 'driver:%'
          and (current_at is null or current_at <= ${rested}::text::timestamptz)
        order by current_at nulls first, subject limit ${DRIVERS_MAX})
      union all
      (select ${progressColumns(sql)} from platform_feature_progress
        where tenant = ${tenant} and cadence = 'month' and subject like 'park:%'
          and (current_at is null or current_at <= ${rested}::text::timestamptz)
        order by current_at nulls first, subject limit ${PARKS_MAX})`,
  );
  let valuesWritten = 0;
  for (const held of due) {
    const today = localDateOf(calendar, now, held.zone);
    if (today >= held.firstWindow) valuesWritten += await evaluateWindow(work, held, today);
  }
  await sql`
    update platform_feature_progress as p set current_at = ${now}::text::timestamptz
      from unnest(${due.map(({ subject }) => subject)}::text[],
                  ${due.map(({ cadence }) => cadence)}::text[]) as done(subject, cadence)
     where p.tenant = ${tenant} and p.subject = done.subject and p.cadence = done.cadence`;
  return { windows: due.length, valuesWritten, isMore: false };
};

/** What has features, and over what windows. */
const seriesKinds = [
  { prefix: 'park:', cadence: 'day' },
  { prefix: 'park:', cadence: 'month' },
  { prefix: 'driver:', cadence: 'month' },
  { prefix: 'driver:', cadence: 'day' },
] as const;

/**
 * Series whose windows were evaluated with other formulas begin anew; what comes out as before adds
 * nothing.
 */
const restartOutdated = async (work: Work): Promise<void> => {
  const { sql, calendar, tenant } = work;
  for (const { prefix, cadence } of seriesKinds) {
    const formulas = formulasFor({ subject: SubjectKey.parse(`${prefix}0`), cadence }, work);
    const outdated = Progress.array().parse(
      await sql`
        select ${progressColumns(sql)} from platform_feature_progress
         where tenant = ${tenant} and subject like ${`${prefix}%`} and cadence = ${cadence}
           and formulas <> ${formulas}
         limit ${SUBJECTS_MAX}`,
    );
    const restarted = outdated.map((held) =>
      movedTo(calendar, { ...held, formulas }, held.firstWindow),
    );
    await writeProgress(sql)(tenant, restarted);
  }
};

const inTransaction = async (work: Work): Promise<Materialised> => {
  const { sql, calendar, tenant, now, checkpoint, parkedKeys } = work;
  await sql`select pg_advisory_xact_lock(hashtext('platform_features'), hashtext(${tenant}))`;
  const scan = { tenant, now, checkpoint, incomplete: parkedKeys > 0 };
  const isUnread = await scanChanges(sql, calendar)(scan);
  if (isUnread) return { windows: 0, valuesWritten: 0, isMore: true };
  await restartOutdated(work);
  const past = [await evaluateStale(work), await evaluateClosed(work)];
  const isMore = past.some((part) => part.isMore);
  // What is under way is looked at once, when the past is done with.
  const parts = isMore ? past : [...past, await evaluateCurrent(work)];
  return {
    windows: parts.reduce((sum, { windows }) => sum + windows, 0),
    valuesWritten: parts.reduce((sum, part) => sum + part.valuesWritten, 0),
    isMore,
  };
};

/**
 * Brings the features of a tenant up to date, in one transaction and with a bounded amount of work: every
 * closed local day of every park and driver, every closed month of every driver, and what is under way; of
 * drivers once an hour. A late fact that changes a closed window adds a value with a later `as_of`; what
 * comes out as before adds nothing. Call it again while `isMore`.
 */
export const materialise =
  ({ sql, ...parts }: Omit<Work, 'sql' | keyof MaterialiseRequest> & { readonly sql: Database }) =>
  (request: MaterialiseRequest): Promise<Materialised> =>
    sql.begin((tx) => inTransaction({ sql: tx, ...parts, ...request }));
