import { describe, expect, it } from 'vitest';
import { ibanOf } from '#domain/finance/iban.ts';
import { type ExpectedPayment, matchLines } from '#domain/finance/matching.ts';
import { addsUp, linesOf, type StatementLine } from '#domain/finance/statement.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { day, money } from '#tests/support/samples.ts';

const expected = new Map<string, ExpectedPayment>([
  ['e1', { amount: money('25248'), status: 'sent' }],
  ['e2', { amount: money('15148'), status: 'paid' }],
  ['e3', { amount: money('10099'), status: 'returned' }],
]);

const nothingTold = () => false;

const line = (
  ref: string,
  direction: StatementLine['direction'],
  cents: string,
  endToEndId: string | null,
  change: Partial<StatementLine> = {},
): StatementLine => ({
  ...{ ref, direction, amount: money(cents), reversal: false, servicerRef: ref },
  ...{ bookedOn: day('2026-04-03'), valueOn: null },
  details: [{ endToEndId, amount: null, returnReason: null }],
  ...change,
});

const told = (...lines: readonly StatementLine[]) =>
  matchLines(lines, expected, nothingTold).map((match) =>
    match.kind === 'unmatched' ? match.code : match.kind,
  );

describe('matching', () => {
  it.each([
    ['a payment', line('a', 'debit', '25248', 'e1'), 'matched'],
    ['a return', line('a', 'credit', '15148', 'e2'), 'returned'],
    ['somebody else’s payment', line('a', 'debit', '25248', 'e9'), 'PaymentUnknown'],
    ['a payment without a name', line('a', 'debit', '25248', null), 'PaymentUnknown'],
    ['an entry without details', line('a', 'credit', '1', null, { details: [] }), 'PaymentUnknown'],
    ['another amount', line('a', 'debit', '25247', 'e1'), 'AmountDiffers'],
    [
      'another currency',
      line('a', 'debit', '1', 'e1', { amount: money('25248', 'TRY') }),
      'AmountDiffers',
    ],
    ['a return less its costs', line('a', 'credit', '15098', 'e2'), 'AmountDiffers'],
    ['a payment that was made', line('a', 'debit', '15148', 'e2'), 'PaidTwice'],
    ['a payment that came back', line('a', 'debit', '10099', 'e3'), 'PaidTwice'],
    ['a return of what came back', line('a', 'credit', '10099', 'e3'), 'ReturnedTwice'],
    ['a return of what nobody paid', line('a', 'credit', '25248', 'e1'), 'ReturnedUnpaid'],
  ])('takes %s for what it is', (_, some, kind) => {
    expect(told(some)).toEqual([kind]);
  });

  it('tells on which day, why it came back, and how much has to be looked at', () => {
    const reason = [{ endToEndId: 'e2', amount: null, returnReason: 'AC04' }];
    const lines = [
      line('a', 'credit', '15148', 'e2', { details: reason }),
      line('b', 'debit', '7', null),
    ];
    const on = '2026-04-03';
    expect(matchLines(lines, expected, nothingTold)).toEqual([
      {
        ...{ kind: 'unmatched', ref: 'b', endToEndId: null, on },
        ...{ code: 'PaymentUnknown', direction: 'debit', amount: money('7') },
      },
      { kind: 'returned', ref: 'a', endToEndId: 'e2', on, reason: 'AC04' },
    ]);
  });

  it('sees a payment and its return in one statement, whichever is told first', () => {
    const lines = [line('b', 'credit', '25248', 'e1'), line('a', 'debit', '25248', 'e1')];
    expect(told(...lines)).toEqual(['matched', 'returned']);
    const twice = [...lines, line('c', 'debit', '25248', 'e1')];
    expect(told(...twice)).toEqual(['matched', 'PaidTwice', 'returned']);
  });

  it('wants what is booked in one sum to be the sum of its parts', () => {
    const part = (endToEndId: string, cents: string | null, currency = 'EUR') => ({
      ...{ endToEndId, returnReason: null },
      amount: cents === null ? null : money(cents, currency),
    });
    const booked = (...details: StatementLine['details']) =>
      told(line('a', 'debit', '40396', null, { details }));
    expect(booked(part('e1', '25248'), part('e2', '15148'))).toEqual(['matched', 'PaidTwice']);
    expect(booked(part('e1', '25248'), part('e2', '15147'))).toEqual(['DetailsUnbalanced']);
    expect(booked(part('e1', '25248'), part('e2', null))).toEqual(['DetailsUnbalanced']);
    expect(booked(part('e1', '25248'), part('e2', '15148', 'TRY'))).toEqual(['DetailsUnbalanced']);
    expect(booked(part('e1', '25248'))).toEqual(['DetailsUnbalanced']);
  });

  it('counts a line once, and does not let another go by its name', () => {
    const one = line('a', 'debit', '25248', 'e1');
    expect(told(one, one)).toEqual(['matched']);
    expect(matchLines([one], expected, (id, { ref }) => id === 'e1' && ref === 'a')).toEqual([]);
    const [reused] = matchLines([one, { ...one, amount: money('1') }], expected, nothingTold);
    expect(reused).toMatchObject({ code: 'ReferenceReused', ref: 'a', amount: money('25248') });
    expect(told(one, { ...one, direction: 'credit' }).sort()).toEqual([
      'ReferenceReused',
      'ReturnedUnpaid',
    ]);
  });
});

describe('a statement', () => {
  const entries = [line('x', 'debit', '30', null), line('y', 'credit', '10', null)];
  const statement = {
    statementId: 'S-1',
    iban: rightOf(ibanOf('DE89370400440532013000')),
    opening: money('-5'),
    closing: money('-25'),
    entries,
  };

  it('adds up to the cent', () => {
    expect(addsUp(statement)).toBe(true);
    expect(addsUp({ ...statement, closing: money('-24') })).toBe(false);
    expect(addsUp({ ...statement, entries: entries.slice(1) })).toBe(false);
  });

  it('names what its bank gives no name, the same again each time', () => {
    const nameless = entries.map((entry) => ({ ...entry, servicerRef: null }));
    const refs = (some: typeof nameless) =>
      linesOf({ ...statement, entries: some }).map((l) => l.ref);
    expect(refs(nameless)).toEqual(['S-1#0', 'S-1#1']);
    expect(linesOf(statement).map(({ ref }) => ref)).toEqual(['x', 'y']);
  });
});
