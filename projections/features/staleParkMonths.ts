import { type Interval, type IntervalKind, isAtMost } from '#domain/features/interval.ts';
import type { ParkId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate, Zone } from '#domain/kernel/instant.ts';
import { parkKey } from '#domain/kernel/subjects.ts';
import { type Calendar, localDateOf, seriesKey, windowOf } from './calendar.ts';
import { changedStretches } from './changes.ts';
import { parksOf } from './parksOfVehicles.ts';
import { progressOf } from './progress.ts';
import type { Connection } from './readIntervals.ts';
import type { News, Stale } from './staleDays.ts';

const MONTHS = { cadence: 'month' } as const;
/** What the use of vehicles is reckoned from. */
const OF_USE: readonly IntervalKind[] = ['membership', 'lifecycle', 'rental', 'repair'];

type When = { readonly at: Instant } | { readonly date: LocalDate };

const dateOf = (calendar: Calendar, when: When, zone: Zone): LocalDate =>
  'date' in when ? when.date : localDateOf(calendar, when.at, zone);

/** A park for which something changed, from when to when, or, where it is null, until now. */
interface ChangedPark {
  readonly park: ParkId;
  readonly from: When;
  readonly to: When | null;
}

const isNew = ({ lastKnown }: Interval, { mark }: News): boolean =>
  mark === null || !isAtMost(lastKnown, mark);

const earned = (news: News): readonly ChangedPark[] =>
  news.intervals
    .filter((interval) => interval.kind === 'revenue' && isNew(interval, news))
    .flatMap(({ park, localDate }) =>
      park === null || localDate === null
        ? []
        : [{ park, from: { date: localDate }, to: { date: localDate } }],
    );

const used = async (sql: Connection, news: News): Promise<readonly ChangedPark[]> => {
  const { tenant, intervals, mark } = news;
  const moved = intervals
    .filter(({ kind }) => OF_USE.includes(kind))
    .flatMap((interval) =>
      changedStretches(interval, mark).flatMap(({ from, to }) =>
        interval.vehicle ? [{ vehicle: interval.vehicle, from, to }] : [],
      ),
    );
  if (moved.length === 0) return [];
  const parks = await parksOf(sql, tenant, [...new Set(moved.map(({ vehicle }) => vehicle))]);
  return moved.flatMap(({ vehicle, from, to }) =>
    (parks.get(vehicle) ?? []).map((park) => ({
      ...{ park, from: { at: from }, to: to && { at: to } },
    })),
  );
};

/**
 * The months of parks that have been evaluated and are touched by what became known. The one under way is
 * looked at again anyway.
 */
export const staleParkMonths = async (
  sql: Connection,
  calendar: Calendar,
  news: News,
): Promise<readonly Stale[]> => {
  const changed = [...earned(news), ...(await used(sql, news))];
  if (changed.length === 0) return [];
  const subjects = [...new Set(changed.map(({ park }) => parkKey(park)))];
  const progress = await progressOf(sql)(news.tenant, subjects);
  const months = new Map<string, Stale>();
  for (const { park, from, to } of changed) {
    const subject = parkKey(park);
    const held = progress.get(seriesKey({ subject, ...MONTHS }));
    if (!held) continue;
    const { zone, firstWindow, nextWindow } = held;
    const last = dateOf(calendar, to ?? { at: news.now }, zone);
    const begun = dateOf(calendar, from, zone);
    const isBefore = begun < firstWindow;
    let month = windowOf(calendar, MONTHS, isBefore ? firstWindow : begun);
    while (month.from < nextWindow && month.from <= last) {
      const stale = { subject, ...MONTHS, first: month.from, last: month.from };
      months.set(`${subject} ${month.from}`, stale);
      month = windowOf(calendar, MONTHS, month.to);
    }
  }
  return [...months.values()];
};
