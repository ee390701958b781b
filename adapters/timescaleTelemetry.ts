import { z } from 'zod';
import type { PostgresPool } from './postgresPool.ts';
import {
  DAY_MS,
  dayStart_ms,
  type TelemetryLayout,
  type TelemetryRetention,
} from './telemetryLayout.ts';
import { ROLLUP_COLUMNS } from './telemetryReads.ts';

/**
 * Before it, `on conflict do nothing` into a compressed chunk left out the rows behind the first conflict.
 * Source: timescale/timescaledb, issue 7672 and release 2.18.1.
 */
const VERSION_MIN = [2, 18, 1] as const;
/** Rows are compressed when they hardly come again: whatever is inserted among them is slow. */
const COMPRESS_AFTER_DAYS = 2;
/** A hypertable has room for any day: so often, by our clock, old days are let go. */
const ROOM_AHEAD_MS = 5 * DAY_MS;

const Version = z.tuple([z.object({ extversion: z.string() })]);
const Count = z.tuple([z.object({ count: z.coerce.number() })]);
const FailedJobs = z.array(z.object({ job: z.string() }));

const checkVersion = async (sql: PostgresPool): Promise<void> => {
  const [{ extversion }] = Version.parse(
    await sql`select extversion from pg_extension where extname = 'timescaledb'`,
  );
  const parts = extversion.split(/[.-]/).map(Number);
  const differing = VERSION_MIN.findIndex((part, index) => part !== (parts[index] ?? 0));
  if (differing >= 0 && (parts[differing] ?? 0) < (VERSION_MIN[differing] ?? 0)) {
    throw new Error(`TimescaleDB ${VERSION_MIN.join('.')} or newer is needed, not ${extversion}`);
  }
};

const days = (count: number): string => `interval '${count} days'`;

const rollup = (table: string, width: string): string => `
  create materialized view if not exists ${table}
    with (timescaledb.continuous, timescaledb.materialized_only = false) as
  select t.vehicle, time_bucket(interval '${width}', t.device_time) as bucket, ${ROLLUP_COLUMNS}
    from telemetry t
   group by t.vehicle, time_bucket(interval '${width}', t.device_time)
    with no data`;

/**
 * What makes a hypertable of `telemetry`, once; policies that are there already stay as they are. A refresh
 * reaches back no further than the readings do: beyond that it would find none, and forget the rollups.
 */
const layoutStatements = ({ raw_days, rollup_days }: TelemetryRetention): readonly string[] => [
  `select create_hypertable('telemetry', 'device_time', chunk_time_interval => ${days(1)},
                            create_default_indexes => false, if_not_exists => true)`,
  // Settings of compression cannot be told again once something is compressed.
  `do $$
   begin
     if not exists (select from timescaledb_information.hypertables
                     where hypertable_name = 'telemetry' and compression_enabled) then
       alter table telemetry set (
         timescaledb.compress, timescaledb.compress_segmentby = 'ident',
         timescaledb.compress_orderby = 'device_time desc, fingerprint');
     end if;
   end
   $$`,
  `select add_compression_policy('telemetry', ${days(COMPRESS_AFTER_DAYS)}, if_not_exists => true)`,
  `select add_retention_policy('telemetry', ${days(raw_days)}, if_not_exists => true)`,
  ...(['telemetry_1m', 'telemetry_1h'] as const).flatMap((table) => {
    const width = table === 'telemetry_1m' ? '1 minute' : '1 hour';
    return [
      rollup(table, width),
      // By itself a chunk of an aggregate spans ten days, and is let go as one.
      `select set_chunk_time_interval('${table}', ${days(1)})`,
      `select add_continuous_aggregate_policy('${table}', start_offset => ${days(raw_days)},
         end_offset => interval '${width}', schedule_interval => interval '1 minute', if_not_exists => true)`,
      `select add_retention_policy('${table}', ${days(rollup_days)}, if_not_exists => true)`,
    ];
  }),
];

/**
 * Telemetry in a hypertable: chunks of a day, compressed after two, with continuous aggregates. Its policies
 * roll up every minute and let go of old days by the server's clock; `keepDays` does the latter by ours, and
 * `rollUp` has nothing to do but throws where a policy failed.
 */
export const timescaleTelemetry = (retention: TelemetryRetention): TelemetryLayout => {
  let isLaidOut = false;
  const drop = async (sql: PostgresPool, table: string, before_ms: number): Promise<number> => {
    const [{ count }] = Count.parse(
      await sql`
        select count(*) as count
          from drop_chunks(${table}::regclass, older_than => ${new Date(before_ms).toISOString()}::timestamptz)`,
    );
    return count;
  };
  return {
    keepDays: async (sql, now_ms) => {
      if (!isLaidOut) {
        await checkVersion(sql);
        for (const statement of layoutStatements(retention)) await sql.unsafe(statement);
        isLaidOut = true;
      }
      const dropped = await drop(
        sql,
        'telemetry',
        dayStart_ms(now_ms - retention.raw_days * DAY_MS),
      );
      const oldest_ms = dayStart_ms(now_ms - retention.rollup_days * DAY_MS);
      await drop(sql, 'telemetry_1m', oldest_ms);
      await drop(sql, 'telemetry_1h', oldest_ms);
      return { until_ms: now_ms + ROOM_AHEAD_MS, dropped };
    },
    rollUp: async (sql) => {
      const failed = FailedJobs.parse(
        await sql`
          select j.proc_name || ' of ' || j.hypertable_name as job
            from timescaledb_information.job_stats s
            join timescaledb_information.jobs j using (job_id)
           where j.hypertable_name is not null and s.last_run_status = 'Failed'
           order by 1`,
      );
      if (failed.length === 0) return 0;
      throw new Error(`TimescaleDB's policies failed: ${failed.map(({ job }) => job).join(', ')}`);
    },
    touches: false,
  };
};
