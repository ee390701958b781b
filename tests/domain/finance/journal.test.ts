import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS, AccountCode, DEFAULT_CHART } from '#domain/finance/accounts.ts';
import { AssetPeriodClosed, EntryPosted, journalEvents } from '#domain/finance/journal/events.ts';
import { balanceOf, type JournalCommand, journalDecider } from '#domain/finance/journal/journal.ts';
import { Period } from '#domain/finance/period.ts';
import { credit, debit, type EntryLine, flipped } from '#domain/finance/postingRule.ts';
import { Rate } from '#domain/finance/rate.ts';
import { replay } from '#domain/kernel/decider.ts';
import { BookId, EntryId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { journalKey } from '#domain/kernel/subjects.ts';
import { anyMoment, holdToLaws } from '#tests/support/arbitrary.ts';
import { ann, basis, berlin, day, euro, money, noon, uuid8, van } from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(journalDecider);
const chart = new Set(DEFAULT_CHART.map(({ code }) => code));
const march = Period.parse('2026-03');
const month = { book: BookId.parse(van), park: berlin, vehicle: van, period: march };
const entryOf = (n: number): EntryId => EntryId.parse(`${van}-202603~${uuid8(n)}`);
const charged = (amount = '11900', tax = '1900'): EntryLine[] => [
  debit(ACCOUNTS.receivable, money(amount), { driver: ann }),
  credit(ACCOUNTS.rentals, money(String(BigInt(amount) - BigInt(tax)))),
  credit(ACCOUNTS.taxes, money(tax)),
];
const said = {
  entry: entryOf(1),
  ...month,
  date: day('2026-03-02'),
  transaction: 'T-1',
  rule: { name: 'driver_charged', version: 1 },
  reason: null,
  basis,
  about: null,
  reverses: null,
  exchange: null,
  lines: charged(),
};
const post = { type: 'PostEntry', ...said, chart, when: noon } as const;
const posted = fact(EntryPosted, noon, said);
const last = [{ key: journalKey('x'), event: basis }];
const close = { type: 'ClosePeriod', ...month, seen: 1, last, when: noon } as const;
const totals = [
  { account: ACCOUNTS.receivable.code, currency: euro, debit: '11900', credit: '0' },
  { account: ACCOUNTS.taxes.code, currency: euro, debit: '0', credit: '1900' },
  { account: ACCOUNTS.rentals.code, currency: euro, debit: '0', credit: '10000' },
];
const closed = fact(AssetPeriodClosed, noon, { ...month, entries: 1, last, totals });

describe('a month of a book', () => {
  it('takes a balanced entry once', () => {
    given().when(post).yields(posted);
    given(posted).when(post).yields();
    given(posted)
      .when({ ...post, entry: entryOf(2), date: day('2026-03-31') })
      .yields();
  });
  it('refuses the same transaction with another content', () =>
    given(posted)
      .when({ ...post, lines: charged('11901') })
      .refuses('TransactionReused'));
  it('refuses what does not balance, even by a cent, even if currencies make up for each other', () => {
    const [first, ...others] = charged();
    const off = [...others, debit(ACCOUNTS.receivable, money('11901'), { driver: ann })];
    given()
      .when({ ...post, lines: off })
      .refuses('EntryUnbalanced');
    const mixed = [...(first ? [first] : []), credit(ACCOUNTS.rentals, money('11900', 'TRY'))];
    given()
      .when({ ...post, lines: mixed })
      .refuses('ExchangeRateMissing');
  });
  it('refuses an account that is not in the chart, and a day of another month', () => {
    const nowhere = { code: AccountCode.parse('9999'), name: 'none', type: 'asset' } as const;
    const lines = [debit(nowhere, money('1')), credit(ACCOUNTS.bank, money('1'))];
    given()
      .when({ ...post, lines })
      .refuses('AccountUnknown');
    given()
      .when({ ...post, date: day('2026-04-01') })
      .refuses('DateOutsidePeriod');
  });
  it('is closed with its totals, once, and takes nothing any more', () => {
    given(posted).when(close).yields(closed);
    given(posted, closed).when(close).yields();
    given(posted, closed)
      .when({ ...post, transaction: 'T-2' })
      .refuses('PeriodClosed');
    given(posted, closed).when(post).yields();
  });
  it('is not closed on fewer entries than there are', () =>
    given(posted)
      .when({ ...close, seen: 0 })
      .refuses('EntriesCameMeanwhile'));
});

describe('an exchange', () => {
  const exchange = {
    from: money('1', 'USD').currency,
    to: euro,
    rate: Rate.parse('0.92'),
    source: basis,
  };
  const paid = (dollars: string, euros: string): EntryLine[] => [
    debit(ACCOUNTS.bank, money(dollars, 'USD')),
    credit(ACCOUNTS.exchange, money(dollars, 'USD')),
    debit(ACCOUNTS.exchange, money(euros)),
    credit(ACCOUNTS.receivable, money(euros), { driver: ann }),
  ];
  it('balances in each currency, at the rate that was recorded, to the minor unit', () => {
    given()
      .when({ ...post, exchange, lines: paid('10000', '9200') })
      .yields(fact(EntryPosted, noon, { ...said, exchange, lines: paid('10000', '9200') }));
    given()
      .when({ ...post, exchange, lines: paid('10000', '9202') })
      .refuses('ExchangeRateBroken');
    given()
      .when({ ...post, exchange: null, lines: paid('10000', '9200') })
      .refuses('ExchangeRateMissing');
  });
  it('knows that a yen has no cents', () => {
    const yen = { ...exchange, from: money('1', 'JPY').currency, rate: Rate.parse('0.0061') };
    const lines = paid('10000', '6100').map((line) =>
      line.amount.currency === 'USD' ? { ...line, amount: money('10000', 'JPY') } : line,
    );
    given()
      .when({ ...post, exchange: yen, lines })
      .yields(fact(EntryPosted, noon, { ...said, exchange: yen, lines }));
  });
});

describe('the laws of a month of a book', () => {
  const anyCommand: fc.Arbitrary<JournalCommand> = fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .record({
          n: fc.integer({ min: 1, max: 6 }),
          amount: fc.integer({ min: 1901, max: 99_999 }),
          off: fc.boolean(),
          when: anyMoment,
          date: fc.constantFrom(day('2026-03-01'), day('2026-03-31'), day('2026-04-01')),
        })
        .map(({ n, amount, off, when, date }) => ({
          ...post,
          entry: entryOf(n),
          transaction: `T-${n}`,
          date,
          lines: charged(String(amount)).map((line, index) =>
            off && index === 0 ? { ...line, amount: money(String(amount + 1)) } : line,
          ),
          when,
        })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({ seen: fc.integer({ min: 0, max: 3 }), when: anyMoment })
        .map(({ seen, when }) => ({ ...close, seen, when })),
    },
    {
      weight: 1,
      arbitrary: fc.record({ seen: fc.constant(0), when: anyMoment }).map(({ seen, when }) => ({
        ...close,
        book: BookId.parse(berlin),
        vehicle: null,
        seen,
        when,
      })),
    },
  );

  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(journalDecider, anyCommand);
    expect(seen.events).toEqual(journalEvents.map(({ type }) => type).sort());
    expect(seen.refusals).toEqual([
      'DateOutsidePeriod',
      'EntriesCameMeanwhile',
      'EntryUnbalanced',
      'PeriodClosed',
      'TransactionReused',
    ]);
  });

  it('what is reversed is as if it had never been', () => {
    const undone = { ...said, entry: entryOf(2), transaction: 'R-1', reverses: said.entry };
    const reversal = fact(EntryPosted, noon, { ...undone, lines: [...flipped(said.lines)] });
    const { totals: after } = replay(journalDecider, [posted, reversal]);
    for (const { account } of said.lines)
      expect(balanceOf(after, { account, currency: euro })).toBe(0n);
  });
});
