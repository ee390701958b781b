import type { Attribution } from '#domain/kernel/attribution.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { Digest, ParkId, TripId } from '#domain/kernel/ids.ts';
import { type Instant, overlaps } from '#domain/kernel/instant.ts';
import type { TripEvent, TripMeasure } from './events.ts';

/** What is known of a trip; `voided`: it never was, and is kept so that nobody tells of it again. */
interface Trip extends Attribution {
  readonly trip: TripId;
  readonly park: ParkId;
  readonly from: Instant;
  readonly to: Instant | null;
  readonly odometer_m: number | null;
  readonly measure: TripMeasure | null;
  readonly evidence: Digest | null;
  readonly voided: boolean;
}

interface Segment {
  readonly trips: ReadonlyMap<TripId, Trip>;
  readonly factHashes: ReadonlySet<Digest>;
}

/** Everything the logbook holds: the segments that are full, and the one that is written to. */
export interface LogbookState {
  readonly segment: number;
  readonly eventsInSegment: number;
  readonly earlier: readonly Segment[];
  readonly current: Segment;
}

const emptySegment: Segment = { trips: new Map(), factHashes: new Set() };

/** Newest first: what is known of a trip last is what stands. */
export const segmentsOf = ({ current, earlier }: LogbookState): readonly Segment[] => [
  current,
  ...earlier.toReversed(),
];

/** What is known of a trip, in whichever segment it was written. */
export const tripOf = (state: LogbookState, trip: TripId): Trip | null =>
  segmentsOf(state)
    .find(({ trips }) => trips.has(trip))
    ?.trips.get(trip) ?? null;

/** The trip that has begun and not ended. It is carried into the newest segment. */
export const openTripOf = ({ current }: LogbookState): Trip | null =>
  [...current.trips.values()].find(({ to, voided }) => to === null && !voided) ?? null;

/**
 * Another trip that shares a moment with a stretch of time, by the newest word on each; null if none. A trip
 * that never was takes up no time.
 */
export const rivalOf = (
  state: LogbookState,
  span: { trip: TripId; from: Instant; to: Instant | null },
): Trip | null => {
  for (const { trips } of segmentsOf(state)) {
    for (const trip of trips.values()) {
      if (trip.voided || trip.trip === span.trip || !overlaps(trip, span)) continue;
      // Only the newest word on a trip counts: an amendment may have moved it.
      if (tripOf(state, trip.trip) === trip) return trip;
    }
  }
  return null;
};

/** What is known of a trip that has not been measured. */
const unmeasured = { measure: null, evidence: null, voided: false } as const;

const withTrip = (state: LogbookState, trip: Trip, factHash?: Digest): LogbookState => ({
  ...state,
  eventsInSegment: state.eventsInSegment + 1,
  current: {
    trips: new Map(state.current.trips).set(trip.trip, trip),
    factHashes: factHash
      ? new Set(state.current.factHashes).add(factHash)
      : state.current.factHashes,
  },
});

/** Folds one event of a logbook into its state. */
export const evolve = (state: LogbookState, event: TripEvent): LogbookState => {
  const { at } = event.when;
  switch (event.type) {
    case 'TripStarted': {
      const { trip, park, driver, rental, odometer_m } = event.data;
      return withTrip(state, {
        trip,
        park,
        driver,
        rental,
        from: at,
        to: null,
        odometer_m,
        ...unmeasured,
      });
    }
    case 'TripEnded': {
      const { trip, park, driver, rental, startedAt: from, measure, odometer_m } = event.data;
      const ended = { trip, park, driver, rental, from, to: at, odometer_m };
      return withTrip(state, { ...ended, ...unmeasured, measure });
    }
    case 'TripRecorded': {
      const { trip, park, driver, rental, endedAt: to, measure, evidence, factHash } = event.data;
      const recorded = { trip, park, driver, rental, from: at, to, measure, evidence };
      return withTrip(state, { ...recorded, odometer_m: null, voided: false }, factHash);
    }
    case 'TripAmended': {
      const { trip, park, driver, rental, endedAt: to, measure, evidence } = event.data;
      const from = event.data.startedAt ?? tripOf(state, trip)?.from ?? at;
      const amended = { trip, park, driver, rental, from, to, measure, evidence };
      return withTrip(state, { ...amended, odometer_m: null, voided: false });
    }
    case 'TripVoided': {
      const held = tripOf(state, event.data.trip);
      return held ? withTrip(state, { ...held, voided: true }) : state;
    }
    case 'LogbookClosed': {
      const { openTrip } = event.data;
      const next = {
        segment: state.segment + 1,
        eventsInSegment: 0,
        earlier: [...state.earlier, state.current],
        current: emptySegment,
      };
      if (!openTrip) return next;
      const { startedAt: from, vehicle: _, ...rest } = openTrip;
      const carried = withTrip(next, { ...rest, from, to: null, ...unmeasured });
      return { ...carried, eventsInSegment: 0 };
    }
    default:
      return unreachable(event);
  }
};

/** A logbook in which nothing stands. */
export const emptyLogbook: LogbookState = {
  segment: 0,
  eventsInSegment: 0,
  earlier: [],
  current: emptySegment,
};
