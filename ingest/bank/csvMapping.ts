import { z } from 'zod';
import { Currency } from '#domain/kernel/money.ts';
import { csvStyle } from '#ingest/csvTable.ts';

const Column = z.string().min(1).max(100);
const Words = z.array(z.string().min(1).max(20)).min(1).max(10);

/**
 * Which column of a bank's table says what, and how it is written. Without `direction` the amount's sign
 * says whether it came in or went out; with it a cell has to be one of the words. Without a column for the
 * currency all is of the one given. A column that is null is not there.
 */
export const CsvMapping = z.strictObject({
  delimiter: csvStyle.delimiter.default(';'),
  decimal: csvStyle.decimal.default(','),
  dates: csvStyle.dates.default('yyyy-MM-dd'),
  currency: Currency,
  columns: z.strictObject({
    booked_on: Column,
    value_on: Column.nullable().default(null),
    amount: Column,
    currency: Column.nullable().default(null),
    direction: Column.nullable().default(null),
    reference: Column.nullable().default(null),
    end_to_end_id: Column.nullable().default(null),
    return_reason: Column.nullable().default(null),
  }),
  words: z
    .strictObject({ credit: Words, debit: Words })
    .default({ credit: ['CRDT', 'C', 'H'], debit: ['DBIT', 'D', 'S'] }),
});
export type CsvMapping = z.infer<typeof CsvMapping>;
