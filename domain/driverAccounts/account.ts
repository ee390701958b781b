import { type Decider, unreachable } from '#domain/kernel/decider.ts';
import { minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import { type AccountState, balanceIn, emptyAccount, evolve } from './accountState.ts';
import type {
  AccountCommand,
  AccountRefusal,
  ApplyDeposit,
  MovingCommand,
  PayOut,
  RefundDeposit,
  SetOffPayable,
} from './commands.ts';
import { reverseCharge, settleCharges } from './decideCharge.ts';
import { decideDeduction } from './decideDeduction.ts';
import { type Decision, foreign, moveOnce } from './decideMovement.ts';
import {
  type AccountEvent,
  DepositApplied,
  DepositRefunded,
  DepositTaken,
  DriverPaidOut,
  DriverPaymentReceived,
  DriverPayoutReturned,
  FareShareCredited,
  PayableSetOff,
  PayableSetOffReversed,
} from './events.ts';

const concernedBy = ({ driver, park, vehicle, rental }: AccountCommand) => ({
  driver,
  park,
  vehicle,
  rental,
});

/** Why money cannot be taken out of a deposit, or out of what is payable; null if it can. */
const shortage = (
  { type, amount }: ApplyDeposit | RefundDeposit | PayOut | SetOffPayable,
  state: AccountState,
): AccountRefusal | null => {
  const { currency } = amount;
  const { deposit, payable, owed } = balanceIn(state, currency);
  const wanted = minorUnits(amount);
  if (type === 'PayOut' || type === 'SetOffPayable') {
    return wanted > payable
      ? { code: 'PayableTooSmall', payable: moneyOf(payable, currency) }
      : null;
  }
  if (wanted > deposit) return { code: 'DepositTooSmall', held: moneyOf(deposit, currency) };
  if (type === 'RefundDeposit') return null;
  if (owed <= 0n) return { code: 'NothingOwed' };
  return wanted > owed ? { code: 'MoreThanOwed', owed: moneyOf(owed, currency) } : null;
};

/** What follows from a run that was agreed to, or from the bank, is so whatever the account holds. */
const unhindered = (): null => null;

const move = (command: MovingCommand, state: AccountState): Decision => {
  const { transaction, amount, when, home } = command;
  const { currency } = amount;
  const said = { ...concernedBy(command), transaction, amount };
  const comingIn = () => foreign(state, { currency, home });
  switch (command.type) {
    case 'ReceivePayment': {
      const { via } = command;
      return moveOnce(state, fact(DriverPaymentReceived, when, { ...said, via }), comingIn);
    }
    case 'TakeDeposit': {
      const { via } = command;
      return moveOnce(state, fact(DepositTaken, when, { ...said, via }), comingIn);
    }
    case 'ApplyDeposit': {
      const event = fact(DepositApplied, when, { ...said, to: command.to });
      return moveOnce(state, event, () => shortage(command, state));
    }
    case 'RefundDeposit': {
      const event = fact(DepositRefunded, when, said);
      return moveOnce(state, event, () => shortage(command, state));
    }
    case 'PayOut': {
      const event = fact(DriverPaidOut, when, said);
      return moveOnce(state, event, () => shortage(command, state));
    }
    case 'SetOffPayable': {
      const event = fact(PayableSetOff, when, said);
      return moveOnce(state, event, () => shortage(command, state));
    }
    case 'ReturnPayout':
      return moveOnce(state, fact(DriverPayoutReturned, when, said), unhindered);
    case 'ReverseSetOff':
      return moveOnce(state, fact(PayableSetOffReversed, when, said), unhindered);
    case 'CreditFare': {
      const { driver, park, vehicle, rental, amount: gross, driverShare } = command;
      const { plan, planVersion } = command;
      const concerned = { driver, park, vehicle, rental };
      const credited = { transaction, gross, driverShare, plan, planVersion };
      const event = fact(FareShareCredited, when, { ...concerned, ...credited });
      return moveOnce(state, event, comingIn);
    }
    default:
      return unreachable(command);
  }
};

const decide = (command: AccountCommand, state: AccountState): Decision => {
  switch (command.type) {
    case 'SettleCharges':
      return settleCharges(command, state);
    case 'ReverseCharge':
      return reverseCharge(command, state);
    case 'ProposeDeduction':
    case 'DisputeDeduction':
    case 'UpholdDeduction':
    case 'WithdrawDeduction':
    case 'MakeDeduction':
      return decideDeduction(command, state);
    default:
      return move(command, state);
  }
};

/**
 * What is between an operator and a driver: what the driver owes, what is held of their deposit, and what of
 * fares is payable to them, in one stream, so that a deposit never falls below zero.
 */
export const accountDecider: Decider<AccountCommand, AccountEvent, AccountState, AccountRefusal> = {
  initial: emptyAccount,
  decide,
  evolve,
};
