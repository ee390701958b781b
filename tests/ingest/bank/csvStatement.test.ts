import { left } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { CsvMapping } from '#ingest/bank/csvMapping.ts';
import { csvStatement } from '#ingest/bank/csvStatement.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { money } from '#tests/support/samples.ts';

const german = CsvMapping.parse({
  dates: 'dd.MM.yyyy',
  currency: 'EUR',
  columns: {
    booked_on: 'Buchungstag',
    value_on: 'Valuta',
    amount: 'Betrag',
    reference: 'Referenz',
    end_to_end_id: 'Verwendungszweck',
  },
});
const HEAD = 'Buchungstag;Valuta;Betrag;Referenz;Verwendungszweck';
const ours = '00000000000080008000000000000001';

const table = (...rows: readonly string[]) => [HEAD, ...rows].join('\r\n');

describe('a table of a bank', () => {
  it('is read as its mapping says', () => {
    const text = table(
      `03.04.2026;04.04.2026;-1.252,48;B-1;"SEPA; EREF+${ours.toUpperCase()} Payout"`,
      '03.04.2026;;+10;;',
    );
    const { entries, errors } = rightOf(csvStatement(german)(`\ufeff${text}\r\n\r\n`));
    expect(errors).toEqual([]);
    expect(entries).toEqual([
      {
        ...{ amount: money('125248'), direction: 'debit', reversal: false },
        ...{ bookedOn: '2026-04-03', valueOn: '2026-04-04', servicerRef: 'B-1' },
        details: [{ endToEndId: ours, amount: null, returnReason: null }],
      },
      {
        ...{ amount: money('1000'), direction: 'credit', reversal: false },
        ...{ bookedOn: '2026-04-03', valueOn: null, servicerRef: null },
        details: [{ endToEndId: null, amount: null, returnReason: null }],
      },
    ]);
  });

  it('may say the direction and the currency in columns', () => {
    const mapping = CsvMapping.parse({
      ...{ delimiter: ',', decimal: '.', dates: 'MM/dd/yyyy', currency: 'EUR' },
      columns: {
        ...{ booked_on: 'Date', amount: 'Amount', currency: 'Ccy', direction: 'D/C' },
        return_reason: 'Reason',
      },
    });
    const text =
      'Date,Amount,Ccy,D/C,Reason\n04/03/2026,"1,252.48",TRY,D,\n04/04/2026,1,TRY,C,AC04\n';
    const { entries } = rightOf(csvStatement(mapping)(text));
    expect(
      entries.map(({ amount, direction, details }) => [
        amount,
        direction,
        details[0]?.returnReason,
      ]),
    ).toEqual([
      [money('125248', 'TRY'), 'debit', null],
      [money('100', 'TRY'), 'credit', 'AC04'],
    ]);
    const signed = text.replace('"1,252.48"', '-1252.48').replace('1,TRY,C', '1,TRY,X');
    expect(rightOf(csvStatement(mapping)(signed)).errors).toEqual([
      { line: 2, column: 'Amount', code: 'AmountMalformed' },
      { line: 3, column: 'D/C', code: 'DirectionUnknown' },
    ]);
  });

  it('names every cell that is wrong, and goes on', () => {
    const text = table(
      '31.02.2026;04/04/2026;12,345;;',
      '03.04.2026;;1.2,00;;',
      `03.04.2026;;1,00;${'x'.repeat(36)};`,
      `03.04.2026;;${'9'.repeat(18)};;`,
      '03.04.2026;;1,00;;',
    );
    const { entries, errors } = rightOf(csvStatement(german)(text));
    expect(errors).toEqual([
      { line: 2, column: 'Buchungstag', code: 'DateMalformed' },
      { line: 2, column: 'Valuta', code: 'DateMalformed' },
      { line: 3, column: 'Betrag', code: 'AmountMalformed' },
      { line: 4, column: 'Referenz', code: 'TextTooLong' },
      { line: 5, column: 'Betrag', code: 'AmountMalformed' },
    ]);
    expect(entries).toHaveLength(1);
  });

  const inTwo = CsvMapping.parse({
    ...{ currency: 'EUR', dates: 'dd.MM.yyyy' },
    columns: { booked_on: 'Buchungstag', amount: 'Betrag', currency: 'Referenz' },
  });
  it.each([
    ['', german, { code: 'StatementMalformed' }],
    [HEAD, german, { code: 'StatementMalformed' }],
    [table('1;2;3'), german, { code: 'StatementMalformed' }],
    [table('"1;2;3;4;5'), german, { code: 'StatementMalformed' }],
    [
      'Buchungstag;Betrag\n03.04.2026;1,00',
      german,
      { code: 'ColumnsMissing', columns: ['Valuta', 'Referenz', 'Verwendungszweck'] },
    ],
    [table('03.04.2026;;1,00;EUR;', '03.04.2026;;1,00;TRY;'), inTwo, { code: 'CurrencyMixed' }],
    [' '.repeat(16 * 1024 * 1024 + 1), german, { code: 'StatementTooLarge' }],
  ])('is refused (%#)', (text, mapping, refusal) => {
    expect(csvStatement(mapping)(text)).toEqual(left(refusal));
  });
});
