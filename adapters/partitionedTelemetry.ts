import { z } from 'zod';
import type { PostgresPool } from './postgresPool.ts';
import {
  DAY_MS,
  dayStart_ms,
  type TelemetryLayout,
  type TelemetryRetention,
} from './telemetryLayout.ts';

/** Room for a weekend without housekeeping. */
const DAYS_AHEAD = 4;
/** Two hours of work for a vehicle that sends every five seconds; a second or so for the database. */
const STRETCHES_MAX = 1_000;
const ROUNDS_MAX = 1_000;

const Count = z.tuple([z.object({ count: z.coerce.number() })]);

const dateText = (at_ms: number): string => new Date(at_ms).toISOString().slice(0, 10);

/** Telemetry in native partitions, one a day; days and rollups are kept by jobs of ours. */
export const partitionedTelemetry = (retention: TelemetryRetention): TelemetryLayout => ({
  keepDays: async (sql, now_ms) => {
    const first_ms = dayStart_ms(now_ms - retention.raw_days * DAY_MS);
    const last_ms = dayStart_ms(now_ms) + DAYS_AHEAD * DAY_MS;
    const oldest_ms = dayStart_ms(now_ms - retention.rollup_days * DAY_MS);
    const keep = async (table: string, before_ms: number): Promise<number> => {
      const [{ count }] = Count.parse(
        await sql`
          select keep_telemetry_days(
            ${table}, ${dateText(first_ms)}::date, ${dateText(last_ms)}::date, ${dateText(before_ms)}::date) as count`,
      );
      return count;
    };
    const dropped = await keep('telemetry', first_ms);
    await keep('telemetry_1m', oldest_ms);
    await keep('telemetry_1h', oldest_ms);
    return { until_ms: last_ms + DAY_MS, dropped };
  },
  rollUp: async (sql: PostgresPool) => {
    await sql`select take_over_touched()`;
    let total = 0;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const [{ count }] = Count.parse(
        await sql`select roll_up_telemetry(${STRETCHES_MAX}) as count`,
      );
      total += count;
      if (count < STRETCHES_MAX) break;
    }
    return total;
  },
  touches: true,
});
