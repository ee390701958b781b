import { parse } from 'csv-parse/sync';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { type Instant, instantOf, type Zone } from '#domain/kernel/instant.ts';
import { epochUs } from '#ingest/microInstant.ts';
import { distanceBetween, isImpossibleJump } from './distance.ts';

const FILE_BYTES_MAX = 64 * 1024 * 1024;
const SPEED_MAX_KMH = 400;

/** One second of a drive. `limit_kmh` is the posted limit at that place. */
export interface DriveRow {
  readonly line: number;
  readonly at: Instant;
  readonly lat: number;
  readonly lon: number;
  readonly speed_kmh: number;
  readonly limit_kmh: number;
}

/** A row that was set aside, by its line in the file (the header is line 1), and why. */
export interface RejectedRow {
  readonly line: number;
  readonly reason: string;
}

export interface DriveFile {
  readonly rows: readonly DriveRow[];
  readonly rejected: readonly RejectedRow[];
}

export type DriveFileRefusal =
  | { readonly code: 'FileTooLarge'; readonly bytes: number }
  | { readonly code: 'NoCsv'; readonly detail: string }
  | { readonly code: 'ColumnsMissing'; readonly columns: readonly string[] }
  | { readonly code: 'NoRows' };

const COLUMNS = ['Date', 'Time', 'Speed', 'LAT', 'LON', 'SpeedLimit'] as const;

const numeral = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d+(?:\.\d+)?$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);

/** A row as the file has it; an error names the column that is wrong. */
const Row = z.object({
  Date: z.string().regex(/^\d{1,2}\/\d{1,2}\/\d{4}$/),
  Time: z.string().regex(/^\d{1,2}:\d{2}:\d{2}$/),
  Speed: numeral(0, SPEED_MAX_KMH),
  LAT: numeral(-90, 90),
  LON: numeral(-180, 180),
  SpeedLimit: numeral(0, SPEED_MAX_KMH),
});

const parseRow = (
  line: number,
  cells: Readonly<Record<string, string>>,
  zone: Zone,
): Either<RejectedRow, DriveRow> => {
  const row = Row.safeParse(cells);
  if (!row.success) {
    const columns = [...new Set(row.error.issues.map(({ path }) => String(path[0])))];
    return left({ line, reason: `impossible ${columns.join(', ')}` });
  }
  const { Date: date, Time: time, LAT: lat, LON: lon, Speed, SpeedLimit } = row.data;
  if (lat === 0 && lon === 0) return left({ line, reason: 'no position' });
  const local = DateTime.fromFormat(`${date} ${time}`, 'M/d/yyyy H:mm:ss', { zone });
  if (!local.isValid) return left({ line, reason: 'no such local time' });
  const at = instantOf(local.toMillis());
  return right({ line, at, lat, lon, speed_kmh: Speed, limit_kmh: SpeedLimit });
};

/** Why a row cannot follow the one before it; null if it can. */
const misplaced = (before: DriveRow, row: DriveRow): string | null => {
  if (row.at <= before.at) return 'time does not go on';
  const elapsed_us = epochUs(row.at) - epochUs(before.at);
  return isImpossibleJump(distanceBetween(before, row), elapsed_us) ? 'impossible jump' : null;
};

/**
 * Reads a drive as the RSK Twizy data set has it: a comma-separated file, a row a second, times local to
 * `zone`. Rows that cannot be are set aside with their line and the reason; the rest is the drive, in order
 * of time.
 */
export const readDriveFile = (bytes: Buffer, zone: Zone): Either<DriveFileRefusal, DriveFile> => {
  if (bytes.length > FILE_BYTES_MAX) return left({ code: 'FileTooLarge', bytes: bytes.length });
  const table = cellsOf(bytes);
  if (isLeft(table)) return table;
  const [header, ...records] = table.right;
  const missing = COLUMNS.filter((column) => !header?.includes(column));
  if (!header || missing.length > 0) return left({ code: 'ColumnsMissing', columns: missing });
  const rows: DriveRow[] = [];
  const rejected: RejectedRow[] = [];
  records.forEach((cells, index) => {
    const line = index + 2;
    const named = Object.fromEntries(header.map((column, place) => [column, cells[place] ?? '']));
    const row = parseRow(line, named, zone);
    const before = rows.at(-1);
    if (isLeft(row)) {
      rejected.push(row.left);
      return;
    }
    const wrong = before ? misplaced(before, row.right) : null;
    if (wrong) rejected.push({ line, reason: wrong });
    else rows.push(row.right);
  });
  return rows.length === 0 ? left({ code: 'NoRows' }) : right({ rows, rejected });
};

const Table = z.array(z.array(z.string()));

const cellsOf = (bytes: Buffer): Either<DriveFileRefusal, string[][]> => {
  try {
    const cells: unknown = parse(bytes, { bom: true, relax_column_count: true, trim: true });
    return right(Table.parse(cells));
  } catch (error) {
    return left({ code: 'NoCsv', detail: error instanceof Error ? error.message : 'unreadable' });
  }
};
