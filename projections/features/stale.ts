import { z } from 'zod';
import type { Interval } from '#domain/features/interval.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import { ParkId, type Tenant, VehicleId } from '#domain/kernel/ids.ts';
import type { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { driverKey, parkKey, type SubjectKey } from '#domain/kernel/subjects.ts';
import { type Calendar, localDateOf, windowOf } from './calendar.ts';
import { changedDrivers, changedStretches } from './changes.ts';
import { type Progress, progressOf } from './progress.ts';
import type { Connection } from './readIntervals.ts';

/** Windows of a subject, by their first days, from one up to and with another. */
interface Stale {
  readonly subject: SubjectKey;
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

const Membership = z.array(z.object({ vehicle: VehicleId, park: ParkId }));

/** Every park that each of some vehicles ever was in. */
const parksOf = async (
  sql: Connection,
  tenant: Tenant,
  vehicles: readonly VehicleId[],
): Promise<ReadonlyMap<VehicleId, readonly ParkId[]>> => {
  const rows = Membership.parse(
    await sql`
      select distinct vehicle, park from intervals
       where tenant = ${tenant} and kind = 'membership' and vehicle = any(${[...vehicles]}::text[])`,
  );
  const parks = new Map<VehicleId, ParkId[]>();
  for (const { vehicle, park } of rows) parks.set(vehicle, [...(parks.get(vehicle) ?? []), park]);
  return parks;
};

/** Asks which closed and evaluated days of a park a stretch of true time touches; null if it touches none. */
const staleDays = (calendar: Calendar, progress: Progress) => {
  const { subject, zone, firstWindow, nextWindow } = progress;
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
    return first <= last ? { subject, first, last } : null;
  };
};

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
      .map((park) => staleIn.get(parkKey(park))?.({ from, to }) ?? null)
      .filter((stale) => stale !== null),
  );
};

/** Months that have been evaluated, and the one that is under way. */
const staleOfDrivers = async (
  sql: Connection,
  calendar: Calendar,
  { tenant, intervals, mark, now }: News,
): Promise<readonly Stale[]> => {
  const concerned = intervals
    .flatMap((interval) => changedDrivers(interval, mark))
    .map(({ driver, date }) => ({ driver, ...windowOf(calendar, driverKey(driver), date) }));
  const moved = [
    ...new Map(concerned.map((each) => [`${each.driver} ${each.from}`, each])).values(),
  ];
  if (moved.length === 0) return [];
  const subjects = [...new Set(moved.map(({ driver }) => driverKey(driver)))];
  const progress = await progressOf(sql)(tenant, subjects);
  return moved.flatMap(({ driver, from, to }) => {
    const held = progress.get(driverKey(driver));
    if (!held) return [];
    const isUnderWay =
      from <= localDateOf(calendar, now, held.zone) && calendar.startOfDay(to, held.zone) > now;
    if (from >= held.nextWindow && !isUnderWay) return [];
    return [{ subject: held.subject, first: from, last: from }];
  });
};

/** Marks every evaluated window on which news may bear, to be evaluated once more. */
export const markStale =
  (sql: Connection, calendar: Calendar) =>
  async (news: News): Promise<void> => {
    const fleets = await staleOfFleets(sql, calendar, news);
    const stale = [...fleets, ...(await staleOfDrivers(sql, calendar, news))];
    const spans = [
      ...new Map(
        stale.map((span) => [`${span.subject} ${span.first} ${span.last}`, span]),
      ).values(),
    ];
    if (spans.length === 0) return;
    await sql`
      insert into platform_feature_stale (tenant, subject, window_from)
      select distinct ${news.tenant}, span.subject, day::date
        from unnest(${spans.map(({ subject }) => subject)}::text[],
                    ${spans.map(({ first }) => first)}::text[]::date[],
                    ${spans.map(({ last }) => last)}::text[]::date[]) as span(subject, first, last),
             generate_series(span.first::timestamp, span.last::timestamp, interval '1 day') as day
      on conflict do nothing`;
  };
