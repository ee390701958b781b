import { z } from 'zod';
import { Code } from '#domain/kernel/fields.ts';
import { CommandId, Digest, DocumentId, DriverId, LockoutId, ParkId } from '#domain/kernel/ids.ts';
import { Instant, LocalDate } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { driverKey, parkKey, subjects } from '#domain/kernel/subjects.ts';

export const DriverDocumentKind = z.enum(['licence', 'insurance', 'identity', 'work_permit']);
export const Score = z.int().min(1).max(5);
export const FeedbackTopic = z.enum([
  'punctuality',
  'vehicle_condition',
  'helpfulness',
  'communication',
]);
export const DeactivationReason = z.enum(['left', 'documents_lapsed', 'conduct', 'duplicate']);

const who = { driver: DriverId, park: ParkId };
type Who = z.infer<z.ZodObject<typeof who>>;
const concerned = ({ driver, park }: Who) => subjects(driverKey(driver), parkKey(park));

export const DriverRegistered = eventType({
  type: 'DriverRegistered',
  about: 'A driver became known to a park. Name and contact lie in the vault.',
  data: z.strictObject(who),
  subjects: concerned,
});

export const DriverDetailsChanged = eventType({
  type: 'DriverDetailsChanged',
  about: 'Name or contact of the driver changed; both lie in the vault.',
  data: z.strictObject(who),
  subjects: concerned,
});

export const DriverBankAccountChanged = eventType({
  type: 'DriverBankAccountChanged',
  about: 'The driver is paid to another account from now on; it lies in the vault.',
  data: z.strictObject(who),
  subjects: concerned,
});

export const DriverMoved = eventType({
  type: 'DriverMoved',
  about: 'The driver belongs to another park.',
  data: z.strictObject({ driver: DriverId, from: ParkId, to: ParkId }),
  subjects: ({ driver, from, to }) => subjects(driverKey(driver), parkKey(from), parkKey(to)),
});

export const DriverDocumentRecorded = eventType({
  type: 'DriverDocumentRecorded',
  about: 'A document of the driver was filed: its digest here, its number in the vault.',
  data: z.strictObject({
    ...who,
    document: DocumentId,
    kind: DriverDocumentKind,
    digest: Digest,
    validFrom: LocalDate.nullable(),
    expiresOn: LocalDate.nullable(),
  }),
  subjects: concerned,
});

export const DriverDocumentWithdrawn = eventType({
  type: 'DriverDocumentWithdrawn',
  about: 'A document of the driver counts no more.',
  data: z.strictObject({ ...who, document: DocumentId, reason: Code }),
  subjects: concerned,
});

export const DriverRated = eventType({
  type: 'DriverRated',
  about: 'The operator or a customer rated the driver, from 1 (worst) to 5.',
  data: z.strictObject({ ...who, source: z.enum(['operator', 'customer']), score: Score }),
  subjects: concerned,
});

export const PeerFeedbackGiven = eventType({
  type: 'PeerFeedbackGiven',
  about: 'Another driver said how it is to work with this one, from 1 (worst) to 5.',
  data: z.strictObject({
    ...who,
    by: DriverId,
    score: Score,
    topics: z.array(FeedbackTopic).max(FeedbackTopic.options.length),
  }),
  subjects: (data) => subjects(...concerned(data), driverKey(data.by)),
});

export const DriverDeactivated = eventType({
  type: 'DriverDeactivated',
  about: 'The driver may take no vehicle.',
  data: z.strictObject({ ...who, reason: DeactivationReason }),
  subjects: concerned,
});

export const DriverReactivated = eventType({
  type: 'DriverReactivated',
  about: 'The driver may take vehicles again.',
  data: z.strictObject(who),
  subjects: concerned,
});

export const DriverLockedOut = eventType({
  type: 'DriverLockedOut',
  about:
    'The driver may drive nothing from the time of this event until `until`; null: until it is lifted.',
  data: z.strictObject({ ...who, lockout: LockoutId, reason: Code, until: Instant.nullable() }),
  subjects: concerned,
});

export const DriverLockoutLifted = eventType({
  type: 'DriverLockoutLifted',
  about: 'A lockout holds no more.',
  data: z.strictObject({ ...who, lockout: LockoutId, reason: Code }),
  subjects: concerned,
});

export const DriverClaimAbandoned = eventType({
  type: 'DriverClaimAbandoned',
  about:
    'An operation that had taken a claim and never began was given up, so that another may take the claim.',
  data: z.strictObject({ driver: DriverId, operation: CommandId, reason: Code }),
  subjects: ({ driver }) => subjects(driverKey(driver)),
});

export const driverEvents = [
  DriverRegistered,
  DriverDetailsChanged,
  DriverBankAccountChanged,
  DriverMoved,
  DriverDocumentRecorded,
  DriverDocumentWithdrawn,
  DriverRated,
  PeerFeedbackGiven,
  DriverDeactivated,
  DriverReactivated,
  DriverLockedOut,
  DriverLockoutLifted,
  DriverClaimAbandoned,
] as const;
export type DriverFileEvent = Fact<(typeof driverEvents)[number]>;
