import { describe, expect, it } from 'vitest';
import { DeviceFitted } from '#domain/devices/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { fleetFeatures } from '#domain/features/fleet.ts';
import type { Interval } from '#domain/features/interval.ts';
import type { LogPosition } from '#domain/features/stored.ts';
import { ConditionId, RentalId, RepairId, TripId, VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, instantOf, type Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import {
  VehicleMoved,
  VehicleReinstated,
  VehicleRetired,
  VehicleWithdrawn,
} from '#domain/registry/events.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { intervals } from '#projections/intervals.ts';
import { annDrives, deviceNo, logOf, rowsOf, told } from '#tests/support/projectedEvents.ts';
import { berlin, euro, izmir, moment, operation, uuid8 } from '#tests/support/samples.ts';

const start = moment('2026-03-01T06:00:00.000Z');
const hour = (text: string) => moment(`2026-03-02T${text}:00.000Z`);
const evening8 = hour('20:00');

const intervalsOf = (facts: readonly LedgerFact[]): readonly Interval[] => [
  ...rowsOf(intervals, logOf(facts)).values(),
];

/** The n-th vehicle of Berlin with the facts of its rentals, trips and repairs. */
const vehicleNo = (n: number) => {
  const vehicle = VehicleId.parse(uuid8(0x200 + n));
  const local = (kind: number) => `${vehicle}~${uuid8(kind + n)}`;
  const rental = RentalId.parse(local(0x300));
  return {
    vehicle,
    ready: [told.registered(start, { vehicle }), told.commissioned(start, { vehicle })],
    rented: (when: Moment) => told.rentalStarted(when, { vehicle, rental }),
    voided: (when: Moment) =>
      fact(RentalVoided, when, { ...annDrives, vehicle, rental, reason: 'wrong_driver' }),
    drove: (from: Moment, to: Instant) =>
      told.tripRecorded(from, to, { vehicle, trip: TripId.parse(local(0x400)) }),
    inRepair: (when: Moment) =>
      told.repairOpened(when, { vehicle, repair: RepairId.parse(local(0x500)) }),
    defective: (when: Moment) =>
      told.repairRequested(when, {
        vehicle,
        repair: RepairId.parse(local(0x600)),
        severity: 'critical',
      }),
    own: { vehicle, park: berlin },
  };
};

const v1 = vehicleNo(1);
const v2 = vehicleNo(2);
const v3 = vehicleNo(3);

/** A fleet worked out by hand: seven vehicles in Berlin at 20:00. */
const fleet = (): readonly LedgerFact[] => {
  const [v4, v5, v6, v7, v8, v9] = [
    vehicleNo(4),
    vehicleNo(5),
    vehicleNo(6),
    vehicleNo(7),
    vehicleNo(8),
    vehicleNo(9),
  ];
  const gone = { ...v8.own, reason: 'sold' } as const;
  const elsewhere = { vehicle: v9.vehicle, from: berlin, to: izmir, currency: euro };
  return [
    // On the road half an hour ago, with a driver: active, not idle.
    ...[...v1.ready, v1.rented(start), v1.drove(hour('19:00'), hour('19:30').at)],
    // A driver, but the last trip is 26 hours old: idle.
    ...[...v2.ready, v2.rented(start), v2.drove(start, moment('2026-03-01T18:00:00.000Z').at)],
    // A trip today, but no driver: idle.
    ...[...v3.ready, v3.drove(hour('10:00'), hour('11:00').at)],
    // In repair; never commissioned; with a critical defect; on hold: none of them in service.
    ...[...v4.ready, v4.inRepair(hour('12:00'))],
    told.registered(start, { vehicle: v5.vehicle }),
    ...[...v6.ready, v6.defective(hour('12:00'))],
    ...[...v7.ready, fact(VehicleWithdrawn, hour('12:00'), { ...v7.own, reason: 'other' })],
    // Retired, and moved away: not in the fleet.
    ...[...v8.ready, fact(VehicleRetired, hour('12:00'), gone)],
    ...[...v9.ready, fact(VehicleMoved, hour('12:00'), elsewhere)],
  ];
};

const LATEST: LogPosition = '9999';

/** The features of Berlin's fleet by name. */
const featuresAt = (facts: readonly LedgerFact[], at: Instant, asOf = LATEST, park = berlin) =>
  Object.fromEntries(
    fleetFeatures(intervalsOf(facts), { park, at, asOf }).map(({ name, value }) => [name, value]),
  );

const ms = (at: Moment, by_ms: number): Instant => instantOf(epochMs(at.at) + by_ms);

describe('the features of a fleet', () => {
  it('are as worked out by hand', () => {
    expect(featuresAt(fleet(), evening8.at)).toEqual({
      fleet_size: '7',
      fleet_active_count: '1',
      repair_rate: '0.142857',
      idle_rate: '0.285714',
    });
    const [, , , idle] = fleetFeatures(intervalsOf(fleet()), {
      park: berlin,
      at: evening8.at,
      asOf: LATEST,
    });
    expect(idle).toMatchObject({
      name: 'idle_rate',
      formulaVersion: 2,
      unit: 'ratio',
      inputs: {
        ...{ fleet: 7, in_service: 3, without_driver: 1, without_route: 1, unheard: 0, idle: 2 },
      },
    });
    expect(featuresAt(fleet(), evening8.at, LATEST, izmir)['fleet_size']).toBe('1');
    expect(featuresAt(fleet(), hour('11:59').at)['fleet_size']).toBe('9');
  });

  it('have no shares where there is no fleet', () => {
    expect(featuresAt([], evening8.at)).toEqual({
      fleet_size: '0',
      fleet_active_count: '0',
      repair_rate: null,
      idle_rate: null,
    });
    expect(featuresAt(fleet(), moment('2026-03-01T05:59:59.999Z').at)['fleet_size']).toBe('0');
  });

  it('count a trip that touches the last 60 minutes, to the millisecond', () => {
    const active = (from: Instant, to: Instant) => {
      const trip = v1.drove({ ...hour('10:00'), at: from }, to);
      return featuresAt([...v1.ready, trip], evening8.at)['fleet_active_count'];
    };
    expect(active(hour('18:00').at, hour('19:00').at)).toBe('0');
    expect(active(hour('18:00').at, ms(hour('19:00'), 1))).toBe('1');
    expect(active(evening8.at, hour('21:00').at)).toBe('1');
    expect(active(ms(evening8, 1), hour('21:00').at)).toBe('0');
    expect(active(evening8.at, evening8.at)).toBe('0');
  });

  it('take what telemetry showed: an engine that ran, a trip of nobody, a device that is silent', () => {
    const own = { condition: ConditionId.parse(uuid8(0xb03)), ...v1.own };
    const idled = (to: Instant | null) => told.conditionNoted('idling', hour('18:30'), to, own);
    const ready = [...v1.ready, v1.rented(start)];
    const values = (facts: readonly LedgerFact[], at = evening8.at) => {
      const { fleet_active_count, idle_rate } = featuresAt(facts, at);
      return [fleet_active_count, idle_rate];
    };
    expect(values(ready)).toEqual(['0', '1.000000']);
    expect(values([...ready, idled(null)])).toEqual(['1', '0.000000']);
    expect(values([...ready, idled(hour('19:00').at)])).toEqual(['0', '1.000000']);
    expect(values([...ready, idled(ms(hour('19:00'), 1))])).toEqual(['1', '0.000000']);
    // Nobody is known to have it, but it is driven: it is idle an hour after.
    const driven = [...v1.ready, v1.drove(hour('19:00'), hour('19:30').at)];
    expect(values(driven)).toEqual(['1', '0.000000']);
    expect(values(driven, hour('20:30').at)).toEqual(['0', '1.000000']);
    const device = { ...deviceNo(1), ...v1.own };
    const silent = told.conditionNoted('offline', hour('12:00'), hour('21:00').at, {
      ...own,
      condition: ConditionId.parse(uuid8(0xb04)),
    });
    const unheard = (facts: readonly LedgerFact[], at = evening8.at) =>
      fleetFeatures(intervalsOf(facts), { park: berlin, at, asOf: LATEST }).map(
        ({ inputs }) => inputs['unheard'] ?? null,
      );
    const fitted = [...ready, fact(DeviceFitted, start, { ...device, operation }), silent];
    expect(unheard(fitted)).toEqual([null, 1, null, 1]);
    expect(values(fitted)).toEqual(['0', '1.000000']);
    expect(unheard(fitted, hour('21:00').at)).toEqual([null, 0, null, 0]);
    const second = fact(DeviceFitted, start, { ...deviceNo(2), ...v1.own, operation });
    expect(unheard([...fitted, second])).toEqual([null, 0, null, 0]);
    expect(unheard(ready)).toEqual([null, 0, null, 0]);
  });

  it('hold a vehicle to be idle a day after its last trip, without any event', () => {
    const facts = [...v1.ready, v1.rented(start), v1.drove(hour('10:00'), hour('11:00').at)];
    const idle = (at: string) => featuresAt(facts, moment(at).at)['idle_rate'];
    expect(idle('2026-03-02T20:00:00.000Z')).toBe('0.000000');
    expect(idle('2026-03-03T10:59:59.999Z')).toBe('0.000000');
    expect(idle('2026-03-03T11:00:00.000Z')).toBe('1.000000');
    // What was the case yesterday can still be asked.
    expect(idle('2026-03-02T20:00:00.000Z')).toBe('0.000000');
  });

  it('answer by what was known, and by what was the case', () => {
    const facts = [
      ...v1.ready,
      v1.drove(hour('10:00'), hour('11:00').at),
      v1.rented(hour('09:00')),
      v1.voided(evening8),
    ];
    const idle = (asOf: LogPosition) => featuresAt(facts, evening8.at, asOf)['idle_rate'];
    expect([idle('3'), idle('4'), idle('5')]).toEqual(['1.000000', '0.000000', '1.000000']);
    expect(featuresAt(facts, evening8.at, '0')['fleet_size']).toBe('0');
  });

  it('take holds by true time, whatever was told first', () => {
    const held = fact(VehicleWithdrawn, hour('12:00'), { ...v1.own, reason: 'other' });
    const free = fact(VehicleReinstated, hour('14:00'), v1.own);
    const inService = (facts: readonly LedgerFact[], at: Instant) =>
      featuresAt([...v1.ready, ...facts], at)['idle_rate'];
    for (const facts of [
      [held, free],
      [free, held],
    ]) {
      expect(inService(facts, hour('11:00').at)).toBe('1.000000');
      expect(inService(facts, hour('13:00').at)).toBe('0.000000');
      expect(inService(facts, hour('15:00').at)).toBe('1.000000');
    }
  });
});
