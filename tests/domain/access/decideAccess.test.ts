import { describe, expect, it } from 'vitest';
import { AccessRules } from '#domain/access/rules.ts';
import {
  DriverDeactivated,
  DriverDocumentWithdrawn,
  DriverReactivated,
} from '#domain/drivers/events.ts';
import { DocumentId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairCompleted, RepairOpened, RepairRequested } from '#domain/maintenance/events.ts';
import { VehicleReinstated, VehicleRetired, VehicleWithdrawn } from '#domain/registry/events.ts';
import { RentalRecorded, RentalVoided } from '#domain/rentals/events.ts';
import {
  bob,
  day,
  evening,
  moment,
  morning,
  noon,
  rentalOfBob,
  uuid8,
} from '#tests/support/samples.ts';
import { DRIVER, decided, told, VAN } from './question.ts';
import {
  annIs,
  driverPaper,
  goodDriver,
  goodVan,
  lifted,
  lockedOut,
  rentalIs,
  repair,
  returns,
  takenVan,
  vanIs,
  vanPaper,
} from './scene.ts';

const bobTakes = fact(RentalRecorded, morning, {
  ...rentalIs,
  rental: rentalOfBob,
  driver: bob,
  plan: null,
  rate: null,
  endedAt: evening.at,
});
const worked = { repair, ...vanIs, reason: 'defect' } as const;
describe('access', () => {
  it('is allowed where all is well', () => {
    expect(decided()).toEqual({ verdict: 'allowed', reasons: [] });
    expect(decided({ van: null })).toEqual({ verdict: 'allowed', reasons: [] });
  });

  it('is denied to whom nobody knows, and a vehicle that nobody put into service', () => {
    expect(told({ driver: [], van: [] })).toEqual([
      ['driver_not_registered denies'],
      ['licence_missing warns'],
      ['driver_insurance_missing warns'],
      ['vehicle_not_commissioned denies'],
      ['registration_missing warns'],
      ['vehicle_insurance_missing warns'],
      ['rental_missing warns'],
    ]);
    expect(told({ van: [...goodVan.slice(0, 1), ...takenVan.slice(2)] })).toEqual([
      ['vehicle_not_commissioned denies', VAN],
    ]);
  });

  it('is denied to who was deactivated, until they are reactivated', () => {
    const out = fact(DriverDeactivated, morning, { ...annIs, reason: 'conduct' });
    const back = fact(DriverReactivated, noon, annIs);
    expect(decided({ driver: [...goodDriver, out] }).verdict).toBe('denied');
    expect(told({ driver: [...goodDriver, out] })).toEqual([
      ['driver_deactivated denies', DRIVER + 3],
    ]);
    expect(told({ driver: [...goodDriver, out, back] })).toEqual([]);
    const before = moment('2026-03-02T11:59:59.999Z');
    expect(told({ driver: [...goodDriver, out, back], when: before })).toHaveLength(1);
  });

  it('is denied while a lockout lasts, and not a moment longer', () => {
    const short = [...goodDriver, lockedOut(morning, noon.at)];
    const long = [...goodDriver, lockedOut(morning, null)];
    const before = moment('2026-03-02T11:59:59.999Z');
    expect(told({ driver: short, when: before })).toEqual([
      ['driver_locked_out denies', DRIVER + 3],
    ]);
    expect(decided({ driver: short, when: before }).reasons[0]).toMatchObject({
      since: morning.at,
      until: noon.at,
    });
    expect(told({ driver: short })).toEqual([]);
    expect(told({ driver: long, when: evening })).toHaveLength(1);
    expect(told({ driver: [...long, lifted(noon)] })).toEqual([]);
    expect(told({ driver: [...long, lifted(noon)], when: before })).toHaveLength(1);
  });

  it('knows a licence to be good through its last day, by the day at the driver’s park', () => {
    const lastMoment = moment('2026-03-02T22:59:59.999Z');
    const nextDay = moment('2026-03-02T23:00:00.000Z');
    expect([lastMoment.localDate, nextDay.localDate]).toEqual(['2026-03-02', '2026-03-03']);
    expect(told({ when: lastMoment })).toEqual([]);
    expect(told({ when: nextDay })).toEqual([['licence_expired warns', DRIVER + 1]]);
    expect(decided({ when: nextDay }).reasons[0]?.lastDay).toBe('2026-03-02');
    expect(
      decided({ when: nextDay, rules: { effects: { licence_expired: 'denies' } } }).verdict,
    ).toBe('denied');
  });

  it('takes the best of several documents, and none that is withdrawn or not valid yet', () => {
    const newer = driverPaper('licence', day('2040-01-01'), 0xb0, day('2026-03-03'));
    const next = moment('2026-03-03T09:00:00.000Z');
    expect(told({ driver: [...goodDriver, newer], when: next })).toEqual([]);
    const early = [goodDriver[0], goodDriver[2], newer].flatMap((each) => each ?? []);
    expect(told({ driver: early })).toEqual([['licence_missing warns']]);
    const document = DocumentId.parse(uuid8(0xa0));
    const gone = fact(DriverDocumentWithdrawn, morning, { ...annIs, document, reason: 'revoked' });
    expect(told({ driver: [...goodDriver, gone] })).toEqual([
      ['licence_missing warns', DRIVER + 3],
    ]);
  });

  it('looks at the papers of the vehicle too', () => {
    const old = [...goodVan.slice(0, 2), vanPaper('insurance', day('2026-03-01'), 0xb1)];
    expect(told({ van: [...old, ...takenVan.slice(-1)] })).toEqual([
      ['registration_missing warns'],
      ['vehicle_insurance_expired warns', VAN + 2],
    ]);
  });

  it('is denied for a vehicle that is withdrawn, retired or blocked', () => {
    const withdrawn = fact(VehicleWithdrawn, morning, { ...vanIs, reason: 'accident' });
    const back = fact(VehicleReinstated, noon, vanIs);
    const retired = fact(VehicleRetired, noon, { ...vanIs, reason: 'sold' });
    expect(told({ van: [...takenVan, withdrawn] })).toEqual([
      ['vehicle_withdrawn denies', VAN + 5],
    ]);
    expect(told({ van: [...takenVan, withdrawn, back] })).toEqual([]);
    expect(told({ van: [...takenVan, retired] })).toEqual([['vehicle_retired denies', VAN + 5]]);
    expect(told({ blocked: true })).toEqual([['vehicle_blocked denies', VAN]]);
  });

  it('is denied for a vehicle in repair or with a critical defect, until that is over', () => {
    const found = fact(RepairRequested, morning, { ...worked, severity: 'critical' });
    const minor = fact(RepairRequested, morning, { ...worked, severity: 'minor' });
    const open = fact(RepairOpened, morning, { ...worked, severity: 'minor' });
    const done = fact(RepairCompleted, noon, { repair, ...vanIs, odometer_m: null });
    expect(told({ van: [...takenVan, minor] })).toEqual([]);
    expect(told({ van: [...takenVan, found] })).toEqual([
      ['vehicle_critical_defect denies', VAN + 5],
    ]);
    expect(told({ van: [...takenVan, minor, open] })).toEqual([
      ['vehicle_in_repair denies', VAN + 6],
    ]);
    expect(told({ van: [...takenVan, found, open, done] })).toEqual([]);
  });

  it('asks for a rental of one’s own, and denies what somebody else has', () => {
    expect(told({ van: goodVan })).toEqual([['rental_missing warns']]);
    expect(told({ van: goodVan, purpose: 'rental' })).toEqual([]);
    expect(told({ van: [...takenVan, returns(noon)] })).toEqual([
      ['rental_missing warns', VAN + 5],
    ]);
    expect(told({ van: [...goodVan, bobTakes] })).toEqual([['rented_by_another denies', VAN + 4]]);
    expect(told({ van: [...goodVan, bobTakes], purpose: 'rental' })).toHaveLength(1);
    expect(told({ van: [...goodVan, bobTakes], purpose: 'rental', when: evening })).toEqual([]);
  });

  it('takes a rental that was struck out never to have been', () => {
    const { plan: _, rate: __, endedAt: ___, ...party } = bobTakes.data;
    const struck = fact(RentalVoided, evening, { ...party, reason: 'wrong_driver' });
    expect(told({ van: [...goodVan, bobTakes, struck], purpose: 'rental' })).toEqual([]);
  });

  it('only ever warns of too little rest, and says nothing where none is known', () => {
    expect(told({ rest_s: 11 * 3_600 - 1 })).toEqual([['rest_short warns']]);
    expect(told({ rest_s: 11 * 3_600 })).toEqual([]);
    expect(told({ rest_s: null })).toEqual([]);
    expect(AccessRules.safeParse({ effects: { rest_short: 'denies' } }).success).toBe(false);
    expect(told({ rest_s: 0, rules: { effects: { rest_short: 'ignored' } } })).toEqual([]);
  });

  it('does with every reason what the rules say', () => {
    const owing = { van: goodVan };
    const says = (effect: string) => ({
      ...owing,
      rules: { effects: { rental_missing: effect } },
    });
    expect(decided(says('denies')).verdict).toBe('denied');
    expect(decided(says('warns')).verdict).toBe('allowed_with_warnings');
    expect(decided(says('ignored'))).toEqual({ verdict: 'allowed', reasons: [] });
  });
});
