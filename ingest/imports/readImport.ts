import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { csvRows } from '#ingest/csvTable.ts';
import { ImportField, type ImportMapping } from './importMapping.ts';
import type { ImportRow } from './ports.ts';

/** The longest file, in characters, and the longest cell. */
export const IMPORT_CHARS_MAX = 8 * 1024 * 1024;
const CELL_CHARS_MAX = 200;
const ROWS_MAX = 50_000;

/** Without these no row says what it is. */
const ALWAYS: readonly ImportField[] = ['type', 'transaction', 'date'];

/** Why a file is not taken at all; `columns` are those that it has not got. */
export type FileRefusal =
  | { readonly code: 'FileTooLarge' }
  | { readonly code: 'FileMalformed' }
  | { readonly code: 'ColumnsMissing'; readonly columns: readonly string[] };

/**
 * The rows of a table, with the cells that we have a use for and no others. What is wrong with a row is found
 * when it is taken; what is wrong with the file is told at once.
 */
export const readImport =
  (mapping: ImportMapping) =>
  (text: string): Either<FileRefusal, readonly ImportRow[]> => {
    if (text.length > IMPORT_CHARS_MAX) return left({ code: 'FileTooLarge' });
    const rows = csvRows(text, mapping.delimiter);
    const [first] = rows ?? [];
    if (rows === null || first === undefined) return left({ code: 'FileMalformed' });
    if (rows.length > ROWS_MAX) return left({ code: 'FileTooLarge' });
    const { columns, fixed } = mapping;
    const named = [...ALWAYS.map((field) => columns[field] ?? field), ...Object.values(columns)];
    const excused = new Set(
      ALWAYS.flatMap((field) => (fixed[field] ? [columns[field] ?? field] : [])),
    );
    const missing = [...new Set(named)].filter(
      (column) => !excused.has(column) && !Object.hasOwn(first.record, column),
    );
    if (missing.length > 0) return left({ code: 'ColumnsMissing', columns: missing });
    return right(
      rows.map(({ record, info }) => {
        const cells = ImportField.options.flatMap((field) => {
          const cell = fixed[field] ?? record[columns[field] ?? field]?.trim() ?? '';
          return cell === '' ? [] : [[field, cell.slice(0, CELL_CHARS_MAX)] as const];
        });
        return { line: info.lines, cells: Object.fromEntries(cells) };
      }),
    );
  };
