import { z } from 'zod';
import { PiiClass } from '#domain/kernel/event.ts';
import { DriverId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType } from '#domain/kernel/registry.ts';
import { assetKey, driverKey, subjects } from '#domain/kernel/subjects.ts';

/** A subject of personal data, in whose own stream its erasure is recorded. */
export const ErasureSubject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('driver'), id: DriverId }),
  z.strictObject({ kind: z.literal('vehicle'), id: VehicleId }),
]);
export type ErasureSubject = z.infer<typeof ErasureSubject>;

export const SubjectErased = eventType({
  type: 'SubjectErased',
  about:
    'Personal data of a subject was made unreadable; what a retention period still holds is named.',
  data: z.strictObject({
    subject: ErasureSubject,
    erased: z.array(PiiClass).max(PiiClass.options.length),
    held: z.array(z.strictObject({ class: PiiClass, until: Instant })).max(PiiClass.options.length),
  }),
  subjects: ({ subject }) =>
    subjects(subject.kind === 'driver' ? driverKey(subject.id) : assetKey(subject.id)),
});
