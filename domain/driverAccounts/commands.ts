import type { z } from 'zod';
import type {
  ChargeId,
  DeductionId,
  EventId,
  FineId,
  RentalId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import type { Instant, Moment } from '#domain/kernel/instant.ts';
import type { Currency, Money } from '#domain/kernel/money.ts';
import type { ChargeDue } from '#domain/plans/chargesDue.ts';
import type {
  Channel,
  Concerning,
  DeductionDisputeReason,
  DeductionKind,
  DepositUse,
  ReversalReason,
  WithdrawalReason,
} from './events.ts';

/** What is asked of an account. `home` is the currency of the driver's park. */
type Asked<Type extends string, Fields = object> = Readonly<Fields> &
  Concerning & { readonly type: Type; readonly when: Moment; readonly home: Currency };

/** `transaction` is what tells one movement of money from another in the same account. */
type Moving<Type extends string, Fields = object> = Asked<
  Type,
  Readonly<Fields> & { readonly transaction: string; readonly amount: Money }
>;

type OfRental = { readonly vehicle: VehicleId; readonly rental: RentalId };
type Of = { readonly deduction: DeductionId };

/**
 * Brings the charges of a rental into line with what is due: `due` is all that is, with the ids of the
 * charges. `basis` is the event that may have changed something; null where only time has passed.
 */
export type SettleCharges = Asked<
  'SettleCharges',
  OfRental & {
    due: readonly (ChargeDue & { readonly charge: ChargeId })[];
    voided: boolean;
    basis: EventId | null;
  }
>;
export type ReverseCharge = Asked<
  'ReverseCharge',
  {
    charge: ChargeId;
    reason: Extract<z.infer<typeof ReversalReason>, 'goodwill' | 'charged_in_error'>;
  }
>;

export type ReceivePayment = Moving<'ReceivePayment', { via: z.infer<typeof Channel> }>;
export type TakeDeposit = Moving<'TakeDeposit', { via: z.infer<typeof Channel> }>;
export type ApplyDeposit = Moving<'ApplyDeposit', { to: z.infer<typeof DepositUse> }>;
export type RefundDeposit = Moving<'RefundDeposit'>;
/** `amount` is what the passenger paid, `driverShare` what of it is the driver's by the plan. */
export type CreditFare = Moving<
  'CreditFare',
  OfRental & { driverShare: Money; plan: string; planVersion: number }
>;
export type PayOut = Moving<'PayOut'>;
export type ReturnPayout = Moving<'ReturnPayout'>;
/** Settles what is owed out of what is payable, as a settlement that holds says; and takes that back. */
export type SetOffPayable = Moving<'SetOffPayable'>;
export type ReverseSetOff = Moving<'ReverseSetOff'>;

export type ProposeDeduction = Asked<
  'ProposeDeduction',
  Of & {
    kind: z.infer<typeof DeductionKind>;
    fine: FineId | null;
    amount: Money;
    basis: readonly EventId[];
    cap: Money | null;
    disputableUntil: Instant;
  }
>;
export type DisputeDeduction = Asked<
  'DisputeDeduction',
  Of & { reason: z.infer<typeof DeductionDisputeReason> }
>;
export type UpholdDeduction = Asked<'UpholdDeduction', Of>;
export type WithdrawDeduction = Asked<
  'WithdrawDeduction',
  Of & { reason: z.infer<typeof WithdrawalReason>; basis: EventId | null }
>;
export type MakeDeduction = Moving<'MakeDeduction', Of>;

export type DeductionCommand =
  | ProposeDeduction
  | DisputeDeduction
  | UpholdDeduction
  | WithdrawDeduction
  | MakeDeduction;

/** What moves money by a transaction, once. */
export type MovingCommand =
  | ReceivePayment
  | TakeDeposit
  | ApplyDeposit
  | RefundDeposit
  | CreditFare
  | PayOut
  | ReturnPayout
  | SetOffPayable
  | ReverseSetOff;

/** Everything one may ask of a driver's account. */
export type AccountCommand = SettleCharges | ReverseCharge | MovingCommand | DeductionCommand;

/** Why an account may say no. Amounts are what there still is of what was asked for. */
export type AccountRefusal =
  | { readonly code: 'ForeignCurrency'; readonly expected: Currency }
  | { readonly code: 'TransactionReused'; readonly transaction: string }
  | { readonly code: 'ChargeUnknown'; readonly charge: ChargeId }
  | { readonly code: 'ChargeReversed'; readonly charge: ChargeId }
  | { readonly code: 'NothingOwed' }
  | { readonly code: 'MoreThanOwed'; readonly owed: Money }
  | { readonly code: 'DepositTooSmall'; readonly held: Money }
  | { readonly code: 'PayableTooSmall'; readonly payable: Money }
  | { readonly code: 'DeductionUnknown'; readonly deduction: DeductionId }
  | { readonly code: 'DeductionIsWithdrawn'; readonly deduction: DeductionId }
  | { readonly code: 'DeductionDisputed'; readonly deduction: DeductionId }
  | { readonly code: 'DeductionNotDisputed'; readonly deduction: DeductionId }
  | { readonly code: 'DisputeWindowOpen'; readonly until: Instant }
  | { readonly code: 'DisputeWindowOver'; readonly since: Instant }
  | { readonly code: 'DeductionCapExceeded'; readonly left: Money }
  | { readonly code: 'DeductionExceeded'; readonly left: Money };
