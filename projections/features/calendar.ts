import { epochMs, type Instant, instantOf, LocalDate, type Zone } from '#domain/kernel/instant.ts';

/** What is needed of a time zone database: when a local day begins, and the day some days later. */
export interface Calendar {
  readonly startOfDay: (date: LocalDate, zone: Zone) => Instant;
  readonly plusDays: (date: LocalDate, days: number) => LocalDate;
}

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

/** The window of a subject that a local date lies in: of a park that day, of a driver the calendar month. */
export const windowOf = ({ plusDays }: Calendar, subject: string, date: LocalDate): DateSpan => {
  if (subject.startsWith('park:')) return { from: date, to: plusDays(date, 1) };
  const from = LocalDate.parse(`${date.slice(0, 7)}-01`);
  return { from, to: nextMonth(from) };
};

/** The last instant of a span of local dates. */
export const lastInstantOf = ({ startOfDay }: Calendar, { to }: DateSpan, zone: Zone): Instant =>
  instantOf(epochMs(startOfDay(to, zone)) - 1);
