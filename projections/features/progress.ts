import { z } from 'zod';
import type { Interval } from '#domain/features/interval.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { driverKey, parkKey, SubjectKey } from '#domain/kernel/subjects.ts';
import { type Calendar, localDateOf, windowOf } from './calendar.ts';
import { formulasFor } from './evaluate.ts';
import type { Connection } from './readIntervals.ts';

/**
 * How far the features of a subject have got: `nextWindow` is the first day of the first window that has not
 * been evaluated after its end, which comes at `dueAt`.
 */
export const Progress = z.object({
  subject: SubjectKey,
  zone: Zone,
  firstWindow: LocalDate,
  nextWindow: LocalDate,
  dueAt: Instant,
  formulas: z.string(),
});
export type Progress = z.infer<typeof Progress>;

/** The columns of a progress row under the names of `Progress`. */
export const progressColumns = (sql: Connection) => sql`
  subject, zone, first_window::text as "firstWindow", next_window::text as "nextWindow", formulas,
  to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "dueAt"`;

/** The progress of some subjects; those that have none are left out. */
export const progressOf =
  (sql: Connection) =>
  async (
    tenant: Tenant,
    subjects: readonly SubjectKey[],
  ): Promise<ReadonlyMap<SubjectKey, Progress>> => {
    const rows = Progress.array().parse(
      await sql`
        select ${progressColumns(sql)} from platform_feature_progress
         where tenant = ${tenant} and subject = any(${[...subjects]}::text[])`,
    );
    return new Map(rows.map((row) => [row.subject, row]));
  };

/** Progress that has got to a window. */
export const movedTo = (
  calendar: Calendar,
  progress: Progress,
  nextWindow: LocalDate,
): Progress => {
  const { to } = windowOf(calendar, progress.subject, nextWindow);
  return { ...progress, nextWindow, dueAt: calendar.startOfDay(to, progress.zone) };
};

/** Writes progress, of subjects that have some or not. */
export const writeProgress =
  (sql: Connection) =>
  async (tenant: Tenant, rows: readonly Progress[]): Promise<void> => {
    if (rows.length === 0) return;
    await sql`
      insert into platform_feature_progress (tenant, subject, zone, first_window, next_window, due_at, formulas)
      select ${tenant}, * from unnest(
        ${rows.map(({ subject }) => subject)}::text[], ${rows.map(({ zone }) => zone)}::text[],
        ${rows.map(({ firstWindow }) => firstWindow)}::text[]::date[],
        ${rows.map(({ nextWindow }) => nextWindow)}::text[]::date[],
        ${rows.map(({ dueAt }) => dueAt)}::text[]::timestamptz[],
        ${rows.map(({ formulas }) => formulas)}::text[])
      on conflict (tenant, subject) do update
         set zone = excluded.zone, first_window = excluded.first_window, next_window = excluded.next_window,
             due_at = excluded.due_at, formulas = excluded.formulas`;
  };

/**
 * The subject whose features an interval brings into being, with its zone; null for intervals of other kinds.
 */
const founded = ({ kind, park, driver, zone }: Interval) => {
  if (zone === null) return null;
  if (kind === 'park' && park !== null) return { subject: parkKey(park), zone };
  if (kind === 'affiliation' && driver !== null) return { subject: driverKey(driver), zone };
  return null;
};

/**
 * Sees to it that every park and driver of whom intervals tell has progress, from the window on in which they
 * begin; a driver who moved goes on in the zone of the new park. The intervals come in the order in which
 * they became known.
 */
export const discoverSubjects =
  (sql: Connection, calendar: Calendar) =>
  async (tenant: Tenant, intervals: readonly Interval[]): Promise<void> => {
    const found = intervals.flatMap((interval) => {
      const subject = founded(interval);
      return subject ? [{ ...subject, startsAt: interval.startsAt }] : [];
    });
    const held = new Map(
      await progressOf(sql)(
        tenant,
        found.map(({ subject }) => subject),
      ),
    );
    const changed = new Map<SubjectKey, Progress>();
    for (const { subject, zone, startsAt } of found) {
      const before = held.get(subject);
      if (before?.zone === zone) continue;
      const { from } = windowOf(calendar, subject, localDateOf(calendar, startsAt, zone));
      const formulas = formulasFor(subject);
      const fresh = { subject, firstWindow: from, nextWindow: from, dueAt: startsAt, formulas };
      const progress = { ...(before ?? fresh), zone };
      const next = movedTo(calendar, progress, progress.nextWindow);
      held.set(subject, next);
      changed.set(subject, next);
    }
    await writeProgress(sql)(tenant, [...changed.values()]);
  };
