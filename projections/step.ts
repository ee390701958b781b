import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { AnyProjection, LookupColumn, ProjectedEvent } from './projection.ts';

const REASON_MAX_CHARS = 300;
const DEPTH_MAX = 32;
const KEY_MAX_CHARS = 200;
const COLUMN_MAX_CHARS = 500;

/** What went wrong, in at most 300 characters. */
export const reasonOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, REASON_MAX_CHARS).toWellFormed().replaceAll('\0', ' ');
};

/** Whether Postgres and RFC 8785 can both hold a text: no half characters, no NUL. */
const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Whether a value is JSON that comes back from the database as it went in. */
const isStorable = (value: unknown, depth = 0): boolean => {
  if (typeof value === 'string') return isStorableText(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value !== 'object' || depth >= DEPTH_MAX) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depth + 1));
  for (const name in value) if (!isStorableText(name)) return false;
  for (const member of Object.values(value)) if (!isStorable(member, depth + 1)) return false;
  return true;
};

/** Keys are sent as lines. */
const LINE_BREAK = /[\n\r]/;

const INTEGER = /^-?\d{1,18}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const MONTH_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a text that begins with YYYY-MM-DD names a day that there is, in a year that Postgres knows. */
const isRealDay = (text: string): boolean => {
  const year = Number(text.slice(0, 4));
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  if (year < 1 || day < 1 || day > (MONTH_DAYS[month - 1] ?? 0)) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month !== 2 || day < 29 || isLeap;
};

/** Whether the database can make a look-up column of the value: otherwise it would refuse the whole batch. */
const fitsColumn = ({ path, type }: LookupColumn, row: unknown): boolean => {
  let value = row;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return true;
    value = Reflect.get(value, name);
  }
  if (value === null || value === undefined) return true;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  switch (type) {
    case 'bigint':
      return INTEGER.test(text);
    case 'timestamptz':
      return INSTANT.test(text) && isRealDay(text);
    case 'date':
      return DAY.test(text) && isRealDay(text);
    default:
      return text.length <= COLUMN_MAX_CHARS;
  }
};

/**
 * One event folded into one row, or why it cannot be. The row is checked after every single event, so that
 * what is parked does not depend on how the log was cut into batches. The very same row back means that
 * nothing changed.
 */
export const step = (
  projection: AnyProjection,
  {
    row,
    event,
    key,
  }: { readonly row: unknown; readonly event: ProjectedEvent; readonly key: string },
): Either<string, unknown> => {
  try {
    const next: unknown = projection.evolve(row, event, key);
    if (next === null || next === row) return right(next);
    const parsed = projection.row.safeParse(next);
    if (!parsed.success) {
      return left(`the row does not parse: ${parsed.error.issues[0]?.path.join('.')}`);
    }
    if (!isStorable(parsed.data)) return left('the row is not plain JSON');
    for (const name in projection.columns) {
      const column = projection.columns[name];
      if (!column || fitsColumn(column, parsed.data)) continue;
      return left(`the row does not fit its column ${name}`);
    }
    return right(parsed.data);
  } catch (error) {
    return left(reasonOf(error));
  }
};

const isKey = (key: string): boolean =>
  key.length <= KEY_MAX_CHARS && isStorableText(key) && !LINE_BREAK.test(key);

/**
 * The distinct keys of the rows that an event touches, or why they cannot be told: then nothing behind the
 * event can be folded either.
 */
export const keysOf = (
  projection: AnyProjection,
  event: ProjectedEvent,
): Either<string, readonly string[]> => {
  try {
    const found = projection.keys(event);
    const keys = found.length > 1 ? [...new Set(found)] : found;
    const bad = keys.some((key) => !isKey(key));
    return bad ? left('a key is too long or no plain text') : right(keys);
  } catch (error) {
    return left(reasonOf(error));
  }
};
