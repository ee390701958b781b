import type { Attribution } from '#domain/kernel/attribution.ts';
import { unreachable } from '#domain/kernel/decider.ts';
import type { Digest, ParkId, TripId } from '#domain/kernel/ids.ts';
import { type Instant, overlaps } from '#domain/kernel/instant.ts';
import type { TripEvent, TripMeasure } from './events.ts';

interface Trip extends Attribution {
  readonly trip: TripId;
  readonly park: ParkId;
  readonly from: Instant;
  readonly to: Instant | null;
  readonly odometer_m: number | null;
  readonly measure: TripMeasure | null;
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
  [...current.trips.values()].find(({ to }) => to === null) ?? null;

/** Another trip that shares a moment with a stretch of time, by the newest word on each; null if none. */
export const rivalOf = (
  state: LogbookState,
  span: { trip: TripId; from: Instant; to: Instant | null },
): Trip | null => {
  for (const { trips } of segmentsOf(state)) {
    for (const trip of trips.values()) {
      // Only the newest word on a trip counts: an amendment may have moved it.
      if (trip.trip !== span.trip && overlaps(trip, span) && tripOf(state, trip.trip) === trip) {
        return trip;
      }
    }
  }
  return null;
};

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
        measure: null,
      });
    }
    case 'TripEnded': {
      const { trip, park, driver, rental, startedAt: from, measure, odometer_m } = event.data;
      return withTrip(state, { trip, park, driver, rental, from, to: at, odometer_m, measure });
    }
    case 'TripRecorded': {
      const { trip, park, driver, rental, endedAt: to, measure, factHash } = event.data;
      const recorded = { trip, park, driver, rental, from: at, to, odometer_m: null, measure };
      return withTrip(state, recorded, factHash);
    }
    case 'TripAmended': {
      const { trip, park, driver, rental, endedAt: to, measure } = event.data;
      const from = tripOf(state, trip)?.from ?? at;
      return withTrip(state, { trip, park, driver, rental, from, to, odometer_m: null, measure });
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
      const carried = withTrip(next, { ...rest, from, to: null, measure: null });
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
