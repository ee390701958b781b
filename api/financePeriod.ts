import { z } from 'zod';
import { plusDays } from '#commands/localDate.ts';
import { firstDayOf, lastDayOf, Period, periodOf, previousPeriod } from '#domain/finance/period.ts';
import { LocalDate } from '#domain/kernel/instant.ts';

const QUARTER = /^(\d{4})-Q([1-4])$/;
const YEAR = /^\d{4}$/;
const DAYS_MAX = 3 * 366;
const MONTHS_OF_QUARTER = 3;

/** Local days, both included. */
export interface DaySpan {
  readonly from: LocalDate;
  readonly to: LocalDate;
}

const day = (text: string): LocalDate | null => LocalDate.safeParse(text).data ?? null;

const months = (first: Period, last: Period): DaySpan => ({
  from: firstDayOf(first),
  to: lastDayOf(last),
});

const ofQuarter = (year: string, quarter: number): DaySpan => {
  const month = (n: number) => Period.parse(`${year}-${String(n).padStart(2, '0')}`);
  const last = quarter * MONTHS_OF_QUARTER;
  return months(month(last - MONTHS_OF_QUARTER + 1), month(last));
};

/** How many days lie from one to the other, both included. */
const daysOf = ({ from, to }: DaySpan): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;

/**
 * The days that a period's name means, by what `today` is where the books are kept: `2025-Q2`, `2025-06`,
 * `2025`, `today`, `yesterday`, a day, or `2025-06-01..2025-06-14`. Null for anything else, and for more than
 * three years.
 */
export const daySpanOf = (period: string, today: LocalDate): DaySpan | null => {
  if (period === 'today') return { from: today, to: today };
  if (period === 'yesterday') {
    const yesterday = plusDays(today, -1);
    return { from: yesterday, to: yesterday };
  }
  if (YEAR.test(period)) return months(Period.parse(`${period}-01`), Period.parse(`${period}-12`));
  const month = Period.safeParse(period);
  if (month.success) return months(month.data, month.data);
  const [, year, quarter] = QUARTER.exec(period) ?? [];
  if (year && quarter) return ofQuarter(year, Number(quarter));
  const [first = '', last = first, ...more] = period.split('..');
  const from = day(first);
  const to = day(last);
  if (!from || !to || from > to || more.length > 0) return null;
  return daysOf({ from, to }) > DAYS_MAX ? null : { from, to };
};

/** How many months a span is made of; null where it begins or ends within one. */
const wholeMonths = ({ from, to }: DaySpan): number | null => {
  const [first, last] = [periodOf(from), periodOf(to)];
  if (from !== firstDayOf(first) || to !== lastDayOf(last)) return null;
  let count = 1;
  for (let month = last; month > first; month = previousPeriod(month)) count += 1;
  return count;
};

/** What a span is compared with: as many whole months before it as it is made of, or as many days. */
export const spanBefore = (span: DaySpan): DaySpan => {
  const to = plusDays(span.from, -1);
  const count = wholeMonths(span);
  if (count === null) return { from: plusDays(span.from, -daysOf(span)), to };
  let first = periodOf(to);
  for (let month = 1; month < count; month += 1) first = previousPeriod(first);
  return { from: firstDayOf(first), to };
};

/** A period by its name; which days it means is told by the zone of the park. */
export const PeriodName = z
  .string()
  .max(24)
  .refine((text) => daySpanOf(text, LocalDate.parse('2000-01-01')) !== null, {
    error: 'YYYY, YYYY-Qn, YYYY-MM, a day, today, yesterday, or from..to',
  });
