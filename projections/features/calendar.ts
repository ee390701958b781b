import { z } from 'zod';
import { epochMs, type Instant, instantOf, LocalDate, type Zone } from '#domain/kernel/instant.ts';
import type { SubjectKey } from '#domain/kernel/subjects.ts';

/**
 * What is needed of a time zone database: when a local day begins, when its clocks show an hour, and the day
 * some days later.
 */
export interface Calendar {
  readonly startOfDay: (date: LocalDate, zone: Zone) => Instant;
  readonly hourOfDay: (date: LocalDate, zone: Zone, hour: number) => Instant;
  readonly plusDays: (date: LocalDate, days: number) => LocalDate;
}

/** How long the windows of a feature are: a local day or a calendar month. */
export const Cadence = z.enum(['day', 'month']);
export type Cadence = z.infer<typeof Cadence>;

/** The features of a subject that have windows of the same length. */
export interface Series {
  readonly subject: SubjectKey;
  readonly cadence: Cadence;
}

/** A text that tells a series from all others. */
export const seriesKey = ({ subject, cadence }: Series): string => `${subject} ${cadence}`;

/** Local dates from one up to and without another. */
export interface DateSpan {
  readonly from: LocalDate;
  readonly to: LocalDate;
}

/** The local date of an instant: no zone is further than a day from UTC. */
export const localDateOf = (
  { startOfDay, plusDays }: Calendar,
  at: Instant,
  zone: Zone,
): LocalDate => {
  const utc = LocalDate.parse(at.slice(0, 10));
  const candidates = [plusDays(utc, 1), utc];
  return candidates.find((date) => startOfDay(date, zone) <= at) ?? plusDays(utc, -1);
};

const MONTHS = 12;

const nextMonth = (date: LocalDate): LocalDate => {
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  const next = month === MONTHS ? [year + 1, 1] : [year, month + 1];
  const [text = '', digits = ''] = next.map((part) => String(part).padStart(2, '0'));
  return LocalDate.parse(`${text.padStart(4, '0')}-${digits}-01`);
};

/** The window of a series that a local date lies in. */
export const windowOf = (
  { plusDays }: Calendar,
  { cadence }: Pick<Series, 'cadence'>,
  date: LocalDate,
): DateSpan => {
  if (cadence === 'day') return { from: date, to: plusDays(date, 1) };
  const from = LocalDate.parse(`${date.slice(0, 7)}-01`);
  return { from, to: nextMonth(from) };
};

/** The last instant of a span of local dates. */
export const lastInstantOf = ({ startOfDay }: Calendar, { to }: DateSpan, zone: Zone): Instant =>
  instantOf(epochMs(startOfDay(to, zone)) - 1);
