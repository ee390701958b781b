import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { accountDecider } from '#domain/driverAccounts/account.ts';
import { type AccountState, balanceIn } from '#domain/driverAccounts/accountState.ts';
import type { AccountCommand } from '#domain/driverAccounts/commands.ts';
import { SETTLED_AT_ONCE_MAX } from '#domain/driverAccounts/decideCharge.ts';
import { ChargeId, RentalId } from '#domain/kernel/ids.ts';
import { basis, euro, lira, money, rentalOfAnn, uuid8, van } from '#tests/support/samples.ts';
import { asked, charge, deposit, dueDays, pay, settle } from './samples.ts';

const { decide, evolve, initial } = accountDecider;

/** What comes of a command: the types of its events, or the code of its refusal; and the account then. */
const asking = (state: AccountState, command: AccountCommand) => {
  const decision = decide(command, state);
  return isLeft(decision)
    ? { told: decision.left.code, refusal: decision.left, state }
    : {
        told: decision.right.map(({ type }) => type),
        refusal: null,
        state: decision.right.reduce(evolve, state),
      };
};
const accountOf = (...commands: readonly AccountCommand[]): AccountState =>
  commands.reduce((state, command) => {
    const { refusal, state: next } = asking(state, command);
    expect(refusal).toBeNull();
    return next;
  }, initial);
const inEuro = (state: AccountState) => balanceIn(state, euro);
const fare = {
  type: 'CreditFare',
  ...asked,
  vehicle: van,
  rental: rentalOfAnn,
  transaction: 'F-1',
  amount: money('2000'),
  driverShare: money('800'),
  plan: 'STD',
  planVersion: 1,
} as const;
const apply = (amount: string, currency = 'EUR') =>
  ({
    type: 'ApplyDeposit',
    ...asked,
    transaction: 'A-1',
    amount: money(amount, currency),
    to: 'arrears',
  }) as const;
const refund = (amount: string) =>
  ({ type: 'RefundDeposit', ...asked, transaction: 'R-1', amount: money(amount) }) as const;
const payOut = (amount: string) =>
  ({ type: 'PayOut', ...asked, transaction: 'P-1', amount: money(amount) }) as const;

describe('charges', () => {
  it('are made once for each stretch, however often they are settled', () => {
    const two = asking(initial, settle(2));
    expect(two.told).toEqual(['DriverCharged', 'DriverCharged']);
    expect(inEuro(two.state).owed).toBe(5_950n);
    expect(asking(two.state, settle(2)).told).toEqual([]);
    expect(asking(two.state, settle(3)).told).toEqual(['DriverCharged']);
  });
  it('are taken back where less is due than was thought, and charged again where it was not', () => {
    const three = accountOf(settle(3));
    const early = asking(three, { ...settle(1), basis });
    expect(early.told).toEqual(['DriverChargeReversed', 'DriverChargeReversed']);
    expect(inEuro(early.state).owed).toBe(2_975n);
    expect(asking(early.state, settle(1)).told).toEqual([]);
    const again = asking(early.state, settle(3));
    expect(again.told).toEqual(['DriverCharged', 'DriverCharged']);
    expect(inEuro(again.state).owed).toBe(8_925n);
  });
  it('are replaced by a reversal and a new charge where they come out otherwise', () => {
    const [first] = dueDays(1);
    if (!first) throw new Error('one day');
    const dearer = [{ ...first, net: money('3000'), tax: money('570'), total: money('3570') }];
    const changed = asking(accountOf(settle(1)), { ...settle(1), due: dearer });
    expect(changed.told).toEqual(['DriverChargeReversed', 'DriverCharged']);
    expect(inEuro(changed.state).owed).toBe(3_570n);
  });
  it('are all taken back where the rental never was, at the time of what they corrected', () => {
    const before = accountOf(settle(3));
    const decision = decide({ ...settle(0), voided: true, basis }, before);
    if (isLeft(decision)) throw new Error('refused');
    expect(decision.right.map(({ when }) => when.localDate)).toEqual([
      '2026-03-02',
      '2026-03-03',
      '2026-03-04',
    ]);
    expect(decision.right.map(({ data }) => data)).toMatchObject(
      [0, 1, 2].map((n) => ({ charge: charge(n), reason: 'rental_voided', basis })),
    );
    expect(inEuro(decision.right.reduce(evolve, before)).owed).toBe(0n);
  });
  it('of other rentals stay', () => {
    const other = { ...settle(0), rental: RentalId.parse(`${van}~${uuid8(9)}`) };
    expect(asking(accountOf(settle(2)), other).told).toEqual([]);
  });
  it('stay waived once they were', () => {
    const waive = {
      type: 'ReverseCharge',
      ...asked,
      charge: charge(1),
      reason: 'goodwill',
    } as const;
    const waived = asking(accountOf(settle(2)), waive);
    expect(waived.told).toEqual(['DriverChargeReversed']);
    expect(asking(waived.state, waive).told).toEqual([]);
    expect(asking(waived.state, settle(2)).told).toEqual([]);
    const otherwise = dueDays(2).map((due) => ({ ...due, planVersion: 2 }));
    const kept = asking(waived.state, { ...settle(2), due: otherwise });
    expect(kept.told).toEqual(['DriverChargeReversed', 'DriverCharged']);
    expect(asking(initial, waive).told).toBe('ChargeUnknown');
    const gone = accountOf(settle(2), settle(1));
    expect(asking(gone, waive).told).toBe('ChargeReversed');
  });
  it('come in bounded numbers', () => {
    const [first] = dueDays(1);
    if (!first) throw new Error('one day');
    const due = Array.from({ length: SETTLED_AT_ONCE_MAX + 1 }, (_, n) => ({
      ...first,
      charge: ChargeId.parse(uuid8(0xf000 + n)),
    }));
    const some = asking(initial, { ...settle(1), due });
    expect(some.told).toHaveLength(SETTLED_AT_ONCE_MAX);
    expect(asking(some.state, { ...settle(1), due }).told).toEqual(['DriverCharged']);
  });
  it('are not made in a currency of another country', () => {
    expect(asking(initial, { ...settle(1), home: lira }).refusal).toEqual({
      code: 'ForeignCurrency',
      expected: 'TRY',
    });
  });
});

describe('payments', () => {
  it('are taken once by their transaction, whatever the driver owes', () => {
    const paid = asking(accountOf(settle(1)), pay('5000'));
    expect(paid.told).toEqual(['DriverPaymentReceived']);
    expect(inEuro(paid.state).owed).toBe(-2_025n);
    expect(asking(paid.state, pay('5000')).told).toEqual([]);
    expect(asking(paid.state, pay('5001')).refusal).toEqual({
      code: 'TransactionReused',
      transaction: 'T-1',
    });
    expect(asking(paid.state, { ...pay('5000'), via: 'provider' }).told).toBe('TransactionReused');
    expect(asking(paid.state, { ...deposit('5000'), transaction: 'T-1' }).told).toBe(
      'TransactionReused',
    );
  });
  it('are taken in a currency that the park or the account knows', () => {
    const inLira = { ...pay('100'), amount: money('100', 'TRY') };
    expect(asking(initial, inLira).told).toBe('ForeignCurrency');
    const moved = accountOf({ ...pay('100', 'T-0'), home: lira, amount: money('100', 'TRY') });
    expect(asking(moved, inLira).told).toEqual(['DriverPaymentReceived']);
  });
});

describe('a deposit', () => {
  it('is never less than nothing, and settles no more than is owed', () => {
    const held = accountOf(settle(2), deposit('10000'));
    expect(inEuro(held)).toEqual({ owed: 5_950n, deposit: 10_000n, payable: 0n });
    expect(asking(held, refund('10001')).refusal).toEqual({
      code: 'DepositTooSmall',
      held: money('10000'),
    });
    expect(asking(held, apply('10001')).told).toBe('DepositTooSmall');
    expect(asking(held, apply('5951')).refusal).toEqual({
      code: 'MoreThanOwed',
      owed: money('5950'),
    });
    expect(asking(held, apply('5951', 'TRY')).told).toBe('DepositTooSmall');
    const applied = asking(held, apply('5950'));
    expect(applied.told).toEqual(['DepositApplied']);
    expect(inEuro(applied.state)).toEqual({ owed: 0n, deposit: 4_050n, payable: 0n });
    expect(asking(applied.state, apply('5950')).told).toEqual([]);
    const more = { ...apply('1'), transaction: 'A-2' };
    expect(asking(applied.state, more).told).toBe('NothingOwed');
    const back = asking(applied.state, refund('4050'));
    expect(inEuro(back.state).deposit).toBe(0n);
    expect(asking(back.state, refund('4050')).told).toEqual([]);
  });
});

describe('fares', () => {
  it('are credited once, and paid out as far as they go', () => {
    const credited = asking(initial, fare);
    expect(credited.told).toEqual(['FareShareCredited']);
    expect(inEuro(credited.state)).toEqual({ owed: 0n, deposit: 0n, payable: 800n });
    expect(asking(credited.state, fare).told).toEqual([]);
    expect(asking(credited.state, { ...fare, amount: money('2001') }).told).toBe(
      'TransactionReused',
    );
    expect(asking(credited.state, payOut('801')).refusal).toEqual({
      code: 'PayableTooSmall',
      payable: money('800'),
    });
    const paid = asking(credited.state, payOut('800'));
    expect(inEuro(paid.state).payable).toBe(0n);
    expect(asking(paid.state, payOut('800')).told).toEqual([]);
  });
});
