import { describe, expect, it } from 'vitest';
import {
  FineConfirmed,
  FineDisputed,
  FinePaid,
  FineReattributed,
  FineVoided,
} from '#domain/fines/events.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairCancelled, RepairCompleted, RepairCostAdded } from '#domain/maintenance/events.ts';
import { ParkClosed } from '#domain/parks/events.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { fines } from '#projections/fines.ts';
import { parks } from '#projections/parks.ts';
import { rentals } from '#projections/rentals.ts';
import { repairs } from '#projections/repairs.ts';
import { trips } from '#projections/trips.ts';
import { about, annDrives, repairNo, rowOf, told } from '#tests/support/projectedEvents.ts';
import {
  ann,
  basis,
  berlin,
  bob,
  digest,
  evening,
  fine,
  moment,
  money,
  morning,
  noon,
  rentalOfAnn,
  rentalOfBob,
  trip,
} from '#tests/support/samples.ts';

const measure = { distance_m: 900, duration_s: 60, max_speed_kmh: 50, over_limit_s: 3 };
const toBob = { driver: bob, rental: rentalOfBob } as const;

describe('the trips read model', () => {
  it('shows a trip under way, ended and amended, on the day it began', () => {
    const started = told.tripStarted(noon, { odometer_m: 1_500 });
    expect(rowOf(trips, trip, started)).toMatchObject({
      status: 'open',
      startedAt: noon.at,
      localDate: '2026-03-02',
      endedAt: null,
      measure: null,
      driver: ann,
      odometerStart_m: 1_500,
    });
    const ended = told.tripEnded(evening, noon.at, { odometer_m: 2_500 });
    expect(rowOf(trips, trip, started, ended)).toMatchObject({
      status: 'ended',
      startedAt: noon.at,
      endedAt: evening.at,
      odometerStart_m: 1_500,
      odometerEnd_m: 2_500,
    });
    const other = { ...toBob, measure, reason: 'wrong_driver' } as const;
    const amended = told.tripAmended(noon, evening.at, other);
    expect(rowOf(trips, trip, started, ended, amended)).toMatchObject({
      status: 'amended',
      ...toBob,
      measure,
      amendments: 1,
      amendReason: 'wrong_driver',
      odometerEnd_m: 2_500,
    });
  });

  it('shows a trip that was told as a whole', () => {
    expect(rowOf(trips, trip, told.tripRecorded(noon, evening.at))).toMatchObject({
      status: 'recorded',
      startedAt: noon.at,
      endedAt: evening.at,
      evidence: null,
    });
  });

  it('moves the start of a trip with its local date, and shows a trip that never was as void', () => {
    const recorded = told.tripRecorded(noon, evening.at, { evidence: digest(4) });
    const dayBefore = moment('2026-03-01T22:30:00.000Z');
    const moved = told.tripAmended(dayBefore, evening.at, {
      startedAt: dayBefore.at,
      evidence: digest(5),
    });
    expect(rowOf(trips, trip, recorded)).toMatchObject({ evidence: digest(4), voidReason: null });
    expect(rowOf(trips, trip, recorded, moved)).toMatchObject({
      status: 'amended',
      startedAt: dayBefore.at,
      localDate: '2026-03-01',
      evidence: digest(5),
    });
    const voided = told.tripVoided(dayBefore, { reason: 'measured_again' });
    expect(rowOf(trips, trip, recorded, moved, voided)).toMatchObject({
      status: 'voided',
      voidReason: 'measured_again',
      startedAt: dayBefore.at,
    });
  });
});

describe('the fines read model', () => {
  const concerned = { fine, ...annDrives };

  it('follows a fine through its phases, on the day of the offence', () => {
    const disputed = fact(FineDisputed, evening, { ...concerned, reason: 'facts_wrong' });
    expect(rowOf(fines, fine, told.fineIssued(noon), disputed)).toMatchObject({
      status: 'disputed',
      statusSince: evening.at,
      disputeReason: 'facts_wrong',
      offenceAt: noon.at,
      localDate: '2026-03-02',
      amount: money('3000'),
      points: 1,
      recordedAt: '2026-03-02T20:01:00.000Z',
      position: '2',
    });
    const confirmed = fact(FineConfirmed, evening, concerned);
    const paid = fact(FinePaid, evening, concerned);
    expect(rowOf(fines, fine, told.fineIssued(noon), confirmed, paid)?.status).toBe('paid');
    const voided = fact(FineVoided, evening, { ...concerned, reason: 'appeal_upheld' });
    expect(rowOf(fines, fine, told.fineIssued(noon), voided)).toMatchObject({
      status: 'voided',
      voidReason: 'appeal_upheld',
    });
  });

  it('goes to whoever bears it', () => {
    const data = { fine, ...about, ...toBob, fromDriver: ann, basis };
    const moved = rowOf(fines, fine, told.fineIssued(noon), fact(FineReattributed, noon, data));
    expect(moved).toMatchObject({ ...toBob, status: 'issued', reattributions: 1 });
  });
});

describe('the rentals read model', () => {
  it('shows a rental from beginning to end', () => {
    const started = told.rentalStarted(noon, { odometer_m: 7, plan: 'P1' });
    expect(rowOf(rentals, rentalOfAnn, started)).toMatchObject({
      status: 'open',
      startedAt: noon.at,
      endedAt: null,
      plan: 'P1',
      odometerStart_m: 7,
    });
    const ended = told.rentalEnded(evening, { odometer_m: 9, reason: 'recovered' });
    expect(rowOf(rentals, rentalOfAnn, started, ended)).toMatchObject({
      status: 'ended',
      endedAt: evening.at,
      endReason: 'recovered',
      odometerStart_m: 7,
      odometerEnd_m: 9,
    });
  });

  it('shows one that was told late, and one that never was', () => {
    const recorded = told.rentalRecorded(morning, noon.at);
    expect(rowOf(rentals, rentalOfAnn, recorded)).toMatchObject({
      status: 'recorded',
      startedAt: morning.at,
      endedAt: noon.at,
    });
    const voided = fact(RentalVoided, evening, { ...annDrives, reason: 'wrong_times' });
    expect(rowOf(rentals, rentalOfAnn, recorded, voided)).toMatchObject({
      status: 'voided',
      voidReason: 'wrong_times',
      startedAt: morning.at,
    });
  });
});

describe('the repairs read model', () => {
  const repair = repairNo(1);
  const cost = (kind: 'part' | 'labour', amount: string, currency = 'EUR') =>
    fact(RepairCostAdded, evening, {
      ...about,
      repair,
      line: { kind, reference: 'X', quantity_milli: 1_000, amount: money(amount, currency) },
    });

  it('adds up costs by currency, to the last of many digits', () => {
    const most = '9'.repeat(18);
    const opened = told.repairOpened(noon, { severity: 'major' });
    const costs = [
      cost('part', most),
      cost('labour', most),
      cost('part', '1'),
      cost('part', '5', 'TRY'),
    ];
    const row = rowOf(repairs, repair, told.repairRequested(morning), opened, ...costs);
    expect(row).toMatchObject({
      status: 'open',
      severity: 'major',
      reportedAt: morning.at,
      openedAt: noon.at,
    });
    expect(row?.totals).toEqual([
      {
        currency: 'EUR',
        parts: '1000000000000000000',
        labour: most,
        total: '1999999999999999999',
      },
      { currency: 'TRY', parts: '5', labour: '0', total: '5' },
    ]);
  });

  it('is completed, or cancelled for a reason', () => {
    const opened = told.repairOpened(noon);
    const completed = fact(RepairCompleted, evening, { ...about, repair, odometer_m: 5 });
    expect(rowOf(repairs, repair, opened, completed)).toMatchObject({
      status: 'completed',
      closedAt: evening.at,
      odometer_m: 5,
    });
    const cancelled = fact(RepairCancelled, evening, { ...about, repair, reason: 'duplicate' });
    expect(rowOf(repairs, repair, opened, cancelled)).toMatchObject({
      status: 'cancelled',
      cancelReason: 'duplicate',
    });
  });
});

describe('the parks read model', () => {
  it('opens and closes', () => {
    const opened = told.parkOpened(morning);
    expect(rowOf(parks, berlin, opened)).toMatchObject({
      code: 'BER-1',
      name: 'Berlin',
      zone: 'Europe/Berlin',
      currency: 'EUR',
      status: 'open',
      openedAt: morning.at,
    });
    const closed = rowOf(parks, berlin, opened, fact(ParkClosed, evening, { park: berlin }));
    expect([closed?.status, closed?.closedAt]).toEqual(['closed', evening.at]);
  });

  it('says nothing of a thing whose beginning it has not seen', () => {
    expect(rowOf(parks, berlin, fact(ParkClosed, evening, { park: berlin }))).toBe(null);
    expect(rowOf(rentals, rentalOfAnn, told.rentalEnded(evening))).toBe(null);
    expect(rowOf(trips, trip, told.tripEnded(evening, noon.at))).toBe(null);
    expect(rowOf(fines, fine, fact(FinePaid, noon, { fine, ...annDrives }))).toBe(null);
  });
});
