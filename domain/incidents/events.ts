import { z } from 'zod';
import { DisputeReason } from '#domain/fines/events.ts';
import { attributed, attributedKeys } from '#domain/kernel/attribution.ts';
import { Duration_s, Speed_kmh } from '#domain/kernel/fields.ts';
import { Digest, DriverId, EventId, IncidentId, TripId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { driverKey, incidentKey, subjects, tripKey } from '#domain/kernel/subjects.ts';

/** Violations of a rule of the road or of the contract, and incidents that befell the vehicle. */
export const ViolationKind = z.enum(['speeding', 'harsh_driving', 'geofence', 'unauthorised_use']);
export const IncidentKind = z.enum([...ViolationKind.options, 'accident', 'theft', 'damage']);
export const IncidentVoidReason = z.enum(['recorded_in_error', 'not_proven', 'measured_wrong']);

/** Attributed as of its beginning. */
const concerning = { incident: IncidentId, ...attributed };

type Concerned = z.infer<z.ZodObject<typeof concerning>>;
const concerned = ({ incident, ...rest }: Concerned) => attributedKeys(incidentKey(incident), rest);

export const IncidentRecorded = eventType({
  type: 'IncidentRecorded',
  about: 'A violation or an incident happened from the time of this event to `endedAt`.',
  data: z.strictObject({
    ...concerning,
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
  IncidentDisputed,
  IncidentConfirmed,
  IncidentVoided,
  IncidentReattributed,
] as const;
export type IncidentEvent = Fact<(typeof incidentEvents)[number]>;
