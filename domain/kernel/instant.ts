import { z } from 'zod';

const INSTANT = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const LOCAL_DATE = /^\d{4}-\d\d-\d\d$/;
const ZONE = /^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/;
const ZONE_MAX_CHARS = 64;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const isLeapYear = (year: number): boolean =>
  year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** How many days the month has that a text begins with, `YYYY-MM`; 0 where there is none. Gregorian rules. */
export const daysInMonth = (text: string): number => {
  const month = Number(text.slice(5, 7));
  const leap = month === 2 && isLeapYear(Number(text.slice(0, 4))) ? 1 : 0;
  return (MONTH_DAYS[month - 1] ?? 0) + leap;
};

/** Whether a text that begins `YYYY-MM-DD` names a day of the calendar. Source: ISO 8601, Gregorian rules. */
const isRealDay = (text: string): boolean => {
  const day = Number(text.slice(8, 10));
  return day >= 1 && day <= daysInMonth(text);
};

/**
 * A point in time: UTC, ISO 8601, exactly three decimals of a second and a `Z`. One spelling per instant, so
 * two instants compare as their texts do.
 */
export const Instant = z.string().regex(INSTANT).refine(isRealDay).brand<'Instant'>();
export type Instant = z.infer<typeof Instant>;

/** A day of the calendar in some zone, `YYYY-MM-DD`. */
export const LocalDate = z.string().regex(LOCAL_DATE).refine(isRealDay).brand<'LocalDate'>();
export type LocalDate = z.infer<typeof LocalDate>;

/**
 * The name of an IANA time zone. That the zone exists is checked where time zone data is at hand, outside the
 * domain.
 */
export const Zone = z.string().max(ZONE_MAX_CHARS).regex(ZONE).brand<'Zone'>();
export type Zone = z.infer<typeof Zone>;

/**
 * When something happened in the world, with the calendar day it fell on where it happened. Zone and day are
 * fixed when the fact is recorded: a later release of the time zone database must not move an old day.
 */
export const Moment = z.strictObject({ at: Instant, zone: Zone, localDate: LocalDate });
export type Moment = z.infer<typeof Moment>;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const epochMs = (instant: Instant): number => Date.parse(instant);

/** The instant that many milliseconds after 1970-01-01T00:00:00Z. Throws outside the years 0000 to 9999. */
export const instantOf = (epoch_ms: number): Instant =>
  Instant.parse(new Date(epoch_ms).toISOString());

/** Whole seconds from one instant to another, rounded down; negative when `to` is the earlier one. */
export const secondsBetween = (span: { readonly from: Instant; readonly to: Instant }): number =>
  Math.floor((epochMs(span.to) - epochMs(span.from)) / 1000);

/** A stretch of true time, closed at `from` and open at `to`; `to: null` means it has not ended. */
export interface Interval {
  readonly from: Instant;
  readonly to: Instant | null;
}

/** Whether an instant lies in the stretch: its first moment does, its last does not. */
export const covers = ({ from, to }: Interval, at: Instant): boolean =>
  from <= at && (to === null || at < to);

/** Whether two stretches share a moment. Stretches that only touch do not. */
export const overlaps = (left: Interval, right: Interval): boolean =>
  (right.to === null || left.from < right.to) && (left.to === null || right.from < left.to);
