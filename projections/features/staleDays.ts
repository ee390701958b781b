import type { Interval } from '#domain/features/interval.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import type { Tenant } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { type Calendar, localDateOf, type Series } from './calendar.ts';
import type { Progress } from './progress.ts';

/** Windows of a series, by their first days, from one up to and with another. */
export interface Stale extends Series {
  readonly first: LocalDate;
  readonly last: LocalDate;
}

/** What became known, and since when; `now` closes what has not ended. */
export interface News {
  readonly tenant: Tenant;
  readonly intervals: readonly Interval[];
  readonly mark: LogPosition | null;
  readonly now: Instant;
}

/** Asks which closed and evaluated days a stretch of true time touches; null if it touches none. */
export const staleDays = (calendar: Calendar, progress: Progress) => {
  const { subject, cadence, zone, firstWindow, nextWindow } = progress;
  const evaluatedUntil = calendar.startOfDay(nextWindow, zone);
  const lastEvaluated = calendar.plusDays(nextWindow, -1);
  return (stretch: { readonly from: Instant; readonly to: Instant }): Stale | null => {
    // Most facts come in time, and local dates take some reckoning.
    if (stretch.from >= evaluatedUntil) return null;
    const from = localDateOf(calendar, stretch.from, zone);
    const to = localDateOf(calendar, stretch.to, zone);
    const isBeforeFirst = from < firstWindow;
    const first = isBeforeFirst ? firstWindow : from;
    const isOverBefore = to < lastEvaluated;
    const last = isOverBefore ? to : lastEvaluated;
    return first <= last ? { subject, cadence, first, last } : null;
  };
};
