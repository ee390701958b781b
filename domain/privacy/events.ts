import { z } from 'zod';
import { unreachable } from '#domain/kernel/decider.ts';
import { PiiClass } from '#domain/kernel/event.ts';
import { DriverId, PartyId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType } from '#domain/kernel/registry.ts';
import {
  assetKey,
  driverKey,
  partyKey,
  type SubjectKey,
  subjects,
} from '#domain/kernel/subjects.ts';

/** A subject of personal data, in whose own stream its erasure is recorded. */
export const ErasureSubject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('driver'), id: DriverId }),
  z.strictObject({ kind: z.literal('vehicle'), id: VehicleId }),
  z.strictObject({ kind: z.literal('party'), id: PartyId }),
]);
export type ErasureSubject = z.infer<typeof ErasureSubject>;

const keyOf = (subject: ErasureSubject): SubjectKey => {
  switch (subject.kind) {
    case 'driver':
      return driverKey(subject.id);
    case 'vehicle':
      return assetKey(subject.id);
    case 'party':
      return partyKey(subject.id);
    default:
      return unreachable(subject);
  }
};

export const SubjectErased = eventType({
  type: 'SubjectErased',
  about:
    'Personal data of a subject was made unreadable; what a retention period still holds is named.',
  data: z.strictObject({
    subject: ErasureSubject,
    erased: z.array(PiiClass).max(PiiClass.options.length),
    held: z.array(z.strictObject({ class: PiiClass, until: Instant })).max(PiiClass.options.length),
  }),
  subjects: ({ subject }) => subjects(keyOf(subject)),
});
