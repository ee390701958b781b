import { describe, expect, it } from 'vitest';
import {
  amendIncident,
  concludedIncident,
  onIncident,
  recordIncident,
  voidIncident,
} from '#commands/incidents.ts';
import { recordRental } from '#commands/rentals.ts';
import { amendTrip, concludedTrip, recordTrip, voidTrip } from '#commands/trips.ts';
import { unmeasured } from '#domain/incidents/events.ts';
import { ConclusionId, ParkId } from '#domain/kernel/ids.ts';
import {
  allEvents,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { acme, digest, instant, uuid8 } from '#tests/support/samples.ts';

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

describe('an incident that was concluded from telemetry', () => {
  const braking = { ...unmeasured, manoeuvre: 'braking', peak_cmps2: 512 } as const;
  const times = { at: nine, endedAt: noon, trip: null };
  const about = { named: null, kind: 'harsh_driving', concluded } as const;

  it('goes by the conclusion, carries its measures and evidence, and is not told twice', async () => {
    const { ledger, store, vehicle, bob, last } = await scene();
    const asked = { vehicle, ...about, ...times, ...braking };
    const { id } = rightOf(await recordIncident(ledger)(requestOf('one'), asked));
    expect(id).toBe(concludedIncident(acme, conclusion));
    expect(await last()).toMatchObject({
      type: 'IncidentRecorded',
      data: { driver: bob, ...braking, evidence: digest(1) },
    });
    const { length } = await allEvents(store);
    rightOf(await recordIncident(ledger)(requestOf('two'), asked));
    const harder = { ...asked, peak_cmps2: 600 };
    expect(await recordIncident(ledger)(requestOf('three'), harder)).toMatchObject({
      left: { code: 'IncidentAlreadyRecorded' },
    });
    expect(await allEvents(store)).toHaveLength(length);
  });

  it('is told apart from another of the same time by what was measured', async () => {
    const { ledger, vehicle } = await scene();
    const byHand = { vehicle, ...about, concluded: null, ...times };
    const ids = [];
    for (const measure of [unmeasured, braking, { ...braking, manoeuvre: 'cornering' } as const]) {
      const asked = { ...byHand, ...measure };
      ids.push(rightOf(await recordIncident(ledger)(requestOf(asked), asked)).id);
    }
    expect(new Set(ids).size).toBe(3);
  });

  it('is amended, at the door of whoever had the vehicle then, and struck out for good', async () => {
    const { ledger, vehicle, ann, last } = await scene();
    const asked = { vehicle, ...about, ...times, ...braking };
    const { id: incident } = rightOf(await recordIncident(ledger)(requestOf('one'), asked));
    const confirmed = await onIncident(ledger)(requestOf('c'), { incident, at: noon }, (when) => ({
      type: 'ConfirmIncident',
      incident,
      when,
    }));
    rightOf(confirmed);
    const amend = { ...times, ...braking, incident, evidence: null, reason: 'late_data' } as const;
    rightOf(await amendIncident(ledger)(requestOf('two'), { ...amend, at: eight }));
    expect(await last()).toMatchObject({
      type: 'IncidentAmended',
      occurredAt: eight,
      data: { driver: ann, startedAt: eight, duration_s: 14_400, evidence: digest(1) },
    });
    const again = await amendIncident(ledger)(requestOf('three'), { ...amend, at: eight });
    expect(rightOf(again).events).toEqual([]);
    const elsewhere = requestOf('four', 'four', [ParkId.parse(uuid8(0x99))]);
    expect(await amendIncident(ledger)(elsewhere, amend)).toMatchObject({
      left: { code: 'IncidentUnknown' },
    });
    const strike = { incident, reason: 'late_data', at: noon } as const;
    rightOf(await voidIncident(ledger)(requestOf('five'), strike));
    expect(await last()).toMatchObject({ type: 'IncidentVoided', data: { driver: ann } });
    expect(rightOf(await amendIncident(ledger)(requestOf('six'), amend)).events).toEqual([]);
  });
});
