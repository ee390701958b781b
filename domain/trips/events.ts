import { z } from 'zod';
import { attributed, attributedKeys } from '#domain/kernel/attribution.ts';
import { Distance_m, Duration_s, Odometer_m, Speed_kmh } from '#domain/kernel/fields.ts';
import { Digest, ParkId, TripId, VehicleId } from '#domain/kernel/ids.ts';
import { Instant } from '#domain/kernel/instant.ts';
import { eventType, type Fact } from '#domain/kernel/registry.ts';
import { assetKey, parkKey, subjects, tripKey } from '#domain/kernel/subjects.ts';

export const TripAmendReason = z.enum([
  'late_data',
  'wrong_driver',
  'measured_again',
  'rental_changed',
]);

export const TripVoidReason = z.enum(['late_data', 'recorded_in_error', 'measured_again']);

/** Attributed as of its start. */
const concerning = { trip: TripId, ...attributed };

/** What a trip comes to. `over_limit_s` is the time above the posted limit, null where no limit was known. */
export const TripMeasure = z.strictObject({
  distance_m: Distance_m,
  duration_s: Duration_s,
  max_speed_kmh: Speed_kmh,
  over_limit_s: Duration_s.nullable(),
});
export type TripMeasure = z.infer<typeof TripMeasure>;

type Concerned = z.infer<z.ZodObject<typeof concerning>>;
const concerned = ({ trip, ...rest }: Concerned) => attributedKeys(tripKey(trip), rest);

export const TripStarted = eventType({
  type: 'TripStarted',
  about: 'The vehicle set off.',
  data: z.strictObject({ ...concerning, odometer_m: Odometer_m.nullable() }),
  subjects: concerned,
});

export const TripEnded = eventType({
  type: 'TripEnded',
  about: 'The vehicle arrived.',
  data: z.strictObject({
    ...concerning,
    startedAt: Instant,
    measure: TripMeasure,
    odometer_m: Odometer_m.nullable(),
  }),
  subjects: concerned,
});

/** The digest of the readings that a trip was concluded from; null where it was not, or before schema 2. */
const evidence = Digest.nullable();

export const TripRecorded = eventType({
  type: 'TripRecorded',
  schema: 2,
  upcasts: { 1: (data) => ({ ...data, evidence: null }) },
  about:
    'A whole trip became known afterwards. It happened from the time of this event to `endedAt`.',
  data: z.strictObject({
    ...concerning,
    endedAt: Instant,
    measure: TripMeasure,
    evidence,
    factHash: Digest,
  }),
  subjects: concerned,
});

/**
 * The time of this event is the start of the trip as it is known from now on, with its local date: whoever
 * reads it needs no zone's rules to know on which day a trip now lies whose start has moved.
 */
export const TripAmended = eventType({
  type: 'TripAmended',
  schema: 2,
  upcasts: { 1: (data) => ({ ...data, startedAt: null, evidence: null }) },
  about:
    'What is known of a trip changed; `measure`, `driver`, `rental` and `evidence` replace what stood there, and so does `startedAt`, unless it is null: then the start stays. The time of this event is that of the start.',
  data: z.strictObject({
    ...concerning,
    startedAt: Instant.nullable(),
    endedAt: Instant,
    measure: TripMeasure,
    evidence,
    reason: TripAmendReason,
  }),
  subjects: concerned,
});

export const TripVoided = eventType({
  type: 'TripVoided',
  about: 'The trip never was.',
  data: z.strictObject({ ...concerning, reason: TripVoidReason }),
  subjects: concerned,
});

export const LogbookClosed = eventType({
  type: 'LogbookClosed',
  about:
    'This segment of the logbook is full; the next one goes on, with the trip that is still open, if any.',
  data: z.strictObject({
    vehicle: VehicleId,
    park: ParkId,
    openTrip: z
      .strictObject({
        ...concerning,
        startedAt: Instant,
        odometer_m: Odometer_m.nullable(),
      })
      .nullable(),
  }),
  subjects: ({ vehicle, park }) => subjects(assetKey(vehicle), parkKey(park)),
});

export const tripEvents = [
  TripStarted,
  TripEnded,
  TripRecorded,
  TripAmended,
  TripVoided,
  LogbookClosed,
] as const;
export type TripEvent = Fact<(typeof tripEvents)[number]>;
