import { hourOfDay, plusDays, startOfDay } from '#commands/localDate.ts';
import type { Calendar } from '#projections/features/calendar.ts';

/** The calendar of features, by the time zone database at hand. */
export const calendar: Calendar = { startOfDay, hourOfDay, plusDays };
