import { left, right } from 'fp-ts/lib/Either.js';
import postgres from 'postgres';
import { z } from 'zod';
import { QUARANTINE_BOUNDS, type QuarantineBounds } from '#ingest/quarantine.ts';
import type { Kept, TelemetryBatch, TelemetryStore } from '#ingest/store.ts';
import { vehiclesNow } from '#ingest/vehicleNow.ts';
import { bindRows } from './bindRows.ts';
import { boundedPool } from './boundedPool.ts';
import { partitionedTelemetry } from './partitionedTelemetry.ts';
import { attempt, writeFailure } from './postgresFailure.ts';
import { quarantineRecords } from './quarantineRecords.ts';
import {
  DAY_MS,
  DEFAULT_TELEMETRY_RETENTION,
  dayStart_ms,
  type TelemetryLayout,
  type TelemetryRetention,
} from './telemetryLayout.ts';
import { telemetryReads } from './telemetryReads.ts';
import {
  deviceRecords,
  markRecords,
  nowRecords,
  rowRecords,
  touchedRecords,
} from './telemetryRecords.ts';
import { timescaleTelemetry } from './timescaleTelemetry.ts';

const APPEND_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 30_000;
const JOB_TIMEOUT_MS = 120_000;
const WRITE_CONNECTIONS_MAX = 2;
const READ_CONNECTIONS_MAX = 4;
const CLOSE_TIMEOUT_S = 5;
/** Readings up to a day ahead of us are of a clock that is set to another zone. Source: issue 4. */
const AHEAD_MAX_MS = DAY_MS;
/** No partition is there for a row. Source: PostgreSQL manual, appendix A. */
const NO_PARTITION = '23514';

interface Options {
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly retention?: TelemetryRetention;
  readonly quarantine_bounds?: QuarantineBounds;
  /** How long the server may work at a batch; a second later it is taken for dead. */
  readonly append_timeout_ms?: number;
  readonly read_timeout_ms?: number;
}

/** The ordinals, from 1, of rows that were there already. */
const Ordinals = z
  .string()
  .regex(/^\{(?:\d+(?:,\d+)*)?\}$/)
  .transform((text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number)));
const AppendAnswer = z.tuple([z.object({ repeated: Ordinals })]);
const Partitioned = z.tuple([z.object({ partitioned: z.boolean() })]);
const Trimmed = z.tuple([z.object({ late: z.coerce.number(), quarantined: z.coerce.number() })]);

/** The device times that lie in `telemetry`, in microseconds since 1970, the last exclusive. */
interface Window {
  readonly from_us: number;
  readonly to_us: number;
}

const isWithin = ({ from_us, to_us }: Window, device_time_us: number): boolean =>
  device_time_us >= from_us && device_time_us < to_us;

/** What `append` sends: the rows within the window and those beyond, and what follows from them. */
const batchTexts = (batch: TelemetryBatch, window: Window, touches: boolean) => {
  const placed = batch.rows.map((row, place) => ({ row, place }));
  const within = placed.filter(({ row }) => isWithin(window, row.device_time_us));
  const late =
    within.length === placed.length
      ? []
      : placed.filter(({ row }) => !isWithin(window, row.device_time_us));
  const [main, beyond] = [rowRecords(within), rowRecords(late)];
  return {
    rows: main.text,
    late: beyond.text,
    places: [...main.places, ...beyond.places],
    now: nowRecords(vehiclesNow(batch.rows)),
    devices: deviceRecords(batch.rows),
    touched: touches ? touchedRecords(within.map(({ row }) => row)) : '{}',
    marks: markRecords(batch.rows),
    quarantined: quarantineRecords(batch.quarantined),
  };
};

/**
 * Telemetry in Postgres: in native partitions, or in a hypertable where the database was migrated with
 * TimescaleDB in it. A batch is one statement, so there is no transaction for the client to end.
 */
export const telemetryStore = (options: Options): TelemetryStore => {
  const { url, now = Date.now, retention = DEFAULT_TELEMETRY_RETENTION } = options;
  const bounds = JSON.stringify(options.quarantine_bounds ?? QUARANTINE_BOUNDS);
  const pool = (application: string, connections_max: number, statement_timeout_ms: number) =>
    boundedPool({ url, application, connections_max, statement_timeout_ms, arrays: false });
  const writer = pool(
    'ledger-telemetry-write',
    WRITE_CONNECTIONS_MAX,
    options.append_timeout_ms ?? APPEND_TIMEOUT_MS,
  );
  const reader = pool(
    'ledger-telemetry-read',
    READ_CONNECTIONS_MAX,
    options.read_timeout_ms ?? READ_TIMEOUT_MS,
  );
  const job = pool('ledger-telemetry-job', 1, JOB_TIMEOUT_MS);
  let found: TelemetryLayout | null = null;
  let until_ms: number | null = null;

  const layoutOf = async (): Promise<TelemetryLayout> => {
    if (found) return found;
    const [{ partitioned }] = Partitioned.parse(
      await job.run(
        (sql) => sql`
          select relkind = 'p' as partitioned from pg_class where oid = 'telemetry'::regclass`,
      ),
    );
    found = (partitioned ? partitionedTelemetry : timescaleTelemetry)(retention);
    return found;
  };

  const keepDays = async (): Promise<number> => {
    const layout = await layoutOf();
    const kept = await job.run((sql) => layout.keepDays(sql, now()));
    until_ms = kept.until_ms;
    return kept.dropped;
  };

  /** The window by now, as far as there is room. */
  const windowNow = async (): Promise<Window> => {
    const now_ms = now();
    if (until_ms === null || until_ms < now_ms + AHEAD_MAX_MS) await keepDays();
    const to_ms = Math.min(now_ms + AHEAD_MAX_MS, until_ms ?? 0);
    return {
      from_us: dayStart_ms(now_ms - retention.raw_days * DAY_MS) * 1_000,
      to_us: to_ms * 1_000,
    };
  };

  const appendOnce = async (batch: TelemetryBatch): Promise<Kept> => {
    const window = await windowNow();
    const { touches } = await layoutOf();
    const texts = batchTexts(batch, window, touches);
    const rows = await writer.ask(
      (sql, mark) => sql`
        select ${mark}::text as mark,
               store_readings(${texts.rows}::telemetry_late[], ${texts.late}::telemetry_late[])::text as repeated,
               update_vehicle_now(${texts.now}::vehicle_now[]),
               remember_devices(${texts.devices}::telemetry_devices[]),
               touch_telemetry(${texts.touched}::telemetry_touched[]),
               mark_detection(${texts.marks}::detection_marks[]),
               keep_in_quarantine(
                 ${texts.quarantined.entries}::text::jsonb, ${texts.quarantined.raws}::text::jsonb,
                 ${bounds}::text::jsonb)`,
    );
    const [{ repeated }] = AppendAnswer.parse(rows);
    return { repeated: repeated.map((ordinal) => texts.places[ordinal - 1] ?? -1) };
  };

  const append = async (batch: TelemetryBatch): Promise<Kept> => {
    try {
      return await appendOnce(batch);
    } catch (error) {
      if (!(error instanceof postgres.PostgresError) || error.code !== NO_PARTITION) throw error;
      // Somebody else let go of the day. There is room for it again, or it counts as late.
      await keepDays();
      return appendOnce(batch);
    }
  };

  const trim = async () => {
    const late = new Date(now() - retention.raw_days * DAY_MS).toISOString();
    const waiting = new Date(now() - retention.quarantine_days * DAY_MS).toISOString();
    const [trimmed] = Trimmed.parse(
      await job.run(
        (sql) => sql`
          with gone as (delete from telemetry_late where received_at < ${late}::timestamptz returning 1)
          select (select count(*) from gone) as late,
                 leave_quarantine(array(
                   select id from telemetry_quarantine where last_seen < ${waiting}::timestamptz)) as quarantined`,
      ),
    );
    return trimmed;
  };

  return {
    append: (batch) => async () => {
      try {
        return right(await append(batch));
      } catch (error) {
        return left(writeFailure(error));
      }
    },
    ...telemetryReads(reader),
    bind: (request) => () => attempt(() => job.run(bindRows(request))),
    rollUp: () => () =>
      attempt(async () => {
        const layout = await layoutOf();
        return job.run(layout.rollUp);
      }),
    tidy: () => () => attempt(async () => ({ dropped: await keepDays(), ...(await trim()) })),
    close: async () => {
      await Promise.all([
        writer.end(CLOSE_TIMEOUT_S),
        reader.end(CLOSE_TIMEOUT_S),
        job.end(CLOSE_TIMEOUT_S),
      ]);
    },
  };
};
