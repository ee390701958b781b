import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { TripId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  LogbookClosed,
  TripAmended,
  TripEnded,
  type TripEvent,
  TripRecorded,
  TripStarted,
} from '#domain/trips/events.ts';
import { logbookDecider, SEGMENT_EVENTS_MAX } from '#domain/trips/logbook.ts';
import { openTripOf, tripOf } from '#domain/trips/logbookState.ts';
import {
  ann,
  berlin,
  bob,
  digest,
  evening,
  moment,
  morning,
  noon,
  rentalOfAnn,
  rentalOfBob,
  trip,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(logbookDecider);

const other = TripId.parse(`${van}~${uuid8(0x53)}`);
const bounds = { registeredAt: moment('2026-01-01T00:00:00.000Z').at, retiredAt: null };
const about = { vehicle: van, park: berlin, bounds };
const byAnn = { driver: ann, rental: rentalOfAnn };
const report = { distance_m: 12_000, max_speed_kmh: 83, over_limit_s: 20 };
const measure = { ...report, duration_s: 4 * 3_600 };

const start = {
  type: 'StartTrip',
  trip,
  ...about,
  ...byAnn,
  odometer_m: null,
  when: morning,
} as const;
const started = fact(TripStarted, morning, {
  trip,
  vehicle: van,
  park: berlin,
  ...byAnn,
  odometer_m: null,
});
const end = { type: 'EndTrip', trip, ...about, report, odometer_m: null, when: noon } as const;
const ended = fact(TripEnded, noon, {
  trip,
  vehicle: van,
  park: berlin,
  ...byAnn,
  startedAt: morning.at,
  measure,
  odometer_m: null,
});
const record = {
  type: 'RecordTrip',
  trip: other,
  ...about,
  ...byAnn,
  endedAt: noon.at,
  report,
  evidence: null,
  factHash: digest(1),
  when: morning,
} as const;
const recorded = fact(TripRecorded, morning, {
  trip: other,
  vehicle: van,
  park: berlin,
  ...byAnn,
  endedAt: noon.at,
  measure,
  evidence: null,
  factHash: digest(1),
});

describe('a trip under way', () => {
  it('begins and ends, and its duration follows', () => {
    given().when(start).yields(started);
    given(started).when(end).yields(ended);
  });

  it('begins once and ends once', () => {
    given(started).when(start).yields();
    given(started, ended).when(end).yields();
    given(started, ended)
      .when({ ...end, when: evening })
      .refuses('TripAlreadyEnded');
    given().when(end).refuses('TripUnknown');
  });

  it('is the only one', () => {
    given(started)
      .when({ ...start, trip: other, when: noon })
      .refuses('TripAlreadyOpen');
    given(started).when(record).refuses('TripOverlaps');
  });

  it('does not end before it began, nor last for ever', () => {
    const early = moment('2026-03-02T07:00:00.000Z');
    given(started)
      .when({ ...end, when: early })
      .refuses('EndBeforeStart');
    given(started)
      .when({ ...end, when: moment('2026-03-17T08:00:00.000Z') })
      .refuses('TripTooLong');
  });

  it('belongs to the time the vehicle was ours', () => {
    const late = { ...bounds, registeredAt: noon.at };
    given()
      .when({ ...start, bounds: late })
      .refuses('FactBeforeRegistration');
    given()
      .when({ ...start, bounds: { ...bounds, retiredAt: morning.at } })
      .refuses('VehicleRetired');
    given()
      .when({ ...start, bounds: { ...bounds, retiredAt: noon.at } })
      .yields(started);
  });
});

describe('a trip told afterwards', () => {
  it('is recorded whole, once', () => {
    given().when(record).yields(recorded);
    given(recorded).when(record).yields();
    const again = { ...record, trip, factHash: digest(1) };
    given(recorded).when(again).yields();
  });

  it('may come late, but not over another', () => {
    const earlier = {
      ...record,
      trip,
      factHash: digest(2),
      when: moment('2026-03-02T06:00:00.000Z'),
      endedAt: morning.at,
    };
    const yielded = { ...recorded.data, trip, factHash: digest(2), endedAt: morning.at };
    given(recorded)
      .when(earlier)
      .yields(
        fact(TripRecorded, earlier.when, { ...yielded, measure: { ...report, duration_s: 7_200 } }),
      );
    given(recorded)
      .when({ ...earlier, endedAt: evening.at })
      .refuses('TripOverlaps');
    given(recorded).when(start).refuses('TripOverlaps');
  });

  it('is amended, and may then lie over nothing it did not lie over before', () => {
    const amend = {
      type: 'AmendTrip',
      trip: other,
      ...about,
      driver: bob,
      rental: rentalOfBob,
      startedAt: null,
      endedAt: evening.at,
      report,
      evidence: null,
      reason: 'late_data',
      when: morning,
    } as const;
    const amended = fact(TripAmended, morning, {
      trip: other,
      vehicle: van,
      park: berlin,
      driver: bob,
      rental: rentalOfBob,
      startedAt: null,
      endedAt: evening.at,
      evidence: null,
      measure: { ...report, duration_s: 10 * 3_600 },
      reason: 'late_data',
    });
    given(recorded).when(amend).yields(amended);
    given(recorded, amended).when(amend).yields();
    given(started)
      .when({ ...amend, trip })
      .refuses('TripStillOpen');
    given().when(amend).refuses('TripUnknown');
    const next = { ...recorded.data, trip, factHash: digest(3), endedAt: evening.at };
    given(recorded, fact(TripRecorded, noon, next))
      .when(amend)
      .refuses('TripOverlaps');
  });
});

describe('a logbook that is full', () => {
  const close = {
    type: 'CloseSegment',
    vehicle: van,
    park: berlin,
    segment: 0,
    when: noon,
  } as const;
  const fullOf = (count: number): TripEvent[] =>
    Array.from({ length: count }, (_, index) =>
      fact(TripRecorded, moment(new Date(Date.UTC(2026, 1, 1, 0, index)).toISOString()), {
        ...recorded.data,
        trip: TripId.parse(`${van}~${uuid8(0x1000 + index)}`),
        endedAt: moment(new Date(Date.UTC(2026, 1, 1, 0, index, 30)).toISOString()).at,
        factHash: digest(0x1000 + index),
      }),
    );
  const full = [...fullOf(SEGMENT_EVENTS_MAX - 1), started];
  const openTrip = {
    trip,
    vehicle: van,
    park: berlin,
    ...byAnn,
    startedAt: morning.at,
    odometer_m: null,
  };
  const closed = fact(LogbookClosed, noon, { vehicle: van, park: berlin, openTrip });

  it('goes on in the next segment, with the trip that is open', () => {
    given(started).when(close).yields();
    given(...full)
      .when(close)
      .yields(closed);
    given(...full, closed)
      .when(close)
      .yields();
    given(...full, closed)
      .when(end)
      .yields(ended);
    const state = replay(logbookDecider, [...full, closed]);
    expect(state).toMatchObject({ segment: 1, eventsInSegment: 0 });
    expect(openTripOf(state)?.trip).toBe(trip);
    const after = replay(logbookDecider, [...full, closed, ended]);
    expect(openTripOf(after)).toBeNull();
    expect(tripOf(after, trip)?.to).toBe(noon.at);
  });

  it('still knows what was told in earlier segments', () => {
    const [first] = full;
    if (first?.type !== 'TripRecorded') throw new Error('the first is a recorded trip');
    const again = {
      ...record,
      trip: first.data.trip,
      factHash: first.data.factHash,
      when: first.when,
      endedAt: first.data.endedAt,
    };
    given(...full, closed)
      .when(again)
      .yields();
    given(...full, closed)
      .when({ ...again, trip: other, factHash: digest(7) })
      .refuses('TripOverlaps');
  });
});
