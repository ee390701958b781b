import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerFact } from '#domain/events.ts';
import { exactRatio } from '#domain/features/feature.ts';
import { type Interval, isAtMost } from '#domain/features/interval.ts';
import { penaltyFeatures } from '#domain/features/penalty.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import {
  FineConfirmed,
  FineDisputed,
  FinePaid,
  FineReattributed,
  FineVoided,
} from '#domain/fines/events.ts';
import { FineId, TripId } from '#domain/kernel/ids.ts';
import type { Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { intervals } from '#projections/intervals.ts';
import { about, annDrives, logOf, rowsOf, told } from '#tests/support/projectedEvents.ts';
import { ann, basis, bob, day, moment, rentalOfBob, uuid8 } from '#tests/support/samples.ts';

const hour = (text: string) => moment(`2026-03-02T${text}:00.000Z`);
const LATEST: LogPosition = '9999';

const intervalsOf = (facts: readonly LedgerFact[]): readonly Interval[] => [
  ...rowsOf(intervals, logOf(facts)).values(),
];

const [march, april] = [day('2026-03-01'), day('2026-04-01')];
const fineNo = (n: number) => FineId.parse(uuid8(0x800 + n));
const decided = { confirmed: FineConfirmed, paid: FinePaid };

/** A fine that got to a status, told in as many facts as that takes. */
const fined = (n: number, when: Moment, status: string, points: number): readonly LedgerFact[] => {
  const concerned = { fine: fineNo(n), ...annDrives };
  const issued = told.fineIssued(when, { fine: fineNo(n), points });
  const confirmed = fact(decided.confirmed, when, concerned);
  switch (status) {
    case 'confirmed':
      return [issued, confirmed];
    case 'paid':
      return [issued, confirmed, fact(decided.paid, when, concerned)];
    case 'disputed':
      return [issued, confirmed, fact(FineDisputed, when, { ...concerned, reason: 'other' })];
    case 'voided':
      return [issued, confirmed, fact(FineVoided, when, { ...concerned, reason: 'appeal_upheld' })];
    default:
      return [issued];
  }
};

const driven = (n: number, distance_m: number, when = hour('10:00')) =>
  told.tripRecorded(when, hour('11:00').at, {
    trip: TripId.parse(`${about.vehicle}~${uuid8(0x900 + n)}`),
    measure: { distance_m, duration_s: 3_600, max_speed_kmh: 50, over_limit_s: null },
  });

const penalties = (facts: readonly LedgerFact[], asOf = LATEST, driver = ann) =>
  penaltyFeatures(intervalsOf(facts), { driver, from: march, to: april, asOf });

describe('the penalties of a driver', () => {
  const facts = [
    ...fined(1, hour('10:00'), 'confirmed', 2),
    ...fined(2, hour('10:00'), 'paid', 3),
    ...fined(3, hour('10:00'), 'issued', 7),
    ...fined(4, hour('10:00'), 'disputed', 7),
    ...fined(5, hour('10:00'), 'voided', 7),
    // In Berlin it was March already; in Berlin it was still March.
    ...fined(6, moment('2026-02-28T23:30:00.000Z'), 'confirmed', 0),
    ...fined(7, moment('2026-03-31T21:30:00.000Z'), 'confirmed', 0),
    // In Berlin it was April already.
    ...fined(8, moment('2026-03-31T22:30:00.000Z'), 'confirmed', 9),
    driven(1, 39_000),
    driven(2, 1_000),
    driven(3, 500_000, moment('2026-04-01T10:00:00.000Z')),
    // Not over yet.
    told.tripStarted(hour('12:00')),
  ];

  it('are of trips that were, on the day on which they began, by what was known', () => {
    const marchTrip = driven(1, 40_000);
    const { trip } = marchTrip.data;
    const start = moment('2026-02-28T22:30:00.000Z');
    const moved = told.tripAmended(start, hour('11:00').at, {
      trip,
      startedAt: start.at,
      measure: marchTrip.data.measure,
    });
    const [, before] = penalties([marchTrip, moved], '1');
    expect(before?.inputs).toMatchObject({ trips: 1, distance_m: 40_000 });
    const [, after] = penalties([marchTrip, moved]);
    expect(after?.inputs).toMatchObject({ trips: 0, distance_m: 0 });
    const struck = told.tripVoided(marchTrip.when, { trip });
    const [, none] = penalties([marchTrip, struck]);
    expect(none?.inputs).toMatchObject({ trips: 0, distance_m: 0 });
  });

  it('are as worked out by hand: 5 points on 40 km are 125 on 1,000 km', () => {
    expect(penalties(facts)).toMatchObject([
      {
        name: 'driver_penalty_rate',
        unit: 'fines',
        value: '4',
        inputs: { fines: 4, fines_undecided: 2, fines_voided: 1 },
      },
      {
        name: 'penalty_points_per_1000km',
        unit: 'points_per_1000km',
        value: '125.000000',
        inputs: { fines: 4, points: 5, trips: 2, distance_m: 40_000 },
      },
    ]);
    expect(penalties([driven(1, 39_000)]).map(({ value }) => value)).toEqual(['0', '0.000000']);
    expect(penalties([]).map(({ value }) => value)).toEqual(['0', null]);
  });

  it('go to whoever drove at the time of the offence, by what was known', () => {
    const data = {
      fine: fineNo(1),
      ...about,
      driver: bob,
      rental: rentalOfBob,
      fromDriver: ann,
      basis,
    };
    const moved = [
      ...fined(1, hour('10:00'), 'confirmed', 2),
      fact(FineReattributed, hour('10:00'), data),
    ];
    const rate = (driver: typeof ann, asOf: LogPosition) =>
      penalties(moved, asOf, driver)[0]?.value;
    expect([rate(ann, '1'), rate(ann, '2'), rate(ann, '3')]).toEqual(['0', '1', '0']);
    expect([rate(bob, '1'), rate(bob, '2'), rate(bob, '3')]).toEqual(['0', '0', '1']);
  });

  it('rest on the intervals they were counted from', () => {
    const [rate] = penalties(fined(1, hour('10:00'), 'confirmed', 2));
    expect(rate?.basis.map(({ interval }) => interval.interval)).toEqual([
      `fine:${fineNo(1)}/fine`,
    ]);
  });
});

describe('an exact ratio', () => {
  it('has six decimals and rounds half a unit away from zero', () => {
    expect(exactRatio(1n, 3n)).toBe('0.333333');
    expect(exactRatio(2n, 3n)).toBe('0.666667');
    expect(exactRatio(0n, 5n)).toBe('0.000000');
    expect(exactRatio(1n, 2_000_000n)).toBe('0.000001');
    expect(exactRatio(1n, 2_000_001n)).toBe('0.000000');
    expect(exactRatio(10n ** 20n, 1n)).toBe(`1${'0'.repeat(20)}.000000`);
    expect(exactRatio(1n, 0n)).toBe(null);
  });

  it('is never off by more than half a unit', () => {
    const count = fc.bigInt({ min: 0n, max: 10n ** 15n });
    fc.assert(
      fc.property(count, fc.bigInt({ min: 1n, max: 10n ** 15n }), (numerator, denominator) => {
        const text = exactRatio(numerator, denominator) ?? '';
        expect(text).toMatch(/^\d+\.\d{6}$/);
        const scaled = BigInt(text.replace('.', ''));
        const error = 2n * (scaled * denominator - numerator * 10n ** 6n);
        expect(error > -denominator && error <= denominator).toBe(true);
      }),
    );
  });
});

describe('positions', () => {
  it('compare as numbers do, however long', () => {
    const position = fc.bigInt({ min: 0n, max: 10n ** 18n });
    fc.assert(
      fc.property(position, position, (left, right) => {
        expect(isAtMost(left.toString(), right.toString())).toBe(left <= right);
      }),
    );
  });
});
