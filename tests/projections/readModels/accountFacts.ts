import {
  DeductionDisputed,
  DeductionMade,
  DeductionProposed,
  DeductionReversed,
  DepositTaken,
  DriverCharged,
  DriverChargeReversed,
  DriverPaidOut,
  DriverPaymentReceived,
  DriverPayoutReturned,
  FareShareCredited,
  PayableSetOff,
  PayableSetOffReversed,
} from '#domain/driverAccounts/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { ChargeId, DeductionId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { about, annDrives } from '#tests/support/projectedEvents.ts';
import { ann, basis, berlin, fine, money, uuid8 } from '#tests/support/samples.ts';

const ofAnn = { driver: ann, park: berlin, vehicle: null, rental: null };
const rental = { ...about, ...annDrives };
const charge = ChargeId.parse(uuid8(0x71));
const amounts = { net: money('2500'), tax: money('475'), total: money('2975') };
const deduction = DeductionId.parse(uuid8(0x72));
const moved = { transaction: 'T-1', amount: money('3000') } as const;
const fined = { ...rental, deduction, kind: 'fine', amount: money('700') } as const;
const priced = { plan: 'STD', planVersion: 1 };

/** Some of what may be in the account of a driver. */
export const accountFactsAt = (when: Moment, other: Moment): readonly LedgerFact[] => [
  fact(DriverCharged, when, {
    ...{ ...rental, charge, kind: 'day', quantity_milli: 1_000 },
    ...{ span: { from: when.at, to: other.at }, ...amounts, ...priced },
  }),
  fact(DriverChargeReversed, when, {
    ...{ ...rental, charge, ...amounts, reason: 'goodwill', basis: null },
  }),
  fact(DriverPaymentReceived, when, { ...ofAnn, ...moved, via: 'bank' }),
  fact(DepositTaken, when, {
    ...{ ...ofAnn, transaction: 'T-2', amount: money('5000', 'TRY'), via: 'provider' },
  }),
  fact(DeductionProposed, when, {
    ...{ ...fined, fine, basis: [basis], cap: null, disputableUntil: other.at },
  }),
  fact(DeductionDisputed, when, { ...rental, deduction, reason: 'not_mine' }),
  fact(DeductionMade, when, { ...fined, transaction: 'T-3' }),
  fact(DeductionReversed, when, { ...fined, reason: 'fine_voided', basis }),
  fact(FareShareCredited, when, {
    ...{ ...rental, transaction: 'T-4', gross: money('2000') },
    ...{ driverShare: money('800'), ...priced },
  }),
  fact(DriverPaidOut, when, { ...rental, transaction: 'T-5', amount: money('300') }),
  fact(DriverPayoutReturned, when, { ...rental, transaction: 'T-6', amount: money('300') }),
  fact(PayableSetOff, when, { ...rental, transaction: 'T-7', amount: money('200') }),
  fact(PayableSetOffReversed, when, { ...rental, transaction: 'T-8', amount: money('200') }),
];
