import fc from 'fast-check';
import type { AccountCommand } from '#domain/driverAccounts/commands.ts';
import {
  Channel,
  DeductionDisputeReason,
  DeductionKind,
  DepositUse,
  WithdrawalReason,
} from '#domain/driverAccounts/events.ts';
import { FineId } from '#domain/kernel/ids.ts';
import { anyMoment, anyOf } from '#tests/support/arbitrary.ts';
import { basis, lira, money, rentalOfAnn, uuid8, van } from '#tests/support/samples.ts';
import { afterWindow, asked, charge, deduction, dueDays, propose } from './samples.ts';

const about = { ...asked, vehicle: van, rental: rentalOfAnn };
const when = fc.oneof(anyMoment, fc.constantFrom(asked.when, afterWindow));
const home = fc.constantFrom(asked.home, asked.home, lira);
const one = <T>(value: T) => fc.constant(value);
const few = <Id>(id: (n: number) => Id) => fc.integer({ min: 0, max: 2 }).map(id);
const amount = fc
  .tuple(fc.integer({ min: 1, max: 9_000 }), fc.constantFrom('EUR', 'EUR', 'EUR', 'TRY'))
  .map(([minor, currency]) => money(String(minor), currency));
/** Few transactions, so that they meet again. */
const transaction = fc.integer({ min: 1, max: 12 }).map((n) => `T-${n}`);
const moving = {
  driver: one(asked.driver),
  park: one(asked.park),
  home,
  when,
  transaction,
  amount,
};
const ofNone = { vehicle: one(null), rental: one(null) };
const ofVan = { vehicle: one(van), rental: one(rentalOfAnn) };
const ofOne = { driver: one(asked.driver), park: one(asked.park), home, when, ...ofVan };

const settle = fc
  .record({ count: fc.integer({ min: 0, max: 4 }), voided: fc.boolean(), home })
  .map(({ count, voided, home }) => ({
    type: 'SettleCharges' as const,
    ...about,
    home,
    due: voided ? [] : dueDays(count),
    voided,
    basis: voided ? basis : null,
  }));

const proposing = fc.record({
  type: one('ProposeDeduction' as const),
  ...ofOne,
  deduction: few(deduction),
  kind: anyOf(DeductionKind),
  fine: fc.constantFrom(null, propose.fine, FineId.parse(uuid8(0x6f))),
  amount,
  basis: one([basis]),
  cap: fc.constantFrom(null, money('5000')),
  disputableUntil: one(propose.disputableUntil),
});

const making = fc.record({
  type: one('MakeDeduction' as const),
  ...ofOne,
  deduction: few(deduction),
  transaction,
  amount: fc.oneof(amount, fc.constant(money('100'))),
  when: fc.oneof(when, fc.constant(afterWindow)),
});

const onDeduction = { ...ofOne, deduction: few(deduction) };

/** Whatever one may ask of Ann's account. */
export const anyAccountCommand: fc.Arbitrary<AccountCommand> = fc.oneof(
  { arbitrary: settle, weight: 3 },
  fc.record({
    type: one('ReverseCharge' as const),
    ...ofOne,
    charge: few(charge),
    reason: fc.constantFrom('goodwill', 'charged_in_error'),
  }),
  fc.record({ type: one('ReceivePayment' as const), ...moving, ...ofNone, via: anyOf(Channel) }),
  fc.record({ type: one('TakeDeposit' as const), ...moving, ...ofNone, via: anyOf(Channel) }),
  fc.record({ type: one('ApplyDeposit' as const), ...moving, ...ofNone, to: anyOf(DepositUse) }),
  fc.record({ type: one('RefundDeposit' as const), ...moving, ...ofNone }),
  fc
    .record({
      type: one('CreditFare' as const),
      ...moving,
      ...ofVan,
      plan: one('STD'),
      planVersion: one(1),
    })
    .map((fare) => ({ ...fare, driverShare: fare.amount })),
  fc.record({ type: one('PayOut' as const), ...moving, ...ofNone }),
  fc.record({ type: one('ReturnPayout' as const), ...moving, ...ofNone }),
  fc.record({ type: one('SetOffPayable' as const), ...moving, ...ofNone }),
  fc.record({ type: one('ReverseSetOff' as const), ...moving, ...ofNone }),
  { arbitrary: proposing, weight: 2 },
  fc.record({
    type: one('DisputeDeduction' as const),
    ...onDeduction,
    reason: anyOf(DeductionDisputeReason),
  }),
  fc.record({ type: one('UpholdDeduction' as const), ...onDeduction }),
  fc.record({
    type: one('WithdrawDeduction' as const),
    ...onDeduction,
    reason: anyOf(WithdrawalReason),
    basis: fc.constantFrom(null, basis),
  }),
  { arbitrary: making, weight: 3 },
);
