import { z } from 'zod';
import { csvStyle } from '#ingest/csvTable.ts';

/** What a file is about. */
export const ImportKind = z.enum(['finance', 'maintenance', 'inventory']);
export type ImportKind = z.infer<typeof ImportKind>;

/** What a row may say. Which of it a type of row needs: docs/IMPORTS.md. */
export const ImportField = z.enum([
  ...(['type', 'transaction', 'date', 'park', 'vehicle', 'driver', 'debit', 'credit'] as const),
  ...(['amount', 'currency', 'reason', 'via', 'repair', 'severity', 'line', 'part'] as const),
  'quantity',
]);
export type ImportField = z.infer<typeof ImportField>;

/**
 * How a table is written. `columns` says what columns are called that are not called like our fields; `fixed`
 * what all rows say alike, whatever columns there are.
 */
export const ImportMapping = z.strictObject({
  delimiter: csvStyle.delimiter.default(','),
  decimal: csvStyle.decimal.default('.'),
  dates: csvStyle.dates.default('yyyy-MM-dd'),
  columns: z.partialRecord(ImportField, z.string().min(1).max(100)).default({}),
  fixed: z.partialRecord(ImportField, z.string().min(1).max(100)).default({}),
});
export type ImportMapping = z.infer<typeof ImportMapping>;
