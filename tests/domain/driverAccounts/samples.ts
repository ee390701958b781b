import type { AccountCommand } from '#domain/driverAccounts/commands.ts';
import { ChargeId, DeductionId } from '#domain/kernel/ids.ts';
import { type ChargeDue, chargesDue } from '#domain/plans/chargesDue.ts';
import { daysFrom, version } from '#tests/domain/plans/samples.ts';
import {
  ann,
  basis,
  berlin,
  euro,
  fine,
  instant,
  moment,
  money,
  noon,
  rentalOfAnn,
  uuid8,
  van,
} from '#tests/support/samples.ts';

/** What a command of Ann's account says besides: nothing about a vehicle. */
export const asked = {
  driver: ann,
  park: berlin,
  vehicle: null,
  rental: null,
  home: euro,
  when: noon,
} as const;

export const charge = (n: number): ChargeId => ChargeId.parse(uuid8(0xc00 + n));
export const deduction = (n: number): DeductionId => DeductionId.parse(uuid8(0xd00 + n));
export const afterWindow = moment('2026-03-17T12:00:00.000Z');

/** What is due for the first days of a rental of the van from the second of March on: 29.75 a day. */
export const dueDays = (count: number): readonly (ChargeDue & { charge: ChargeId })[] => {
  const days = daysFrom(2, new Array<number>(count + 1).fill(0));
  const [from, to] = [days[0]?.from, days[count]?.from];
  if (!from || !to) throw new Error('no such day');
  const rental = { from, to, zone: noon.zone, voided: false };
  return chargesDue(rental, [version(1, '2026-03-01')], days, to).map((each, n) => ({
    ...each,
    charge: charge(n),
  }));
};

/** Settles the charges of Ann's rental of the van for that many days. */
export const settle = (count: number) =>
  ({
    type: 'SettleCharges',
    ...asked,
    vehicle: van,
    rental: rentalOfAnn,
    due: dueDays(count),
    voided: false,
    basis: null,
  }) as const;

export const pay = (amount: string, transaction = 'T-1') =>
  ({ type: 'ReceivePayment', ...asked, transaction, amount: money(amount), via: 'bank' }) as const;

export const deposit = (amount: string, transaction = 'D-1') =>
  ({ type: 'TakeDeposit', ...asked, transaction, amount: money(amount), via: 'bank' }) as const;

/** The proposal to deduct 120.00 for a fine, at most 100.00 a month, from the sixteenth on. */
export const propose = {
  type: 'ProposeDeduction',
  ...asked,
  vehicle: van,
  rental: rentalOfAnn,
  deduction: deduction(1),
  kind: 'fine',
  fine,
  amount: money('12000'),
  basis: [basis],
  cap: money('10000'),
  disputableUntil: instant('2026-03-16T12:00:00.000Z'),
} as const satisfies AccountCommand;

export const make = (amount: string, transaction: string) =>
  ({
    type: 'MakeDeduction',
    ...asked,
    deduction: deduction(1),
    transaction,
    amount: money(amount),
    when: afterWindow,
  }) as const;
