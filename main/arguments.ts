import { z } from 'zod';
import type { KnownAt } from '#audit/history.ts';
import { Instant } from '#domain/kernel/instant.ts';

/** The exit code for a command that was not written as it should be. */
export const USAGE = 2;

/** Parses an argument, or ends with what was expected. */
export const argument = <Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  what: string,
): z.output<Schema> => {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  process.stderr.write(`${text} is not ${what}\n`);
  process.exit(USAGE);
};

/** An instant in ISO 8601 with an offset, in the one spelling of the ledger, or the end. */
export const instantFrom = (text: string): Instant => {
  const parsed = z.iso.datetime({ offset: true }).safeParse(text);
  if (parsed.success) return Instant.parse(new Date(parsed.data).toISOString());
  process.stderr.write(`${text} is not an instant such as 2026-03-02T08:00:00Z\n`);
  process.exit(USAGE);
};

/** An instant in any ISO 8601 form with an offset, or a position in the log. */
export const knownAt = (text: string | undefined): KnownAt => {
  if (text === undefined) return null;
  if (/^\d{1,19}$/.test(text)) return { position: BigInt(text) };
  return { recordedAt: instantFrom(text) };
};
