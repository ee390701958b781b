import type { ParkId } from '#domain/kernel/ids.ts';
import { driverKey, parkKey } from '#domain/kernel/subjects.ts';
import { type Calendar, localDateOf, seriesKey, windowOf } from './calendar.ts';
import { changedDrivers, changedStretches } from './changes.ts';
import { parksOf } from './parksOfVehicles.ts';
import { progressOf } from './progress.ts';
import type { Connection } from './readIntervals.ts';
import { type News, type Stale, staleDays } from './staleDays.ts';
import { staleParkMonths } from './staleParkMonths.ts';
import { staleRest } from './staleRest.ts';

const daysOf = (park: ParkId): string => seriesKey({ subject: parkKey(park), cadence: 'day' });

const staleOfFleets = async (
  sql: Connection,
  calendar: Calendar,
  { tenant, intervals, mark, now }: News,
): Promise<readonly Stale[]> => {
  const moved = intervals.flatMap((interval) =>
    changedStretches(interval, mark).flatMap(({ from, to }) =>
      interval.vehicle ? [{ vehicle: interval.vehicle, from, to: to ?? now }] : [],
    ),
  );
  if (moved.length === 0) return [];
  const vehicles = [...new Set(moved.map(({ vehicle }) => vehicle))];
  const parks = await parksOf(sql, tenant, vehicles);
  const subjects = [...new Set([...parks.values()].flat())].map((park) => parkKey(park));
  const progress = await progressOf(sql)(tenant, subjects);
  const staleIn = new Map([...progress].map(([key, held]) => [key, staleDays(calendar, held)]));
  return moved.flatMap(({ vehicle, from, to }) =>
    (parks.get(vehicle) ?? [])
      .map((park) => staleIn.get(daysOf(park))?.({ from, to }) ?? null)
      .filter((stale) => stale !== null),
  );
};

const MONTHS = { cadence: 'month' } as const;

/** Months that have been evaluated, and the one that is under way. */
const staleOfDrivers = async (
  sql: Connection,
  calendar: Calendar,
  { tenant, intervals, mark, now }: News,
): Promise<readonly Stale[]> => {
  const concerned = intervals
    .flatMap((interval) => changedDrivers(interval, mark))
    .map(({ driver, date }) => ({ driver, ...windowOf(calendar, MONTHS, date) }));
  const moved = [
    ...new Map(concerned.map((each) => [`${each.driver} ${each.from}`, each])).values(),
  ];
  if (moved.length === 0) return [];
  const subjects = [...new Set(moved.map(({ driver }) => driverKey(driver)))];
  const progress = await progressOf(sql)(tenant, subjects);
  return moved.flatMap(({ driver, from, to }) => {
    const held = progress.get(seriesKey({ subject: driverKey(driver), ...MONTHS }));
    if (!held) return [];
    const isUnderWay =
      from <= localDateOf(calendar, now, held.zone) && calendar.startOfDay(to, held.zone) > now;
    if (from >= held.nextWindow && !isUnderWay) return [];
    return [{ subject: held.subject, ...MONTHS, first: from, last: from }];
  });
};

/** Marks every evaluated window on which news may bear, to be evaluated once more. */
export const markStale =
  (sql: Connection, calendar: Calendar) =>
  async (news: News): Promise<void> => {
    const stale = [
      ...(await staleOfFleets(sql, calendar, news)),
      ...(await staleOfDrivers(sql, calendar, news)),
      ...(await staleRest(sql, calendar, news)),
      ...(await staleParkMonths(sql, calendar, news)),
    ];
    const spans = [
      ...new Map(
        stale.map((span) => [`${seriesKey(span)} ${span.first} ${span.last}`, span]),
      ).values(),
    ];
    if (spans.length === 0) return;
    await sql`
      insert into platform_feature_stale (tenant, subject, cadence, window_from)
      select distinct ${news.tenant}, span.subject, span.cadence, day::date
        from unnest(${spans.map(({ subject }) => subject)}::text[],
                    ${spans.map(({ cadence }) => cadence)}::text[],
                    ${spans.map(({ first }) => first)}::text[]::date[],
                    ${spans.map(({ last }) => last)}::text[]::date[]) as span(subject, cadence, first, last),
             generate_series(span.first::timestamp, span.last::timestamp, interval '1 day') as day
      on conflict do nothing`;
  };
