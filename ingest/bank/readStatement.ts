import { createHash } from 'node:crypto';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Iban } from '#domain/finance/iban.ts';
import { linesOf, type StatementLine } from '#domain/finance/statement.ts';
import { Digest } from '#domain/kernel/ids.ts';
import { camt053 } from './camt053.ts';
import type { CsvMapping } from './csvMapping.ts';
import { csvStatement } from './csvStatement.ts';

const NAME_DIGITS = 16;

/** A bank's file as it came. */
export interface StatementFile {
  readonly format: 'camt053' | 'csv';
  readonly text: string;
}

/** What a file says: its lines, and its own digest. */
export interface ReadStatement {
  readonly lines: readonly StatementLine[];
  readonly statement: Digest;
}

/** Why a file is refused, and the element, or line and column, that shows it; empty where none does. */
export interface UnreadStatement {
  readonly why: string;
  readonly at: string;
}

/**
 * Reads a bank's file, all of it or nothing. It must be of our own account as far as it says whose it is. A
 * table whose bank gives entries no references names them after the file: the same file is still the same.
 */
export const readStatement =
  ({ iban, csv }: { readonly iban: Iban; readonly csv: CsvMapping | null }) =>
  ({ format, text }: StatementFile): Either<UnreadStatement, ReadStatement> => {
    const statement = Digest.parse(createHash('sha256').update(text).digest('hex'));
    if (format === 'camt053') {
      const read = camt053(text);
      if (isLeft(read)) {
        return left({ why: read.left.code, at: 'at' in read.left ? read.left.at : '' });
      }
      const isOurs = read.right.every((each) => each.iban === iban);
      if (!isOurs) return left({ why: 'AccountForeign', at: '' });
      return right({ lines: read.right.flatMap(linesOf), statement });
    }
    if (!csv) return left({ why: 'StatementFormatUnknown', at: '' });
    const read = csvStatement(csv)(text);
    if (isLeft(read)) return left({ why: read.left.code, at: '' });
    const { entries, errors } = read.right;
    const [wrong] = errors;
    if (wrong) return left({ why: wrong.code, at: `line ${wrong.line}, ${wrong.column}` });
    const statementId = `csv-${statement.slice(0, NAME_DIGITS)}`;
    return right({ lines: linesOf({ statementId, entries }), statement });
  };
