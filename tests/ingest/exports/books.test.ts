import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ACCOUNTS, DEFAULT_CHART } from '#domain/finance/accounts.ts';
import { decimalText } from '#domain/finance/decimal.ts';
import type { AccountTotal, Entry } from '#domain/finance/journal/events.ts';
import { Period } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { type ExportedBook, hledgerJournal } from '#ingest/exports/hledgerJournal.ts';
import { journalCsv } from '#ingest/exports/journalCsv.ts';
import { trialBalanceCsv } from '#ingest/exports/trialBalanceCsv.ts';
import { anEntry, anyBook, totalsOfBook } from '#tests/support/books.ts';
import { complaintOf, hasHledger, hledger } from '#tests/support/hledger.ts';
import { ann, berlin, euro, money, owner, van } from '#tests/support/samples.ts';

const textOf = async (pieces: AsyncIterable<string>): Promise<string> => {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
};

const bookOf = (entries: readonly Entry[], change: Partial<ExportedBook> = {}): ExportedBook => ({
  chart: DEFAULT_CHART,
  entries,
  totalsAt: totalsOfBook(entries),
  ...change,
});

const charged = anEntry(1, '2026-03-02', [
  debit(ACCOUNTS.receivable, money('11900'), { driver: ann }),
  credit(ACCOUNTS.rentals, money('10000')),
  credit(ACCOUNTS.taxes, money('1900')),
]);
const contributed = anEntry(
  2,
  '2026-04-30',
  [
    debit(ACCOUNTS.bank, money('500', 'JPY')),
    credit(ACCOUNTS.contributed, money('500', 'JPY'), { party: owner }),
  ],
  { rule: null, basis: null, reason: 'opening_balance', vehicle: null },
);
const two = [charged, contributed];
const exchanged = anEntry(3, '2026-05-01', [
  ...[debit(ACCOUNTS.bank, money('10000')), credit(ACCOUNTS.exchange, money('10000'))],
  ...[
    debit(ACCOUNTS.exchange, money('400000', 'TRY')),
    credit(ACCOUNTS.bank, money('400000', 'TRY')),
  ],
]);

describe('a book for hledger', () => {
  it('has a transaction for every entry, and what is held at the end of every month', async () => {
    const text = await textOf(hledgerJournal(bookOf(two)));
    const [head = '', ...rest] = text.split('\n\ncommodity');
    expect(head).toContain('\naccount assets:1100 receivable from drivers  ; type:A\n');
    expect(head).toContain('\naccount revenues:4000 rental revenue  ; type:R\n');
    expect(`commodity${rest.join('\n\ncommodity')}`).toBe(`commodity 1000.00 EUR

2026-03-02 (T-1) driver_charged 1
    ; entry:${charged.entry}, park:${berlin}, vehicle:${van}, basis:${charged.basis}
    assets:1100 receivable from drivers    119.00 EUR  ; driver:${ann}
    revenues:4000 rental revenue    -100.00 EUR
    liabilities:2500 taxes    -19.00 EUR

2026-03-31 end of 2026-03
    assets:1100 receivable from drivers    0.00 EUR = 119.00 EUR
    liabilities:2500 taxes    0.00 EUR = -19.00 EUR
    revenues:4000 rental revenue    0.00 EUR = -100.00 EUR

commodity 1000. JPY

2026-04-30 (T-2) by hand, opening_balance
    ; entry:${contributed.entry}, park:${berlin}
    assets:1000 bank    500 JPY
    equity:3000 contributed by investors    -500 JPY  ; party:${owner}

2026-04-30 end of 2026-04
    assets:1000 bank    0 JPY = 500 JPY
    assets:1100 receivable from drivers    0.00 EUR = 119.00 EUR
    liabilities:2500 taxes    0.00 EUR = -19.00 EUR
    equity:3000 contributed by investors    0 JPY = -500 JPY
    revenues:4000 rental revenue    0.00 EUR = -100.00 EUR
`);
  });

  it('wants its entries in the order of their months, on accounts of its chart', async () => {
    const turned = hledgerJournal(bookOf([contributed, charged]));
    await expect(textOf(turned)).rejects.toThrow('an entry of 2026-03 after 2026-04');
    const chart = DEFAULT_CHART.filter(({ code }) => code !== ACCOUNTS.taxes.code);
    const lacking = hledgerJournal(bookOf(two, { chart }));
    await expect(textOf(lacking)).rejects.toThrow('the chart has no account 2500');
  });

  it('holds one entry at a time', async () => {
    let taken = 0;
    const endless = function* (): Generator<Entry> {
      for (;;) {
        taken += 1;
        yield charged;
      }
    };
    const pieces = hledgerJournal(bookOf([], { entries: endless() }));
    for (let n = 0; n < 100; n += 1) await pieces.next();
    expect(taken).toBeLessThanOrEqual(100);
    await pieces.return();
  });
});

const Rows = z.array(z.object({ account: z.string(), commodity: z.string(), balance: z.string() }));

/** An account's balance as hledger writes it, which passes over those that are nothing. */
const balanceText = ({ account, currency, debit: moved, credit: back }: AccountTotal): string[] => {
  const amount = String(BigInt(moved) - BigInt(back));
  return amount === '0' ? [] : [`${account} ${currency} ${decimalText({ amount, currency })}`];
};

describe.skipIf(!hasHledger)('hledger itself', () => {
  it('accepts any book, whatever its accounts are called, and has the same balances', async () => {
    const odd = DEFAULT_CHART.map((account) =>
      account.code === ACCOUNTS.bank.code
        ? { ...account, name: 'Bank:  Nord; "Süd"\n= 5 EUR @@ 3 | x' }
        : account,
    );
    // A few large books instead of many small ones: every look costs a process.
    const books = fc.sample(anyBook, { numRuns: 4, seed: 20_260_401 });
    for (const entries of [[...two, exchanged], ...books]) {
      const text = await textOf(hledgerJournal(bookOf(entries, { chart: odd })));
      expect(complaintOf(text, 'check', '--strict')).toBeNull();
      const table = hledger(text, 'balance', '--flat', '-N', '--layout=bare', '-O', 'csv');
      const told = Rows.parse(parse(table, { columns: true })).map(
        ({ account, commodity, balance }) =>
          `${account.replace(/^[a-z]+:(\d+) .*/, '$1')} ${commodity} ${balance}`,
      );
      const held = (await totalsOfBook(entries)(Period.parse('9999-12'))).flatMap(balanceText);
      expect(told.sort()).toEqual(held.sort());
    }
  });

  it('notices an entry that is missing, and a cent that is another', async () => {
    const totalsAt = () => totalsOfBook(two)(Period.parse('2026-04'));
    const lacking = await textOf(hledgerJournal(bookOf([charged], { totalsAt })));
    expect(complaintOf(lacking, 'check')).toMatch(/assertion/i);
    const whole = await textOf(hledgerJournal(bookOf(two)));
    const changed = whole.replace('119.00 EUR  ;', '119.01 EUR  ;');
    expect(complaintOf(changed, 'check')).toMatch(/balanc/i);
  });
});

const rowsIn = (text: string): Record<string, string>[] =>
  z.array(z.record(z.string(), z.string())).parse(parse(text, { columns: true }));

describe('a book as tables', () => {
  it('has a row for every line of an entry', async () => {
    const rows = rowsIn(await textOf(journalCsv(bookOf(two))));
    expect(rows).toHaveLength(5);
    expect(rows[0]).toEqual({
      ...{ date: '2026-03-02', period: '2026-03', entry: charged.entry, transaction: 'T-1' },
      ...{ rule: 'driver_charged 1', reason: '', basis: charged.basis, reverses: '', about: '' },
      ...{ park: berlin, vehicle: van, account: '1100', account_name: 'receivable from drivers' },
      ...{ debit: '119.00', credit: '', currency: 'EUR', driver: ann, party: '' },
    });
    expect(rows[4]).toMatchObject({
      ...{ rule: '', reason: 'opening_balance', vehicle: '', debit: '', credit: '500' },
      ...{ currency: 'JPY', party: owner },
    });
  });

  it('comes to what the ledger holds, to the cent', async () => {
    await fc.assert(
      fc.asyncProperty(anyBook, async (entries) => {
        const totals = await totalsOfBook(entries)(Period.parse('9999-12'));
        const sums = new Map<string, bigint>();
        for (const row of rowsIn(await textOf(journalCsv(bookOf(entries))))) {
          for (const side of ['debit', 'credit']) {
            const key = `${row['account']} ${row['currency']} ${side}`;
            const cents = BigInt((row[side] ?? '').replace('.', '') || 0);
            sums.set(key, (sums.get(key) ?? 0n) + cents);
          }
        }
        for (const row of rowsIn(trialBalanceCsv(DEFAULT_CHART, totals))) {
          const key = `${row['account']} ${row['currency']}`;
          const told = (column: string) => BigInt((row[column] ?? '').replace('.', ''));
          expect(told('debit')).toBe(sums.get(`${key} debit`));
          expect(told('credit')).toBe(sums.get(`${key} credit`));
          expect(told('balance')).toBe(told('debit') - told('credit'));
          sums.delete(`${key} debit`);
          sums.delete(`${key} credit`);
        }
        expect([...sums]).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('gives spreadsheets no formula to work out', () => {
    const chart = DEFAULT_CHART.map((account) => ({ ...account, name: '=1+1, "x"' }));
    const bank = { account: ACCOUNTS.bank.code, currency: euro, debit: '1', credit: '2' };
    expect(trialBalanceCsv(chart, [bank])).toBe(
      'account,account_name,type,currency,debit,credit,balance\r\n' +
        '1000,"\'=1+1, ""x""",asset,EUR,0.01,0.02,-0.01\r\n',
    );
  });
});
