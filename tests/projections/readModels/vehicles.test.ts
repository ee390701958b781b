import fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { replay } from '#domain/kernel/decider.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairCompleted } from '#domain/maintenance/events.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import {
  OdometerRead,
  VehicleDocumentRecorded,
  VehicleMoved,
  VehicleRetired,
  VehicleWithdrawn,
} from '#domain/registry/events.ts';
import { type VehicleCommand, vehicleDecider } from '#domain/registry/vehicle.ts';
import { openRental, type VehicleEvent, vehicleStatus } from '#domain/registry/vehicleState.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { vehicles } from '#projections/vehicles.ts';
import { about, annDrives, repairNo, rowOf, told } from '#tests/support/projectedEvents.ts';
import {
  ann,
  bob,
  day,
  digest,
  evening,
  izmir,
  licence,
  lira,
  moment,
  morning,
  noon,
  operation,
  rentalOfAnn,
  rentalOfBob,
  van,
} from '#tests/support/samples.ts';

const row = (...facts: Parameters<typeof rowOf>[2][]) => rowOf(vehicles, van, ...facts);
const ready = [told.registered(), told.commissioned()];

describe('the vehicles read model', () => {
  it('begins with what was registered', () => {
    expect(row(told.registered())).toEqual({
      vehicle: van,
      park: about.park,
      owner: told.registered().data.owner,
      make: 'Renault',
      model: 'Twizy',
      year: 2021,
      vinCheck: 'no_check_digit',
      zone: 'Europe/Berlin',
      currency: 'EUR',
      status: 'onboarding',
      registeredAt: morning.at,
      commissionedAt: null,
      withdrawn: null,
      retired: null,
      odometer_m: 1_000,
      odometerAt: morning.at,
      documents: [],
      documentsDropped: 0,
      nextExpiry: null,
      rental: null,
      repairs: [],
      erased: [],
      updatedAt: '2026-03-02T20:01:00.000Z',
      position: '1',
    });
  });

  it('shows the rental that has not ended, and whose it is', () => {
    const rented = row(...ready, told.rentalStarted(noon));
    expect(rented?.status).toBe('rented');
    expect(rented?.rental).toEqual({ rental: rentalOfAnn, driver: ann, since: noon.at });
    const back = row(...ready, told.rentalStarted(noon), told.rentalEnded(evening));
    expect([back?.status, back?.rental]).toEqual(['available', null]);
    const voided = fact(RentalVoided, evening, { ...annDrives, reason: 'wrong_driver' });
    expect(row(...ready, told.rentalStarted(noon), voided)?.status).toBe('available');
  });

  it('shows open repairs, and what they make of the status', () => {
    const critical = told.repairRequested(noon, { severity: 'critical' });
    expect(row(...ready, critical)?.status).toBe('out_of_service');
    const open = row(...ready, critical, told.repairOpened(evening));
    expect(open?.status).toBe('in_repair');
    expect(open?.repairs).toEqual([
      {
        repair: repairNo(1),
        phase: 'open',
        reason: 'defect',
        severity: 'minor',
        since: evening.at,
      },
    ]);
    const done = { ...about, repair: repairNo(1), odometer_m: 2_000 };
    const whole = row(...ready, told.repairOpened(noon), fact(RepairCompleted, evening, done));
    expect([whole?.status, whole?.repairs, whole?.odometer_m]).toEqual(['available', [], 2_000]);
  });

  it('takes the newest reading by true time, whatever came last', () => {
    const read = (when: typeof noon, odometer_m: number) =>
      fact(OdometerRead, when, { ...about, odometer_m });
    const late = row(...ready, read(evening, 3_000), read(noon, 2_000));
    expect([late?.odometer_m, late?.odometerAt]).toEqual([3_000, evening.at]);
  });

  it('moves, is withdrawn, is retired and forgets', () => {
    const move = { vehicle: van, from: about.park, to: izmir, currency: lira };
    const moved = row(
      ...ready,
      fact(VehicleMoved, moment('2026-03-02T12:00:00.000Z', 'Europe/Istanbul'), move),
    );
    expect([moved?.park, moved?.zone, moved?.currency]).toEqual([izmir, 'Europe/Istanbul', 'TRY']);
    const held = row(...ready, fact(VehicleWithdrawn, noon, { ...about, reason: 'accident' }));
    expect(held?.withdrawn).toEqual({ reason: 'accident', since: noon.at });
    const gone = row(...ready, fact(VehicleRetired, noon, { ...about, reason: 'sold' }));
    expect([gone?.status, gone?.retired?.since]).toEqual(['retired', noon.at]);
    const subject = { kind: 'vehicle', id: van } as const;
    const erased = row(
      ...ready,
      fact(SubjectErased, noon, { subject, erased: ['vehicle_identity'], held: [] }),
    );
    expect(erased?.erased).toEqual(['vehicle_identity']);
  });

  it('keeps the newest document under each id, and the day the first of them expires', () => {
    const filed = (n: number, expiresOn: string | null) =>
      fact(VehicleDocumentRecorded, noon, {
        ...about,
        document: licence,
        kind: 'insurance',
        digest: digest(n),
        expiresOn: expiresOn === null ? null : day(expiresOn),
      });
    const filing = row(...ready, filed(1, '2026-05-01'), filed(2, '2026-06-01'));
    expect(filing?.documents.map((held) => held.digest)).toEqual([digest(2)]);
    expect(filing?.nextExpiry).toBe('2026-06-01');
  });
});

const times = fc.constantFrom(morning, noon, evening, moment('2026-03-03T08:00:00.000Z'));

const anyCommand: fc.Arbitrary<VehicleCommand> = fc
  .record({
    when: times,
    which: fc.nat({ max: 10 }),
    critical: fc.boolean(),
    n: fc.nat({ max: 2 }),
    odometer_m: fc.option(fc.nat({ max: 9_000 })),
  })
  .map(({ when, which, critical, n, odometer_m }): VehicleCommand => {
    const [rental, driver] = n > 0 ? [rentalOfAnn, ann] : [rentalOfBob, bob];
    const begin = { rental, driver, plan: null, rate: null };
    const found = { reason: 'wear', severity: critical ? 'critical' : 'minor' } as const;
    const all: readonly VehicleCommand[] = [
      { type: 'CommissionVehicle', vehicle: van, when },
      { type: 'CommissionVehicle', vehicle: van, when },
      { type: 'WithdrawVehicle', vehicle: van, reason: 'other', when },
      { type: 'ReinstateVehicle', vehicle: van, when },
      { type: 'StartRental', vehicle: van, ...begin, operation, odometer_m, when },
      { type: 'EndRental', vehicle: van, rental, reason: 'returned', odometer_m, when },
      { type: 'VoidRental', vehicle: van, rental, reason: 'wrong_times', when },
      { type: 'RequestRepair', vehicle: van, repair: repairNo(n), ...found, when },
      { type: 'OpenRepair', vehicle: van, repair: repairNo(n), found, when },
      { type: 'CompleteRepair', vehicle: van, repair: repairNo(n), odometer_m, when },
      { type: 'CancelRepair', vehicle: van, repair: repairNo(n), reason: 'not_needed', when },
    ];
    return all[which] ?? { type: 'RetireVehicle', vehicle: van, reason: 'stolen', when };
  });

describe('a vehicle row', () => {
  it('has the status, the rental and the odometer of the vehicle itself, whatever is done', () => {
    const statuses = new Set<string>();
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 30, size: 'max' }), (commands) => {
        const history: VehicleEvent[] = [told.registered()];
        for (const command of commands) {
          const decision = vehicleDecider.decide(command, replay(vehicleDecider, history));
          if (!isLeft(decision)) history.push(...decision.right);
        }
        const { vehicle } = replay(vehicleDecider, history);
        const shown = row(...history);
        statuses.add(shown?.status ?? '');
        expect(vehicle && vehicleStatus(vehicle)).toBe(shown?.status);
        expect(vehicle && (openRental(vehicle)?.rental ?? null)).toBe(
          shown?.rental?.rental ?? null,
        );
        expect(vehicle?.odometer).toEqual({ odometer_m: shown?.odometer_m, at: shown?.odometerAt });
        expect(vehicles.row.parse(JSON.parse(JSON.stringify(shown)))).toEqual(shown);
      }),
      { numRuns: 300 },
    );
    expect(statuses.size).toBeGreaterThan(4);
  });
});
