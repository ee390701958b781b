import { z } from 'zod';
import { DisputeReason } from '#domain/fines/events.ts';
import { attributed, attributedKeys } from '#domain/kernel/attribution.ts';
import {
  Acceleration_cmps2,
  Distance_m,
  Duration_s,
  Reference,
  Speed_kmh,
} from '#domain/kernel/fields.ts';
import { Digest, DriverId, EventId, IncidentId, TripId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { driverKey, incidentKey, subjects, tripKey } from '#domain/kernel/subjects.ts';

/** Violations of a rule of the road or of the contract, and incidents that befell the vehicle. */
export const ViolationKind = z.enum(['speeding', 'harsh_driving', 'geofence', 'unauthorised_use']);
export const IncidentKind = z.enum([...ViolationKind.options, 'accident', 'theft', 'damage']);
export const IncidentVoidReason = z.enum([
  'recorded_in_error',
  'not_proven',
  'measured_wrong',
  'late_data',
]);
export const IncidentAmendReason = z.enum(['late_data', 'went_on', 'measured_again']);

/**
 * What was measured of an incident; what was not, or is not measured of its kind, is null. `peak_cmps2` is
 * the strongest acceleration of a manoeuvre, `distance_m` how far the vehicle went that nobody had rented,
 * `fence` the forbidden ground it was on.
 */
export const IncidentMeasure = z.strictObject({
  max_speed_kmh: Speed_kmh.nullable(),
  limit_kmh: Speed_kmh.nullable(),
  manoeuvre: z.enum(['braking', 'acceleration', 'cornering']).nullable(),
  peak_cmps2: Acceleration_cmps2.nullable(),
  distance_m: Distance_m.nullable(),
  fence: Reference.nullable(),
});
export type IncidentMeasure = Readonly<z.infer<typeof IncidentMeasure>>;

/** An incident of which nothing was measured. */
export const unmeasured: IncidentMeasure = {
  max_speed_kmh: null,
  limit_kmh: null,
  manoeuvre: null,
  peak_cmps2: null,
  distance_m: null,
  fence: null,
};

/** Attributed as of its beginning. */
const concerning = { incident: IncidentId, ...attributed };

type Concerned = z.infer<z.ZodObject<typeof concerning>>;
const concerned = ({ incident, ...rest }: Concerned) => attributedKeys(incidentKey(incident), rest);

/** The digest of the readings that an incident was concluded from; null where it was not. */
const evidence = Digest.nullable();

/** Schema 1 knew speeds only, and no evidence. */
const withoutEvidence = { manoeuvre: null, peak_cmps2: null, distance_m: null, fence: null };

export const IncidentRecorded = eventType({
  type: 'IncidentRecorded',
  schema: 2,
  upcasts: { 1: (data) => ({ ...data, ...withoutEvidence, evidence: null }) },
  about: 'A violation or an incident happened from the time of this event to `endedAt`.',
  data: z.strictObject({
    ...concerning,
    kind: IncidentKind,
    endedAt: Instant,
    trip: TripId.nullable(),
    ...IncidentMeasure.shape,
    duration_s: Duration_s,
    evidence,
    factHash: Digest,
  }),
  subjects: (data) => subjects(...concerned(data), data.trip && tripKey(data.trip)),
});

/** As with an amended trip, the time of this event has the local date of the beginning as it is known now. */
export const IncidentAmended = eventType({
  type: 'IncidentAmended',
  about:
    'The incident was measured otherwise, or went on; what this event says replaces what stood there. It happened from `startedAt`, which is the time of this event, to `endedAt`. Its phase stays.',
  data: z.strictObject({
    ...concerning,
    startedAt: Instant,
    endedAt: Instant,
    trip: TripId.nullable(),
    ...IncidentMeasure.shape,
    duration_s: Duration_s,
    evidence,
    reason: IncidentAmendReason,
  }),
  subjects: (data) => subjects(...concerned(data), data.trip && tripKey(data.trip)),
});

export const IncidentDisputed = eventType({
  type: 'IncidentDisputed',
  about: 'Somebody holds the record to be wrong.',
  data: z.strictObject({ ...concerning, reason: DisputeReason }),
  subjects: concerned,
});

export const IncidentConfirmed = eventType({
  type: 'IncidentConfirmed',
  about: 'The record stands.',
  data: z.strictObject(concerning),
  subjects: concerned,
});

export const IncidentVoided = eventType({
  type: 'IncidentVoided',
  about: 'The record does not stand, and never did.',
  data: z.strictObject({ ...concerning, reason: IncidentVoidReason }),
  subjects: concerned,
});

export const IncidentReattributed = eventType({
  type: 'IncidentReattributed',
  about:
    'A fact about a rental that came later shows that somebody else, or nobody, had the vehicle.',
  data: z.strictObject({ ...concerning, fromDriver: DriverId.nullable(), basis: EventId }),
  subjects: (data) => subjects(...concerned(data), data.fromDriver && driverKey(data.fromDriver)),
});

export const incidentEvents = [
  IncidentRecorded,
  IncidentAmended,
  IncidentDisputed,
  IncidentConfirmed,
  IncidentVoided,
  IncidentReattributed,
] as const;
export type IncidentEvent = Fact<(typeof incidentEvents)[number]>;
