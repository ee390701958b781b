import { describe, expect, it } from 'vitest';
import { DeviceFitted, DeviceFittingVoided, DeviceRemoved } from '#domain/devices/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { knownAt, stepAt, versionAt } from '#domain/features/interval.ts';
import { FineConfirmed, FineReattributed, FineVoided } from '#domain/fines/events.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairCompleted } from '#domain/maintenance/events.ts';
import {
  VehicleMoved,
  VehicleReinstated,
  VehicleRetired,
  VehicleWithdrawn,
} from '#domain/registry/events.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { TripAmended } from '#domain/trips/events.ts';
import { intervals } from '#projections/intervals.ts';
import {
  about,
  annDrives,
  deviceNo,
  eventAt,
  logOf,
  repairNo,
  rowOf,
  rowsOf,
  told,
} from '#tests/support/projectedEvents.ts';
import {
  ann,
  basis,
  berlin,
  bob,
  euro,
  evening,
  fine,
  izmir,
  moment,
  morning,
  noon,
  operation,
  rentalOfAnn,
  rentalOfBob,
  trip,
  van,
} from '#tests/support/samples.ts';

const row = (key: string, ...facts: LedgerFact[]) => rowOf(intervals, key, ...facts);

/** The versions of an interval in a few words. */
const words = (key: string, ...facts: LedgerFact[]) =>
  row(key, ...facts)?.versions.map(
    ({ from, to, known, void: isVoid }) =>
      `${known}: ${from.slice(11, 16)}-${to?.slice(11, 16) ?? ''}${isVoid ? ' void' : ''}`,
  );

const toBob = { driver: bob, rental: rentalOfBob } as const;

describe('the intervals read model', () => {
  it('holds every version of a rental with the position from which it was known', () => {
    const facts = [
      told.rentalStarted(morning),
      told.rentalEnded(noon),
      fact(RentalVoided, evening, { ...annDrives, reason: 'wrong_driver' }),
    ];
    const key = `rental:${rentalOfAnn}/rental`;
    expect(words(key, ...facts)).toEqual(['1: 08:00-', '2: 08:00-12:00', '3: 08:00-12:00 void']);
    expect(row(key, ...facts)).toMatchObject({
      kind: 'rental',
      vehicle: van,
      driver: ann,
      park: berlin,
      startsAt: morning.at,
      endsAt: noon.at,
      firstKnown: '1',
      lastKnown: '3',
      reassigned: false,
    });
    expect(row(key, ...facts)?.versions.map(({ event }) => event)).toEqual([
      eventAt(1),
      eventAt(2),
      eventAt(3),
    ]);
    expect(words(key, told.rentalRecorded(morning, noon.at))).toEqual(['1: 08:00-12:00']);
  });

  it('lets an amended trip act at the time of the trip', () => {
    const amended = fact(TripAmended, morning, {
      trip,
      ...about,
      ...toBob,
      endedAt: evening.at,
      startedAt: null,
      evidence: null,
      measure: { distance_m: 900, duration_s: 60, max_speed_kmh: 50, over_limit_s: null },
      reason: 'late_data',
    });
    const facts = [told.tripStarted(morning), told.tripEnded(noon, morning.at), amended];
    const key = `trip:${trip}/trip`;
    expect(words(key, ...facts)).toEqual(['1: 08:00-', '2: 08:00-12:00', '3: 08:00-18:00']);
    expect(row(key, ...facts)).toMatchObject({
      driver: bob,
      reassigned: true,
      localDate: '2026-03-02',
      endsAt: evening.at,
    });
    expect(row(key, ...facts)?.versions.map(({ distance_m }) => distance_m)).toEqual([
      null,
      12_000,
      900,
    ]);
  });

  it('holds what devices were there, and what they showed that features look at', () => {
    const device = deviceNo(1);
    const fitting = `asset:${van}/fitting/${device.fitting}`;
    const facts = [
      fact(DeviceFitted, morning, { ...device, operation }),
      fact(DeviceRemoved, noon, { ...device, reason: 'moved' }),
      fact(DeviceFittingVoided, morning, { ...device, reason: 'wrong_times' }),
    ];
    expect(words(fitting, ...facts)).toEqual([
      '1: 08:00-',
      '2: 08:00-12:00',
      '3: 08:00-12:00 void',
    ]);
    expect(row(fitting, ...facts)).toMatchObject({
      kind: 'fitting',
      vehicle: van,
      driver: null,
      ident: device.ident,
    });
    const offline = [
      told.conditionNoted('offline', noon),
      told.conditionAmended('offline', morning, evening.at),
      told.conditionVoided('offline', morning),
    ];
    const [noted] = offline;
    if (noted?.type !== 'ConditionNoted') throw new Error('nothing was noted');
    const condition = `condition:${noted.data.condition}/condition`;
    expect(words(condition, ...offline)).toEqual([
      '1: 12:00-',
      '2: 08:00-18:00',
      '3: 08:00-18:00 void',
    ]);
    expect(row(condition, ...offline)).toMatchObject({
      kind: 'offline',
      vehicle: van,
      startsAt: morning.at,
      // Whose it was is asked of the rentals that are known by then.
      driver: null,
      ident: device.ident,
    });
    const parked = told.conditionNoted('offline', noon, null, { kind: 'parking' });
    const amended = told.conditionAmended('offline', noon, evening.at);
    expect(rowsOf(intervals, logOf([parked, amended])).size).toBe(0);
  });

  it('lets the start of a trip move, with its day, and be told for ever from when that was known', () => {
    const dayBefore = moment('2026-03-01T22:30:00.000Z');
    const facts = [
      told.tripRecorded(morning, noon.at),
      told.tripAmended(dayBefore, noon.at, { startedAt: dayBefore.at }),
      told.tripAmended(dayBefore, evening.at),
      told.tripVoided(dayBefore),
    ];
    const key = `trip:${trip}/trip`;
    expect(words(key, ...facts)).toEqual([
      '1: 08:00-12:00',
      '2: 22:30-12:00',
      '3: 22:30-18:00',
      '4: 22:30-18:00 void',
    ]);
    const held = row(key, ...facts);
    expect(held).toMatchObject({
      startsAt: dayBefore.at,
      localDate: '2026-03-01',
      redated: true,
      reassigned: false,
    });
    expect(held?.versions.map(({ localDate }) => localDate)).toEqual([
      '2026-03-02',
      '2026-03-01',
      '2026-03-01',
      '2026-03-01',
    ]);
    expect(held && knownAt(held, '4')).toBeNull();
    expect(row(key, ...facts.slice(0, 1))).toMatchObject({ redated: false });
  });

  it('holds a fine at its offence, under whoever bore it when', () => {
    const concerned = { fine, ...annDrives };
    const facts = [
      told.fineIssued(noon),
      fact(FineConfirmed, evening, concerned),
      fact(FineReattributed, noon, { fine, ...about, ...toBob, fromDriver: ann, basis }),
      fact(FineVoided, evening, { fine, ...about, ...toBob, reason: 'appeal_upheld' }),
    ];
    const held = row(`fine:${fine}/fine`, ...facts);
    expect(
      held?.versions.map(({ status, driver, void: isVoid }) => [status, driver, isVoid]),
    ).toEqual([
      ['issued', ann, false],
      ['confirmed', ann, false],
      ['confirmed', bob, false],
      ['voided', bob, true],
    ]);
    expect(held && versionAt(held, '2')?.driver).toBe(ann);
    expect([held?.startsAt, held?.endsAt, held?.localDate]).toEqual([
      noon.at,
      noon.at,
      '2026-03-02',
    ]);
  });

  it('counts a defect while it is held to be critical, and a repair while work is under way', () => {
    const asked = (severity: 'critical' | 'minor') => told.repairRequested(morning, { severity });
    const begun = (severity: 'critical' | 'minor') => told.repairOpened(noon, { severity });
    const done = fact(RepairCompleted, evening, {
      ...about,
      repair: repairNo(1),
      odometer_m: null,
    });
    const defect = `repair:${repairNo(1)}/defect`;
    const repair = `repair:${repairNo(1)}/repair`;
    expect(words(defect, asked('critical'), begun('critical'), done)).toEqual([
      '1: 08:00-',
      '3: 08:00-18:00',
    ]);
    expect(words(defect, asked('critical'), begun('minor'), done)).toEqual([
      '1: 08:00-',
      '2: 08:00-12:00',
    ]);
    expect(words(defect, asked('minor'), begun('critical'), done)).toEqual([
      '2: 12:00-',
      '3: 12:00-18:00',
    ]);
    expect(words(defect, asked('minor'), begun('minor'), done)).toBe(undefined);
    expect(words(repair, asked('minor'))).toBe(undefined);
    expect(words(repair, asked('minor'), begun('minor'), done)).toEqual([
      '2: 12:00-',
      '3: 12:00-18:00',
    ]);
  });

  it('takes a vehicle through its life, and finds steps that are told late their place', () => {
    const moved = (when: typeof noon, from: typeof berlin, to: typeof berlin) =>
      fact(VehicleMoved, when, { vehicle: van, from, to, currency: euro });
    const facts = [
      told.registered(morning),
      moved(evening, berlin, izmir),
      // Told last, happened before the other move: it was in Izmir from noon on as well.
      moved(noon, izmir, berlin),
      told.commissioned(noon),
      fact(VehicleWithdrawn, noon, { ...about, reason: 'other' }),
      fact(VehicleReinstated, evening, about),
      fact(VehicleRetired, evening, { ...about, reason: 'sold' }),
    ];
    expect(words(`asset:${van}/lifecycle`, ...facts)).toEqual(['1: 08:00-', '7: 08:00-18:00']);
    expect(words(`asset:${van}/commissioned`, ...facts)).toEqual(['4: 12:00-']);
    const all = [...rowsOf(intervals, logOf(facts)).values()];
    const memberships = all.filter(({ kind }) => kind === 'membership');
    const parkAt = (at: typeof noon.at, asOf: string) =>
      stepAt(memberships, { at, asOf })?.version.park ?? null;
    expect([morning, noon, evening].map(({ at }) => parkAt(at, '9'))).toEqual([
      berlin,
      berlin,
      izmir,
    ]);
    expect(parkAt(evening.at, '1')).toBe(berlin);
    expect(parkAt(evening.at, '0')).toBe(null);
    const holds = all.filter(({ kind }) => kind === 'hold');
    const holdAt = (at: typeof noon.at) => stepAt(holds, { at, asOf: '9' })?.version.status ?? null;
    expect([morning, noon, evening].map(({ at }) => holdAt(at))).toEqual([
      null,
      'withdrawn',
      'reinstated',
    ]);
  });

  it('lets the step that was told last stand where two happened at one instant', () => {
    const move = (from: typeof berlin, to: typeof berlin) =>
      fact(VehicleMoved, noon, { vehicle: van, from, to, currency: euro });
    const log = logOf([told.registered(morning), move(berlin, izmir), move(izmir, berlin)]);
    const steps = [...rowsOf(intervals, log).values()].filter(({ kind }) => kind === 'membership');
    for (const given of [steps, steps.toReversed()]) {
      expect(stepAt(given, { at: noon.at, asOf: '9' })?.version.park).toBe(berlin);
      expect(stepAt(given, { at: noon.at, asOf: '2' })?.version.park).toBe(izmir);
    }
  });
});
