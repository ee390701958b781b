import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import { TripAmended, TripRecorded, TripStarted, TripVoided } from '#domain/trips/events.ts';
import { logbookDecider } from '#domain/trips/logbook.ts';
import { tripOf } from '#domain/trips/logbookState.ts';
import { tripNo } from '#tests/support/projectedEvents.ts';
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
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(logbookDecider);

const other = tripNo(1);
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

describe('a trip that started at another time than was thought', () => {
  const early = moment('2026-03-02T06:00:00.000Z');
  const amend = {
    type: 'AmendTrip',
    trip: other,
    ...about,
    driver: bob,
    rental: rentalOfBob,
    startedAt: early.at,
    endedAt: noon.at,
    report,
    evidence: digest(5),
    reason: 'late_data',
    when: early,
  } as const;
  const amended = fact(TripAmended, early, {
    trip: other,
    vehicle: van,
    park: berlin,
    driver: bob,
    rental: rentalOfBob,
    startedAt: early.at,
    endedAt: noon.at,
    measure: { ...report, duration_s: 6 * 3_600 },
    evidence: digest(5),
    reason: 'late_data',
  });

  it('takes up the time from there, once, and the event lies at the new start', () => {
    given(recorded).when(amend).yields(amended);
    given(recorded, amended).when(amend).yields();
    expect(tripOf(replay(logbookDecider, [recorded, amended]), other)?.from).toBe(early.at);
    const before = { ...record, trip, factHash: digest(2), when: early, endedAt: morning.at };
    given(recorded, amended).when(before).refuses('TripOverlaps');
  });

  it('keeps its start and evidence where an amendment names none', () => {
    const unmoved = { ...amend, startedAt: null, evidence: null, endedAt: evening.at };
    const { data } = amended;
    const longer = {
      ...data,
      startedAt: null,
      endedAt: evening.at,
      measure: { ...report, duration_s: 12 * 3_600 },
    };
    given(recorded, amended)
      .when(unmoved)
      .yields(fact(TripAmended, early, longer));
    const sameStart = { ...unmoved, startedAt: early.at };
    given(recorded, amended)
      .when(sameStart)
      .yields(fact(TripAmended, early, longer));
    const after = replay(logbookDecider, [recorded, amended, fact(TripAmended, early, longer)]);
    expect(tripOf(after, other)).toMatchObject({ from: early.at, to: evening.at });
  });

  it('is refused over another trip, before the vehicle was ours, and behind its end', () => {
    const before = { ...recorded.data, trip, factHash: digest(2), endedAt: morning.at };
    given(recorded, fact(TripRecorded, early, before))
      .when(amend)
      .refuses('TripOverlaps');
    given(recorded)
      .when({ ...amend, bounds: { ...bounds, registeredAt: morning.at } })
      .refuses('FactBeforeRegistration');
    given(recorded)
      .when({ ...amend, startedAt: evening.at, when: evening })
      .refuses('EndBeforeStart');
  });

  it('is amended for another clip of evidence alone', () => {
    given(recorded, amended)
      .when({ ...amend, evidence: digest(6) })
      .yields(fact(TripAmended, early, { ...amended.data, startedAt: null, evidence: digest(6) }));
  });
});

describe('a trip that never was', () => {
  const strike = {
    type: 'VoidTrip',
    vehicle: van,
    trip: other,
    reason: 'late_data',
    when: morning,
  } as const;
  const struck = fact(TripVoided, morning, {
    trip: other,
    vehicle: van,
    park: berlin,
    ...byAnn,
    reason: 'late_data',
  });
  const next = { ...record, trip, factHash: digest(2) };

  it('is struck out once, and its time is free for another', () => {
    given().when(strike).refuses('TripUnknown');
    given(recorded).when(strike).yields(struck);
    given(recorded, struck).when(strike).yields();
    given(recorded).when(next).refuses('TripOverlaps');
    const { data } = recorded;
    given(recorded, struck)
      .when(next)
      .yields(fact(TripRecorded, morning, { ...data, trip, factHash: digest(2) }));
  });

  it('stays struck out, whatever is told of it', () => {
    given(recorded, struck).when(record).yields();
    given(recorded, struck)
      .when({ ...record, factHash: digest(3) })
      .refuses('TripIsVoid');
    given(recorded, struck)
      .when({
        type: 'AmendTrip',
        trip: other,
        ...about,
        ...byAnn,
        startedAt: null,
        endedAt: evening.at,
        report,
        evidence: null,
        reason: 'late_data',
        when: morning,
      })
      .refuses('TripIsVoid');
  });

  it('may be one under way, which then cannot end, and another may begin', () => {
    const { data } = struck;
    const opening = fact(TripVoided, morning, { ...data, trip });
    given(started)
      .when({ ...strike, trip })
      .yields(opening);
    given(started, opening).when(end).refuses('TripIsVoid');
    given(started, opening)
      .when({ ...start, trip: other })
      .yields(fact(TripStarted, morning, { ...started.data, trip: other }));
  });
});
