import { describe, expect, it } from 'vitest';
import {
  type AccountEvent,
  DeductionMade,
  DeductionReversed,
  DepositApplied,
  DepositRefunded,
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
import { driverAccountRule } from '#domain/finance/rules/driverAccount.ts';
import { ChargeId, DeductionId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  ann,
  berlin,
  money,
  morning,
  noon,
  rentalOfAnn,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const ofDriver = { driver: ann, park: berlin, vehicle: null, rental: null };
const ofRental = { ...ofDriver, vehicle: van, rental: rentalOfAnn };
const amounts = { net: money('10000'), tax: money('1900'), total: money('11900') };
const charge = ChargeId.parse(uuid8(1));
const deduction = DeductionId.parse(uuid8(2));
const moved = { ...ofDriver, transaction: 'T-1', amount: money('5000') };
const charged = {
  ...ofRental,
  ...amounts,
  charge,
  kind: 'day',
  span: { from: morning.at, to: noon.at },
  quantity_milli: 1_000,
  plan: 'STD',
  planVersion: 1,
} as const;
const deducted = { ...ofRental, deduction, kind: 'fine', amount: money('3000') } as const;
const why = { reason: 'fine_voided', basis: null } as const;
const shared = { gross: money('2000'), driverShare: money('800'), plan: 'STD', planVersion: 1 };

/** The lines of the one entry of a fact: account, debit (+) or credit (-), amount. */
const posted = (event: AccountEvent): string[] =>
  driverAccountRule
    .drafts(event, [])
    .flatMap(({ lines }) => lines)
    .map(
      ({ account, side, amount }) => `${account} ${side === 'debit' ? '+' : '-'}${amount.amount}`,
    );

describe('the rule of a driver’s account', () => {
  it.each<[string, AccountEvent, string[]]>([
    ['a charge', fact(DriverCharged, noon, charged), ['1100 +11900', '4000 -10000', '2500 -1900']],
    [
      'a charge without tax',
      fact(DriverCharged, noon, { ...charged, tax: money('0'), total: money('10000') }),
      ['1100 +10000', '4000 -10000'],
    ],
    [
      'a charge of nothing',
      fact(DriverCharged, noon, {
        ...charged,
        net: money('0'),
        tax: money('0'),
        total: money('0'),
      }),
      [],
    ],
    [
      'a reversal',
      fact(DriverChargeReversed, noon, {
        ...ofRental,
        ...amounts,
        charge,
        reason: 'goodwill',
        basis: null,
      }),
      ['1100 -11900', '4000 +10000', '2500 +1900'],
    ],
    [
      'a payment to the bank',
      fact(DriverPaymentReceived, noon, { ...moved, via: 'bank' }),
      ['1000 +5000', '1100 -5000'],
    ],
    [
      'a payment over a provider',
      fact(DriverPaymentReceived, noon, { ...moved, via: 'provider' }),
      ['1010 +5000', '1100 -5000'],
    ],
    [
      'a deposit',
      fact(DepositTaken, noon, { ...moved, via: 'bank' }),
      ['1000 +5000', '2100 -5000'],
    ],
    [
      'a deposit used up',
      fact(DepositApplied, noon, { ...moved, to: 'arrears' }),
      ['2100 +5000', '1100 -5000'],
    ],
    ['a deposit given back', fact(DepositRefunded, noon, moved), ['2100 +5000', '1000 -5000']],
    [
      'a deduction',
      fact(DeductionMade, noon, { ...deducted, transaction: 'M-1' }),
      ['1100 +3000', '4100 -3000'],
    ],
    [
      'a deduction undone',
      fact(DeductionReversed, noon, { ...deducted, ...why }),
      ['1100 -3000', '4100 +3000'],
    ],
    [
      'a fare',
      fact(FareShareCredited, noon, { ...ofRental, ...shared, transaction: 'F-1' }),
      ['1010 +2000', '4010 -2000', '4010 +800', '2150 -800'],
    ],
    ['a payout', fact(DriverPaidOut, noon, moved), ['2150 +5000', '1000 -5000']],
    [
      'a payout that came back',
      fact(DriverPayoutReturned, noon, moved),
      ['1000 +5000', '2150 -5000'],
    ],
    ['a debt set off', fact(PayableSetOff, noon, moved), ['2150 +5000', '1100 -5000']],
    [
      'a debt not set off after all',
      fact(PayableSetOffReversed, noon, moved),
      ['2150 -5000', '1100 +5000'],
    ],
  ])('books %s', (_, event, lines) => expect(posted(event)).toEqual(lines));
});
