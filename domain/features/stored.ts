import { z } from 'zod';

/** A place in the log, as a decimal string. */
export const LogPosition = z.string().regex(/^\d{1,19}$/);
export type LogPosition = z.infer<typeof LogPosition>;

/**
 * An instant in a row that is made of events. That its day is in the calendar was checked when the event was
 * read; here only the spelling is, which takes a tenth of the time and is done for every row that changes.
 */
export const StoredInstant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .brand<'Instant'>();
