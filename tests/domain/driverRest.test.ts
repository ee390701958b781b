import { describe, expect, it } from 'vitest';
import { hourOfDay, plusDays, startOfDay } from '#commands/localDate.ts';
import { DeviceFitted, DeviceFittingVoided, DeviceRemoved } from '#domain/devices/events.ts';
import { DriverMoved } from '#domain/drivers/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { restFeatures, zoneOfDriver } from '#domain/features/driverRest.ts';
import { SLEEP_OVERHEAD_S } from '#domain/features/rest.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import { ConditionId, RentalId, TripId } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { intervals } from '#projections/intervals.ts';
import { deviceNo, logOf, rowsOf, told } from '#tests/support/projectedEvents.ts';
import {
  ann,
  berlin,
  bob,
  car,
  day,
  instant,
  izmir,
  moment,
  operation,
  rentalOfBob,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const LATEST: LogPosition = '9999';
/** Noon of Wednesday in Berlin: the look-back begins at noon of Monday. */
const at = instant('2026-03-04T11:00:00.000Z');
const time = (text: string) => moment(`2026-03-${text}:00.000Z`);
const berlinZone = Zone.parse('Europe/Berlin');
const days = ['2026-03-02', '2026-03-03', '2026-03-04'].map((text) => ({
  from: startOfDay(day(text), berlinZone),
  to: startOfDay(plusDays(day(text), 1), berlinZone),
  nightTo: hourOfDay(day(text), berlinZone, 6),
}));

const featuresOf = (facts: readonly LedgerFact[], asOf = LATEST, driver = ann) =>
  restFeatures([...rowsOf(intervals, logOf(facts)).values()], {
    ...{ driver, at, asOf, days, overhead_s: SLEEP_OVERHEAD_S },
  });

/** The features by name. */
const valuesOf = (facts: readonly LedgerFact[], asOf = LATEST, driver = ann) =>
  Object.fromEntries(featuresOf(facts, asOf, driver).map(({ name, value }) => [name, value]));

/** How much is known, in hours, and the index. */
const known = (facts: readonly LedgerFact[], asOf = LATEST) => {
  const [index, coverage] = featuresOf(facts, asOf);
  return [(coverage?.inputs['known_s'] ?? -1) / 3_600, index?.value];
};

const founding = [
  told.driverRegistered(time('01T06:00')),
  told.driverRegistered(time('01T06:00'), { driver: bob }),
  fact(DeviceFitted, time('01T06:00'), { ...deviceNo(1), operation }),
];
const rented = [...founding, told.rentalStarted(time('02T06:00'))];
const drove = (n: number, from: string, to: string, other = {}) =>
  told.tripRecorded(time(from), time(to).at, {
    trip: TripId.parse(`${van}~${uuid8(n)}`),
    ...other,
  });
const ofNobody = { driver: null, rental: null };

describe('the rest of a driver', () => {
  it('is as worked out by hand', () => {
    const facts = [
      ...rented,
      // Monday afternoon; Tuesday from 20:00 to two in the morning; Wednesday from ten to noon.
      drove(1, '02T13:00', '02T17:00'),
      drove(2, '03T19:00', '04T01:00'),
      drove(3, '04T09:00', '04T10:50'),
      // Ten minutes later the engine ran until now: no rest, and no driving.
      told.conditionNoted('idling', time('04T10:50')),
    ];
    expect(valuesOf(facts)).toEqual({
      // The longest gap ends on Tuesday at 19:00: 26 hours, less two, at most ten.
      driver_sleep_index: '100',
      driver_sleep_coverage: '1.000000',
      continuous_driving_min: '120',
      // Six hours and 110 minutes.
      driving_24h: '7.833333',
      hours_since_rest_end: '16.000000',
      // In Berlin from midnight to two, of 470 minutes.
      night_share: '0.255319',
      // 11 to 13, 26 hours, and 1 to 9.
      rest_48h: '36.000000',
    });
    const [index, , continuous, driving] = featuresOf(facts);
    expect(index?.inputs).toEqual({
      sleep_max_s: 36_000,
      overhead_s: 7_200,
      known_s: 172_800,
      look_back_s: 172_800,
      unattributed_trips: 0,
    });
    const kinds = (feature: typeof index) => feature?.basis.map(({ interval }) => interval.kind);
    expect(kinds(index)).toEqual([
      'affiliation',
      'rental',
      ...['trip', 'trip', 'trip'],
      'idling',
      'fitting',
    ]);
    expect(kinds(continuous)).not.toContain('fitting');
    expect(kinds(driving)).toEqual(['trip', 'trip', 'trip']);
    // Of Bob nothing is told but that he was there.
    expect(valuesOf(facts, LATEST, bob)).toMatchObject({
      driver_sleep_index: '100',
      driving_24h: '0.000000',
      night_share: null,
      rest_48h: '48.000000',
    });
  });

  it('says less after a short night', () => {
    const facts = [...rented, drove(1, '02T11:00', '04T02:00'), drove(2, '04T09:30', '04T10:00')];
    // 02:00 to 09:30: seven and a half hours, less two.
    expect(valuesOf(facts)['driver_sleep_index']).toBe('53');
  });

  it('counts work on every vehicle, an engine only while they had the vehicle', () => {
    const rental = RentalId.parse(`${car}~${uuid8(0x59)}`);
    const other = { vehicle: car, rental, trip: TripId.parse(`${car}~${uuid8(0x58)}`) };
    const facts = [...rented, told.tripRecorded(time('04T08:00'), time('04T09:00').at, other)];
    expect(valuesOf(facts)['driving_24h']).toBe('1.000000');
    const idled = (from: string, to: string) => [
      ...founding,
      told.rentalRecorded(time('03T08:00'), time('03T12:00').at),
      told.conditionNoted('idling', time(from), time(to).at),
    ];
    expect(valuesOf(idled('03T11:00', '03T15:00'))['rest_48h']).toBe('47.000000');
    expect(valuesOf(idled('03T12:00', '03T15:00'))['rest_48h']).toBe('48.000000');
  });

  it('is not known while they had a vehicle without a device that tells something', () => {
    expect(known(rented)).toEqual([48, '100']);
    const offline = told.conditionNoted('offline', time('02T20:00'));
    const back = told.conditionAmended('offline', time('02T20:00'), time('03T05:36').at);
    // From 20:00 on 39 hours are not known; when it was 9.6 hours, just enough is.
    expect(known([...rented, offline])).toEqual([9, null]);
    expect(known([...rented, offline, back])).toEqual([38.4, '100']);
    expect(known([...rented, offline, back], '5')).toEqual([9, null]);
    const late = told.conditionAmended('offline', time('02T20:00'), time('03T05:37').at);
    expect(known([...rented, offline, late])[1]).toBe(null);
    const struckOut = told.conditionVoided('offline', time('02T20:00'));
    expect(known([...rented, offline, struckOut])).toEqual([48, '100']);
  });

  it('is known while any device tells something, and of what no vehicle was rented for', () => {
    const offline = told.conditionNoted('offline', time('02T20:00'));
    const second = fact(DeviceFitted, time('03T00:00'), { ...deviceNo(2), operation });
    expect(known([...rented, offline, second])).toEqual([44, '100']);
    const away = { ident: deviceNo(2).ident, condition: ConditionId.parse(uuid8(0xb09)) };
    const both = told.conditionNoted('offline', time('03T05:00'), time('03T07:00').at, away);
    expect(known([...rented, offline, second, both])).toEqual([42, '100']);
    const returned = told.rentalEnded(time('02T23:00'));
    expect(known([...rented, offline, returned])).toEqual([45, '100']);
  });

  it('is not known without a fitting that stands, nor before they came', () => {
    const removed = fact(DeviceRemoved, time('03T11:00'), { ...deviceNo(1), reason: 'broken' });
    expect(known([...rented, removed])).toEqual([24, null]);
    const never = { ...deviceNo(1), reason: 'wrong_device' } as const;
    expect(known([...rented, fact(DeviceFittingVoided, time('01T06:00'), never)])).toEqual([
      0,
      null,
    ]);
    expect(known([told.driverRegistered(time('02T15:00'))])).toEqual([44, '100']);
    expect(known([])).toEqual([0, null]);
  });

  it('is not known if a trip of nobody, of a vehicle they had that day, may have been theirs', () => {
    const facts = (from: string, to: string) => [
      ...founding,
      told.rentalRecorded(time('03T08:00'), time('03T12:00').at),
      drove(1, from, to, ofNobody),
    ];
    const index = (from: string, to: string) => known(facts(from, to))[1];
    expect(index('03T18:00', '03T19:00')).toBe(null);
    expect(index('02T23:00', '02T23:30')).toBe(null);
    // Until midnight in Berlin it was another day.
    expect(index('02T22:00', '02T23:00')).toBe('100');
    expect(index('03T23:00', '03T23:30')).toBe('100');
    // Somebody else's trip is nobody's riddle, and what never was is none.
    const ofBob = drove(1, '03T18:00', '03T19:00', { driver: bob, rental: rentalOfBob });
    expect(known([...facts('02T22:00', '02T23:00'), ofBob])[1]).toBe('100');
    const trip = TripId.parse(`${van}~${uuid8(1)}`);
    const voided = told.tripVoided(time('03T18:00'), { trip, ...ofNobody });
    expect(known([...facts('03T18:00', '03T19:00'), voided])[1]).toBe('100');
    const [, , , , , , rest] = featuresOf(facts('03T18:00', '03T19:00'));
    expect([rest?.name, rest?.value]).toEqual(['rest_48h', '48.000000']);
  });

  it('follows a trip to whoever it goes to, and asks the clock of the park where they were', () => {
    const trip = drove(1, '03T18:00', '03T20:00');
    const id = TripId.parse(`${van}~${uuid8(1)}`);
    const toBob = { trip: id, driver: bob, rental: rentalOfBob };
    const facts = [...rented, trip, told.tripAmended(time('03T18:00'), time('03T20:00').at, toBob)];
    const driving = (asOf: LogPosition, driver = ann) =>
      valuesOf(facts, asOf, driver)['driving_24h'];
    expect([driving('5'), driving('6')]).toEqual(['2.000000', '0.000000']);
    expect([driving('5', bob), driving('6', bob)]).toEqual(['0.000000', '2.000000']);
    const istanbul = moment('2026-03-03T06:00:00.000Z', 'Europe/Istanbul');
    const moved = fact(DriverMoved, istanbul, { driver: ann, from: berlin, to: izmir });
    const rows = [...rowsOf(intervals, logOf([...founding, moved])).values()];
    const zone = (asOf: LogPosition, when = at) =>
      zoneOfDriver(rows, { driver: ann, at: when, asOf });
    expect([zone('3'), zone('4')]).toEqual(['Europe/Berlin', 'Europe/Istanbul']);
    expect(zone('4', instant('2026-03-03T05:59:59.999Z'))).toBe('Europe/Berlin');
    expect(zone('0')).toBe(null);
  });
});
