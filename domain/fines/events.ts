import { z } from 'zod';
import { attributed, attributedKeys } from '#domain/kernel/attribution.ts';
import { Code, PenaltyPoints, Reference } from '#domain/kernel/fields.ts';
import { Digest, DriverId, EventId, FineId } from '#domain/kernel/ids.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { driverKey, fineKey, subjects } from '#domain/kernel/subjects.ts';

export const FineVoidReason = z.enum([
  'recorded_in_error',
  'withdrawn_by_authority',
  'appeal_upheld',
]);
export const DisputeReason = z.enum(['not_the_driver', 'not_the_vehicle', 'facts_wrong', 'other']);

/** Attributed as of the time of the offence. */
const concerning = { fine: FineId, ...attributed };

type Concerned = z.infer<z.ZodObject<typeof concerning>>;
const concerned = ({ fine, ...rest }: Concerned) => attributedKeys(fineKey(fine), rest);

/** Schema 1 knew no penalty points: a fine of that time carried none. */
export const FineIssued = eventType({
  type: 'FineIssued',
  schema: 2,
  upcasts: { 1: (data) => ({ ...data, points: 0 }) },
  about: 'An authority fined the vehicle for an offence at the time of this event.',
  data: z.strictObject({
    ...concerning,
    offence: Code,
    reference: Reference,
    amount: NonNegativeMoney,
    points: PenaltyPoints,
    factHash: Digest,
  }),
  subjects: concerned,
});

export const FineDisputed = eventType({
  type: 'FineDisputed',
  about: 'Somebody holds the fine to be wrong.',
  data: z.strictObject({ ...concerning, reason: DisputeReason }),
  subjects: concerned,
});

export const FineConfirmed = eventType({
  type: 'FineConfirmed',
  about: 'The fine stands.',
  data: z.strictObject(concerning),
  subjects: concerned,
});

export const FineVoided = eventType({
  type: 'FineVoided',
  about: 'The fine does not stand, and never did.',
  data: z.strictObject({ ...concerning, reason: FineVoidReason }),
  subjects: concerned,
});

export const FinePaid = eventType({
  type: 'FinePaid',
  about: 'The authority has its money.',
  data: z.strictObject(concerning),
  subjects: concerned,
});

export const FineReattributed = eventType({
  type: 'FineReattributed',
  about:
    'A fact about a rental that came later shows that somebody else, or nobody, had the vehicle.',
  data: z.strictObject({ ...concerning, fromDriver: DriverId.nullable(), basis: EventId }),
  subjects: (data) => subjects(...concerned(data), data.fromDriver && driverKey(data.fromDriver)),
});

export const fineEvents = [
  FineIssued,
  FineDisputed,
  FineConfirmed,
  FineVoided,
  FinePaid,
  FineReattributed,
] as const;
export type FineEvent = Fact<(typeof fineEvents)[number]>;
