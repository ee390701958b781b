import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { z } from 'zod';
import { moneyOfDecimal } from '#domain/finance/decimal.ts';
import type { StatementEntry } from '#domain/finance/statement.ts';
import { Currency } from '#domain/kernel/money.ts';
import { type CsvRow, csvRows, dayIn, decimalIn } from '#ingest/csvTable.ts';
import type { CsvMapping } from './csvMapping.ts';

const TEXT_CHARS_MAX = 16 * 1024 * 1024;
const ROWS_MAX = 100_000;
const CELL_CHARS_MAX = 500;
/** The longest that a bank calls an entry, or a payment. Source: ISO 20022, Max35Text. */
const REFERENCE_CHARS_MAX = 35;

/** What is wrong with a row, by its last line in the file (the header is line 1) and its column. */
export interface RowError {
  readonly line: number;
  readonly column: string;
  readonly code:
    | 'DateMalformed'
    | 'AmountMalformed'
    | 'CurrencyUnknown'
    | 'DirectionUnknown'
    | 'TextTooLong';
}

/** What a table says. The rows that are wrong are in no entry; whoever takes it in decides about the rest. */
export interface CsvStatement {
  readonly entries: readonly StatementEntry[];
  readonly errors: readonly RowError[];
}

/** Why a table is not read at all. */
export type CsvRefusal =
  | { readonly code: 'StatementTooLarge' }
  | { readonly code: 'StatementMalformed' }
  | { readonly code: 'ColumnsMissing'; readonly columns: readonly string[] }
  | { readonly code: 'CurrencyMixed' };

const FIELDS = [
  ...(['booked_on', 'value_on', 'amount', 'currency', 'direction'] as const),
  ...(['reference', 'end_to_end_id', 'return_reason'] as const),
];
type Field = (typeof FIELDS)[number];

const FAULTS: Readonly<Record<Field, RowError['code']>> = {
  booked_on: 'DateMalformed',
  value_on: 'DateMalformed',
  amount: 'AmountMalformed',
  currency: 'CurrencyUnknown',
  direction: 'DirectionUnknown',
  reference: 'TextTooLong',
  end_to_end_id: 'TextTooLong',
  return_reason: 'TextTooLong',
};

const Reference = z
  .string()
  .max(REFERENCE_CHARS_MAX)
  .transform((text) => (text === '' ? null : text));

/** The name of a payment of ours wherever the bank hid it in the cell; else what the cell says. */
const endToEndIdIn = z
  .string()
  .max(CELL_CHARS_MAX)
  .transform((cell) => {
    const ours = /(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])/i.exec(cell)?.[0].toLowerCase();
    return ours ?? (cell === '' ? null : cell.slice(0, REFERENCE_CHARS_MAX));
  });

/** What the cells of a row have to be. Without a column for the direction, the sign of the amount is it. */
const cellsBy = ({ columns, decimal, dates, words }: CsvMapping) => {
  const all = [...words.credit, ...words.debit];
  return z.object({
    booked_on: dayIn(dates),
    value_on: z.union([z.literal('').transform(() => null), dayIn(dates)]),
    amount: decimalIn(decimal).refine((text) => columns.direction === null || text[0] !== '-'),
    currency: Currency,
    direction: z
      .string()
      .refine((word) => columns.direction === null || all.includes(word))
      .transform((word) => (words.debit.includes(word) ? 'debit' : 'credit')),
    reference: Reference,
    end_to_end_id: endToEndIdIn,
    return_reason: Reference,
  });
};

/** Reads a row: the entry, or everything that is wrong with it. */
const rowReader = (mapping: CsvMapping) => {
  const { columns, currency: usual } = mapping;
  const Cells = cellsBy(mapping);
  return ({ record, info }: CsvRow): Either<readonly RowError[], StatementEntry> => {
    const cell = (column: string | null) => (column === null ? '' : (record[column] ?? '').trim());
    const wrong = (field: Field): RowError => ({
      ...{ line: info.lines, column: columns[field] ?? '', code: FAULTS[field] },
    });
    const cells = Cells.safeParse({
      booked_on: cell(columns.booked_on),
      value_on: cell(columns.value_on),
      amount: cell(columns.amount),
      currency: columns.currency === null ? usual : cell(columns.currency),
      direction: cell(columns.direction),
      reference: cell(columns.reference),
      end_to_end_id: cell(columns.end_to_end_id),
      return_reason: cell(columns.return_reason),
    });
    if (!cells.success) {
      const fields = new Set(cells.error.issues.map(({ path }) => path[0]));
      return left(FIELDS.filter((field) => fields.has(field)).map(wrong));
    }
    const { booked_on: bookedOn, value_on: valueOn, reference: servicerRef } = cells.data;
    const { direction: told, end_to_end_id: endToEndId, return_reason: returnReason } = cells.data;
    const money = moneyOfDecimal(cells.data.amount, cells.data.currency);
    if (money === null) return left([wrong('amount')]);
    const isOut = money.amount.startsWith('-');
    return right({
      amount: { ...money, amount: money.amount.replace('-', '') },
      direction: isOut ? 'debit' : told,
      ...{ reversal: false, bookedOn, valueOn, servicerRef },
      details: [{ endToEndId, amount: null, returnReason }],
    });
  };
};

/**
 * The entries in a table that a bank gave out, which a mapping explains. It has no balances that could show
 * that something is missing.
 */
export const csvStatement =
  (mapping: CsvMapping) =>
  (text: string): Either<CsvRefusal, CsvStatement> => {
    if (text.length > TEXT_CHARS_MAX) return left({ code: 'StatementTooLarge' });
    const rows = csvRows(text, mapping.delimiter);
    const [first] = rows ?? [];
    if (rows === null || first === undefined) return left({ code: 'StatementMalformed' });
    if (rows.length > ROWS_MAX) return left({ code: 'StatementTooLarge' });
    const missing = Object.values(mapping.columns).flatMap((column) =>
      column === null || Object.hasOwn(first.record, column) ? [] : [column],
    );
    if (missing.length > 0) return left({ code: 'ColumnsMissing', columns: missing });
    const read = rowReader(mapping);
    const entries: StatementEntry[] = [];
    const errors: RowError[] = [];
    for (const row of rows) {
      const entry = read(row);
      if (isLeft(entry)) errors.push(...entry.left);
      else entries.push(entry.right);
    }
    const currencies = new Set(entries.map(({ amount }) => amount.currency));
    return currencies.size > 1 ? left({ code: 'CurrencyMixed' }) : right({ entries, errors });
  };
