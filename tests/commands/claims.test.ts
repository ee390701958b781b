import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { releaseClaim, takeClaim } from '#commands/claims.ts';
import { momentOf } from '#commands/localDate.ts';
import { endRental, startRental } from '#commands/rentals.ts';
import { onVehicle, registerVehicle } from '#commands/vehicles.ts';
import { VehicleId } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { assetKey, driverKey } from '#domain/kernel/subjects.ts';
import {
  allEvents,
  fleetVehicle,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { acme, instant, owner, uuid8 } from '#tests/support/samples.ts';

const VIN = 'VF1ACVYB012345678';
const OTHER_VIN = 'VF1ACVYB087654321';
const at = instant('2026-03-02T08:00:00.000Z');
const when = momentOf(at, Zone.parse('Europe/Berlin'));
const agreed = { plan: null, rate: null, odometer_m: null, rest_s: null };
const master = { owner, plate: null, make: 'Renault', model: 'Twizy', year: 2021, odometer_m: 0 };

describe('what only one may have', () => {
  it('is a VIN: no two vehicles of the fleet share one', async () => {
    const { ledger } = testLedger();
    const { park } = await smallFleet(ledger);
    const twin = { ...master, park, vin: VIN, at: springMorning };
    expect(await registerVehicle(ledger)(requestOf(twin), twin)).toMatchObject({
      left: { code: 'ClaimHeld', holder: { kind: 'vin' } },
    });
  });

  it('is free again once its vehicle has retired', async () => {
    const { ledger } = testLedger();
    const { park, vehicle } = await smallFleet(ledger);
    rightOf(
      await onVehicle(ledger)(requestOf('sell'), { vehicle, id: vehicle, at }, (_, moment) => ({
        type: 'RetireVehicle',
        vehicle,
        reason: 'sold',
        when: moment,
      })),
    );
    const next = { ...master, park, vin: VIN, at };
    expect(rightOf(await registerVehicle(ledger)(requestOf(next), next)).id).not.toBe(vehicle);
  });

  it('is a driver: nobody drives two vehicles at once', async () => {
    const { ledger } = testLedger();
    const { park, vehicle, ann } = await smallFleet(ledger);
    const second = await fleetVehicle(ledger, park, OTHER_VIN);
    const first = { ...agreed, vehicle, driver: ann, at };
    const { id: rental } = rightOf(await startRental(ledger)(requestOf(1), first));
    const other = { ...agreed, vehicle: second, driver: ann, at };
    const refused = await startRental(ledger)(requestOf(2), other);
    expect(refused).toMatchObject({ left: { code: 'ClaimHeld' } });
    rightOf(
      await endRental(ledger)(requestOf(3), { rental, reason: 'returned', odometer_m: null, at }),
    );
    rightOf(await startRental(ledger)(requestOf(4), other));
  });

  it('is taken anew when a request comes again whose claim was given back', async () => {
    const { ledger } = testLedger();
    const { park, vehicle, ann } = await smallFleet(ledger);
    const second = await fleetVehicle(ledger, park, OTHER_VIN);
    const kind = 'vehicle_of_driver';
    const owner = vehicleStream(acme, vehicle);
    const wanted = { kind, value: ann, owner, subject: driverKey(ann), when } as const;
    const { origin } = requestOf(1);
    rightOf(await takeClaim(ledger)(origin, wanted));
    await releaseClaim(ledger)(origin, { ...wanted, operation: origin.command });
    const elsewhere = { ...agreed, vehicle: second, driver: ann, at };
    const { id: rental } = rightOf(await startRental(ledger)(requestOf(2), elsewhere));
    expect(await takeClaim(ledger)(origin, wanted)).toMatchObject({ left: { code: 'ClaimHeld' } });
    rightOf(
      await endRental(ledger)(requestOf(3), { rental, reason: 'returned', odometer_m: null, at }),
    );
    rightOf(await takeClaim(ledger)(origin, wanted));
  });

  it('is given back when the operation it was taken for is refused', async () => {
    const { ledger } = testLedger();
    const { park, vehicle, ann, bob } = await smallFleet(ledger);
    const second = await fleetVehicle(ledger, park, OTHER_VIN);
    rightOf(await startRental(ledger)(requestOf(1), { ...agreed, vehicle, driver: ann, at }));
    const taken = await startRental(ledger)(requestOf(2), { ...agreed, vehicle, driver: bob, at });
    expect(taken).toMatchObject({ left: { code: 'VehicleRented' } });
    rightOf(
      await startRental(ledger)(requestOf(3), { ...agreed, vehicle: second, driver: bob, at }),
    );
  });
});

describe('a claim that a crash left behind', () => {
  it('heals: the operation that never began is given up for good, and the claim passes on', async () => {
    const log = memoryLog();
    const { ledger, store } = testLedger(memoryEventStore(log));
    const { park, vehicle, ann } = await smallFleet(ledger);
    const second = await fleetVehicle(ledger, park, OTHER_VIN);
    const crashed = requestOf('crashed', 'crashed');
    // The process took the claim for a rental of the first vehicle, and died.
    rightOf(
      await takeClaim(ledger)(crashed.origin, {
        kind: 'vehicle_of_driver',
        value: ann,
        owner: vehicleStream(acme, vehicle),
        subject: driverKey(ann),
        when,
      }),
    );
    const other = { ...agreed, vehicle: second, driver: ann, at };
    rightOf(await startRental(ledger)(requestOf(2), other));
    // Should the dead come back, the operation is refused: it could only begin against the claim.
    const revived = await startRental(ledger)(crashed, { ...agreed, vehicle, driver: ann, at });
    expect(revived._tag).toBe('Left');
    const types = (await allEvents(store)).map(({ type }) => type);
    expect(types.filter((type) => type === 'VehicleClaimAbandoned')).toHaveLength(1);
    expect(types.filter((type) => type === 'RentalStarted')).toHaveLength(1);
  });

  it('heals where the owner does not even exist', async () => {
    const { ledger } = testLedger();
    const { park } = await smallFleet(ledger);
    const ghost = VehicleId.parse(uuid8(0x77));
    const crashed = requestOf('crashed', 'crashed');
    rightOf(
      await takeClaim(ledger)(crashed.origin, {
        kind: 'vin',
        value: OTHER_VIN,
        owner: vehicleStream(acme, ghost),
        subject: assetKey(ghost),
        when,
      }),
    );
    const asked = { ...master, park, vin: OTHER_VIN, at };
    rightOf(await registerVehicle(ledger)(requestOf(asked), asked));
  });

  it('heals after the fact too: a rental that ended without giving its claim back', async () => {
    const { ledger } = testLedger();
    const { park, vehicle, ann } = await smallFleet(ledger);
    const second = await fleetVehicle(ledger, park, OTHER_VIN);
    const first = { ...agreed, vehicle, driver: ann, at };
    const { id: rental } = rightOf(await startRental(ledger)(requestOf(1), first));
    rightOf(
      await onVehicle(ledger)(requestOf('end'), { vehicle, id: vehicle, at }, (_, moment) => ({
        type: 'EndRental',
        vehicle,
        rental,
        reason: 'returned',
        odometer_m: null,
        when: moment,
      })),
    );
    rightOf(
      await startRental(ledger)(requestOf(2), { ...agreed, vehicle: second, driver: ann, at }),
    );
  });

  it('goes to one of many who want it', async () => {
    const log = memoryLog();
    const { ledger, store } = testLedger(memoryEventStore(log));
    const { park, ann } = await smallFleet(ledger);
    const vehicles = await Promise.all(
      ['1', '2', '3', '4', '5', '6'].map((digit) =>
        fleetVehicle(ledger, park, `VF1ACVYB09999999${digit}`),
      ),
    );
    const outcomes = await Promise.all(
      vehicles.map((vehicle, index) => {
        const other = testLedger(memoryEventStore(log)).ledger;
        return startRental(other)(requestOf(index), { ...agreed, vehicle, driver: ann, at });
      }),
    );
    const won = outcomes.filter(({ _tag }) => _tag === 'Right').length;
    expect(won).toBeLessThanOrEqual(1);
    const started = (await allEvents(store)).filter(({ type }) => type === 'RentalStarted');
    expect(started).toHaveLength(won);
  });
});
