import { z } from 'zod';
import { LOOK_BACK_MS } from '#domain/features/rest.ts';
import { DriverId, type Tenant, VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, Instant, instantOf } from '#domain/kernel/instant.ts';
import { driverKey } from '#domain/kernel/subjects.ts';
import { type Calendar, seriesKey } from './calendar.ts';
import { changedRest } from './changes.ts';
import { progressOf } from './progress.ts';
import type { Connection } from './readIntervals.ts';
import { type News, type Stale, staleDays } from './staleDays.ts';

/** A trip of nobody concerns whoever had the vehicle on the same local day, before it or after. */
const AROUND_MS = 2 * 86_400_000;

/** What happened to a vehicle, up to `to`. */
interface Happening {
  readonly vehicle: VehicleId;
  readonly from: Instant;
  readonly to: Instant;
}

const Rented = z.object({
  vehicle: VehicleId,
  driver: DriverId,
  from: Instant,
  to: Instant.nullable(),
});
type Rented = z.infer<typeof Rented>;

/** Who rented each of some vehicles in the time that something happened to them, and around it. */
const rentersOf = async (
  sql: Connection,
  tenant: Tenant,
  happenings: readonly Happening[],
): Promise<(happening: Happening) => readonly DriverId[]> => {
  if (happenings.length === 0) return () => [];
  const first_ms = Math.min(...happenings.map(({ from }) => epochMs(from)));
  const vehicles = [...new Set(happenings.map(({ vehicle }) => vehicle))];
  const instant = (column: string) =>
    sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const rentals = Rented.array().parse(
    await sql`
      select vehicle, driver, ${instant('starts_at')} as "from", ${instant('ends_at')} as "to" from intervals
       where tenant = ${tenant} and kind = 'rental' and vehicle = any(${vehicles}::text[]) and driver is not null
         and (ends_at is null or ends_at >= ${instantOf(first_ms - AROUND_MS)}::text::timestamptz)`,
  );
  const byVehicle = Map.groupBy(rentals, ({ vehicle }) => vehicle);
  return ({ vehicle, from, to }) => {
    const until = instantOf(epochMs(to) + AROUND_MS);
    const since = instantOf(epochMs(from) - AROUND_MS);
    const isAround = (rental: Rented) =>
      rental.from <= until && (rental.to === null || rental.to >= since);
    return (byVehicle.get(vehicle) ?? []).filter(isAround).map(({ driver }) => driver);
  };
};

/** Days of drivers that have been evaluated, and whose look-back touches what became known. */
export const staleRest = async (
  sql: Connection,
  calendar: Calendar,
  { tenant, intervals, mark, now }: News,
): Promise<readonly Stale[]> => {
  const changed = intervals
    .flatMap((interval) => changedRest(interval, mark))
    .map(({ to, ...change }) => ({ ...change, to: to ?? now }));
  const happenings = changed.flatMap(({ vehicle, from, to }) =>
    vehicle ? [{ vehicle, from, to }] : [],
  );
  const renters = await rentersOf(sql, tenant, happenings);
  const concerned = changed.map(({ drivers, vehicle, from, to }) => ({
    from,
    // The day in which the look-back that touches it ends.
    to: instantOf(epochMs(to) + LOOK_BACK_MS),
    drivers: [...drivers, ...(vehicle ? renters({ vehicle, from, to }) : [])],
  }));
  const subjects = [...new Set(concerned.flatMap(({ drivers }) => drivers))].map(driverKey);
  const progress = await progressOf(sql)(tenant, subjects);
  return concerned.flatMap(({ drivers, from, to }) =>
    [...new Set(drivers)].flatMap((driver) => {
      const held = progress.get(seriesKey({ subject: driverKey(driver), cadence: 'day' }));
      const stale = held ? staleDays(calendar, held)({ from, to }) : null;
      return stale ? [stale] : [];
    }),
  );
};
