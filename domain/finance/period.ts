import { z } from 'zod';
import { daysInMonth, LocalDate } from '#domain/kernel/instant.ts';

/** A month of the books, `YYYY-MM`, by the local dates of its park. */
export const Period = z
  .string()
  .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/)
  .brand<'Period'>();
export type Period = z.infer<typeof Period>;

/** The month that a day falls into. */
export const periodOf = (date: LocalDate): Period => Period.parse(date.slice(0, 7));

const shifted = (period: Period, months: number): Period => {
  const index = Number(period.slice(0, 4)) * 12 + Number(period.slice(5)) - 1 + months;
  const year = String(Math.floor(index / 12)).padStart(4, '0');
  return Period.parse(`${year}-${String((index % 12) + 1).padStart(2, '0')}`);
};

/** The month after. Throws after the year 9999. */
export const nextPeriod = (period: Period): Period => shifted(period, 1);

/** The month before. Throws before the year 0000. */
export const previousPeriod = (period: Period): Period => shifted(period, -1);

/** A month as names of streams have it, `YYYYMM`. */
export const monthDigits = (period: Period): string => period.replace('-', '');

const MONTH_DIGITS = 6;

/**
 * What stands before the month that a name ends with, `<name>-<yyyymm>`, and the month. Throws without one.
 */
export const namedMonth = (text: string): { readonly name: string; readonly period: Period } => {
  const digits = text.slice(-MONTH_DIGITS);
  return {
    name: text.slice(0, -MONTH_DIGITS - 1),
    period: Period.parse(`${digits.slice(0, 4)}-${digits.slice(4)}`),
  };
};

/** The first day of a month. */
export const firstDayOf = (period: Period): LocalDate => LocalDate.parse(`${period}-01`);

/** The last day of a month. */
export const lastDayOf = (period: Period): LocalDate =>
  LocalDate.parse(`${period}-${String(daysInMonth(period)).padStart(2, '0')}`);
