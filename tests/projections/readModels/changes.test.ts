import { describe, expect, it } from 'vitest';
import type { LedgerFact } from '#domain/events.ts';
import { FineConfirmed, FineReattributed } from '#domain/fines/events.ts';
import { fact } from '#domain/kernel/registry.ts';
import { VehicleWithdrawn } from '#domain/registry/events.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { TripAmended } from '#domain/trips/events.ts';
import { changedDrivers, changedStretches } from '#projections/features/changes.ts';
import { intervals } from '#projections/intervals.ts';
import { about, annDrives, eventAt, rowOf, told } from '#tests/support/projectedEvents.ts';
import {
  ann,
  basis,
  bob,
  evening,
  fine,
  moment,
  morning,
  noon,
  rentalOfAnn,
  rentalOfBob,
  trip,
  van,
} from '#tests/support/samples.ts';

const toBob = { driver: bob, rental: rentalOfBob } as const;

const held = (key: string, facts: readonly LedgerFact[]) => {
  const interval = rowOf(intervals, key, ...facts);
  if (!interval) throw new Error(`no interval ${key}`);
  return interval;
};

/** The changed stretches since a position, by hour and minute of 2 March. */
const stretches = (key: string, facts: readonly LedgerFact[], mark: string | null) =>
  changedStretches(held(key, facts), mark).map(
    ({ from, to }) => `${from.slice(8, 16)}-${to?.slice(8, 16) ?? ''}`,
  );

describe('the stretches of time for which news may change a fleet', () => {
  const rental = `rental:${rentalOfAnn}/rental`;

  it('of what began reach from there on, of what ended from its end on', () => {
    const facts = [told.rentalStarted(morning), told.rentalEnded(noon)];
    expect(stretches(rental, facts, null)).toEqual(['02T08:00-', '02T12:00-']);
    expect(stretches(rental, facts, '1')).toEqual(['02T12:00-']);
    expect(stretches(rental, facts, '2')).toEqual([]);
  });

  it('of what never was are all that it covered', () => {
    const voided = fact(RentalVoided, evening, { ...annDrives, reason: 'wrong_driver' });
    const facts = [told.rentalRecorded(morning, noon.at), voided];
    expect(stretches(rental, facts, '1')).toEqual(['02T08:00-02T12:00']);
    // What came and went unseen changes nothing that was seen, and is looked at all the same.
    expect(stretches(rental, facts, null)).toEqual(['02T08:00-02T12:00', '02T08:00-02T12:00']);
  });

  it('of a trip reach a day beyond it, and none where only its driver changes', () => {
    const amended = (endedAt: typeof noon.at) =>
      fact(TripAmended, morning, {
        trip,
        ...about,
        ...toBob,
        endedAt,
        startedAt: null,
        evidence: null,
        measure: { distance_m: 9, duration_s: 6, max_speed_kmh: 5, over_limit_s: null },
        reason: 'wrong_driver',
      });
    const key = `trip:${trip}/trip`;
    const recorded = told.tripRecorded(morning, noon.at);
    expect(stretches(key, [recorded], null)).toEqual(['02T08:00-03T12:00']);
    expect(stretches(key, [recorded, amended(noon.at)], '1')).toEqual([]);
    expect(stretches(key, [recorded, amended(evening.at)], '1')).toEqual(['02T12:00-03T18:00']);
  });

  it('of a trip whose start moved are all that it covers, of one that never was all that it covered', () => {
    const key = `trip:${trip}/trip`;
    const recorded = told.tripRecorded(noon, evening.at);
    const moved = told.tripAmended(morning, evening.at, { startedAt: morning.at });
    const voided = told.tripVoided(morning);
    const facts = [recorded, moved, voided];
    expect(stretches(key, facts.slice(0, 2), '1')).toEqual(['02T08:00-03T18:00']);
    expect(stretches(key, facts, '2')).toEqual(['02T08:00-03T18:00']);
  });

  it('of a step reach from there on, and there are none of a fine', () => {
    const withdrawn = fact(VehicleWithdrawn, noon, { ...about, reason: 'other' });
    expect(stretches(`asset:${van}/hold/${eventAt(1)}`, [withdrawn], null)).toEqual(['02T12:00-']);
    expect(stretches(`fine:${fine}/fine`, [told.fineIssued(noon)], null)).toEqual([]);
  });
});

describe('the drivers whom news may concern', () => {
  const key = `fine:${fine}/fine`;
  const date = '2026-03-02';
  const facts = [
    told.fineIssued(noon),
    fact(FineConfirmed, evening, { fine, ...annDrives }),
    fact(FineReattributed, noon, { fine, ...about, ...toBob, fromDriver: ann, basis }),
  ];

  it('are those who bear a thing now, and whoever bore it before', () => {
    expect(changedDrivers(held(key, facts), '2')).toEqual([
      { driver: ann, date },
      { driver: bob, date },
    ]);
    expect(changedDrivers(held(key, facts.slice(0, 2)), '1')).toEqual([{ driver: ann, date }]);
    expect(changedDrivers(held(key, facts), '3')).toEqual([]);
    const dayBefore = moment('2026-03-01T22:30:00.000Z');
    const trips = [
      told.tripRecorded(noon, evening.at),
      told.tripAmended(dayBefore, evening.at, { startedAt: dayBefore.at }),
    ];
    expect(changedDrivers(held(`trip:${trip}/trip`, trips), '1')).toEqual([
      { driver: ann, date },
      { driver: ann, date: '2026-03-01' },
    ]);
    expect(
      changedDrivers(held(`rental:${rentalOfAnn}/rental`, [told.rentalStarted()]), null),
    ).toEqual([]);
  });
});
