import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { accountDecider } from '#domain/driverAccounts/account.ts';
import type { AccountState } from '#domain/driverAccounts/accountState.ts';
import type { AccountCommand } from '#domain/driverAccounts/commands.ts';
import { type AccountEvent, accountEvents } from '#domain/driverAccounts/events.ts';
import { ACCOUNTS, type Account } from '#domain/finance/accounts.ts';
import type { EntryLine } from '#domain/finance/postingRule.ts';
import { driverAccountRule } from '#domain/finance/rules/driverAccount.ts';
import { replay } from '#domain/kernel/decider.ts';
import { minorUnits } from '#domain/kernel/money.ts';
import { holdToLaws } from '#tests/support/arbitrary.ts';
import { ann } from '#tests/support/samples.ts';
import { anyAccountCommand } from './anyCommand.ts';

const KNOWN_SEED = 20_260_322;

const historyOf = (commands: readonly AccountCommand[]): readonly AccountEvent[] => {
  const history: AccountEvent[] = [];
  for (const command of commands) {
    const decision = accountDecider.decide(command, replay(accountDecider, history));
    if (!isLeft(decision)) history.push(...decision.right);
  }
  return history;
};
const anyHistory = fc.array(anyAccountCommand, { maxLength: 40, size: 'max' }).map(historyOf);

const linesOf = (history: readonly AccountEvent[]): readonly EntryLine[] =>
  history
    .filter(({ type }) => driverAccountRule.handles.includes(type))
    .flatMap((event) => driverAccountRule.drafts(event, []))
    .flatMap(({ lines }) => lines);

/** Debits less credits. */
const signed = ({ side, amount }: EntryLine): bigint =>
  side === 'debit' ? minorUnits(amount) : -minorUnits(amount);

const booked = (lines: readonly EntryLine[], { code }: Account, currency: string): bigint =>
  lines
    .filter(
      ({ account, amount, driver }) =>
        account === code && amount.currency === currency && driver === ann,
    )
    .reduce((sum, line) => sum + signed(line), 0n);

describe('the laws of a driver’s account', () => {
  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(accountDecider, anyAccountCommand);
    expect(seen.events).toEqual(accountEvents.map(({ type }) => type).sort());
    expect(seen.refusals).toEqual([
      'ChargeReversed',
      'ChargeUnknown',
      'DeductionCapExceeded',
      'DeductionDisputed',
      'DeductionExceeded',
      'DeductionIsWithdrawn',
      'DeductionNotDisputed',
      'DeductionUnknown',
      'DepositTooSmall',
      'DisputeWindowOpen',
      'DisputeWindowOver',
      'ForeignCurrency',
      'MoreThanOwed',
      'NothingOwed',
      'PayableTooSmall',
      'TransactionReused',
    ]);
  });

  it('equals the driver’s lines in the books, and holds no deposit below nothing', () => {
    let moved = 0;
    const agrees = fc.property(anyHistory, (history) => {
      const lines = linesOf(history);
      const balances: AccountState['balances'] = replay(accountDecider, history).balances;
      for (const [currency, { owed, deposit, payable }] of balances) {
        expect(booked(lines, ACCOUNTS.receivable, currency)).toBe(owed);
        expect(booked(lines, ACCOUNTS.deposits, currency)).toBe(-deposit);
        expect(booked(lines, ACCOUNTS.payableDrivers, currency)).toBe(-payable);
        expect(deposit >= 0n && payable >= 0n).toBe(true);
        if (owed !== 0n && deposit > 0n) moved += 1;
      }
    });
    fc.assert(agrees, { numRuns: 200, seed: KNOWN_SEED });
    expect(moved).toBeGreaterThan(0);
    fc.assert(agrees, { numRuns: 50 });
  });

  it('gives entries that balance, by currency, and none without lines', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const event of history.filter(({ type }) =>
          driverAccountRule.handles.includes(type),
        )) {
          for (const { lines, book, date } of driverAccountRule.drafts(event, [])) {
            const currencies = new Set(lines.map(({ amount }) => amount.currency));
            expect([currencies.size, lines.length > 1]).toEqual([1, true]);
            expect(lines.reduce((sum, line) => sum + signed(line), 0n)).toBe(0n);
            expect(book).toEqual({ park: event.data.park, vehicle: event.data.vehicle });
            expect(date).toBe(event.when.localDate);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
