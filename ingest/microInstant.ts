import { epochMs, type Instant, instantOf } from '#domain/kernel/instant.ts';

const MS_DIGITS = 3;
const US_PER_MS = 1_000;

/** Microseconds since 1970 of an instant of the ledger. */
export const epochUs = (at: Instant): number => epochMs(at) * US_PER_MS;

/** The instant of so many microseconds since 1970, down to the millisecond: the ledger's is no finer. */
export const instantAt = (time_us: number): Instant => instantOf(Math.floor(time_us / US_PER_MS));

/**
 * An instant of so many microseconds since 1970 in ISO 8601: three decimals of a second, or six where the
 * last three are not zero.
 */
export const microInstant = (at_us: number): string => {
  const micros = at_us % 1_000;
  const text = new Date((at_us - micros) / 1_000).toISOString();
  return micros === 0 ? text : `${text.slice(0, -1)}${String(micros).padStart(MS_DIGITS, '0')}Z`;
};

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.(\d{1,9}))?)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Microseconds since 1970 of an instant in ISO 8601 with an offset, what is finer cut off; those before 1970
 * count as 1970, those a number cannot hold as the last it can. Null where it is none.
 */
export const microsOf = (text: string): number | null => {
  const found = ISO.exec(text);
  const at_ms = Date.parse(text);
  if (!found || Number.isNaN(at_ms)) return null;
  const fraction = (found[1] ?? '').slice(0, 6).padEnd(6, '0');
  const at_us = Math.floor(at_ms / 1_000) * 1_000_000 + Number(fraction);
  return Math.min(Math.max(at_us, 0), Number.MAX_SAFE_INTEGER);
};
