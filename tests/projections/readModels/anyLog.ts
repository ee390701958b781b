import fc from 'fast-check';
import {
  ConditionAmended,
  ConditionNoted,
  ConditionVoided,
  LateDataIgnored,
} from '#domain/conditions/events.ts';
import { DeviceFitted, DeviceFittingVoided, DeviceRemoved } from '#domain/devices/events.ts';
import {
  DriverDeactivated,
  DriverLockedOut,
  DriverLockoutLifted,
  DriverRated,
  PeerFeedbackGiven,
} from '#domain/drivers/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { FineConfirmed, FineDisputed, FineReattributed, FineVoided } from '#domain/fines/events.ts';
import {
  IncidentAmended,
  IncidentReattributed,
  IncidentRecorded,
  IncidentVoided,
  unmeasured,
} from '#domain/incidents/events.ts';
import {
  ActorId,
  ConditionId,
  DeviceIdent,
  FittingId,
  LockoutId,
  RentalId,
  TripId,
} from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairCompleted, RepairCostAdded } from '#domain/maintenance/events.ts';
import { defaultSettings } from '#domain/parks/detection.ts';
import { DetectionConfigured } from '#domain/parks/events.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import {
  OdometerRead,
  VehicleMoved,
  VehicleRetired,
  VehicleWithdrawn,
} from '#domain/registry/events.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { ArrearsStated, StandingFineCopied } from '#domain/standing/events.ts';
import { LogbookClosed, TripAmended } from '#domain/trips/events.ts';
import {
  UserReinstated,
  UserRightsGranted,
  UserRightsObserved,
  UserRightsRevoked,
  UserSuspended,
} from '#domain/users/events.ts';
import type { GrantedRights } from '#domain/users/rights.ts';
import type { ProjectedEvent } from '#projections/projection.ts';
import {
  about,
  annDrives,
  logOf,
  recordedAt,
  repairNo,
  told,
} from '#tests/support/projectedEvents.ts';
import {
  ann,
  basis,
  berlin,
  bob,
  car,
  digest,
  euro,
  evening,
  fine,
  incident,
  izmir,
  moment,
  money,
  morning,
  noon,
  operation,
  rentalOfBob,
  trip,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { accountFactsAt } from './accountFacts.ts';
import { booksFactsAt, runProposed } from './booksFacts.ts';
import { immobilizationsAt } from './immobilizationFacts.ts';
import { investorFactsAt, partyRegistered } from './investorFacts.ts';
import { stockFactsAt } from './stockFacts.ts';

const ofCar = { vehicle: car, rental: RentalId.parse(`${car}~${uuid8(0x59)}`) };
const tripOfCar = { ...ofCar, trip: TripId.parse(`${car}~${uuid8(0x58)}`) };
const toBob = { driver: bob, rental: rentalOfBob } as const;
const measure = { distance_m: 900, duration_s: 60, max_speed_kmh: 50, over_limit_s: null };
const line = { kind: 'part', reference: 'X', quantity_milli: 1, amount: money('5') } as const;
const copy = { driver: ann, fine, amount: money('3000'), points: 1, basis } as const;
const answered = { incident, ...annDrives, kind: 'geofence', trip } as const;
const measured = { ...unmeasured, duration_s: 9, evidence: null } as const;
const locked = { driver: ann, park: berlin, lockout: LockoutId.parse(uuid8(0x66)) };
const device = {
  fitting: FittingId.parse(`${van}~${uuid8(0x57)}`),
  ...about,
  ident: DeviceIdent.parse('000000000000017'),
};
const stay = { condition: ConditionId.parse(uuid8(0x65)), ...annDrives };
const extent = { endedAt: null, evidence: null };

const user = { user: ActorId.parse(uuid8(0x90)) };
const rights: GrantedRights = {
  roles: ['auditor'],
  permissions: ['immobilize'],
  parks: { kind: 'listed', parks: [berlin] },
};

/** What comes first in any log: without it nothing else could have been said. */
const founding: readonly LedgerFact[] = [
  told.parkOpened(morning),
  told.driverRegistered(morning),
  told.driverRegistered(morning, { driver: bob }),
  told.registered(morning),
  told.registered(morning, { vehicle: car }),
  told.commissioned(morning),
  partyRegistered,
  runProposed,
];

const times = [morning, noon, evening, moment('2026-03-02T23:30:00.000Z')];

const factsAt = (when: typeof noon, other: typeof noon): readonly LedgerFact[] => [
  ...immobilizationsAt(when, other),
  ...accountFactsAt(when, other),
  fact(UserRightsObserved, when, { ...user, ...rights, driver: ann, source: 'urn:issuer' }),
  fact(UserRightsGranted, when, { ...user, ...rights }),
  fact(UserRightsRevoked, when, { ...user, ...rights }),
  fact(UserSuspended, when, { ...user, reason: 'left' }),
  fact(UserReinstated, when, user),
  told.rentalStarted(when),
  told.rentalEnded(when),
  told.rentalStarted(when, ofCar),
  told.rentalEnded(when, ofCar),
  told.rentalRecorded(when, other.at, toBob),
  fact(RentalVoided, when, { ...annDrives, reason: 'wrong_driver' }),
  told.tripStarted(when),
  told.tripEnded(when, other.at),
  told.tripRecorded(when, other.at, tripOfCar),
  fact(TripAmended, when, {
    trip,
    ...about,
    ...toBob,
    endedAt: other.at,
    startedAt: null,
    evidence: null,
    measure,
    reason: 'late_data',
  }),
  told.tripAmended(when, other.at, { startedAt: when.at }),
  told.tripVoided(when),
  fact(LogbookClosed, when, { ...about, openTrip: null }),
  told.fineIssued(when),
  fact(FineDisputed, when, { fine, ...annDrives, reason: 'other' }),
  fact(FineConfirmed, when, { fine, ...annDrives }),
  fact(FineReattributed, when, { fine, ...about, ...toBob, fromDriver: ann, basis }),
  fact(FineVoided, when, { fine, ...about, ...toBob, reason: 'appeal_upheld' }),
  told.repairRequested(when, { severity: 'critical' }),
  told.repairOpened(when),
  fact(RepairCostAdded, when, { ...about, repair: repairNo(1), line }),
  fact(RepairCompleted, when, { ...about, repair: repairNo(1), odometer_m: 4_000 }),
  fact(OdometerRead, when, { ...about, odometer_m: 3_000 }),
  fact(VehicleMoved, when, { vehicle: van, from: berlin, to: izmir, currency: euro }),
  fact(VehicleWithdrawn, when, { ...about, reason: 'other' }),
  fact(VehicleRetired, when, { ...about, reason: 'sold' }),
  fact(DriverRated, when, { driver: ann, park: berlin, source: 'customer', score: 3 }),
  fact(PeerFeedbackGiven, when, { driver: ann, park: berlin, by: bob, score: 1, topics: [] }),
  fact(DriverDeactivated, when, { driver: ann, park: berlin, reason: 'conduct' }),
  fact(DriverLockedOut, when, { ...locked, reason: 'conduct', until: other.at }),
  fact(DriverLockoutLifted, when, { ...locked, reason: 'appeal_upheld' }),
  fact(SubjectErased, when, {
    subject: { kind: 'driver', id: ann },
    erased: ['contact'],
    held: [],
  }),
  fact(IncidentRecorded, when, {
    ...answered,
    ...measured,
    endedAt: other.at,
    factHash: digest(7),
  }),
  fact(IncidentAmended, when, {
    ...{ incident, ...about, ...toBob, trip: null },
    ...measured,
    startedAt: when.at,
    endedAt: other.at,
    reason: 'late_data',
  }),
  fact(IncidentVoided, when, { incident, ...about, ...toBob, reason: 'late_data' }),
  fact(IncidentReattributed, when, { incident, ...about, ...toBob, fromDriver: ann, basis }),
  fact(ConditionNoted, when, {
    ...stay,
    kind: 'geofence',
    matter: 'yard',
    ident: device.ident,
    ...extent,
  }),
  fact(ConditionAmended, when, {
    ...stay,
    ...extent,
    startedAt: when.at,
    endedAt: other.at,
    reason: 'went_on',
  }),
  fact(ConditionVoided, when, { ...stay, reason: 'late_data' }),
  told.conditionNoted('offline', when),
  told.conditionAmended('offline', when, other.at),
  told.conditionVoided('offline', when),
  told.conditionNoted('idling', when, other.at),
  fact(LateDataIgnored, when, { ...about, ident: device.ident, to: other.at, readings: 3 }),
  fact(DetectionConfigured, when, { park: berlin, settings: defaultSettings, fences: [] }),
  fact(ArrearsStated, when, { driver: ann, arrears: money('700') }),
  fact(DeviceFitted, when, { ...device, operation }),
  fact(DeviceRemoved, when, { ...device, reason: 'moved' }),
  fact(DeviceFittingVoided, when, { ...device, reason: 'wrong_times' }),
  fact(StandingFineCopied, when, { ...copy, status: 'confirmed' }),
  ...investorFactsAt(when, other),
  ...booksFactsAt(when, other),
  ...stockFactsAt(when),
];

const anyFact: fc.Arbitrary<LedgerFact> = fc
  .record({
    when: fc.constantFrom(...times),
    other: fc.constantFrom(...times),
    which: fc.nat({ max: factsAt(noon, noon).length - 1 }),
  })
  .map(({ when, other, which }) => factsAt(when, other)[which] ?? told.parkOpened());

/** The founding facts and then whatever may come, in any order. */
export const anyLog: fc.Arbitrary<readonly ProjectedEvent[]> = fc
  .array(anyFact, { maxLength: 60, size: 'max' })
  .map((facts) => logOf([...founding, ...facts]));

/** The same events in another order that keeps the order of each stream, and other positions accordingly. */
export const interleaved = (
  log: readonly ProjectedEvent[],
  draws: readonly number[],
): readonly ProjectedEvent[] => {
  const waiting = Map.groupBy(log.slice(founding.length), ({ stream }) => stream);
  const order = [...log.slice(0, founding.length)];
  for (let turn = 0; order.length < log.length; turn += 1) {
    const streams = [...waiting.values()].filter((events) => events.length > 0);
    const next = streams[(draws[turn % draws.length] ?? 0) % streams.length]?.shift();
    if (next) order.push(next);
  }
  return order.map((event, index) => ({
    ...event,
    position: BigInt(index + 1),
    recordedAt: recordedAt(index + 1),
  }));
};
