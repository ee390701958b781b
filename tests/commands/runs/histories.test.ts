import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { journalOf } from '#commands/aggregate.ts';
import { openRegister } from '#commands/investors/register.ts';
import { reverseRun } from '#commands/runs/runs.ts';
import { runAsItIs } from '#commands/runs/slot.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { balanceRefused, entered, totalsOf } from '#domain/finance/journal/balance.ts';
import { AssetPeriodClosed, type Entry, EntryPosted } from '#domain/finance/journal/events.ts';
import { parkFigures } from '#domain/finance/parkFigures.ts';
import { Period } from '#domain/finance/period.ts';
import { holdingsOn, issuedOn } from '#domain/investors/register.ts';
import { issuedAt } from '#domain/investors/shares.ts';
import { BookId, type RunId } from '#domain/kernel/ids.ts';
import { minorUnits } from '#domain/kernel/money.ts';
import type { AssetLine } from '#domain/runs/events.ts';
import { AccountDayRow, accountDays } from '#projections/accountDays.ts';
import { decodedLog, freshFold, wholeLog } from '#tests/projections/harness.ts';
import { requestOf, rightOf, testLedger } from '#tests/support/ledger.ts';
import { acme, day, euro, instant } from '#tests/support/samples.ts';
import { anyHistory, carryOut, depositsOf, KINDS } from './anyHistory.ts';
import { payoutScene } from './payoutScene.ts';

const KNOWN_SEED = 20_260_605;
const RUNS = 4;
const MONTHS = ['2026-03', '2026-04', '2026-05'].map((text) => Period.parse(text));
const TODAY = instant('2026-06-05T08:00:00.000Z');

type History = typeof anyHistory extends fc.Arbitrary<infer Value> ? Value : never;
type Scene = Awaited<ReturnType<typeof payoutScene>>;

const payOut = async (seen: Scene, period: Period): Promise<RunId> => {
  const { id: run } = rightOf(await seen.propose(period));
  rightOf(await seen.approve(run));
  rightOf(await seen.post(run));
  return run;
};

const inputsOf = async ({ ledger }: Scene, run: RunId) =>
  rightOf(await runAsItIs(ledger)(acme, run)).inputs;

/** Lives through a history; answers what was not refused, and the runs that stand. */
const lived = async (history: History) => {
  const seen = await payoutScene(memoryEventStore(memoryLog()), TODAY);
  const first = await seen.party();
  const parties = [first, await seen.party(), await seen.party()];
  await seen.agree('2026-03-01');
  await seen.issue('2026-03-01', [{ party: first, shares: 100 }]);
  const kinds = new Set<string>();
  const runs: RunId[] = [];
  for (const [index, { steps, again }] of history.entries()) {
    const period = MONTHS[index];
    if (!period) break;
    for (const kind of await carryOut(seen, period, { steps, parties })) kinds.add(kind);
    rightOf(await seen.close(period));
    const run = await payOut(seen, period);
    if (!again) runs.push(run);
    else {
      rightOf(await reverseRun(seen.parts)(requestOf(run), run, 'mistake'));
      const other = await payOut(seen, period);
      expect(await inputsOf(seen, other)).toBe(await inputsOf(seen, run));
      runs.push(other);
    }
  }
  await seen.posted();
  return { seen, kinds, runs };
};

/** Every entry balances, so every book does; deposits are never below nothing and all on account 2100. */
const checkBooks = async (seen: Scene, entries: readonly Entry[]): Promise<void> => {
  let deposits = 0n;
  for (const { lines, exchange } of entries) {
    expect(balanceRefused(lines, exchange)).toBeNull();
    for (const { account, side, amount } of lines) {
      if (account !== ACCOUNTS.deposits.code) continue;
      deposits += side === 'credit' ? minorUnits(amount) : -minorUnits(amount);
    }
    expect(deposits >= 0n).toBe(true);
  }
  expect(deposits).toBe(await depositsOf(seen));
};

/** What is held on every day is what is issued on it, and nobody holds less than nothing. */
const checkShares = async ({ parts, vehicle }: Scene): Promise<void> => {
  const { register, loaded } = rightOf(await openRegister(parts)(acme, vehicle));
  for (const month of MONTHS) {
    for (let date = 1; date <= 30; date += 1) {
      const on = day(`${month}-${String(date).padStart(2, '0')}`);
      const held = [...holdingsOn(register, on).values()];
      const sum = held.reduce((shares, each) => shares + each.shares, 0);
      expect(sum).toBe(issuedOn(register, on));
      expect(sum).toBe(issuedAt(loaded.state, on));
    }
  }
};

/** No cent of a run is created or lost, by its asset’s line, which it answers, nor by its holders’. */
const checkRun = async (seen: Scene, run: RunId): Promise<AssetLine> => {
  const [line] = await seen.linesOf(run);
  if (!line) throw new Error('the asset has a line');
  const of = (minor: string): bigint => BigInt(minor);
  const costs = line.costs.reduce((sum, { amount }) => sum + of(amount), 0n);
  const shared = of(line.operatorFee) + of(line.operatorRest) + of(line.toInvestors);
  expect(of(line.revenue) - costs + of(line.fromReserve) + of(line.advanced)).toBe(
    of(line.toReserve) + of(line.recouped) + shared,
  );
  expect(of(line.allocated) + of(line.closing.remainder)).toBe(
    of(line.toInvestors) + of(line.opening.remainder),
  );
  const amounts = await seen.amountsOf(run);
  expect(amounts.reduce((sum, amount) => sum + of(amount), 0n)).toBe(of(line.allocated));
  const { totals } = rightOf(await runAsItIs(seen.ledger)(acme, run));
  expect(totals).toMatchObject({ allocated: line.allocated, holders: amounts.length });
  return line;
};

/** Who reads the log anew finds every month as it was closed, and reports say what the journal says. */
const checkReports = async (
  { store, vehicle }: Scene,
  log: ReturnType<typeof decodedLog>,
  entries: readonly Entry[],
): Promise<void> => {
  const fresh = testLedger(store).ledger;
  for (const { fact } of log) {
    if (fact.type !== AssetPeriodClosed.type) continue;
    const { period, totals } = AssetPeriodClosed.data.parse(fact.data);
    const month = journalOf(acme, { book: BookId.parse(vehicle), period });
    expect(totalsOf(rightOf(await fresh.load(month)).state.totals)).toEqual(totals);
  }
  const sumOf = (some: readonly Entry[]) =>
    totalsOf(
      entered(
        new Map(),
        some.flatMap(({ lines }) => lines),
      ),
    );
  const days = Object.values(freshFold(accountDays, log)).map((row) => AccountDayRow.parse(row));
  for (const { account, debit, credit } of sumOf(entries)) {
    const own = days.filter((each) => each.account === account);
    expect(own.reduce((sum, each) => sum + BigInt(each.debit), 0n).toString()).toBe(debit);
    expect(own.reduce((sum, each) => sum + BigInt(each.credit), 0n).toString()).toBe(credit);
  }
  const books = [...Map.groupBy(entries, (entry) => entry.vehicle)];
  const figures = parkFigures(euro, {
    ...{ span: sumOf(entries), until: sumOf(entries), before: [] },
    vehicles: books.flatMap(([of, own]) => sumOf(own).map((sum) => ({ ...sum, vehicle: of }))),
  });
  const net = figures.vehicles.reduce((sum, each) => sum + minorUnits(each.net), 0n);
  expect(net).toBe(minorUnits(figures.net));
};

describe('the money of any history', () => {
  it('adds up: in books, deposits, shares, payouts, closed months and reports', async () => {
    const kinds = new Set<string>();
    const lines: AssetLine[] = [];
    let retaken = 0;
    const addsUp = fc.asyncProperty(anyHistory, async (history) => {
      const { seen, runs, kinds: done } = await lived(history);
      for (const kind of done) kinds.add(kind);
      retaken += history.filter(({ again }) => again).length;
      const log = decodedLog(await wholeLog(seen.store));
      const entries = log.flatMap(({ fact }) =>
        fact.type === EntryPosted.type ? [EntryPosted.data.parse(fact.data)] : [],
      );
      await checkBooks(seen, entries);
      await checkShares(seen);
      for (const run of runs) lines.push(await checkRun(seen, run));
      await checkReports(seen, log, entries);
    });
    await fc.assert(addsUp, { numRuns: RUNS, seed: KNOWN_SEED });
    expect([...kinds].sort()).toEqual([...KINDS].sort());
    expect(retaken).toBeGreaterThan(0);
    expect(lines.some(({ allocated }) => allocated !== '0')).toBe(true);
    expect(lines.some(({ advanced }) => advanced !== '0')).toBe(true);
  });
});
