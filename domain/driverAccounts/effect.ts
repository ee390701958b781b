import { unreachable } from '#domain/kernel/decider.ts';
import { type Currency, type Money, minorUnits } from '#domain/kernel/money.ts';
import type { AccountEvent } from './events.ts';

/** What an account holds in a currency, in minor units; `owed` is below zero where the driver paid ahead. */
export interface Balance {
  /** What the driver owes the operator. */
  readonly owed: bigint;
  /** What the operator holds of the driver's deposit. */
  readonly deposit: bigint;
  /** What the operator owes the driver out of fares. */
  readonly payable: bigint;
}

/** By how much an entry changes an account, and in which currency. */
export interface Effect extends Balance {
  readonly currency: Currency;
}

/** An account in which there is nothing. */
export const emptyBalance: Balance = { owed: 0n, deposit: 0n, payable: 0n };

const moved = ({ currency }: Money, change: Partial<Balance>): Effect => ({
  ...emptyBalance,
  ...change,
  currency,
});

/** What an event of an account does to its balances; null where it moves nothing. */
export const effectOf = ({ type, data }: AccountEvent): Effect | null => {
  switch (type) {
    case 'DriverCharged':
      return moved(data.total, { owed: minorUnits(data.total) });
    case 'DriverChargeReversed':
      return moved(data.total, { owed: -minorUnits(data.total) });
    case 'DriverPaymentReceived':
      return moved(data.amount, { owed: -minorUnits(data.amount) });
    case 'DepositTaken':
      return moved(data.amount, { deposit: minorUnits(data.amount) });
    case 'DepositApplied': {
      const used = -minorUnits(data.amount);
      return moved(data.amount, { owed: used, deposit: used });
    }
    case 'DepositRefunded':
      return moved(data.amount, { deposit: -minorUnits(data.amount) });
    case 'DeductionMade':
      return moved(data.amount, { owed: minorUnits(data.amount) });
    case 'DeductionReversed':
      return moved(data.amount, { owed: -minorUnits(data.amount) });
    case 'FareShareCredited':
      return moved(data.driverShare, { payable: minorUnits(data.driverShare) });
    case 'DriverPaidOut':
      return moved(data.amount, { payable: -minorUnits(data.amount) });
    case 'DriverPayoutReturned':
      return moved(data.amount, { payable: minorUnits(data.amount) });
    case 'PayableSetOff': {
      const used = -minorUnits(data.amount);
      return moved(data.amount, { owed: used, payable: used });
    }
    case 'PayableSetOffReversed': {
      const back = minorUnits(data.amount);
      return moved(data.amount, { owed: back, payable: back });
    }
    case 'DeductionProposed':
    case 'DeductionDisputed':
    case 'DeductionUpheld':
    case 'DeductionWithdrawn':
      return null;
    default:
      return unreachable(type);
  }
};

/** A balance after an effect. */
export const changedBy = (balance: Balance, effect: Balance): Balance => ({
  owed: balance.owed + effect.owed,
  deposit: balance.deposit + effect.deposit,
  payable: balance.payable + effect.payable,
});
