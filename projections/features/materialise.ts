import { z } from 'zod';
import type { LogPosition } from '#domain/features/stored.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { type Instant, LocalDate } from '#domain/kernel/instant.ts';
import { SubjectKey } from '#domain/kernel/subjects.ts';
import type { Database } from '#projections/ports.ts';
import { type Calendar, lastInstantOf, localDateOf, windowOf } from './calendar.ts';
import { evaluate, formulasFor } from './evaluate.ts';
import { movedTo, Progress, progressColumns, progressOf, writeProgress } from './progress.ts';
import type { Connection } from './readIntervals.ts';
import { scanChanges } from './scan.ts';
import { writeValues } from './store.ts';

const WINDOWS_MAX = 100;
const PARKS_MAX = 50;
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
}

/**
 * Evaluates a window of a subject at its last instant, or now while it is under way; answers how many values
 * changed.
 */
const evaluateWindow = async (
  { sql, calendar, tenant, now, checkpoint: asOf, parkedKeys }: Work,
  { subject, zone }: Progress,
  first: LocalDate,
): Promise<number> => {
  const window = windowOf(calendar, subject, first);
  const last = lastInstantOf(calendar, window, zone);
  const closed = last < now;
  const at = closed ? last : now;
  const features = await evaluate(sql)({ tenant, subject, window, at, asOf });
  const incomplete = parkedKeys > 0;
  const evaluation = { tenant, subject, window, at, asOf, closed, incomplete, computedAt: now };
  return writeValues(sql)(evaluation, features);
};

const Stale = z.array(z.object({ subject: SubjectKey, first: LocalDate }));

/** Windows that a late fact bears on, newest first. */
const evaluateStale = async (work: Work): Promise<Materialised> => {
  const { sql, tenant } = work;
  const stale = Stale.parse(
    await sql`
      select subject, window_from::text as first from platform_feature_stale
       where tenant = ${tenant} order by window_from desc, subject limit ${WINDOWS_MAX}`,
  );
  const progress = await progressOf(sql)(tenant, [...new Set(stale.map(({ subject }) => subject))]);
  let valuesWritten = 0;
  for (const { subject, first } of stale) {
    const held = progress.get(subject);
    if (held) valuesWritten += await evaluateWindow(work, held, first);
  }
  await sql`
    delete from platform_feature_stale as s
     using unnest(${stale.map(({ subject }) => subject)}::text[],
                  ${stale.map(({ first }) => first)}::text[]::date[]) as done(subject, window_from)
     where s.tenant = ${tenant} and s.subject = done.subject and s.window_from = done.window_from`;
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
         order by due_at, subject limit ${WINDOWS_MAX - windows}`,
    );
    if (due.length === 0) return { windows, valuesWritten, isMore: false };
    const moved: Progress[] = [];
    for (const progress of due) {
      valuesWritten += await evaluateWindow(work, progress, progress.nextWindow);
      const { to } = windowOf(calendar, progress.subject, progress.nextWindow);
      moved.push(movedTo(calendar, progress, to));
    }
    await writeProgress(sql)(tenant, moved);
    windows += due.length;
  }
  return { windows, valuesWritten, isMore: true };
};

/** The day under way, parks taking turns where there are many: what is idle changes without an event. */
const evaluateCurrent = async (work: Work): Promise<Materialised> => {
  const { sql, calendar, tenant, now } = work;
  const parks = Progress.array().parse(
    await sql`
      select ${progressColumns(sql)} from platform_feature_progress
       where tenant = ${tenant} and subject like 'park:%'
       order by current_at nulls first, subject limit ${PARKS_MAX}`,
  );
  let valuesWritten = 0;
  for (const park of parks) {
    const today = localDateOf(calendar, now, park.zone);
    if (today >= park.firstWindow) valuesWritten += await evaluateWindow(work, park, today);
  }
  await sql`
    update platform_feature_progress set current_at = ${now}::text::timestamptz
     where tenant = ${tenant} and subject = any(${parks.map(({ subject }) => subject)}::text[])`;
  return { windows: parks.length, valuesWritten, isMore: false };
};

/**
 * Subjects whose windows were evaluated with other formulas begin anew; what comes out as before adds
 * nothing.
 */
const restartOutdated = async ({ sql, calendar, tenant }: Work): Promise<void> => {
  for (const kind of ['park:', 'driver:']) {
    const formulas = formulasFor(SubjectKey.parse(`${kind}0`));
    const outdated = Progress.array().parse(
      await sql`
        select ${progressColumns(sql)} from platform_feature_progress
         where tenant = ${tenant} and subject like ${`${kind}%`} and formulas <> ${formulas}
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
 * closed local day of every park, every closed month of every driver, and what is under way. A late fact that
 * changes a closed window adds a value with a later `as_of`; what comes out as before adds nothing. Call it
 * again while `isMore`.
 */
export const materialise =
  ({ sql, calendar }: { readonly sql: Database; readonly calendar: Calendar }) =>
  (request: MaterialiseRequest): Promise<Materialised> =>
    sql.begin((tx) => inTransaction({ sql: tx, calendar, ...request }));
