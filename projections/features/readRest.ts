import type { Interval, IntervalKind } from '#domain/features/interval.ts';
import { LOOK_BACK_MS } from '#domain/features/rest.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import type { DriverId, Tenant } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';
import { type Connection, INTERVALS_MAX, intervalsIn, TRIP_MAX_MS } from './readIntervals.ts';

/** No local day is longer, and no local date further from that of UTC. */
const DAY_MAX_MS = 26 * 3_600_000;

const VEHICLE_KINDS: readonly IntervalKind[] = ['trip', 'fitting', 'offline', 'idling'];
const LASTING_KINDS: readonly IntervalKind[] = VEHICLE_KINDS.filter((kind) => kind !== 'trip');

/**
 * All intervals that bear on a driver's rest at an instant, by what was known at a position; and more. What
 * has changed since that position is taken whatever it says now.
 */
export const restIntervals =
  (sql: Connection) =>
  async (asked: {
    readonly tenant: Tenant;
    readonly driver: DriverId;
    readonly at: Instant;
    readonly asOf: LogPosition;
  }): Promise<readonly Interval[]> => {
    const { tenant, driver, at } = asked;
    const asOf = sql`${asked.asOf}::text::bigint`;
    const now = sql`${at}::text::timestamptz`;
    const instant = (after_ms: number) =>
      sql`${instantOf(epochMs(at) + after_ms)}::text::timestamptz`;
    const date = (after_ms: number) =>
      sql`${instantOf(epochMs(at) + after_ms).slice(0, 10)}::text::date`;
    const since = instant(-LOOK_BACK_MS - DAY_MAX_MS);
    const isChanged = sql`first_known <= ${asOf} and last_known > ${asOf}`;
    const everTheirs = JSON.stringify({ versions: [{ driver }] });
    const rows = await sql`
      with had as materialized (
        select key, row::text as row, vehicle from intervals
         where tenant = ${tenant} and driver = ${driver} and kind = 'rental' and starts_at <= ${now}
           and (ends_at is null or ends_at > ${since} or (${isChanged}))),
      vehicles as materialized (select distinct vehicle from had)
      select key, row from had
      union all
      select key, row::text from intervals
       where tenant = ${tenant} and driver = ${driver} and kind = 'affiliation' and starts_at <= ${now}
      union all
      select key, row::text from intervals
       where tenant = ${tenant} and driver = ${driver} and kind = 'trip'
         and local_date >= ${date(-LOOK_BACK_MS - TRIP_MAX_MS - DAY_MAX_MS)} and local_date <= ${date(DAY_MAX_MS)}
         and starts_at <= ${now} and (ends_at is null or ends_at > ${since})
      union all
      select key, row::text from intervals
       where tenant = ${tenant} and kind = 'trip' and ${isChanged}
         and (driver = ${driver} or (reassigned = 'true' and row @> ${everTheirs}::text::jsonb))
      union all
      select own.key, own.row from vehicles cross join lateral (
        select key, row::text as row from intervals as i
         where i.tenant = ${tenant} and i.vehicle = vehicles.vehicle and i.kind = any(${[...VEHICLE_KINDS]}::text[])
           and i.ends_at is null and i.starts_at <= ${now}
        union all
        select key, row::text from intervals as i
         where i.tenant = ${tenant} and i.vehicle = vehicles.vehicle
           and i.kind = any(${[...LASTING_KINDS]}::text[]) and i.ends_at > ${since} and i.starts_at <= ${now}
        union all
        select key, row::text from intervals as i
         where i.tenant = ${tenant} and i.vehicle = vehicles.vehicle and i.kind = 'trip'
           and i.ends_at > ${since} and i.ends_at <= ${instant(TRIP_MAX_MS)} and i.starts_at <= ${now}
        union all
        select key, row::text from intervals as i
         where i.tenant = ${tenant} and i.vehicle = vehicles.vehicle and i.kind = any(${[...VEHICLE_KINDS]}::text[])
           and ${isChanged}) as own
       limit ${INTERVALS_MAX}`;
    return intervalsIn(rows);
  };
