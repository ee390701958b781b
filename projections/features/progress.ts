import { z } from 'zod';
import type { Interval } from '#domain/features/interval.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { driverKey, parkKey, SubjectKey } from '#domain/kernel/subjects.ts';
import { Cadence, type Calendar, localDateOf, seriesKey, windowOf } from './calendar.ts';
import type { Connection } from './readIntervals.ts';

/**
 * How far the features of a series have got: `nextWindow` is the first day of the first window that has not
 * been evaluated after its end, which comes at `dueAt`.
 */
export const Progress = z.object({
  subject: SubjectKey,
  cadence: Cadence,
  zone: Zone,
  firstWindow: LocalDate,
  nextWindow: LocalDate,
  dueAt: Instant,
  formulas: z.string(),
});
export type Progress = z.infer<typeof Progress>;

/** The columns of a progress row under the names of `Progress`. */
export const progressColumns = (sql: Connection) => sql`
  subject, cadence, zone, first_window::text as "firstWindow", next_window::text as "nextWindow", formulas,
  to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "dueAt"`;

/** The progress of some subjects, by the keys of their series; those that have none are left out. */
export const progressOf =
  (sql: Connection) =>
  async (
    tenant: Tenant,
    subjects: readonly SubjectKey[],
  ): Promise<ReadonlyMap<string, Progress>> => {
    const rows = Progress.array().parse(
      await sql`
        select ${progressColumns(sql)} from platform_feature_progress
         where tenant = ${tenant} and subject = any(${[...subjects]}::text[])`,
    );
    return new Map(rows.map((row) => [seriesKey(row), row]));
  };

/** Progress that has got to a window. */
export const movedTo = (
  calendar: Calendar,
  progress: Progress,
  nextWindow: LocalDate,
): Progress => {
  const { to } = windowOf(calendar, progress, nextWindow);
  return { ...progress, nextWindow, dueAt: calendar.startOfDay(to, progress.zone) };
};

/** Writes progress, of series that have some or not. */
export const writeProgress =
  (sql: Connection) =>
  async (tenant: Tenant, rows: readonly Progress[]): Promise<void> => {
    if (rows.length === 0) return;
    await sql`
      insert into platform_feature_progress 
             (tenant, subject, cadence, zone, first_window, next_window, due_at, formulas)
      select ${tenant}, * from unnest(
        ${rows.map(({ subject }) => subject)}::text[], ${rows.map(({ cadence }) => cadence)}::text[],
        ${rows.map(({ zone }) => zone)}::text[],
        ${rows.map(({ firstWindow }) => firstWindow)}::text[]::date[],
        ${rows.map(({ nextWindow }) => nextWindow)}::text[]::date[],
        ${rows.map(({ dueAt }) => dueAt)}::text[]::timestamptz[],
        ${rows.map(({ formulas }) => formulas)}::text[])
      on conflict (tenant, subject, cadence) do update
         set zone = excluded.zone, first_window = excluded.first_window, next_window = excluded.next_window,
             due_at = excluded.due_at, formulas = excluded.formulas`;
  };

/**
 * The series that an interval brings into being, with their zone; none where it is of another kind.
 */
const founded = ({ kind, park, driver, zone }: Interval) => {
  if (zone === null) return [];
  if (kind === 'park' && park !== null) {
    const subject = parkKey(park);
    return [
      { subject, cadence: 'day', zone },
      { subject, cadence: 'month', zone },
    ] as const;
  }
  if (kind !== 'affiliation' || driver === null) return [];
  const subject = driverKey(driver);
  return [
    { subject, cadence: 'month', zone },
    { subject, cadence: 'day', zone },
  ] as const;
};

/** What stands for formulas while nothing has been evaluated with any. */
const NO_FORMULAS = '';

/**
 * Sees to it that every park and driver of whom intervals tell has progress, from the window on in which they
 * begin; a driver who moved goes on in the zone of the new park. The intervals come in the order in which
 * they became known.
 */
export const discoverSubjects =
  (sql: Connection, calendar: Calendar) =>
  async (tenant: Tenant, intervals: readonly Interval[]): Promise<void> => {
    const found = intervals.flatMap((interval) =>
      founded(interval).map((series) => ({ ...series, startsAt: interval.startsAt })),
    );
    const held = new Map(
      await progressOf(sql)(
        tenant,
        found.map(({ subject }) => subject),
      ),
    );
    const changed = new Map<string, Progress>();
    for (const { startsAt, zone, ...series } of found) {
      const key = seriesKey(series);
      const before = held.get(key);
      if (before?.zone === zone) continue;
      const { from } = windowOf(calendar, series, localDateOf(calendar, startsAt, zone));
      const first = { firstWindow: from, nextWindow: from, dueAt: startsAt };
      const progress = { ...(before ?? { ...series, ...first, formulas: NO_FORMULAS }), zone };
      const next = movedTo(calendar, progress, progress.nextWindow);
      held.set(key, next);
      changed.set(key, next);
    }
    await writeProgress(sql)(tenant, [...changed.values()]);
  };
