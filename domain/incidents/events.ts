import { z } from 'zod';
import { DisputeReason } from '#domain/fines/events.ts';
import { Duration_s, Speed_kmh } from '#domain/kernel/fields.ts';
import {
  Digest,
  DriverId,
  EventId,
  IncidentId,
  ParkId,
  RentalId,
  TripId,
  VehicleId,
} from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import {
  assetKey,
  driverKey,
  incidentKey,
  parkKey,
  rentalKey,
  subjects,
  tripKey,
} from '#domain/kernel/subjects.ts';

/** Violations of a rule of the road or of the contract, and incidents that befell the vehicle. */
export const ViolationKind = z.enum(['speeding', 'harsh_driving', 'geofence', 'unauthorised_use']);
export const IncidentKind = z.enum([...ViolationKind.options, 'accident', 'theft', 'damage']);
export const IncidentVoidReason = z.enum(['recorded_in_error', 'not_proven', 'measured_wrong']);

const identity = { incident: IncidentId, vehicle: VehicleId, park: ParkId };
/** Who had the vehicle at that moment; null where nobody had it. */
const attribution = { driver: DriverId.nullable(), rental: RentalId.nullable() };

type Concerned = z.infer<z.ZodObject<typeof identity & typeof attribution>>;
const concerned = ({ incident, vehicle, park, driver, rental }: Concerned) =>
  subjects(
    assetKey(vehicle),
    incidentKey(incident),
    parkKey(park),
    driver && driverKey(driver),
    rental && rentalKey(rental),
  );

export const IncidentRecorded = eventType({
  type: 'IncidentRecorded',
  about: 'A violation or an incident happened from the time of this event to `endedAt`.',
  data: z.strictObject({
    ...identity,
    ...attribution,
    kind: IncidentKind,
    endedAt: Instant,
    trip: TripId.nullable(),
    max_speed_kmh: Speed_kmh.nullable(),
    limit_kmh: Speed_kmh.nullable(),
    duration_s: Duration_s,
    factHash: Digest,
  }),
  subjects: (data) => subjects(...concerned(data), data.trip && tripKey(data.trip)),
});

export const IncidentDisputed = eventType({
  type: 'IncidentDisputed',
  about: 'Somebody holds the record to be wrong.',
  data: z.strictObject({ ...identity, ...attribution, reason: DisputeReason }),
  subjects: concerned,
});

export const IncidentConfirmed = eventType({
  type: 'IncidentConfirmed',
  about: 'The record stands.',
  data: z.strictObject({ ...identity, ...attribution }),
  subjects: concerned,
});

export const IncidentVoided = eventType({
  type: 'IncidentVoided',
  about: 'The record does not stand, and never did.',
  data: z.strictObject({ ...identity, ...attribution, reason: IncidentVoidReason }),
  subjects: concerned,
});

export const IncidentReattributed = eventType({
  type: 'IncidentReattributed',
  about:
    'A fact about a rental that came later shows that somebody else, or nobody, had the vehicle.',
  data: z.strictObject({
    ...identity,
    ...attribution,
    fromDriver: DriverId.nullable(),
    basis: EventId,
  }),
  subjects: (data) => subjects(...concerned(data), data.fromDriver && driverKey(data.fromDriver)),
});

export const incidentEvents = [
  IncidentRecorded,
  IncidentDisputed,
  IncidentConfirmed,
  IncidentVoided,
  IncidentReattributed,
] as const;
export type IncidentEvent = Fact<(typeof incidentEvents)[number]>;
