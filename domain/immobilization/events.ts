import { z } from 'zod';
import { Code, Reference } from '#domain/kernel/fields.ts';
import {
  ActorId,
  CommandId,
  Digest,
  DriverId,
  InstallationId,
  JobId,
  ParkId,
  RentalId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, driverKey, jobKey, parkKey, subjects } from '#domain/kernel/subjects.ts';
import { Installation } from './installation.ts';
import { ImmobilizationRules } from './rules.ts';
import { Doubt, SIGHTINGS_MAX, Sighting } from './stillness.ts';
import {
  BlockReason,
  CancelReason,
  EndStatus,
  NoticeMode,
  ReasonClass,
  RelayMethod,
  ReleaseReason,
  SendOutcome,
} from './words.ts';

const fitted = { vehicle: VehicleId, park: ParkId };
const ofVehicle = ({ vehicle, park }: z.infer<z.ZodObject<typeof fitted>>) =>
  subjects(assetKey(vehicle), parkKey(park));

const about = { job: JobId, ...fitted };
const ofJob = ({ job, vehicle, park }: z.infer<z.ZodObject<typeof about>>) =>
  subjects(assetKey(vehicle), jobKey(job), parkKey(park));

/** Who wanted it, and why. */
const byUser = { user: ActorId };

/**
 * What an approval is given for, and what must still be the case when the block is sent. Telemetry is not
 * in it: it would never match.
 */
export const Snapshot = z.strictObject({
  status: Code,
  rental: RentalId.nullable(),
  driver: DriverId.nullable(),
  installation: InstallationId,
  notices: z.int().min(0),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** Which published rules something was decided by; version 0: the defaults. */
export const RulesUsed = z.strictObject({
  park: ParkId.nullable(),
  version: z.int().min(0),
  rules: ImmobilizationRules,
});
export type RulesUsed = z.infer<typeof RulesUsed>;

export const ImmobilizerInstalled = eventType({
  type: 'ImmobilizerInstalled',
  about:
    'An immobilizer was built into the vehicle, in place of what was there before. Its unit was claimed by `operation`.',
  data: z.strictObject({ ...fitted, ...byUser, ...Installation.shape, operation: CommandId }),
  subjects: ofVehicle,
});

export const ImmobilizerRemoved = eventType({
  type: 'ImmobilizerRemoved',
  about: 'The immobilizer was taken out of the vehicle.',
  data: z.strictObject({ ...fitted, ...byUser, installation: InstallationId }),
  subjects: ofVehicle,
});

export const BlockNoticeGiven = eventType({
  type: 'BlockNoticeGiven',
  about: 'Whoever has the vehicle was told that its engine may be blocked for what is owed.',
  data: z.strictObject({
    ...fitted,
    ...byUser,
    rental: RentalId,
    driver: DriverId,
    step: Code,
    mode: NoticeMode,
    reference: Reference,
  }),
  subjects: ({ driver, ...rest }) => [driverKey(driver), ...ofVehicle(rest)],
});

export const EmergencyStartGranted = eventType({
  type: 'EmergencyStartGranted',
  about: 'Until `until` the engine is not blocked for money: its driver is in an emergency.',
  data: z.strictObject({ ...fitted, ...byUser, until: Instant }),
  subjects: ofVehicle,
});

export const BlockRequested = eventType({
  type: 'BlockRequested',
  about:
    'Somebody wants the engine blocked. `basis` is the hash of vehicle, action, reason and snapshot that an approval must repeat; `approveBy`: null where none is needed.',
  data: z.strictObject({
    ...about,
    ...byUser,
    method: RelayMethod,
    reason: BlockReason,
    reasonClass: ReasonClass,
    legalBasis: Reference.nullable(),
    waits: z.boolean(),
    snapshot: Snapshot,
    basis: Digest,
    approveBy: Instant.nullable(),
    reviewBy: Instant.nullable(),
    expiresAt: Instant,
    rules: RulesUsed,
  }),
  subjects: ({ snapshot, ...rest }) => [
    ...ofJob(rest),
    ...(snapshot.driver === null ? [] : [driverKey(snapshot.driver)]),
  ],
});

export const BlockApproved = eventType({
  type: 'BlockApproved',
  about: 'A second person agreed to the block.',
  data: z.strictObject({ ...about, ...byUser, reason: BlockReason, basis: Digest }),
  subjects: ofJob,
});

export const BlockHeld = eventType({
  type: 'BlockHeld',
  about:
    'It is not certain that the vehicle stands, so the block waits. The last readings are here.',
  data: z.strictObject({
    ...about,
    doubts: z.array(Doubt).min(1),
    sightings: z.array(Sighting).max(8),
  }),
  subjects: ofJob,
});

export const PositionAsked = eventType({
  type: 'PositionAsked',
  about: 'The silent device is asked where the vehicle is, for the n-th time.',
  data: z.strictObject({ ...about, ask: z.int().min(1) }),
  subjects: ofJob,
});

export const BlockDispatchStarted = eventType({
  type: 'BlockDispatchStarted',
  about:
    'The block is sent, by whoever appended this, at once or never. `sightings` are what it was judged by that the vehicle stands.',
  data: z.strictObject({
    ...about,
    attempt: z.int().min(1).max(60),
    reason: BlockReason,
    installation: InstallationId,
    ignitionFrom: Installation.shape.ignition_from,
    rules: RulesUsed,
    sightings: z.array(Sighting).max(SIGHTINGS_MAX),
  }),
  subjects: ofJob,
});

export const BlockAnswered = eventType({
  type: 'BlockAnswered',
  about: 'What sending the block came to. `again`: whether it may succeed if it is sent again.',
  data: z.strictObject({
    ...about,
    attempt: z.int().min(1).max(60),
    outcome: SendOutcome,
    code: Code.nullable(),
    again: z.boolean(),
  }),
  subjects: ofJob,
});

export const OrderExecuted = eventType({
  type: 'OrderExecuted',
  about: 'The relay, or the device in words, says that it carried the order out. No proof yet.',
  data: z.strictObject({ ...about, by: z.enum(['relay', 'device']) }),
  subjects: ofJob,
});

export const BlockConfirmed = eventType({
  type: 'BlockConfirmed',
  about: 'The device’s own output shows that the engine is blocked.',
  data: z.strictObject({ ...about, by: z.enum(['relay_output', 'telemetry_output']) }),
  subjects: ofJob,
});

export const BlockEnded = eventType({
  type: 'BlockEnded',
  about: 'Nothing more is sent for this block. `completed`: the engine is blocked.',
  data: z.strictObject({ ...about, status: EndStatus, code: Code }),
  subjects: ofJob,
});

export const BlockCancelled = eventType({
  type: 'BlockCancelled',
  about: 'Somebody called the block off before it was sent.',
  data: z.strictObject({ ...about, ...byUser, reason: CancelReason }),
  subjects: ofJob,
});

export const BlockReviewed = eventType({
  type: 'BlockReviewed',
  about: 'A second person looked at a block for theft or safety afterwards.',
  data: z.strictObject({ ...about, ...byUser, finding: z.enum(['justified', 'not_justified']) }),
  subjects: ofJob,
});

export const ReleaseRequested = eventType({
  type: 'ReleaseRequested',
  about: 'Somebody wants the engine released. It needs nobody’s approval and waits for nothing.',
  data: z.strictObject({
    ...about,
    ...byUser,
    method: RelayMethod,
    reason: ReleaseReason,
    installation: InstallationId,
  }),
  subjects: ofJob,
});

export const ReleaseDispatchStarted = eventType({
  type: 'ReleaseDispatchStarted',
  about:
    'The release is sent, up to `sends` times, `every_s` apart, until it is confirmed or something newer is wanted.',
  data: z.strictObject({
    ...about,
    series: z.int().min(1),
    sends: z.int().min(1).max(120),
    every_s: z.int().min(1).max(3_600),
  }),
  subjects: ofJob,
});

export const ReleaseAnswered = eventType({
  type: 'ReleaseAnswered',
  about: 'What sending the release came to, where that is news.',
  data: z.strictObject({ ...about, outcome: SendOutcome, code: Code.nullable() }),
  subjects: ofJob,
});

export const ReleaseConfirmed = eventType({
  type: 'ReleaseConfirmed',
  about: 'The device’s own output shows that the engine is free.',
  data: z.strictObject({ ...about, by: z.enum(['relay_output', 'telemetry_output']) }),
  subjects: ofJob,
});

export const ReleaseEnded = eventType({
  type: 'ReleaseEnded',
  about: 'Nothing more is sent for this release. `completed`: the engine is free.',
  data: z.strictObject({ ...about, status: EndStatus, code: Code }),
  subjects: ofJob,
});

export const immobilizationEvents = [
  ImmobilizerInstalled,
  ImmobilizerRemoved,
  BlockNoticeGiven,
  EmergencyStartGranted,
  BlockRequested,
  BlockApproved,
  BlockHeld,
  PositionAsked,
  BlockDispatchStarted,
  BlockAnswered,
  OrderExecuted,
  BlockConfirmed,
  BlockEnded,
  BlockCancelled,
  BlockReviewed,
  ReleaseRequested,
  ReleaseDispatchStarted,
  ReleaseAnswered,
  ReleaseConfirmed,
  ReleaseEnded,
] as const;
export type ImmobilizationEvent = Fact<(typeof immobilizationEvents)[number]>;

const names = new Set<string>(immobilizationEvents.map(({ type }) => type));

/** Tells the facts about blocking an engine from all others. */
export const isImmobilizationEvent = <Other extends { readonly type: string }>(
  event: Other | ImmobilizationEvent,
): event is ImmobilizationEvent => names.has(event.type);
