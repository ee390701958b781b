import { z } from 'zod';
import { PenaltyPoints } from '#domain/kernel/fields.ts';
import { DriverId, EventId, FineId } from '#domain/kernel/ids.ts';
import { NonNegativeMoney } from '#domain/kernel/money.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { driverKey, fineKey, subjects } from '#domain/kernel/subjects.ts';

/** How a fine bears on its driver. `not_theirs` stands after the fine went to somebody else. */
export const StandingFineStatus = z.enum([
  'issued',
  'disputed',
  'confirmed',
  'voided',
  'paid',
  'not_theirs',
]);

export const StandingFineCopied = eventType({
  type: 'StandingFineCopied',
  about: 'What a fine now means for its driver, copied from the event `basis` of the fine.',
  data: z.strictObject({
    driver: DriverId,
    fine: FineId,
    status: StandingFineStatus,
    amount: NonNegativeMoney,
    points: PenaltyPoints,
    basis: EventId,
  }),
  subjects: ({ driver, fine }) => subjects(driverKey(driver), fineKey(fine)),
});

export const ArrearsStated = eventType({
  type: 'ArrearsStated',
  about: 'What the driver owes, all in all, at the time of this event.',
  data: z.strictObject({ driver: DriverId, arrears: NonNegativeMoney }),
  subjects: ({ driver }) => subjects(driverKey(driver)),
});

export const DepositStated = eventType({
  type: 'DepositStated',
  about: 'What the operator holds of the driver’s deposit at the time of this event.',
  data: z.strictObject({ driver: DriverId, deposit: NonNegativeMoney }),
  subjects: ({ driver }) => subjects(driverKey(driver)),
});

export const standingEvents = [StandingFineCopied, ArrearsStated, DepositStated] as const;
export type StandingEvent = Fact<(typeof standingEvents)[number]>;
