import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import type { Unavailable } from '#commands/ports.ts';
import {
  type ChangedNow,
  type Resolution,
  Rollup,
  TELEMETRY_READ_MAX,
  type TelemetryStore,
} from '#ingest/store.ts';
import { VehicleNow } from '#ingest/vehicleNow.ts';
import { askAll } from './askAll.ts';
import type { boundedPool } from './boundedPool.ts';
import { readFailure } from './postgresFailure.ts';
import type { PostgresPool } from './postgresPool.ts';
import { recentRows } from './recentRows.ts';
import { ROW_COLUMNS, StoredRow, us } from './storedRow.ts';

/** The columns of a bucket over rows `t`; they can be added up again. All functions in it are immutable. */
export const ROLLUP_COLUMNS = `
  min(t.device_time) as first_at, max(t.device_time) as last_at, count(*) as rows,
  count(t.speed_kmh) as speed_rows, sum(t.speed_kmh) as speed_sum_kmh, max(t.speed_kmh) as speed_max_kmh,
  count(t.ignition) as ignition_rows, count(*) filter (where t.ignition) as ignition_on_rows,
  min(t.odometer_m) as odometer_min_m, max(t.odometer_m) as odometer_max_m,
  max(t.engine_rpm) as engine_rpm_max,
  max(array[extract(epoch from t.device_time - 'epoch'::timestamptz)::float8, t.lat, t.lon]) filter (
    where t.lat is not null and t.valid is distinct from false
      and not coalesce('position_jump' = any (t.flags), false)) as fix`;

const WIDTHS = {
  '1m': { table: 'telemetry_1m', interval: '1 minute' },
  '1h': { table: 'telemetry_1h', interval: '1 hour' },
} as const satisfies Readonly<Record<Resolution, unknown>>;

/** What is known of a vehicle by now, as `VehicleNow` has it, from `n`. */
const NOW_COLUMNS = `
  n.tenant, n.vehicle, n.ident, ${us('n.seen_at')} as seen_at_us, ${us('n.received_at')} as received_at_us,
  ${us('n.fix_at')} as fix_at_us, n.lat, n.lon, n.altitude_m, n.course_deg, ${us('n.speed_at')} as speed_at_us,
  n.speed_kmh, ${us('n.ignition_at')} as ignition_at_us, n.ignition`;

const ChangedAnswer = z.tuple([
  z.object({ xmin: z.string().transform(BigInt), found: z.array(VehicleNow).nullable() }),
]);
/** More vehicles than one installation has. */
const CHANGED_MAX = 1_000_000;
const NO_VEHICLE = '00000000-0000-0000-0000-000000000000';

type ChangedRequest = Parameters<TelemetryStore['changedNow']>[0];

/** Whether `n` is about one of some vehicles; null: whichever it is about. */
const among = (sql: PostgresPool, vehicles: readonly string[] | null) =>
  sql`(${vehicles === null} or n.vehicle = any (${`{${vehicles?.join() ?? ''}}`}::uuid[]))`;

const bounded = (limit: number): number => Math.max(0, Math.min(limit, TELEMETRY_READ_MAX));

/** Reads telemetry, on plain Postgres and on TimescaleDB alike. */
export const telemetryReads = (
  reader: ReturnType<typeof boundedPool>,
): Pick<TelemetryStore, 'rows' | 'lastRows' | 'recentRows' | 'rollups' | 'now' | 'changedNow'> => {
  const find = askAll(reader);

  /** A page of what changed, behind a vehicle, and the mark of the snapshot it was read in. */
  const changedPage = async (
    { tenant, vehicles, since }: ChangedRequest,
    behind: VehicleNow | null,
  ): Promise<ChangedNow> => {
    const rows = await reader.ask(
      (sql, mark) => sql`
        select ${mark}::text as mark, pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
               (select json_agg(each) from (
                  select ${sql.unsafe(NOW_COLUMNS)}
                    from vehicle_now n
                   where (${tenant === null} or n.tenant = ${tenant ?? ''}) and ${among(sql, vehicles)}
                     and (${behind === null}
                          or (n.tenant, n.vehicle)
                               > (${behind?.tenant ?? ''}, ${behind?.vehicle ?? NO_VEHICLE}::uuid))
                     and (${since === null}
                          or ${since ?? 0n}::bigint > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
                          or ((n.xmin::text::bigint - (${since ?? 0n}::bigint & 4294967295) + 4294967296)
                                & 4294967295) < 2147483648)
                   order by n.tenant, n.vehicle limit ${TELEMETRY_READ_MAX}) as each) as found`,
    );
    const [{ xmin, found }] = ChangedAnswer.parse(rows);
    return { mark: xmin, states: found ?? [] };
  };

  /**
   * A row tells the transaction that wrote it (`xmin`, 32 bits that go round). All transactions before the
   * oldest one that is under way have ended: what a snapshot does not show yet was written by that one or a
   * later one. So a mark is the oldest transaction under way, and nothing that is committed late slips by.
   * Later pages show newer snapshots; the first one's mark holds for all.
   */
  const changed = async (request: ChangedRequest): Promise<Either<Unavailable, ChangedNow>> => {
    try {
      const first = await changedPage(request, null);
      const states = [...first.states];
      let page = first.states;
      while (page.length === TELEMETRY_READ_MAX && states.length < CHANGED_MAX) {
        page = (await changedPage(request, page.at(-1) ?? null)).states;
        states.push(...page);
      }
      return right({ mark: first.mark, states });
    } catch (error) {
      return left(readFailure(error));
    }
  };

  return {
    rows:
      ({ tenant, vehicle, from_us, to_us, after, limit }) =>
      () =>
        find(StoredRow, (sql) => {
          const first_us = after ? Math.max(from_us, after.device_time_us) : from_us;
          const behind = after
            ? sql`(t.device_time, t.ident, t.fingerprint)
                    > (us_time(${after.device_time_us}), ${after.ident}, ${after.fingerprint}::bigint)`
            : sql`true`;
          return sql`
            select ${sql.unsafe(ROW_COLUMNS)}
              from telemetry_devices d
             cross join lateral (
               select * from telemetry_rows t
                where t.ident = d.ident and t.vehicle = d.vehicle
                  and t.device_time >= us_time(${first_us}) and t.device_time < us_time(${to_us}) and ${behind}
                order by t.device_time, t.fingerprint limit ${bounded(limit)}) as t
             where d.vehicle = ${vehicle} and d.tenant = ${tenant}
             order by t.device_time, t.ident, t.fingerprint limit ${bounded(limit)}`;
        }),
    lastRows:
      ({ tenant, vehicle, limit }) =>
      () =>
        find(
          StoredRow,
          (sql) => sql`
            select ${sql.unsafe(ROW_COLUMNS)}
              from telemetry_devices d
             cross join lateral (
               select * from telemetry_rows t
                where t.ident = d.ident and t.vehicle = d.vehicle
                order by t.device_time desc, t.fingerprint desc limit ${bounded(limit)}) as t
             where d.vehicle = ${vehicle} and d.tenant = ${tenant}
             order by t.device_time desc, t.ident desc, t.fingerprint desc limit ${bounded(limit)}`,
        ),
    recentRows: recentRows(reader),
    rollups:
      ({ tenant, vehicle, from_us, to_us, resolution, limit }) =>
      () =>
        find(Rollup, (sql) => {
          const { table, interval } = WIDTHS[resolution];
          const bucket = sql`date_bin(${interval}::interval, t.device_time, 'epoch')`;
          return sql`
            select ${sql.unsafe(us('bucket'))} as bucket_us, ${sql.unsafe(us('min(first_at)'))} as first_at_us,
                   ${sql.unsafe(us('max(last_at)'))} as last_at_us, sum(rows) as rows,
                   round((max(fix))[1] * 1000000)::bigint as fix_at_us, (max(fix))[2] as lat, (max(fix))[3] as lon, sum(speed_sum_kmh) / nullif(sum(speed_rows), 0)::float8 as speed_mean_kmh,
                   max(speed_max_kmh) as speed_max_kmh,
                   sum(ignition_on_rows)::float8 / nullif(sum(ignition_rows), 0)::float8 as ignition_on_share,
                   min(odometer_min_m) as odometer_min_m, max(odometer_max_m) as odometer_max_m,
                   max(engine_rpm_max) as engine_rpm_max
              from (
                select bucket, first_at, last_at, rows, speed_rows, speed_sum_kmh, speed_max_kmh, ignition_rows,
                       ignition_on_rows, odometer_min_m, odometer_max_m, engine_rpm_max, fix
                  from ${sql(table)}
                 where vehicle = ${vehicle}
                   and exists (select from telemetry_devices where vehicle = ${vehicle} and tenant = ${tenant})
                   and bucket >= us_time(${from_us}) and bucket < us_time(${to_us})
                union all
                select ${bucket}, ${sql.unsafe(ROLLUP_COLUMNS)}
                  from telemetry_devices d
                  join telemetry_late t on t.ident = d.ident and t.vehicle = d.vehicle
                 where d.vehicle = ${vehicle} and d.tenant = ${tenant}
                   and t.device_time >= us_time(${from_us})
                   and t.device_time < us_time(${to_us}) + ${interval}::interval
                   and ${bucket} >= us_time(${from_us}) and ${bucket} < us_time(${to_us})
                 group by 1) as parts
             group by bucket order by bucket limit ${bounded(limit)}`;
        }),
    now:
      ({ tenant, vehicles }) =>
      () =>
        find(
          VehicleNow,
          (sql) => sql`
            select ${sql.unsafe(NOW_COLUMNS)}
              from vehicle_now n
             where n.tenant = ${tenant} and ${among(sql, vehicles)}
             order by n.vehicle limit ${TELEMETRY_READ_MAX}`,
        ),
    changedNow: (request) => () => changed(request),
  };
};
