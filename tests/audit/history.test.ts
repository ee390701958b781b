import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetHistory, type HistoryEntry } from '#audit/history.ts';
import type { LedgerFact } from '#domain/events.ts';
import { FineConfirmed, FineIssued, FineVoided } from '#domain/fines/events.ts';
import { RepairId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  RepairCompleted,
  RepairCostAdded,
  RepairOpened,
  RepairRequested,
} from '#domain/maintenance/events.ts';
import {
  VehicleCommissioned,
  VehicleMoved,
  VehicleRegistered,
  VehicleRetired,
} from '#domain/registry/events.ts';
import {
  RentalEnded,
  RentalRecorded,
  RentalStarted,
  RentalVoided,
} from '#domain/rentals/events.ts';
import {
  TripAmended,
  TripEnded,
  TripRecorded,
  TripStarted,
  TripVoided,
} from '#domain/trips/events.ts';
import {
  ann,
  berlin,
  bob,
  digest,
  euro,
  fine,
  instant,
  izmir,
  moment,
  money,
  operation,
  owner,
  rentalOfAnn,
  rentalOfBob,
  trip,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const at = (time: string): Moment => moment(`2026-03-02T${time}:00.000Z`);
const when = (time: string) => instant(`2026-03-02T${time}:00.000Z`);
const repair = RepairId.parse(`${van}~${uuid8(0x70)}`);
const measure = { distance_m: 1_000, duration_s: 3_600, max_speed_kmh: 50, over_limit_s: null };

const registered = fact(VehicleRegistered, at('06:00'), {
  vehicle: van,
  park: berlin,
  owner,
  make: 'Renault',
  model: 'Twizy',
  year: 2021,
  vinCheck: 'no_check_digit',
  currency: euro,
  odometer_m: 0,
  operation,
});
const commissioned = fact(VehicleCommissioned, at('06:30'), { vehicle: van, park: berlin });
const party = { vehicle: van, park: berlin };
const rentedByAnn = { ...party, rental: rentalOfAnn, driver: ann };
const annTakes = fact(RentalStarted, at('08:00'), {
  ...rentedByAnn,
  plan: null,
  rate: null,
  odometer_m: null,
});
const annReturns = fact(RentalEnded, at('18:00'), {
  ...rentedByAnn,
  reason: 'returned',
  odometer_m: 5_000,
});
const driven = { ...party, trip, driver: ann, rental: rentalOfAnn };
const setsOff = fact(TripStarted, at('09:00'), { ...driven, odometer_m: null });
const arrives = fact(TripEnded, at('10:00'), {
  ...driven,
  startedAt: when('09:00'),
  measure,
  odometer_m: null,
});

/** Facts in the order in which they were recorded, one a minute from midnight of the next day on. */
const recorded = (...facts: readonly LedgerFact[]): readonly HistoryEntry[] =>
  facts.map((each, index) => ({
    position: BigInt(index + 1),
    recordedAt: instant(
      new Date(Date.parse('2026-03-03T00:00:00Z') + index * 60_000).toISOString(),
    ),
    fact: each,
  }));

const stateOf = (
  facts: readonly LedgerFact[],
  trueAt: string | null,
  known: bigint | null = null,
) =>
  assetHistory(recorded(...facts), {
    known: known === null ? null : { position: known },
    trueAt: trueAt === null ? null : when(trueAt),
  }).state;

describe('an asset’s history', () => {
  const life = [registered, commissioned, annTakes, setsOff, arrives, annReturns];

  it('says what was the case at every moment', () => {
    expect(stateOf(life, '05:59')).toBeNull();
    expect(stateOf(life, '06:00')).toMatchObject({ status: 'onboarding', custody: null });
    expect(stateOf(life, '07:00')).toMatchObject({ status: 'available', custody: null });
    expect(stateOf(life, '08:30')).toMatchObject({
      status: 'rented',
      custody: { driver: ann, rental: rentalOfAnn, since: when('08:00') },
      openTrip: null,
    });
    expect(stateOf(life, '09:30')).toMatchObject({
      openTrip: { trip, driver: ann, since: when('09:00') },
      totals: { trips: 0, distance_m: 0 },
    });
    expect(stateOf(life, '17:59')).toMatchObject({ openTrip: null, totals: { distance_m: 1_000 } });
    expect(stateOf(life, null)).toMatchObject({
      status: 'available',
      custody: null,
      vehicle: { odometer: { odometer_m: 5_000 } },
    });
  });

  it('says what was known, by position and by time of recording', () => {
    expect(stateOf(life, null, 3n)).toMatchObject({ status: 'rented' });
    const entries = recorded(...life);
    const { events } = assetHistory(entries, {
      known: { recordedAt: instant('2026-03-03T00:02:00.000Z') },
      trueAt: null,
    });
    expect(events.map(({ position }) => position)).toEqual([1n, 2n, 3n]);
  });

  it('puts a fact that came late where it belongs', () => {
    const late = fact(VehicleMoved, at('07:00'), {
      vehicle: van,
      from: berlin,
      to: izmir,
      currency: euro,
    });
    const facts = [...life, late];
    expect(stateOf(facts, '06:45')).toMatchObject({ vehicle: { park: berlin } });
    expect(stateOf(facts, '07:00')).toMatchObject({ vehicle: { park: izmir } });
    expect(stateOf(facts, '07:00', 6n)).toMatchObject({ vehicle: { park: berlin } });
  });

  it('has a rental that never was never have been, whenever that was found out', () => {
    const struck = fact(RentalVoided, at('20:00'), { ...rentedByAnn, reason: 'wrong_driver' });
    const bobs = fact(RentalRecorded, at('08:00'), {
      ...party,
      rental: rentalOfBob,
      driver: bob,
      plan: null,
      rate: null,
      endedAt: when('18:00'),
    });
    const facts = [...life, struck, bobs];
    expect(stateOf(facts, '12:00')).toMatchObject({ status: 'rented', custody: { driver: bob } });
    expect(stateOf(facts, '12:00', 6n)).toMatchObject({ custody: { driver: ann } });
    expect(stateOf(facts, '19:00')).toMatchObject({ custody: null, totals: { rentals: 1 } });
  });

  it('has an amendment act on the whole trip', () => {
    const amended = fact(TripAmended, at('09:00'), {
      ...driven,
      startedAt: null,
      evidence: null,
      endedAt: when('09:30'),
      measure: { ...measure, distance_m: 700 },
      reason: 'late_data',
    });
    const facts = [...life, amended];
    expect(stateOf(facts, '09:45')).toMatchObject({ openTrip: null, totals: { distance_m: 700 } });
    expect(stateOf(facts, '11:00')).toMatchObject({ totals: { trips: 1, distance_m: 700 } });
    expect(stateOf(facts, '09:45', 6n)).toMatchObject({ openTrip: { trip } });
  });

  it('has a trip begin where an amendment moved it, whatever was told of it before', () => {
    const told = fact(TripRecorded, at('12:00'), {
      ...driven,
      endedAt: when('13:00'),
      measure,
      evidence: null,
      factHash: digest(1),
    });
    const amended = (start: string) =>
      fact(TripAmended, at(start), {
        ...driven,
        startedAt: when(start),
        endedAt: when('13:00'),
        measure,
        evidence: null,
        reason: 'late_data',
      });
    const facts = [registered, told, amended('11:30'), amended('11:00'), amended('11:15')];
    expect(stateOf(facts, '11:20')).toMatchObject({ openTrip: { trip, since: when('11:15') } });
    expect(stateOf(facts, '11:10')).toMatchObject({ openTrip: null });
    expect(stateOf(facts, '11:10', 4n)).toMatchObject({ openTrip: { trip, since: when('11:00') } });
    expect(stateOf(facts, '11:10', 3n)).toMatchObject({ openTrip: null });
    expect(stateOf(facts, '12:30')).toMatchObject({ openTrip: { trip, since: when('11:15') } });
    const struck = fact(TripVoided, at('11:15'), { ...driven, reason: 'late_data' });
    expect(stateOf([...facts, struck], '12:30')).toMatchObject({ openTrip: null });
    expect(stateOf([...facts, struck], '14:00')).toMatchObject({
      totals: { trips: 0, distance_m: 0 },
    });
  });

  it('has a trip told afterwards be under way in between', () => {
    const told = fact(TripRecorded, at('12:00'), {
      ...driven,
      endedAt: when('13:00'),
      measure,
      evidence: null,
      factHash: digest(1),
    });
    expect(stateOf([registered, told], '12:30')).toMatchObject({ openTrip: { trip } });
    expect(stateOf([registered, told], '13:00')).toMatchObject({ openTrip: null });
  });

  it('does not count a voided fine, not even between its issue and its end', () => {
    const about = { ...party, fine, driver: ann, rental: rentalOfAnn };
    const issued = fact(FineIssued, at('09:10'), {
      ...about,
      offence: 'speeding',
      reference: 'AZ-1',
      amount: money('5000'),
      points: 1,
      factHash: digest(2),
    });
    const confirmed = fact(FineConfirmed, at('15:00'), about);
    const voided = fact(FineVoided, at('19:00'), { ...about, reason: 'appeal_upheld' });
    const facts = [...life, issued, confirmed, voided];
    expect(stateOf(facts, '12:00')).toMatchObject({ totals: { fines: 0, fined: [] } });
    expect(stateOf(facts, '12:00', 7n)).toMatchObject({
      totals: { fines: 1, fined: [money('5000')] },
    });
  });

  it('knows what is broken, and what it cost', () => {
    const found = { ...party, repair, reason: 'defect', severity: 'critical' } as const;
    const facts = [
      registered,
      commissioned,
      fact(RepairRequested, at('10:00'), found),
      // The workshop says that it began before the defect was reported.
      fact(RepairOpened, at('09:00'), found),
      fact(RepairCostAdded, at('12:00'), {
        ...party,
        repair,
        line: { kind: 'part', reference: 'P', quantity_milli: 1, amount: money('1200') },
      }),
      fact(RepairCompleted, at('13:00'), { ...party, repair, odometer_m: null }),
    ];
    expect(stateOf(facts, '10:00', 3n)).toMatchObject({ status: 'out_of_service' });
    expect(stateOf(facts, '11:00')).toMatchObject({
      status: 'in_repair',
      openRepairs: [{ repair, phase: 'open' }],
    });
    expect(stateOf(facts, null)).toMatchObject({
      status: 'available',
      openRepairs: [],
      totals: { repairs: 1, repairCosts: [money('1200')] },
    });
  });

  it('ends with the vehicle', () => {
    const gone = fact(VehicleRetired, at('19:00'), { ...party, reason: 'sold' });
    expect(stateOf([...life, gone], '18:59')).toMatchObject({ status: 'available' });
    expect(stateOf([...life, gone], null)).toMatchObject({ status: 'retired' });
  });

  it('is the same in whatever order facts of different times were recorded', () => {
    const moments = ['05:00', '06:15', '08:30', '09:30', '12:00', null] as const;
    const bare = [registered, commissioned, annTakes, setsOff, annReturns];
    fc.assert(
      fc.property(fc.shuffledSubarray(bare.slice(1), { minLength: 4 }), (others) => {
        // What a thing begins with is recorded before what follows upon it: the decider sees to that.
        if (others.indexOf(annTakes) > others.indexOf(annReturns)) return;
        for (const moment of moments) {
          expect(stateOf([registered, ...others], moment)).toEqual(stateOf(bare, moment));
        }
      }),
    );
  });
});
