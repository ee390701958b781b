import { z } from 'zod';
import { CommandId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { StreamName } from '#domain/kernel/streams.ts';
import { SubjectKey, subjects } from '#domain/kernel/subjects.ts';

export const ClaimKind = z.enum([
  'vin',
  'plate',
  'vehicle_of_driver',
  'device_ident',
  'relay_unit',
]);
export type ClaimKind = z.infer<typeof ClaimKind>;

/** `owner` is the stream the claim was taken for, `operation` the command that took it. */
const taken = { kind: ClaimKind, owner: StreamName, operation: CommandId, subject: SubjectKey };

export const ClaimTaken = eventType({
  type: 'ClaimTaken',
  about:
    'Something that only one may have was taken; with `until`, for the time up to then (null: with no end in ' +
    'sight) and no other.',
  data: z.strictObject({ ...taken, until: Instant.nullable().optional() }),
  subjects: ({ subject }) => subjects(subject),
});

export const ClaimReleased = eventType({
  type: 'ClaimReleased',
  about: 'What only one may have is free again, from the time of this event on.',
  data: z.strictObject(taken),
  subjects: ({ subject }) => subjects(subject),
});

export const claimEvents = [ClaimTaken, ClaimReleased] as const;
export type ClaimEvent = Fact<(typeof claimEvents)[number]>;
