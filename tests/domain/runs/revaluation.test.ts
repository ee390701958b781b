import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { exchanged } from '#domain/finance/exchanged.ts';
import { balanceRefused } from '#domain/finance/journal/balance.ts';
import type { Entry } from '#domain/finance/journal/events.ts';
import { nextPeriod, Period } from '#domain/finance/period.ts';
import { credit, debit, type EntryLine } from '#domain/finance/postingRule.ts';
import { Rate } from '#domain/finance/rate.ts';
import { revaluationRule } from '#domain/finance/rules/revaluation.ts';
import { RunId } from '#domain/kernel/ids.ts';
import { Currency } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RunLinesReckoned, RunPosted, RunProposed } from '#domain/runs/events.ts';
import {
  type BookInCurrency,
  needsRate,
  type RevaluationLine,
  revaluationOf,
} from '#domain/runs/lines/revaluation.ts';
import { anEntry } from '#tests/support/books.ts';
import { basis, berlin, digest, euro, money, morning, uuid8, van } from '#tests/support/samples.ts';
import { ada } from './runScene.ts';

const usd = Currency.parse('USD');
const dollars = (minor: bigint | string) => money(String(minor), 'USD');
const rateOf = (rate: string) => ({ from: usd, to: euro, rate: Rate.parse(rate), source: basis });
const { bank, exchange, rentals, repairs } = ACCOUNTS;

/** Dollars bought for euros, or, below zero, sold for them. */
const bought = (n: number, date: string, cents: bigint, rate: string): Entry => {
  const isSold = cents < 0n;
  const foreign = isSold ? -cents : cents;
  const euros = money(String(exchanged(foreign, usd, rateOf(rate))));
  const [up, down] = isSold ? [credit, debit] : [debit, credit];
  const lines = [up(bank, dollars(foreign)), down(exchange, dollars(foreign))];
  return anEntry(n, date, [...lines, up(exchange, euros), down(bank, euros)], {
    exchange: rateOf(rate),
  });
};

const book = (entries: readonly Entry[], earlier: BookInCurrency['earlier']): BookInCurrency => ({
  ...{ vehicle: van, inputs: digest(1), currency: usd, own: euro, entries, earlier },
});

/** The lines of some months, each with its rate, one run after the other. */
const runOver = (entries: readonly Entry[], months: readonly (readonly [string, string])[]) => {
  const earlier: (RevaluationLine & { readonly period: Period })[] = [];
  for (const [month, rate] of months) {
    const period = Period.parse(month);
    const known = entries.filter((entry) => entry.period <= period);
    const line = revaluationOf(book(known, earlier), rateOf(rate));
    if (line) earlier.push({ ...line, period });
  }
  return earlier;
};

const brief = ({ position, carried, value, realised, unrealised }: RevaluationLine) =>
  [position, carried, value, realised, unrealised].join(' ');

const ofRun = {
  run: RunId.parse(`revaluation-${berlin}-202603~${uuid8(1)}`),
  kind: 'revaluation' as const,
  ...{ park: berlin, period: Period.parse('2026-03') },
};
const totals = { lines: 1, currency: euro, amount: '0', payee: null };
const draftsOf = ({ period: _, ...line }: RevaluationLine & { readonly period: Period }) =>
  revaluationRule.drafts(
    fact(RunPosted, morning, { ...ofRun, inputs: digest(2), assets: 0, count: 1, root: digest(3) }),
    [
      fact(RunProposed, morning, { ...ofRun, version: 1, inputs: digest(2), totals, user: ada }),
      fact(RunLinesReckoned, morning, { ...ofRun, from: 0, lines: [line] }),
    ],
  );
const told = ({ account, side, amount }: EntryLine) =>
  `${account} ${side === 'debit' ? '+' : '-'}${amount.amount} ${amount.currency}`;

describe('a revaluation', () => {
  it('tells what is realised from what may still change, month after month', () => {
    const entries = [
      bought(1, '2026-03-05', 10_000n, '0.92'),
      bought(2, '2026-04-10', -4_000n, '0.97'),
      bought(3, '2026-05-20', -6_000n, '0.91'),
    ];
    const lines = runOver(entries, [
      ['2026-03', '0.95'],
      ['2026-04', '0.90'],
      ['2026-05', '0.88'],
    ]);
    // 100.00 at 92.00 are worth 95.00. Of these 40.00 go, carried at 38.00, for 38.80; the 60.00 left, at
    // 57.00, are worth 54.00. Those go for 54.60. All in all 38.80 + 54.60 - 92.00 = 1.40.
    expect(lines.map(brief)).toEqual([
      '10000 9200 9500 0 300',
      '6000 5620 5400 80 -300',
      '0 -60 0 60 0',
    ]);
    expect(lines.at(-1)?.rate).toBeNull();
    const after = runOver(entries, [['2026-05', '0.88']]);
    expect(after.map(brief)).toEqual(['0 -140 0 140 0']);
  });

  it('values what is owed, and what came into a month that was valued', () => {
    const entries = [bought(1, '2026-03-05', -10_000n, '0.92')];
    const [owed] = runOver(entries, [['2026-03', '0.95']]);
    expect(owed && brief(owed)).toBe('-10000 -9200 -9500 0 -300');
    const late = [...entries, bought(2, '2026-03-30', 4_000n, '0.925')];
    const line = revaluationOf(
      book(late, owed ? [{ ...owed, period: Period.parse('2026-03') }] : []),
      rateOf('0.95'),
    );
    // 40.00 were owed at 38.00, and settled for 37.00.
    expect(line && brief(line)).toBe('-6000 -5800 -5700 100 0');
  });

  it('brings foreign revenue and costs over, once, and late ones by the next run', () => {
    const revenue = (n: number, date: string, cents: string) =>
      anEntry(n, date, [debit(bank, dollars(cents)), credit(rentals, dollars(cents))]);
    const cost = anEntry(2, '2026-03-09', [
      debit(repairs, dollars('2000')),
      credit(bank, dollars('2000')),
    ]);
    const entries = [revenue(1, '2026-03-05', '10000'), cost, revenue(3, '2026-04-02', '100')];
    const [march, april] = runOver(entries, [
      ['2026-03', '0.95'],
      ['2026-04', '1.05'],
    ]);
    if (!march || !april) throw new Error('nothing was valued');
    expect(march.converted).toEqual([
      { account: '4000', foreign: '-10000', own: '-9500' },
      { account: '5000', foreign: '2000', own: '1900' },
    ]);
    expect(brief(march)).toBe('8000 7600 7600 0 0');
    expect(april.converted).toEqual([{ account: '4000', foreign: '-100', own: '-105' }]);
    expect(brief(april)).toBe('8100 7705 8505 0 800');
    const [outOf, into] = draftsOf(march);
    expect(outOf?.lines.map(told)).toEqual([
      ...['4000 +10000 USD', '1950 -10000 USD', '5000 -2000 USD', '1950 +2000 USD'],
    ]);
    expect(into?.lines.map(told)).toEqual([
      ...['4000 -9500 EUR', '1950 +9500 EUR', '5000 +1900 EUR', '1950 -1900 EUR'],
    ]);
  });

  it('asks for no rate where nothing is held', () => {
    const back = [bought(1, '2026-03-05', 500n, '0.92'), bought(2, '2026-03-06', -500n, '0.92')];
    expect(needsRate(book(back, []))).toBe(false);
    expect(revaluationOf(book(back, []), null)).toBeNull();
  });

  it('balances, and adds up to the difference of all months, whatever was bought and sold', () => {
    const anyRate = fc.integer({ min: 70, max: 130 }).map((n) => (n / 100).toFixed(2));
    const anyMonth = fc.record({
      deals: fc.array(fc.tuple(fc.bigInt({ min: -90_000n, max: 90_000n }), anyRate), {
        maxLength: 4,
      }),
      rate: anyRate,
    });
    fc.assert(
      fc.property(fc.array(anyMonth, { minLength: 1, maxLength: 6 }), (plan) => {
        let period = Period.parse('2026-01');
        let n = 0;
        const entries: Entry[] = [];
        const months: [string, string][] = [];
        for (const { deals, rate } of plan) {
          for (const [cents, at] of deals) {
            n += 1;
            if (cents !== 0n) entries.push(bought(n, `${period}-10`, cents, at));
          }
          months.push([period, rate]);
          period = nextPeriod(period);
        }
        const lines = runOver(entries, months);
        const sum = (pick: (line: RevaluationLine) => string) =>
          lines.reduce((all, line) => all + BigInt(pick(line)), 0n);
        const paid = entries
          .flatMap((entry) => entry.lines)
          .filter(({ account, amount }) => account === exchange.code && amount.currency === euro)
          .reduce(
            (all, { side, amount }) => all + BigInt(amount.amount) * (side === 'debit' ? 1n : -1n),
            0n,
          );
        const value = BigInt(lines.at(-1)?.value ?? '0');
        expect(sum(({ realised }) => realised) + sum(({ unrealised }) => unrealised)).toBe(
          lines.length === 0 ? 0n : value - paid,
        );
        for (const line of lines) {
          if (line.position === '0') expect(line.unrealised).toBe('0');
          for (const draft of draftsOf(line)) {
            expect(balanceRefused(draft.lines, null)).toBeNull();
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
