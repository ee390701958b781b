import type { Row } from './problemRow.ts';

type Accounts =
  | 'AccountKept'
  | 'ChargeReversed'
  | 'DeductionCapExceeded'
  | 'DeductionDisputed'
  | 'DeductionExceeded'
  | 'DeductionIsWithdrawn'
  | 'DeductionNotDisputed'
  | 'DepositTooSmall'
  | 'DisputeWindowOpen'
  | 'DisputeWindowOver'
  | 'MoreThanOwed'
  | 'NothingOwed'
  | 'PayableTooSmall'
  | 'PlanOutdated'
  | 'PlanWithoutFareShare'
  | 'TransactionReused';

/** The part of the table of problems that is about drivers' accounts and plans. Amounts are minor units. */
export const accountProblems: { readonly [C in Accounts]: Row<C> } = {
  AccountKept: { status: 409, title: 'The driver’s account says it; it cannot be stated by hand' },
  ChargeReversed: { status: 409, title: 'The charge was reversed' },
  DeductionCapExceeded: {
    status: 409,
    title: 'That is more than may be deducted in a month',
    tell: ({ left }) => ({ left: left.amount, currency: left.currency }),
  },
  DeductionDisputed: { status: 409, title: 'The driver disputes the deduction' },
  DeductionExceeded: {
    status: 409,
    title: 'There is less left to deduct',
    tell: ({ left }) => ({ left: left.amount, currency: left.currency }),
  },
  DeductionIsWithdrawn: { status: 409, title: 'The deduction was withdrawn' },
  DeductionNotDisputed: { status: 409, title: 'The deduction is not disputed' },
  DepositTooSmall: {
    status: 409,
    title: 'The deposit is smaller',
    tell: ({ held }) => ({ held: held.amount, currency: held.currency }),
  },
  DisputeWindowOpen: {
    status: 409,
    title: 'The driver may still dispute the deduction',
    tell: ({ until }) => ({ until }),
  },
  DisputeWindowOver: {
    status: 409,
    title: 'The deduction can no longer be disputed',
    tell: ({ since }) => ({ since }),
  },
  MoreThanOwed: {
    status: 409,
    title: 'The driver owes less',
    tell: ({ owed }) => ({ owed: owed.amount, currency: owed.currency }),
  },
  NothingOwed: { status: 409, title: 'The driver owes nothing' },
  PayableTooSmall: {
    status: 409,
    title: 'Less is payable to the driver',
    tell: ({ payable }) => ({ payable: payable.amount, currency: payable.currency }),
  },
  PlanOutdated: {
    status: 409,
    title: 'A version has to begin later than the one before, and not in the past',
    tell: ({ since }) => ({ since }),
  },
  PlanWithoutFareShare: {
    status: 409,
    title: 'The plan knows no share of fares',
    tell: ({ plan }) => ({ plan }),
  },
  TransactionReused: { status: 409, title: 'The transaction was used for something else' },
};
