import { z } from 'zod';
import { Reference } from '#domain/kernel/fields.ts';
import {
  ChargeId,
  DeductionId,
  DriverId,
  EventId,
  FineId,
  ParkId,
  RentalId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';
import { type AnyFact, eventType, type Fact } from '#domain/kernel/registry.ts';
import {
  assetKey,
  driverKey,
  fineKey,
  parkKey,
  rentalKey,
  subjects,
} from '#domain/kernel/subjects.ts';

const BASIS_MAX = 20;
const QUANTITY_MAX_MILLI = 5_000_000_000;

/** An amount that moves: more than zero. */
export const PositiveMoney = NonNegativeMoney.refine(({ amount }) => amount !== '0');

/** Whose account an entry is in, and what it is about: no vehicle and rental where they are null. */
const concerning = {
  driver: DriverId,
  park: ParkId,
  vehicle: VehicleId.nullable(),
  rental: RentalId.nullable(),
};
/** Whom and what an entry of an account concerns. */
export type Concerning = Readonly<z.infer<z.ZodObject<typeof concerning>>>;

const concerned = ({ driver, park, vehicle, rental }: Concerning) =>
  subjects(
    driverKey(driver),
    parkKey(park),
    vehicle && assetKey(vehicle),
    rental && rentalKey(rental),
  );

/** What is charged: a begun day, week or shift, or the kilometres of a day. */
export const ChargeKind = z.enum(['day', 'week', 'shift', 'kilometres']);
export const ReversalReason = z.enum([
  'rental_voided',
  'rental_changed',
  'trips_changed',
  'goodwill',
  'charged_in_error',
]);
/** Which way money came in: to the bank, or over a provider of payments, who passes it on. */
export const Channel = z.enum(['bank', 'provider']);
/** What a deposit is used up for. */
export const DepositUse = z.enum(['arrears', 'fine', 'damage']);
export const DeductionKind = z.enum(['fine', 'damage']);
export const DeductionDisputeReason = z.enum(['not_mine', 'amount_wrong', 'facts_wrong', 'other']);
export const WithdrawalReason = z.enum([
  'dispute_upheld',
  'fine_voided',
  'fine_disputed',
  'fine_reattributed',
  'recorded_in_error',
  'goodwill',
]);

/** What was charged, without tax, the tax, and both together. */
const charged = { net: NonNegativeMoney, tax: NonNegativeMoney, total: NonNegativeMoney };

export const DriverCharged = eventType({
  type: 'DriverCharged',
  about:
    'The driver owes for a stretch of a rental, by a version of a plan. The id follows from rental, kind and beginning, so a stretch is charged once, and once more only after its charge was reversed. Quantities are thousandths: metres of kilometres.',
  data: z.strictObject({
    ...concerning,
    vehicle: VehicleId,
    rental: RentalId,
    charge: ChargeId,
    kind: ChargeKind,
    span: z.strictObject({ from: Instant, to: Instant }),
    quantity_milli: z.int().min(0).max(QUANTITY_MAX_MILLI),
    ...charged,
    plan: Reference,
    planVersion: z.int().min(1),
  }),
  subjects: concerned,
});

export const DriverChargeReversed = eventType({
  type: 'DriverChargeReversed',
  about:
    'The charge that stood under this id is taken back, at the time of what it corrects. `basis` is the event that showed that it was wrong; null where nobody but the operator says so.',
  data: z.strictObject({
    ...concerning,
    vehicle: VehicleId,
    rental: RentalId,
    charge: ChargeId,
    ...charged,
    reason: ReversalReason,
    basis: EventId.nullable(),
  }),
  subjects: concerned,
});

export const DriverPaymentReceived = eventType({
  type: 'DriverPaymentReceived',
  about: 'The driver paid. `transaction` is the payer’s own: the same is taken once.',
  data: z.strictObject({
    ...concerning,
    transaction: Reference,
    amount: PositiveMoney,
    via: Channel,
  }),
  subjects: concerned,
});

export const DepositTaken = eventType({
  type: 'DepositTaken',
  about: 'The driver deposited money, which stays the driver’s.',
  data: z.strictObject({
    ...concerning,
    transaction: Reference,
    amount: PositiveMoney,
    via: Channel,
  }),
  subjects: concerned,
});

export const DepositApplied = eventType({
  type: 'DepositApplied',
  about: 'What the driver owed was settled out of the deposit.',
  data: z.strictObject({
    ...concerning,
    transaction: Reference,
    amount: PositiveMoney,
    to: DepositUse,
  }),
  subjects: concerned,
});

export const DepositRefunded = eventType({
  type: 'DepositRefunded',
  about: 'The driver got some of the deposit back.',
  data: z.strictObject({ ...concerning, transaction: Reference, amount: PositiveMoney }),
  subjects: concerned,
});

export const DeductionProposed = eventType({
  type: 'DeductionProposed',
  about:
    'The driver is to pay for a fine or damage that these events are evidence of; until `disputableUntil` the driver may object. At most `cap` is deducted in a month; null: all of it.',
  data: z.strictObject({
    ...concerning,
    deduction: DeductionId,
    kind: DeductionKind,
    fine: FineId.nullable(),
    amount: PositiveMoney,
    basis: z.array(EventId).min(1).max(BASIS_MAX),
    cap: NonNegativeMoney.nullable(),
    disputableUntil: Instant,
  }),
  subjects: (data) => subjects(...concerned(data), data.fine && fineKey(data.fine)),
});

export const DeductionDisputed = eventType({
  type: 'DeductionDisputed',
  about: 'The driver objects; nothing is deducted until that is decided.',
  data: z.strictObject({
    ...concerning,
    deduction: DeductionId,
    reason: DeductionDisputeReason,
  }),
  subjects: concerned,
});

export const DeductionUpheld = eventType({
  type: 'DeductionUpheld',
  about: 'The dispute was decided: the deduction stands.',
  data: z.strictObject({ ...concerning, deduction: DeductionId }),
  subjects: concerned,
});

export const DeductionWithdrawn = eventType({
  type: 'DeductionWithdrawn',
  about: 'The deduction does not stand; nothing of it had been deducted.',
  data: z.strictObject({
    ...concerning,
    deduction: DeductionId,
    reason: WithdrawalReason,
    basis: EventId.nullable(),
  }),
  subjects: concerned,
});

export const DeductionMade = eventType({
  type: 'DeductionMade',
  about: 'The driver owes this much of a deduction now.',
  data: z.strictObject({
    ...concerning,
    deduction: DeductionId,
    kind: DeductionKind,
    transaction: Reference,
    amount: PositiveMoney,
  }),
  subjects: concerned,
});

export const DeductionReversed = eventType({
  type: 'DeductionReversed',
  about: 'The deduction does not stand; `amount`, all that had been deducted, is owed no more.',
  data: z.strictObject({
    ...concerning,
    deduction: DeductionId,
    kind: DeductionKind,
    amount: PositiveMoney,
    reason: WithdrawalReason,
    basis: EventId.nullable(),
  }),
  subjects: concerned,
});

export const FareShareCredited = eventType({
  type: 'FareShareCredited',
  about:
    'A fare was paid to the operator; `driverShare` of it, by a version of a plan, is the driver’s.',
  data: z.strictObject({
    ...concerning,
    vehicle: VehicleId,
    rental: RentalId,
    transaction: Reference,
    gross: PositiveMoney,
    driverShare: NonNegativeMoney,
    plan: Reference,
    planVersion: z.int().min(1),
  }),
  subjects: concerned,
});

export const DriverPaidOut = eventType({
  type: 'DriverPaidOut',
  about: 'The driver got what was payable.',
  data: z.strictObject({ ...concerning, transaction: Reference, amount: PositiveMoney }),
  subjects: concerned,
});

export const DriverPayoutReturned = eventType({
  type: 'DriverPayoutReturned',
  about: 'What the driver was paid came back from the bank, and is payable again.',
  data: z.strictObject({ ...concerning, transaction: Reference, amount: PositiveMoney }),
  subjects: concerned,
});

export const PayableSetOff = eventType({
  type: 'PayableSetOff',
  about: 'What the driver owed was settled out of what was payable, by a settlement that holds.',
  data: z.strictObject({ ...concerning, transaction: Reference, amount: PositiveMoney }),
  subjects: concerned,
});

export const PayableSetOffReversed = eventType({
  type: 'PayableSetOffReversed',
  about: 'The settlement does not hold: both what was owed and what was payable are so again.',
  data: z.strictObject({ ...concerning, transaction: Reference, amount: PositiveMoney }),
  subjects: concerned,
});

export const accountEvents = [
  DriverCharged,
  DriverChargeReversed,
  DriverPaymentReceived,
  DepositTaken,
  DepositApplied,
  DepositRefunded,
  DeductionProposed,
  DeductionDisputed,
  DeductionUpheld,
  DeductionWithdrawn,
  DeductionMade,
  DeductionReversed,
  FareShareCredited,
  DriverPaidOut,
  DriverPayoutReturned,
  PayableSetOff,
  PayableSetOffReversed,
] as const;
export type AccountEvent = Fact<(typeof accountEvents)[number]>;

const names = new Set<string>(accountEvents.map(({ type }) => type));

/** Whether a fact is an entry of a driver's account. */
export const isAccountEvent = (told: AnyFact): told is AccountEvent => names.has(told.type);
