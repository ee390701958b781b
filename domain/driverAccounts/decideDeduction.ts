import { left, right } from 'fp-ts/lib/Either.js';
import { unreachable } from '#domain/kernel/decider.ts';
import { minorUnits, moneyOf } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  type AccountState,
  type Deduction,
  deductedInMonth,
  deductionFor,
  madeOf,
} from './accountState.ts';
import type {
  AccountRefusal,
  DeductionCommand,
  DisputeDeduction,
  MakeDeduction,
  ProposeDeduction,
  UpholdDeduction,
  WithdrawDeduction,
} from './commands.ts';
import { type Decision, foreign, moveOnce, nothing } from './decideMovement.ts';
import {
  DeductionDisputed,
  DeductionMade,
  DeductionProposed,
  DeductionReversed,
  DeductionUpheld,
  DeductionWithdrawn,
} from './events.ts';

/** Whom and what a deduction concerns: what was said when it was proposed. */
const concernedBy = ({ proposed }: Deduction) => {
  const { driver, park, vehicle, rental, deduction } = proposed;
  return { driver, park, vehicle, rental, deduction };
};

const propose = (command: ProposeDeduction, state: AccountState): Decision => {
  const { type: _, when, home, basis, ...said } = command;
  const { deduction, fine, amount } = command;
  if (state.deductions.has(deduction)) return nothing;
  // A fine that is confirmed, disputed and confirmed again is deducted once.
  if (fine !== null && deductionFor(state, fine)) return nothing;
  const refused = foreign(state, { currency: amount.currency, home });
  if (refused) return left(refused);
  return right([fact(DeductionProposed, when, { ...said, basis: [...basis] })]);
};

const dispute = ({ reason, when }: DisputeDeduction, held: Deduction): Decision => {
  const { deduction, disputableUntil: since } = held.proposed;
  if (held.status === 'disputed') return nothing;
  if (when.at >= since || held.status === 'upheld')
    return left({ code: 'DisputeWindowOver', since });
  return right([fact(DeductionDisputed, when, { ...concernedBy(held), deduction, reason })]);
};

const uphold = ({ deduction, when }: UpholdDeduction, held: Deduction): Decision => {
  if (held.status === 'upheld') return nothing;
  if (held.status !== 'disputed') return left({ code: 'DeductionNotDisputed', deduction });
  return right([fact(DeductionUpheld, when, concernedBy(held))]);
};

const withdraw = ({ reason, basis, when }: WithdrawDeduction, held: Deduction): Decision => {
  const concerned = concernedBy(held);
  const { kind, amount } = held.proposed;
  const made = madeOf(held);
  if (made === 0n) return right([fact(DeductionWithdrawn, when, { ...concerned, reason, basis })]);
  const back = moneyOf(made, amount.currency);
  const said = { ...concerned, kind, amount: back, reason, basis };
  return right([fact(DeductionReversed, when, said)]);
};

const hindrance = (
  { deduction, amount, when }: MakeDeduction,
  held: Deduction,
  state: AccountState,
): AccountRefusal | null => {
  const { cap, disputableUntil: until, amount: whole } = held.proposed;
  const { currency } = whole;
  if (held.status === 'withdrawn') return { code: 'DeductionIsWithdrawn', deduction };
  if (held.status === 'disputed') return { code: 'DeductionDisputed', deduction };
  if (held.status === 'proposed' && when.at < until) return { code: 'DisputeWindowOpen', until };
  if (amount.currency !== currency) return { code: 'ForeignCurrency', expected: currency };
  const rest = minorUnits(whole) - madeOf(held);
  if (minorUnits(amount) > rest) {
    return { code: 'DeductionExceeded', left: moneyOf(rest, currency) };
  }
  if (cap === null) return null;
  const spare = minorUnits(cap) - deductedInMonth(state, when.localDate, currency);
  if (minorUnits(amount) <= spare) return null;
  return { code: 'DeductionCapExceeded', left: moneyOf(spare < 0n ? 0n : spare, currency) };
};

const make = (command: MakeDeduction, held: Deduction, state: AccountState): Decision => {
  const { transaction, amount, when } = command;
  const { kind } = held.proposed;
  const event = fact(DeductionMade, when, { ...concernedBy(held), kind, transaction, amount });
  return moveOnce(state, event, () => hindrance(command, held, state));
};

/** Decides what is asked of a deduction: proposed, disputable for a while, then made, in parts if need be. */
export const decideDeduction = (command: DeductionCommand, state: AccountState): Decision => {
  if (command.type === 'ProposeDeduction') return propose(command, state);
  const { deduction } = command;
  const held = state.deductions.get(deduction);
  if (!held) return left({ code: 'DeductionUnknown', deduction });
  if (command.type === 'MakeDeduction') return make(command, held, state);
  if (held.status === 'withdrawn') {
    return command.type === 'WithdrawDeduction'
      ? nothing
      : left({ code: 'DeductionIsWithdrawn', deduction });
  }
  switch (command.type) {
    case 'DisputeDeduction':
      return dispute(command, held);
    case 'UpholdDeduction':
      return uphold(command, held);
    case 'WithdrawDeduction':
      return withdraw(command, held);
    default:
      return unreachable(command);
  }
};
