import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { stockRule } from '#domain/finance/rules/stock.ts';
import { PartsCounted, PartsReceived, PartsTaken } from '#domain/inventory/events.ts';
import { type StockCommand, stockDecider } from '#domain/inventory/stock.ts';
import { StockId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { basis, berlin, euro, money, morning, uuid8, van } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(stockDecider);
const of = { stock: StockId.parse(uuid8(0x5a)), park: berlin, part: 'BRAKE-PAD' };
const said = { ...of, home: euro, when: morning };
const pads = { quantity_milli: 4_000, amount: money('8000') };
const came = { ...pads, transaction: 'R-1' };
const receive = { ...said, type: 'ReceiveParts', ...came } as const;
const received = fact(PartsReceived, morning, { ...of, ...came });
const use = { quantity_milli: 1_000, amount: money('2000'), vehicle: van, basis };
const taken = fact(PartsTaken, morning, { ...of, ...use });
const found = {
  ...{ quantity_milli: 2_000, value: money('4000'), reason: 'stocktaking', transaction: 'C-1' },
};
const count = { ...said, type: 'CountParts', ...found } as const;
const counted = (quantity_milli: number, value: string) =>
  fact(PartsCounted, morning, { ...of, ...found, before: { quantity_milli, value } });

describe('the stock of a part', () => {
  it('takes a receipt once, by its transaction', () => {
    given().when(receive).yields(received);
    given(received).when(receive).yields();
    given(received)
      .when({ ...receive, quantity_milli: 5_000 })
      .refuses('TransactionReused');
    given()
      .when({ ...receive, amount: money('1', 'TRY') })
      .refuses('ForeignCurrency');
  });
  it('lets go of what a repair used, once for its cost line', () => {
    given(received)
      .when({ ...said, type: 'TakeParts', ...use })
      .yields(taken);
    given(received, taken)
      .when({ ...said, type: 'TakeParts', ...use })
      .yields();
  });
  it('is what was counted, beside what it should have been', () => {
    given(received, taken).when(count).yields(counted(3_000, '6000'));
    given(received, taken, counted(3_000, '6000')).when(count).yields();
    given(received, counted(4_000, '8000'))
      .when({ ...count, transaction: 'C-2' })
      .yields(
        fact(PartsCounted, morning, {
          ...{ ...of, ...found, transaction: 'C-2' },
          before: { quantity_milli: 2_000, value: '4000' },
        }),
      );
  });
  it('obeys the laws', () => {
    const anyCommand: fc.Arbitrary<StockCommand> = fc
      .record({
        command: fc.constantFrom<StockCommand>(
          receive,
          { ...receive, amount: money('1', 'TRY') },
          { ...receive, quantity_milli: 1 },
          count,
          { ...said, type: 'TakeParts', ...use },
        ),
        when: anyMoment,
      })
      .map(({ command, when }) => ({ ...command, when }));
    expect(holdToLaws(stockDecider, anyCommand)).toEqual({
      events: ['PartsCounted', 'PartsReceived', 'PartsTaken'],
      refusals: ['ForeignCurrency', 'TransactionReused'],
    });
  });
});

describe('what a stock posts', () => {
  const linesOf = (event: Parameters<typeof stockRule.drafts>[0]) =>
    stockRule.drafts(event, []).flatMap(({ lines }) => lines);

  it('is what is owed for parts, and what a count finds missing or too much', () => {
    const { stock, suppliers, parts } = ACCOUNTS;
    expect(linesOf(received)).toEqual([
      debit(stock, money('8000')),
      credit(suppliers, money('8000')),
    ]);
    const missing = [debit(parts, money('2000')), credit(stock, money('2000'))];
    expect(linesOf(counted(3_000, '6000'))).toEqual(missing);
    const more = [credit(parts, money('1500')), debit(stock, money('1500'))];
    expect(linesOf(counted(1_000, '2500'))).toEqual(more);
    expect(linesOf(counted(2_000, '4000'))).toEqual([]);
  });
});
