import { describe, expect, it } from 'vitest';
import { recordRental } from '#commands/rentals.ts';
import { amendTrip, concludedTrip, recordTrip, voidTrip } from '#commands/trips.ts';
import { ConclusionId, ParkId } from '#domain/kernel/ids.ts';
import {
  allEvents,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { digest, instant, uuid8 } from '#tests/support/samples.ts';

const eight = instant('2026-03-02T08:00:00.000Z');
const nine = instant('2026-03-02T09:00:00.000Z');
const noon = instant('2026-03-02T12:00:00.000Z');
const before = instant('2026-02-28T22:30:00.000Z');

const conclusion = ConclusionId.parse(uuid8(0xc1));
const concluded = { id: conclusion, evidence: digest(1) };
const report = { distance_m: 5_000, max_speed_kmh: 50, over_limit_s: null };

/** A vehicle that Ann has from eight to nine and Bob from then on. */
const scene = async () => {
  const { ledger, store } = testLedger();
  const fleet = await smallFleet(ledger);
  const { vehicle, ann, bob } = fleet;
  for (const [driver, at, endedAt] of [
    [ann, eight, nine],
    [bob, nine, noon],
  ] as const) {
    const asked = { vehicle, driver, plan: null, rate: null, at, endedAt };
    rightOf(await recordRental(ledger)(requestOf(asked), asked));
  }
  return { ...fleet, ledger, last: async () => (await allEvents(store)).at(-1), store };
};

describe('a trip that was concluded from telemetry', () => {
  it('goes by the conclusion, carries its evidence, and is not told twice', async () => {
    const { ledger, store, vehicle, bob, last } = await scene();
    const asked = { vehicle, at: nine, endedAt: noon, report, concluded };
    const { id } = rightOf(await recordTrip(ledger)(requestOf('one'), asked));
    expect(id).toBe(concludedTrip(vehicle, conclusion));
    expect(await last()).toMatchObject({
      type: 'TripRecorded',
      data: { trip: id, driver: bob, evidence: digest(1) },
    });
    const { length } = await allEvents(store);
    expect(rightOf(await recordTrip(ledger)(requestOf('two'), asked))).toMatchObject({
      id,
      events: [],
    });
    const otherwise = { ...asked, report: { ...report, distance_m: 6_000 } };
    expect(await recordTrip(ledger)(requestOf('three'), otherwise)).toMatchObject({
      left: { code: 'TripAlreadyEnded' },
    });
    expect(await allEvents(store)).toHaveLength(length);
  });

  it('lies at the door of whoever had the vehicle at the start as it is known now', async () => {
    const { ledger, vehicle, ann, bob, last } = await scene();
    const asked = { vehicle, at: nine, endedAt: noon, report, concluded };
    const { id: trip } = rightOf(await recordTrip(ledger)(requestOf('one'), asked));
    const amend = {
      trip,
      endedAt: noon,
      report,
      evidence: digest(2),
      reason: 'late_data',
    } as const;
    rightOf(await amendTrip(ledger)(requestOf('two'), { ...amend, at: eight }));
    expect(await last()).toMatchObject({
      type: 'TripAmended',
      occurredAt: eight,
      localDate: '2026-03-02',
      data: { driver: ann, startedAt: eight, evidence: digest(2), measure: { duration_s: 14_400 } },
    });
    const again = { ...amend, at: null, evidence: null };
    expect(rightOf(await amendTrip(ledger)(requestOf('three'), again)).events).toEqual([]);
    const early = await amendTrip(ledger)(requestOf('four'), { ...amend, at: before });
    expect(early).toMatchObject({
      left: { code: 'FactBeforeRegistration', registeredAt: springMorning },
    });
    rightOf(await amendTrip(ledger)(requestOf('five'), { ...amend, at: nine }));
    expect(await last()).toMatchObject({ occurredAt: nine, data: { driver: bob } });
  });

  it('is struck out for good, at the time at which it was thought to have begun', async () => {
    const { ledger, vehicle, last } = await scene();
    const asked = { vehicle, at: nine, endedAt: noon, report, concluded };
    const { id: trip } = rightOf(await recordTrip(ledger)(requestOf('one'), asked));
    const strike = { trip, reason: 'late_data' } as const;
    const elsewhere = requestOf('two', 'two', [ParkId.parse(uuid8(0x99))]);
    expect(await voidTrip(ledger)(elsewhere, strike)).toMatchObject({
      left: { code: 'VehicleUnknown' },
    });
    rightOf(await voidTrip(ledger)(requestOf('three'), strike));
    expect(await last()).toMatchObject({ type: 'TripVoided', occurredAt: nine });
    expect(rightOf(await voidTrip(ledger)(requestOf('four'), strike)).events).toEqual([]);
    expect(rightOf(await recordTrip(ledger)(requestOf('five'), asked)).events).toEqual([]);
  });
});
