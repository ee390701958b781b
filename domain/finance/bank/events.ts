import { z } from 'zod';
import { Code, Reference } from '#domain/kernel/fields.ts';
import { ActorId, BankExceptionId, Digest } from '#domain/kernel/ids.ts';
import { LocalDate } from '#domain/kernel/instant.ts';
import { Money } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { exceptionKey, subjects } from '#domain/kernel/subjects.ts';

/** Why somebody has to look at a line of a statement; see `MatchingFault` in domain/finance/matching.ts. */
const ExceptionCode = z.enum([
  'PaymentUnknown',
  'AmountDiffers',
  'PaidTwice',
  'ReturnedTwice',
  'ReturnedUnpaid',
  'DetailsUnbalanced',
  'ReferenceReused',
]);

export const BankExceptionNoted = eventType({
  type: 'BankExceptionNoted',
  about:
    'A line of a bank statement fits nothing that was asked for. `statement` is the digest of the file; `ref` is what the bank calls the line, null where that might say more than a reference. What the payer wrote is not kept.',
  data: z.strictObject({
    exception: BankExceptionId,
    statement: Digest,
    code: ExceptionCode,
    direction: z.enum(['credit', 'debit']),
    on: LocalDate,
    amount: Money,
    ref: Reference.nullable(),
  }),
  subjects: ({ exception }) => subjects(exceptionKey(exception)),
});

export const BankExceptionSettled = eventType({
  type: 'BankExceptionSettled',
  about: 'Somebody has looked at the line and dealt with it.',
  data: z.strictObject({ exception: BankExceptionId, reason: Code, user: ActorId }),
  subjects: ({ exception }) => subjects(exceptionKey(exception)),
});

export const bankEvents = [BankExceptionNoted, BankExceptionSettled] as const;
export type BankEvent = Fact<(typeof bankEvents)[number]>;
