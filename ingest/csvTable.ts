import { parse } from 'csv-parse/sync';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { LocalDate } from '#domain/kernel/instant.ts';

const RECORD_BYTES_MAX = 64 * 1024;

/** How a table is written: what stands between cells, how decimals and days look. */
export const csvStyle = {
  delimiter: z.enum([',', ';', '\t', '|']),
  decimal: z.enum([',', '.']),
  dates: z.enum(['yyyy-MM-dd', 'dd.MM.yyyy', 'dd/MM/yyyy', 'MM/dd/yyyy']),
};
type CsvStyle = z.infer<z.ZodObject<typeof csvStyle>>;

const Rows = z.array(
  z.object({
    record: z.record(z.string(), z.string()),
    info: z.object({ lines: z.int() }),
  }),
);
/** A row of a table: its cells by the names in the header, and its last line in the file. */
export type CsvRow = z.infer<typeof Rows>[number];

/** A decimal as somebody writes it: what groups its digits goes, and a full stop stands for its comma. */
export const decimalIn = (decimal: CsvStyle['decimal']) => {
  const [fraction, group] =
    decimal === ','
      ? [String.raw`,\d+`, String.raw`[. '\u00a0\u202f]`]
      : [String.raw`\.\d+`, String.raw`[, '\u00a0\u202f]`];
  const whole = String.raw`\d{1,3}(?:${group}\d{3})+|\d+`;
  return z
    .string()
    .regex(new RegExp(`^[+-]?(?:${whole})(?:${fraction})?$`))
    .transform((text) => text.replaceAll(new RegExp(`[+]|${group}`, 'g'), '').replace(',', '.'));
};

/** A day as somebody writes it. */
export const dayIn = (format: CsvStyle['dates']) =>
  z
    .string()
    .transform((text) => DateTime.fromFormat(text, format, { zone: 'utc' }).toISODate())
    .pipe(LocalDate);

/** The rows of a table with their header’s names; null where it is none. */
export const csvRows = (text: string, delimiter: string): readonly CsvRow[] | null => {
  try {
    const options = { bom: true, columns: true, info: true, skip_empty_lines: true, delimiter };
    const rows: unknown = parse(text, { ...options, max_record_size: RECORD_BYTES_MAX });
    return Rows.parse(rows);
  } catch {
    return null;
  }
};
