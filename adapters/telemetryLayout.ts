import type { PostgresPool } from './postgresPool.ts';

/**
 * How long things are kept, in days: readings, rollups, and what waits in quarantine. Source: issue 4, which
 * asks for 7 and 90.
 */
export interface TelemetryRetention {
  readonly raw_days: number;
  readonly rollup_days: number;
  readonly quarantine_days: number;
}

export const DEFAULT_TELEMETRY_RETENTION: TelemetryRetention = {
  raw_days: 7,
  rollup_days: 90,
  quarantine_days: 7,
};

/** What differs between plain Postgres and TimescaleDB: how rows lie, are rolled up and let go. */
export interface TelemetryLayout {
  /**
   * Makes room for the days that are kept and a few ahead, and lets go of those before. Answers up to which
   * day (milliseconds since 1970, exclusive) there is room, and how many days it dropped.
   */
  readonly keepDays: (
    sql: PostgresPool,
    now_ms: number,
  ) => Promise<{ readonly until_ms: number; readonly dropped: number }>;
  /** Rolls up what was touched; answers how many stretches. */
  readonly rollUp: (sql: PostgresPool) => Promise<number>;
  /** Whether writers have to say what they touched. */
  readonly touches: boolean;
}

export const DAY_MS = 86_400_000;

/** The first moment of the day, in UTC. */
export const dayStart_ms = (at_ms: number): number => at_ms - (at_ms % DAY_MS);
