import { epochMs, type Instant, secondsBetween } from '#domain/kernel/instant.ts';
import { type DriveRow, distanceBetween } from './driveFile.ts';

/**
 * A stretch above the limit counts as a violation when it lasts longer than that. Source: issue of the core.
 */
const VIOLATION_MIN_S = 10;
/** A row speaks for the time until the next, but for no longer than that: what lies in a gap is not known. */
const ROW_SPEAKS_MAX_S = 5;

/** A stretch above the posted limit. The speeds are those of its worst second. */
export interface Speeding {
  readonly at: Instant;
  readonly endedAt: Instant;
  readonly max_speed_kmh: number;
  readonly limit_kmh: number;
}

/** What a drive comes to. */
export interface DriveSummary {
  readonly at: Instant;
  readonly endedAt: Instant;
  readonly report: {
    readonly distance_m: number;
    readonly max_speed_kmh: number;
    readonly over_limit_s: number;
  };
  readonly speedings: readonly Speeding[];
}

const isOver = ({ speed_kmh, limit_kmh }: DriveRow): boolean => speed_kmh > limit_kmh;

/** How long a row speaks for, in seconds. */
const spokenFor_s = (row: DriveRow, next: DriveRow | undefined): number =>
  next ? Math.min((epochMs(next.at) - epochMs(row.at)) / 1000, ROW_SPEAKS_MAX_S) : 0;

const worstOf = (rows: readonly DriveRow[]): DriveRow | undefined =>
  rows.reduce<DriveRow | undefined>(
    (worst, row) =>
      !worst || row.speed_kmh - row.limit_kmh > worst.speed_kmh - worst.limit_kmh ? row : worst,
    undefined,
  );

/** Runs of rows above the limit, each with the row at which it was over. */
const stretches = (
  rows: readonly DriveRow[],
): readonly { readonly over: readonly DriveRow[]; readonly end: Instant }[] => {
  const found: { over: DriveRow[]; end: Instant }[] = [];
  rows.forEach((row, index) => {
    const before = rows[index - 1];
    const current = found.at(-1);
    if (before && isOver(before) && current) current.end = row.at;
    if (!isOver(row)) return;
    if (before && isOver(before) && current) current.over.push(row);
    else found.push({ over: [row], end: row.at });
  });
  return found;
};

/**
 * Distance by positions, top speed and time above the posted limit by the vehicle's own speed, and a
 * violation for every stretch above the limit of more than ten seconds. Speeds are rounded to whole km/h, the
 * limit's excess is judged before rounding. Null for a drive of fewer than two rows.
 */
export const summariseDrive = (rows: readonly DriveRow[]): DriveSummary | null => {
  const first = rows[0];
  const last = rows.at(-1);
  if (!first || !last || rows.length < 2) return null;
  let distance_m = 0;
  let over_limit_s = 0;
  let max_speed_kmh = 0;
  rows.forEach((row, index) => {
    const next = rows[index + 1];
    if (next) distance_m += distanceBetween(row, next);
    if (isOver(row)) over_limit_s += spokenFor_s(row, next);
    max_speed_kmh = Math.max(max_speed_kmh, row.speed_kmh);
  });
  const speedings = stretches(rows).flatMap(({ over, end }): Speeding[] => {
    const [start] = over;
    const worst = worstOf(over);
    if (!start || !worst || secondsBetween({ from: start.at, to: end }) <= VIOLATION_MIN_S)
      return [];
    const { speed_kmh, limit_kmh } = worst;
    return [
      {
        at: start.at,
        endedAt: end,
        max_speed_kmh: Math.round(speed_kmh),
        limit_kmh: Math.round(limit_kmh),
      },
    ];
  });
  return {
    at: first.at,
    endedAt: last.at,
    report: {
      distance_m: Math.round(distance_m),
      max_speed_kmh: Math.round(max_speed_kmh),
      over_limit_s: Math.round(over_limit_s),
    },
    speedings,
  };
};
