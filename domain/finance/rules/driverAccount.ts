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
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import {
  credit,
  debit,
  type EntryLine,
  flipped,
  moving,
  postingRule,
} from '#domain/finance/postingRule.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { Money } from '#domain/kernel/money.ts';

type Charged = Extract<AccountEvent, { type: 'DriverCharged' | 'DriverChargeReversed' }>;
type Deducted = Extract<AccountEvent, { type: 'DeductionMade' | 'DeductionReversed' }>;

const { bank, providers, receivable, deposits, payableDrivers } = ACCOUNTS;

const arrivedAt = (via: 'bank' | 'provider') => (via === 'bank' ? bank : providers);

const charge = ({ data }: Charged): readonly EntryLine[] => {
  const { driver, net, tax, total } = data;
  return [
    debit(receivable, total, { driver }),
    credit(ACCOUNTS.rentals, net, { driver }),
    credit(ACCOUNTS.taxes, tax, { driver }),
  ];
};

const deduction = ({ data: { driver, amount } }: Deducted): readonly EntryLine[] => [
  debit(receivable, amount, { driver }),
  credit(ACCOUNTS.recharged, amount, { driver }),
];

const linesOf = (fact: AccountEvent): readonly EntryLine[] => {
  const { type, data } = fact;
  const { driver } = data;
  const settled = (amount: Money) => credit(receivable, amount, { driver });
  switch (type) {
    case 'DriverCharged':
      return charge(fact);
    case 'DriverChargeReversed':
      return flipped(charge(fact));
    case 'DriverPaymentReceived':
      return [debit(arrivedAt(data.via), data.amount, { driver }), settled(data.amount)];
    case 'DepositTaken':
      return [
        debit(arrivedAt(data.via), data.amount, { driver }),
        credit(deposits, data.amount, { driver }),
      ];
    case 'DepositApplied':
      return [debit(deposits, data.amount, { driver }), settled(data.amount)];
    case 'DepositRefunded':
      return [debit(deposits, data.amount, { driver }), credit(bank, data.amount, { driver })];
    case 'DeductionMade':
      return deduction(fact);
    case 'DeductionReversed':
      return flipped(deduction(fact));
    case 'FareShareCredited':
      return [
        debit(providers, data.gross, { driver }),
        credit(ACCOUNTS.fares, data.gross, { driver }),
        debit(ACCOUNTS.fares, data.driverShare, { driver }),
        credit(payableDrivers, data.driverShare, { driver }),
      ];
    case 'DriverPaidOut':
      return [
        debit(payableDrivers, data.amount, { driver }),
        credit(bank, data.amount, { driver }),
      ];
    case 'DriverPayoutReturned':
      return [
        debit(bank, data.amount, { driver }),
        credit(payableDrivers, data.amount, { driver }),
      ];
    case 'PayableSetOff':
      return [debit(payableDrivers, data.amount, { driver }), settled(data.amount)];
    case 'PayableSetOffReversed':
      return flipped([debit(payableDrivers, data.amount, { driver }), settled(data.amount)]);
    case 'DeductionProposed':
    case 'DeductionDisputed':
    case 'DeductionUpheld':
    case 'DeductionWithdrawn':
      return [];
    default:
      return unreachable(type);
  }
};

/**
 * What is between the operator and a driver, in the books. Whatever came before, the driver's lines on the
 * receivable, the deposits and the payable add up to what the account holds, in each currency.
 */
export const driverAccountRule = postingRule({
  name: 'driver_account',
  version: 1,
  history: false,
  handles: [
    DriverCharged,
    DriverChargeReversed,
    DriverPaymentReceived,
    DepositTaken,
    DepositApplied,
    DepositRefunded,
    DeductionMade,
    DeductionReversed,
    FareShareCredited,
    DriverPaidOut,
    DriverPayoutReturned,
    PayableSetOff,
    PayableSetOffReversed,
  ],
  drafts: (fact) => {
    const lines = moving(linesOf(fact));
    const { park, vehicle } = fact.data;
    return lines.length === 0
      ? []
      : [{ book: { park, vehicle }, date: fact.when.localDate, lines }];
  },
});
