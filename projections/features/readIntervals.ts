import type { ISql } from 'postgres';
import { z } from 'zod';
import { fleetFormulas, ROUTE_WITHIN_MS } from '#domain/features/fleet.ts';
import { Interval, type IntervalKind, stepKinds } from '#domain/features/interval.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import type { DriverId, ParkId, Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import type { DateSpan } from './calendar.ts';

/** More than any park or driver has: beyond it a value would be wrong, so nothing is answered. */
export const INTERVALS_MAX = 200_000;
/** No trip lasts longer. Source: domain/trips/logbook.ts, TRIP_MAX_S. */
export const TRIP_MAX_MS = 14 * 86_400_000;

/** Kinds that can be under way; and those that, when they are over, still have to be asked about the past. */
const FLEET_KINDS: readonly IntervalKind[] = fleetFormulas.flatMap(({ kinds }) => kinds);
/** Kinds that are still asked about for a while after they are over. */
const RECENT_KINDS: readonly IntervalKind[] = ['trip', 'idling'];
const LASTING_KINDS = FLEET_KINDS.filter((kind) => kind !== 'trip' && !stepKinds.includes(kind));

/** A connection, or a transaction on one, to the database of the read models. */
export type Connection = ISql<{ bigint: bigint }>;

const Stored = z.array(z.object({ key: z.string(), row: z.string() }));

/** Rows of the view as intervals, each once. */
export const intervalsIn = (rows: readonly unknown[]): readonly Interval[] => {
  if (rows.length >= INTERVALS_MAX) throw new Error(`more than ${INTERVALS_MAX} intervals`);
  const texts = new Map(Stored.parse(rows).map(({ key, row }) => [key, row]));
  return [...texts.values()].map((text) => Interval.parse(JSON.parse(text)));
};

/**
 * All intervals that bear on a park's fleet at an instant, by what was known at a position; and more. What
 * has changed since that position is taken whatever it says now.
 */
export const fleetIntervals =
  (sql: Connection) =>
  async (asked: {
    readonly tenant: Tenant;
    readonly park: ParkId;
    readonly at: Instant;
    readonly asOf: LogPosition;
  }): Promise<readonly Interval[]> => {
    const { tenant, park, at } = asked;
    const asOf = sql`${asked.asOf}::text::bigint`;
    const now = sql`${at}::text::timestamptz`;
    const since = sql`${instantOf(epochMs(at) - ROUTE_WITHIN_MS)}::text::timestamptz`;
    const until = sql`${instantOf(epochMs(at) + TRIP_MAX_MS)}::text::timestamptz`;
    const rows = await sql`
      with fleet as materialized (
        select distinct vehicle from intervals
         where tenant = ${tenant} and kind = 'membership' and park = ${park} and starts_at <= ${now}
           and first_known <= ${asOf})
      select own.key, own.row from fleet cross join lateral (
        select key, row::text as row from intervals as i
         where i.tenant = ${tenant} and i.vehicle = fleet.vehicle and i.kind = any(${[...FLEET_KINDS]}::text[])
           and i.ends_at is null and i.starts_at <= ${now}
        union all
        select key, row::text from intervals as i
         where i.tenant = ${tenant} and i.vehicle = fleet.vehicle and i.kind = any(${[...LASTING_KINDS]}::text[])
           and i.ends_at > ${now} and i.starts_at <= ${now}
        union all
        select key, row::text from intervals as i
         where i.tenant = ${tenant} and i.vehicle = fleet.vehicle and i.kind = any(${[...RECENT_KINDS]}::text[])
           and i.ends_at > ${since} and i.ends_at <= ${until} and i.starts_at <= ${now}) as own
      union all
      select i.key, i.row::text from fleet join intervals as i using (vehicle)
       where i.tenant = ${tenant} and i.first_known <= ${asOf} and i.last_known > ${asOf}
       limit ${INTERVALS_MAX}`;
    return intervalsIn(rows);
  };

/** All fines and trips that lie at a driver's door on some local dates, or ever did. */
export const driverIntervals =
  (sql: Connection) =>
  async (
    asked: { readonly tenant: Tenant; readonly driver: DriverId } & DateSpan,
  ): Promise<readonly Interval[]> => {
    const { tenant, driver, from, to } = asked;
    const everTheirs = JSON.stringify({ versions: [{ driver }] });
    const rows = await sql`
      select key, row::text as row from intervals
       where tenant = ${tenant} and driver = ${driver} and kind in ('fine', 'trip')
         and local_date >= ${from}::text::date and local_date < ${to}::text::date
      union all
      select key, row::text from intervals
       where tenant = ${tenant} and reassigned = 'true' and kind in ('fine', 'trip')
         and local_date >= ${from}::text::date and local_date < ${to}::text::date
         and row @> ${everTheirs}::text::jsonb
      union all
      select key, row::text from intervals
       where tenant = ${tenant} and redated = 'true' and kind in ('fine', 'trip')
         and row @> ${everTheirs}::text::jsonb
       limit ${INTERVALS_MAX}`;
    return intervalsIn(rows);
  };

/**
 * What a park earned on some local dates, and all that bears on the use of the vehicles that were ever in
 * it, up to an instant.
 */
export const parkMonthIntervals =
  (sql: Connection) =>
  async (
    asked: { readonly tenant: Tenant; readonly park: ParkId; readonly at: Instant } & DateSpan & {
        readonly asOf: LogPosition;
      },
  ): Promise<readonly Interval[]> => {
    const { tenant, park, at, from, to } = asked;
    const now = sql`${at}::text::timestamptz`;
    // A day may begin half a day and more before it does at UTC.
    const since = sql`${from}::text::timestamp at time zone 'UTC' - interval '1 day'`;
    const rows = await sql`
      with fleet as materialized (
        select distinct vehicle from intervals
         where tenant = ${tenant} and kind = 'membership' and park = ${park} and starts_at <= ${now})
      select key, row::text as row from intervals
       where tenant = ${tenant} and kind = 'park' and park = ${park}
      union all
      select key, row::text from intervals
       where tenant = ${tenant} and park = ${park} and kind = 'revenue'
         and local_date >= ${from}::text::date and local_date < ${to}::text::date
      union all
      select i.key, i.row::text from fleet join intervals as i using (vehicle)
       where i.tenant = ${tenant} and i.kind in ('membership', 'lifecycle') and i.starts_at <= ${now}
      union all
      select i.key, i.row::text from fleet join intervals as i using (vehicle)
       where i.tenant = ${tenant} and i.kind in ('rental', 'repair') and i.starts_at <= ${now}
         and (i.ends_at is null or i.ends_at > ${since})
      union all
      select i.key, i.row::text from fleet join intervals as i using (vehicle)
       where i.tenant = ${tenant} and i.kind in ('lifecycle', 'rental', 'repair')
         and i.first_known <= ${asked.asOf}::text::bigint and i.last_known > ${asked.asOf}::text::bigint
       limit ${INTERVALS_MAX}`;
    return intervalsIn(rows);
  };
