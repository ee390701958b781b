import { DateTime, IANAZone } from 'luxon';
import { type Instant, instantOf, LocalDate, type Moment, Zone } from '#domain/kernel/instant.ts';

/** Whether the time zone database at hand knows a zone. */
export const isZone = (name: string): name is Zone =>
  Zone.safeParse(name).success && IANAZone.isValidZone(name);

/** An instant with the calendar day it falls on in a zone, by the time zone database of today. */
export const momentOf = (at: Instant, zone: Zone): Moment => {
  const local = DateTime.fromISO(at, { zone });
  if (!local.isValid) throw new Error(`no such zone: ${zone}`);
  return { at, zone, localDate: LocalDate.parse(local.toISODate()) };
};

/** The instant at which a local day begins; it is not midnight everywhere on every day. */
export const startOfDay = (date: LocalDate, zone: Zone): Instant =>
  instantOf(DateTime.fromISO(date, { zone }).startOf('day').toMillis());

/** The instant at which the clocks of a local day show an hour; what they skip comes right after it. */
export const hourOfDay = (date: LocalDate, zone: Zone, hour: number): Instant =>
  instantOf(DateTime.fromISO(date, { zone }).set({ hour }).toMillis());

/** The calendar day that many days later. */
export const plusDays = (date: LocalDate, days: number): LocalDate =>
  LocalDate.parse(DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate());
