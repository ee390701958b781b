import { z } from 'zod';
import { isZone } from '#commands/localDate.ts';
import { Instant, Zone } from '#domain/kernel/instant.ts';
import { Vin } from '#domain/registry/vin.ts';

const NAME_MAX_CHARS = 80;
const PAGE_ROWS_DEFAULT = 50;
/** What 64 bits with a sign can hold. */
const POSITION_MAX = 2n ** 63n - 1n;

/** The most rows that one page of a list holds. */
const PAGE_ROWS_MAX = 500;

const toUtc = (text: string): string => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : new Date(ms).toISOString();
};

/** An instant as clients write it, ISO 8601 with any offset, turned into the one spelling of the ledger. */
export const WireInstant = z.iso
  .datetime({ offset: true })
  .transform(toUtc)
  .pipe(Instant)
  .meta({ description: 'ISO 8601 with an offset; stored in UTC to the millisecond.' });

/** When something happened in the world; left out, it happened now. */
export const OccurredAt = WireInstant.optional().meta({
  description: 'When it happened in the world, ISO 8601 with an offset. Left out: now.',
});

/** The name of a time zone that the time zone database at hand knows. */
export const WireZone = Zone.refine(isZone);

/** A vehicle identification number, in whatever case it was typed. */
export const WireVin = z.string().trim().toUpperCase().pipe(Vin);

/**
 * A licence plate: letters and digits of any script, blanks and hyphens between; upper case, single
 * blanks.
 */
export const Plate = z
  .string()
  .max(40)
  .transform((text) => text.trim().toUpperCase().replace(/\s+/g, ' '))
  .pipe(z.string().regex(/^[\p{L}\p{N}](?:[\p{L}\p{N} -]{0,14}[\p{L}\p{N}])?$/u));

/** One line of personal text, such as a name: no control characters, no half characters. */
export const PersonalText = z
  .string()
  .min(1)
  .max(NAME_MAX_CHARS)
  .regex(/^[^\p{C}]+$/u)
  .refine((text) => text.isWellFormed());

/** A position of the log as clients hold it: a decimal string, opaque. */
export const WirePosition = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(BigInt)
  .refine((position) => position <= POSITION_MAX)
  .meta({ description: 'A position of the log: opaque, a decimal string.' });

/** How many rows a page is to have. */
export const PageLimit = z.coerce
  .number()
  .int()
  .min(1)
  .max(PAGE_ROWS_MAX)
  .default(PAGE_ROWS_DEFAULT);

/**
 * What was asked of the ledger is in the log; read models follow. Decimal strings, JSON having no 64-bit
 * integers.
 */
export const Done = z
  .strictObject({
    id: z.string(),
    revision: z.string().nullable(),
    position: z.string().nullable(),
  })
  .meta({
    id: 'Done',
    description:
      'It is in the log. Send `position` as `Ledger-Position` with a GET that is to know of it.',
  });
export type Done = z.infer<typeof Done>;
