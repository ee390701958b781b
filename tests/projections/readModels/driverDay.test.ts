import { describe, expect, it } from 'vitest';
import { DriverRated, PeerFeedbackGiven } from '#domain/drivers/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { FineDisputed, FineReattributed, FineVoided } from '#domain/fines/events.ts';
import { IncidentAmended, IncidentRecorded, unmeasured } from '#domain/incidents/events.ts';
import type { DriverId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { StandingFineCopied } from '#domain/standing/events.ts';
import { TripAmended } from '#domain/trips/events.ts';
import { driverDay } from '#projections/driverDay.ts';
import { about, annDrives, eventAt, logOf, rowsOf, told } from '#tests/support/projectedEvents.ts';
import {
  ann,
  basis,
  berlin,
  bob,
  digest,
  evening,
  fine,
  incident,
  moment,
  money,
  noon,
  rentalOfBob,
  trip,
} from '#tests/support/samples.ts';

const lateEvening = moment('2026-03-02T22:30:00.000Z');
const afterMidnight = moment('2026-03-02T23:30:00.000Z');
const toBob = { driver: bob, rental: rentalOfBob } as const;
const measure = { distance_m: 900, duration_s: 60, max_speed_kmh: 50, over_limit_s: 3 };

/** What a driver's days hold: date, type, and whether it was voided. */
const daysOf = (driver: DriverId, facts: readonly LedgerFact[]) =>
  [...rowsOf(driverDay, logOf(facts)).values()]
    .filter((row) => row.driver === driver)
    .sort((left, right) => (left.occurredAt < right.occurredAt ? -1 : 1))
    .map((row) => `${row.localDate} ${row.type}${row.void ? ' void' : ''}`);

describe('the days of a driver', () => {
  it('hold each event on the local date of where it happened', () => {
    const overnight = [
      told.tripStarted(lateEvening),
      told.tripEnded(afterMidnight, lateEvening.at),
      fact(DriverRated, noon, { driver: ann, park: berlin, source: 'customer', score: 4 }),
    ];
    expect(daysOf(ann, overnight)).toEqual([
      '2026-03-02 DriverRated',
      '2026-03-02 TripStarted',
      '2026-03-03 TripEnded',
    ]);
  });

  it('sum events up', () => {
    const rows = rowsOf(driverDay, logOf([told.fineIssued(noon)]));
    expect([...rows]).toEqual([
      [
        `fine:${fine}/issued`,
        {
          driver: ann,
          localDate: '2026-03-02',
          zone: 'Europe/Berlin',
          event: eventAt(1),
          type: 'FineIssued',
          occurredAt: noon.at,
          recordedAt: '2026-03-02T20:01:00.000Z',
          stream: `fine-acme.${fine}`,
          position: '1',
          vehicle: about.vehicle,
          summary: {
            about: `fine:${fine}`,
            code: 'speeding',
            distance_m: null,
            duration_s: null,
            amount: money('3000'),
            points: 1,
            score: null,
          },
          void: false,
          correctedBy: null,
        },
      ],
    ]);
  });

  it('let a trip that is amended move to its driver, on both its days, with what it now measures', () => {
    const amended = fact(TripAmended, lateEvening, {
      trip,
      ...about,
      ...toBob,
      endedAt: afterMidnight.at,
      startedAt: null,
      evidence: null,
      measure,
      reason: 'wrong_driver',
    });
    const facts = [told.tripStarted(lateEvening), told.tripEnded(afterMidnight, lateEvening.at)];
    expect(daysOf(ann, [...facts, amended])).toEqual([]);
    expect(daysOf(bob, [...facts, amended])).toEqual([
      '2026-03-02 TripStarted',
      '2026-03-02 TripAmended',
      '2026-03-03 TripEnded',
    ]);
    const ended = rowsOf(driverDay, logOf([...facts, amended])).get(`trip:${trip}/ended`);
    expect(ended).toMatchObject({ correctedBy: eventAt(3), summary: { distance_m: 900 } });
  });

  it('let a trip move to the day on which it turns out to have begun, its end staying', () => {
    const overnight = [
      told.tripStarted(afterMidnight),
      told.tripEnded(moment('2026-03-03T05:00:00.000Z'), afterMidnight.at),
      told.tripAmended(lateEvening, afterMidnight.at, { startedAt: lateEvening.at }),
    ];
    expect(daysOf(ann, overnight).sort()).toEqual([
      '2026-03-02 TripAmended',
      '2026-03-02 TripStarted',
      '2026-03-03 TripEnded',
    ]);
    const row = rowsOf(driverDay, logOf(overnight)).get(`trip:${trip}/started`);
    expect(row?.occurredAt).toBe(lateEvening.at);
  });

  it('let an incident move to the day and driver of its beginning, as it is known last', () => {
    const measured = { ...unmeasured, endedAt: afterMidnight.at, trip: null, evidence: null };
    const recorded = fact(IncidentRecorded, afterMidnight, {
      ...{ incident, ...annDrives, kind: 'harsh_driving', ...measured },
      ...{ duration_s: 0, factHash: digest(1) },
    });
    const amended = fact(IncidentAmended, lateEvening, {
      ...{ incident, ...about, ...toBob, ...measured, startedAt: lateEvening.at },
      ...{ duration_s: 3_600, reason: 'late_data' },
    });
    expect(daysOf(ann, [recorded])).toEqual(['2026-03-03 IncidentRecorded']);
    expect(daysOf(ann, [recorded, amended])).toEqual([]);
    expect(daysOf(bob, [recorded, amended]).sort()).toEqual([
      '2026-03-02 IncidentAmended',
      '2026-03-02 IncidentRecorded',
    ]);
    const row = rowsOf(driverDay, logOf([recorded, amended])).get(`incident:${incident}/recorded`);
    expect(row?.summary.duration_s).toBe(3_600);
  });

  it('let a fine move, and leave what was done about it where it was done', () => {
    const facts = [
      told.fineIssued(noon),
      fact(FineDisputed, evening, { fine, ...annDrives, reason: 'not_the_driver' }),
      fact(FineReattributed, noon, { fine, ...about, ...toBob, fromDriver: ann, basis }),
    ];
    expect(daysOf(ann, facts)).toEqual(['2026-03-02 FineReattributed', '2026-03-02 FineDisputed']);
    expect(daysOf(bob, facts).sort()).toEqual([
      '2026-03-02 FineIssued',
      '2026-03-02 FineReattributed',
    ]);
  });

  it('mark what never was', () => {
    const facts = [
      told.rentalStarted(noon),
      told.fineIssued(noon),
      told.tripRecorded(noon, evening.at),
      told.tripVoided(noon),
      fact(RentalVoided, evening, { ...annDrives, reason: 'wrong_driver' }),
      fact(FineVoided, evening, { fine, ...annDrives, reason: 'recorded_in_error' }),
    ];
    expect(daysOf(ann, facts).sort()).toEqual([
      '2026-03-02 FineIssued void',
      '2026-03-02 FineVoided',
      '2026-03-02 RentalStarted void',
      '2026-03-02 RentalVoided',
      '2026-03-02 TripRecorded void',
      '2026-03-02 TripVoided',
    ]);
  });

  it('hold feedback for both, and no copies', () => {
    const peer = { driver: ann, park: berlin, by: bob, score: 2, topics: [] };
    const copy = { driver: ann, fine, status: 'issued', amount: money('3000'), points: 1 } as const;
    const facts = [
      fact(PeerFeedbackGiven, noon, peer),
      fact(StandingFineCopied, noon, { ...copy, basis }),
    ];
    expect(daysOf(ann, facts)).toEqual(['2026-03-02 PeerFeedbackGiven']);
    expect(daysOf(bob, facts)).toEqual(['2026-03-02 PeerFeedbackGiven']);
  });

  it('hold a trip of nobody for nobody, until it turns out whose it was', () => {
    const alone = told.tripRecorded(noon, evening.at, { driver: null, rental: null });
    const found = told.tripAmended(noon, evening.at, { ...toBob, reason: 'rental_changed' });
    expect(daysOf(ann, [alone])).toEqual([]);
    expect(daysOf(bob, [alone, found]).sort()).toEqual([
      '2026-03-02 TripAmended',
      '2026-03-02 TripRecorded',
    ]);
  });
});
