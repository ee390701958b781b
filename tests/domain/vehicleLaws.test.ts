import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEVICES_MAX } from '#domain/devices/fitting.ts';
import { devicesAtOnce } from '#domain/devices/fittingState.ts';
import { replay } from '#domain/kernel/decider.ts';
import { CommandId, DeviceIdent, FittingId, RentalId, RepairId } from '#domain/kernel/ids.ts';
import { overlaps } from '#domain/kernel/instant.ts';
import { RepairReason, Severity } from '#domain/maintenance/events.ts';
import { type VehicleCommand, vehicleDecider } from '#domain/registry/vehicle.ts';
import type { VehicleEvent } from '#domain/registry/vehicleState.ts';
import { anyMoment, anyMoney, anyOf, holdToLaws } from '#tests/support/arbitrary.ts';
import {
  ann,
  berlin,
  bob,
  digest,
  euro,
  evening,
  izmir,
  licence,
  lira,
  moment,
  morning,
  noon,
  operation,
  owner,
  rentalOfAnn,
  rentalOfBob,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const start = moment('2026-03-01T06:00:00.000Z');
const night = moment('2026-03-02T22:00:00.000Z');
const repair = RepairId.parse(`${van}~${uuid8(0x70)}`);
const otherOperation = CommandId.parse(uuid8(0x99));
const agreed = { plan: 'P1', rate: null };
const register = {
  type: 'RegisterVehicle',
  vehicle: van,
  park: berlin,
  owner,
  make: 'Renault',
  model: 'Twizy',
  year: 2021,
  vinCheck: 'no_check_digit',
  currency: euro,
  odometer_m: 1_000,
  operation,
  pii: [],
  when: start,
} as const;

const anyRental = fc.constantFrom(
  rentalOfAnn,
  rentalOfBob,
  RentalId.parse(`${van}~${uuid8(0x53)}`),
);
const anyRepair = fc.constantFrom(repair, RepairId.parse(`${van}~${uuid8(0x71)}`));
const anyDevice = fc
  .record({ n: fc.integer({ min: 0, max: 24 }), ident: fc.integer({ min: 0, max: 11 }) })
  .map(({ n, ident }) => ({
    fitting: FittingId.parse(`${van}~${uuid8(0x800 + n)}`),
    ident: DeviceIdent.parse(`DEV-${ident}`),
  }));
const anyOperation = fc.constantFrom(operation, otherOperation);
const found = fc.record({ reason: anyOf(RepairReason), severity: anyOf(Severity) });

/** A command of any type about the one van, with few ids and times, so that commands meet. */
const anyCommand: fc.Arbitrary<VehicleCommand> = fc
  .record({
    when: fc.oneof(fc.constantFrom(start, morning, noon, evening, night), anyMoment),
    other: fc.constantFrom(start, morning, noon, evening, night),
    rental: anyRental,
    repair: anyRepair,
    operation: anyOperation,
    driver: fc.constantFrom(ann, bob),
    odometer_m: fc.option(fc.integer({ min: 0, max: 9_000 })),
    found: fc.option(found),
    amount: anyMoney,
    device: anyDevice,
    which: fc.integer({ min: 0, max: 24 }),
  })
  .map(({ when, other, which, odometer_m, found: given, amount, ...ids }): VehicleCommand => {
    const about = { vehicle: van, when };
    const { rental, repair: of, operation: by, driver, device } = ids;
    const { fitting } = device;
    const cost = { kind: 'labour', reference: 'H', quantity_milli: 1_000, amount } as const;
    const { reason, severity } = given ?? { reason: 'wear', severity: 'minor' };
    const begin = { ...agreed, driver, rental };
    const all: readonly VehicleCommand[] = [
      { ...register, operation: by, when },
      { ...register, when: start },
      { type: 'CommissionVehicle', ...about },
      { type: 'CommissionVehicle', ...about },
      { type: 'WithdrawVehicle', reason: 'other', ...about },
      { type: 'ReinstateVehicle', ...about },
      { type: 'RetireVehicle', reason: 'sold', ...about },
      { type: 'MoveVehicle', to: izmir, currency: lira, ...about },
      { type: 'ChangeVehicleOwner', to: owner, ...about },
      {
        type: 'RecordVehicleDocument',
        document: licence,
        kind: 'photo',
        digest: digest(1),
        expiresOn: null,
        ...about,
      },
      { type: 'ReadOdometer', odometer_m: odometer_m ?? 0, ...about },
      { type: 'AbandonVehicleClaim', operation: by, reason: 'claim_wanted', ...about },
      { type: 'StartRental', ...begin, operation: by, odometer_m, ...about },
      { type: 'EndRental', rental, reason: 'returned', odometer_m, ...about },
      { type: 'RecordRental', ...begin, endedAt: other.at, ...about },
      { type: 'VoidRental', rental, reason: 'wrong_times', ...about },
      { type: 'RequestRepair', repair: of, reason, severity, ...about },
      { type: 'OpenRepair', repair: of, found: given, ...about },
      { type: 'CompleteRepair', repair: of, odometer_m, ...about },
      { type: 'AddRepairCost', repair: of, line: cost, ...about },
      { type: 'FitDevice', ...device, operation: by, ...about },
      { type: 'FitDevice', ...device, operation: by, ...about },
      {
        type: 'RecordFitting',
        ...device,
        operation: by,
        reason: 'moved',
        removed: other,
        ...about,
      },
      { type: 'RemoveDevice', fitting, reason: 'lost', ...about },
      { type: 'VoidFitting', fitting, reason: 'wrong_times', ...about },
    ];
    return all[which] ?? register;
  });

describe('the laws of a vehicle', () => {
  it('is total, idempotent and survives being stored, whatever one asks of it', () => {
    const seen = holdToLaws(vehicleDecider, anyCommand, [
      'RegisterVehicle',
      'AddRepairCost',
      'ReadOdometer',
    ]);
    expect(seen.events.length).toBeGreaterThan(17);
    expect(seen.refusals).toEqual(expect.arrayContaining(['VehicleRented', 'DeviceAlreadyFitted']));
  });

  it('never has two drivers at once, whatever is told in whatever order', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 60, size: 'max' }), (commands) => {
        const history: VehicleEvent[] = [];
        for (const command of commands) {
          const decision = vehicleDecider.decide(command, replay(vehicleDecider, history));
          if (decision._tag === 'Right') history.push(...decision.right);
        }
        // One that ended the moment it began has no moment to share with another.
        const rentals = [...(replay(vehicleDecider, history).vehicle?.rentals.values() ?? [])]
          .filter(({ voided, from, to }) => !voided && from !== to)
          .sort((left, right) => (left.from < right.from ? -1 : 1));
        rentals.slice(1).forEach(({ from }, index) => {
          const before = rentals[index];
          expect(before && before.to !== null && before.to <= from).toBe(true);
        });
      }),
    );
  });

  it('never has a device in it twice at once, nor too many, whatever is told in whatever order', () => {
    const isAboutDevices = ({ type }: VehicleCommand) => /Device|Fitting/.test(type);
    const anyFitting = anyCommand.filter(isAboutDevices);
    let most = 0;
    fc.assert(
      fc.property(fc.array(anyFitting, { minLength: 20, maxLength: 80 }), (commands) => {
        const history: VehicleEvent[] = [];
        for (const command of [register, ...commands]) {
          const decision = vehicleDecider.decide(command, replay(vehicleDecider, history));
          if (decision._tag === 'Right') history.push(...decision.right);
        }
        const fittings = replay(vehicleDecider, history).vehicle?.fittings ?? new Map();
        const standing = [...fittings.values()].filter(({ voided }) => !voided);
        for (const [index, one] of standing.entries()) {
          const rivals = standing.slice(index + 1).filter(({ ident }) => ident === one.ident);
          for (const rival of rivals) expect(overlaps(one, rival)).toBe(false);
        }
        const always = { from: start.at, to: null };
        most = Math.max(most, standing.length === 0 ? 0 : devicesAtOnce(fittings, always));
      }),
    );
    expect(most).toBe(DEVICES_MAX);
  });
});
