import { AHEAD_MAX_US, WATCH_ROWS_MAX, type Watches } from '#ingest/detection/ports.ts';
import type { DetectionAsker } from './detectionAsker.ts';
import { ROW_COLUMNS, StoredRow } from './storedRow.ts';

/** The rows of one device in one vehicle, as detectors read them. */
export const watchRows = ({ find }: DetectionAsker): Pick<Watches, 'rows' | 'rowsBetween'> => ({
  rows: (key, after) => () =>
    find(StoredRow, (sql) => {
      const behind = after
        ? sql`t.device_time >= us_time(${after.time_us})
                  and (t.device_time, t.fingerprint)
                      > (us_time(${after.time_us}), ${after.fingerprint}::bigint)`
        : sql`true`;
      return sql`
          select ${sql.unsafe(ROW_COLUMNS)}
            from telemetry_rows t, (select ${key.tenant}::text as tenant) as d
           where t.ident = ${key.ident} and t.vehicle = ${key.vehicle} and ${behind}
             and t.device_time <= t.received_at + ${AHEAD_MAX_US} * interval '1 microsecond'
           order by t.device_time, t.fingerprint limit ${WATCH_ROWS_MAX}`;
    }),
  rowsBetween:
    (key, { from_us, to_us, limit }) =>
    () =>
      find(
        StoredRow,
        (sql) => sql`
            select ${sql.unsafe(ROW_COLUMNS)}
              from telemetry_rows t, (select ${key.tenant}::text as tenant) as d
             where t.ident = ${key.ident} and t.vehicle = ${key.vehicle}
               and t.device_time >= us_time(${from_us}) and t.device_time <= us_time(${to_us})
             order by t.device_time, t.fingerprint limit ${limit}`,
      ),
});
