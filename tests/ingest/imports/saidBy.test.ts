import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { ImportMapping } from '#ingest/imports/importMapping.ts';
import { readImport } from '#ingest/imports/readImport.ts';
import { saidBy } from '#ingest/imports/saidBy.ts';
import { leftOf, rightOf } from '#tests/support/ledger.ts';
import { berlin, money, van } from '#tests/support/samples.ts';

const german = ImportMapping.parse({
  ...{ delimiter: ';', decimal: ',', dates: 'dd.MM.yyyy' },
  columns: { transaction: 'Beleg', date: 'Tag', amount: 'Betrag', reason: 'Grund' },
  fixed: { type: 'entry', currency: 'EUR', park: berlin },
});
const HEAD = 'Beleg;Tag;Betrag;vehicle;debit;credit;Grund;Name\n';
const entries = (...lines: readonly string[]) =>
  rightOf(readImport(german)(HEAD + lines.join('\n'))).map(saidBy('finance', german));

describe('a table of somebody else’s', () => {
  it('is read by a mapping of its columns, signs and days', () => {
    const [entry] = entries(`B-1;05.03.2026;1.234,50;${van};5020;2000;insurance;Zoë`);
    expect(entry).toEqual(
      right({
        ...{ type: 'entry', transaction: 'B-1', date: '2026-03-05', park: berlin, vehicle: van },
        ...{ debit: '5020', credit: '2000', amount: money('123450'), reason: 'insurance' },
      }),
    );
  });

  it('keeps no cell that it has no use for', () => {
    const rows = rightOf(readImport(german)(`${HEAD}B-1;05.03.2026;1,00;;5020;2000;insurance;Zoë`));
    expect(JSON.stringify(rows)).not.toContain('Zoë');
  });

  it.each([
    ['B-1;31.02.2026;1,00;;5020;2000;insurance;', 'Tag', 'date_malformed'],
    ['B-1;05.03.2026;1.00;;5020;2000;insurance;', 'Betrag', 'amount_malformed'],
    ['B-1;05.03.2026;1,005;;5020;2000;insurance;', 'Betrag', 'amount_malformed'],
    ['B-1;05.03.2026;-1,00;;5020;2000;insurance;', 'Betrag', 'amount_malformed'],
    ['B-1;05.03.2026;1,00;x;5020;2000;insurance;', 'vehicle', 'id_malformed'],
    ['B-1;05.03.2026;1,00;;50;2000;insurance;', 'debit', 'account_malformed'],
    ['B-1;05.03.2026;1,00;;5020;2000;Some Words;', 'Grund', 'word_unknown'],
    [';05.03.2026;1,00;;5020;2000;insurance;', 'Beleg', 'missing'],
  ])('says what is wrong with %s', (line, column, code) => {
    expect(entries(line)).toEqual([left([{ line: 2, column, code }])]);
  });

  it('has rows of its own kind only', () => {
    const usual = ImportMapping.parse({});
    const text = 'type,transaction,date\ncount,C-1,2026-03-01\n';
    const [row] = rightOf(readImport(usual)(text)).map(saidBy('finance', usual));
    expect(row).toEqual(left([{ line: 2, column: 'type', code: 'type_unknown' }]));
  });

  it('is refused whole where columns are missing, or it is none', () => {
    expect(leftOf(readImport(german)('Beleg;Tag\nB-1;x\n'))).toEqual({
      code: 'ColumnsMissing',
      columns: ['Betrag', 'Grund'],
    });
    expect(leftOf(readImport(german)('')).code).toBe('FileMalformed');
    expect(leftOf(readImport(german)('x'.repeat(9_000_000))).code).toBe('FileTooLarge');
  });
});
