import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { takeIdent } from '#commands/deviceClaims.ts';
import { fitDevice, removeDevice, voidFitting } from '#commands/devices.ts';
import { openPark } from '#commands/parks.ts';
import type { EventStore } from '#commands/ports.ts';
import { onVehicle, registerVehicle } from '#commands/vehicles.ts';
import type { Request } from '#commands/workspace.ts';
import { DeviceIdent, Tenant, type VehicleId } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { vehicleStream } from '#domain/kernel/streams.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import {
  allEvents,
  fleetVehicle,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { acme, euro, evening, instant, morning, noon, owner } from '#tests/support/samples.ts';

const OTHER_VIN = 'VF1ACVYB087654321';
const tracker = DeviceIdent.parse('000000000000017');
const rival = Tenant.parse('rival');
const berlinTime = Zone.parse('Europe/Berlin');
const night = instant('2026-03-02T19:30:00.000Z');

/** The same request from another customer of the installation. */
const fromRival = (request: Request): Request => ({
  ...request,
  origin: { ...request.origin, tenant: rival },
});

const twoVehicles = async () => {
  const { ledger, store } = testLedger();
  const { park, vehicle: first } = await smallFleet(ledger);
  const second = await fleetVehicle(ledger, park, OTHER_VIN);
  return { ledger, store, first, second };
};

const since = (vehicle: VehicleId, at: string) =>
  ({ vehicle, ident: tracker, at: instant(at), removed: null }) as const;
const between = (vehicle: VehicleId, at: string, to: string) =>
  ({ ...since(vehicle, at), removed: { at: instant(to), reason: 'moved' } }) as const;

/** A vehicle of the other tenant on the same log. */
const rivalVehicle = async (store: EventStore): Promise<VehicleId> => {
  const { ledger } = testLedger(store);
  const at = springMorning;
  const premises = { code: 'R', name: 'Rival', currency: euro, zone: berlinTime, at };
  const { id: park } = rightOf(await openPark(ledger)(fromRival(requestOf(1)), premises));
  const described = { make: 'Renault', model: 'Twizy', year: 2021, odometer_m: 0, plate: null };
  const master = { park, owner, vin: OTHER_VIN, ...described, at };
  return rightOf(await registerVehicle(ledger)(fromRival(requestOf(2)), master)).id;
};

const typesIn = async (store: EventStore) => (await allEvents(store)).map(({ type }) => type);

describe('fitting a device', () => {
  it('claims its ident over all tenants, and takes it once', async () => {
    const { ledger, store, first, second } = await twoVehicles();
    const request = requestOf(1, 'fit');
    const { id } = rightOf(await fitDevice(ledger)(request, since(first, morning.at)));
    expect(rightOf(await fitDevice(ledger)(request, since(first, morning.at))).id).toBe(id);
    const claims = (await allEvents(store)).filter(({ data }) => data['kind'] === 'device_ident');
    expect(claims).toMatchObject([
      { type: 'ClaimTaken', tenant: 'platform', data: { owner: vehicleStream(acme, first) } },
    ]);
    expect(claims[0]?.stream).toMatch(/^claim-platform\.[0-9a-f]{64}$/);
    expect(JSON.stringify(claims)).not.toContain(tracker);
    const elsewhere = await fitDevice(ledger)(requestOf(2), since(second, noon.at));
    expect(elsewhere).toMatchObject({ left: { code: 'ClaimHeld' } });
  });

  it('is refused to another tenant while the device is not theirs', async () => {
    const { ledger, store, first } = await twoVehicles();
    rightOf(await fitDevice(ledger)(requestOf(1), since(first, morning.at)));
    const theirs = await rivalVehicle(store);
    const asked = since(theirs, noon.at);
    const refused = await fitDevice(ledger)(fromRival(requestOf(2)), asked);
    expect(refused).toMatchObject({ left: { code: 'ClaimHeld' } });
  });

  it('is free again from the moment on at which it was removed', async () => {
    const { ledger, first, second } = await twoVehicles();
    const { id } = rightOf(await fitDevice(ledger)(requestOf(1), since(first, morning.at)));
    const removal = { vehicle: first, fitting: id, reason: 'moved', at: noon.at } as const;
    rightOf(await removeDevice(ledger)(requestOf(2), removal));
    const early = await fitDevice(ledger)(requestOf(3), since(second, '2026-03-02T11:59:59.999Z'));
    expect(early).toMatchObject({ left: { code: 'ClaimHeld' } });
    rightOf(await fitDevice(ledger)(requestOf(4), since(second, noon.at)));
  });

  it('tells of the past in whatever order, and never gives one moment to two vehicles', async () => {
    const { ledger, first, second } = await twoVehicles();
    rightOf(await fitDevice(ledger)(requestOf(1), since(second, evening.at)));
    rightOf(await fitDevice(ledger)(requestOf(2), between(first, morning.at, noon.at)));
    const between2 = between(second, '2026-03-02T11:00:00.000Z', '2026-03-02T13:00:00.000Z');
    expect(await fitDevice(ledger)(requestOf(3), between2)).toMatchObject({
      left: { code: 'ClaimHeld' },
    });
    rightOf(await fitDevice(ledger)(requestOf(4), between(second, noon.at, evening.at)));
  });

  it('that never was leaves the whole of its time to others', async () => {
    const { ledger, first, second } = await twoVehicles();
    const { id } = rightOf(await fitDevice(ledger)(requestOf(1), since(first, morning.at)));
    const strike = { vehicle: first, fitting: id, reason: 'recorded_in_error', at: night } as const;
    rightOf(await voidFitting(ledger)(requestOf(2), strike));
    rightOf(await fitDevice(ledger)(requestOf(3), since(second, morning.at)));
  });

  it('that the vehicle refuses leaves no claim behind', async () => {
    const { ledger, store, first, second } = await twoVehicles();
    const early = since(first, '2026-01-01T00:00:00.000Z');
    expect(await fitDevice(ledger)(requestOf(1), early)).toMatchObject({
      left: { code: 'FactBeforeRegistration' },
    });
    expect((await typesIn(store)).filter((type) => type === 'ClaimTaken')).toHaveLength(2);
    rightOf(await fitDevice(ledger)(requestOf(2), since(second, morning.at)));
  });

  it('is nobody’s business outside the parks of the caller', async () => {
    const { ledger, first } = await twoVehicles();
    const request = requestOf(1, 'abroad', []);
    expect(await fitDevice(ledger)(request, since(first, morning.at))).toMatchObject({
      left: { code: 'VehicleUnknown' },
    });
  });
});

describe('a claim on an ident that a crash left behind', () => {
  const crash = async (vehicle: VehicleId, tenant: Tenant, store: EventStore) => {
    const { ledger } = testLedger(store);
    const request = requestOf('crashed', 'crashed');
    const origin = { ...request.origin, tenant };
    const held = vehicleStream(tenant, vehicle);
    const wanted = { ident: tracker, owner: held, subject: assetKey(vehicle), until: null };
    rightOf(await takeIdent(ledger)(origin, { ...wanted, when: morning }));
    return { ...request, origin };
  };

  it('heals: the fitting that never began is given up for good', async () => {
    const { ledger, store, first, second } = await twoVehicles();
    const crashed = await crash(first, acme, store);
    rightOf(await fitDevice(ledger)(requestOf(2), since(second, noon.at)));
    expect(await fitDevice(ledger)(crashed, since(first, morning.at))).toMatchObject({
      left: { code: 'OperationAbandoned' },
    });
    const types = await typesIn(store);
    expect(types.filter((type) => type === 'DeviceFitted')).toHaveLength(1);
  });

  it('heals over tenants, by the hand of the installation', async () => {
    const { store, first } = await twoVehicles();
    await crash(first, acme, store);
    const theirs = await rivalVehicle(store);
    const { ledger } = testLedger(store);
    const request = fromRival(requestOf(2));
    rightOf(await fitDevice(ledger)(request, since(theirs, noon.at)));
    const given = (await allEvents(store)).filter(({ type }) => type === 'VehicleClaimAbandoned');
    expect(given).toMatchObject([
      { tenant: acme, stream: vehicleStream(acme, first), actor: { role: 'platform' } },
    ]);
    const { correlationId, content, command } = request.origin;
    expect(JSON.stringify(given)).not.toMatch(
      new RegExp(`${correlationId}|${content}|${command}|rival`),
    );
  });

  it('heals after the fact: a device that was removed without giving its claim back', async () => {
    const { ledger, store, first, second } = await twoVehicles();
    const { id: fitting } = rightOf(
      await fitDevice(ledger)(requestOf(1), since(first, morning.at)),
    );
    const about = { vehicle: first, id: fitting, at: noon.at };
    rightOf(
      await onVehicle(ledger)(requestOf(2), about, (_, when) => ({
        type: 'RemoveDevice',
        vehicle: first,
        fitting,
        reason: 'lost',
        when,
      })),
    );
    const early = await fitDevice(ledger)(requestOf(3), since(second, morning.at));
    expect(early).toMatchObject({ left: { code: 'ClaimHeld' } });
    rightOf(await fitDevice(ledger)(requestOf(4), since(second, noon.at)));
    expect((await typesIn(store)).filter((type) => type === 'ClaimReleased')).toHaveLength(1);
  });

  it('goes to one of many who want it', async () => {
    const log = memoryLog();
    const { ledger, store } = testLedger(memoryEventStore(log));
    const { park } = await smallFleet(ledger);
    const vehicles = await Promise.all(
      ['1', '2', '3', '4', '5'].map((digit) =>
        fleetVehicle(ledger, park, `VF1ACVYB09999999${digit}`),
      ),
    );
    await Promise.all(
      vehicles.map((vehicle, index) => {
        const elsewhere = testLedger(memoryEventStore(log)).ledger;
        return fitDevice(elsewhere)(requestOf(index), since(vehicle, noon.at));
      }),
    );
    const fitted = (await typesIn(store)).filter((type) => type === 'DeviceFitted');
    expect(fitted.length).toBeLessThanOrEqual(1);
  });
});

describe('a request that comes again', () => {
  it('begins nothing on a claim that has been given back since', async () => {
    const { ledger, store, first, second } = await twoVehicles();
    const request = requestOf('twice', 'twice');
    const held = vehicleStream(acme, first);
    const wanted = { ident: tracker, owner: held, subject: assetKey(first), until: null };
    rightOf(await takeIdent(ledger)(request.origin, { ...wanted, when: morning }));
    const fitted = rightOf(await fitDevice(ledger)(requestOf(2), since(second, morning.at)));
    const strike = { vehicle: second, fitting: fitted.id, reason: 'wrong_device' } as const;
    rightOf(await voidFitting(ledger)(requestOf(3), { ...strike, at: night }));
    expect(await takeIdent(ledger)(request.origin, { ...wanted, when: morning })).toMatchObject({
      left: { code: 'OperationAbandoned' },
    });
    expect((await typesIn(store)).filter((type) => type === 'DeviceFitted')).toHaveLength(1);
  });

  it('gives back what the first try did not come to give back', async () => {
    const { ledger, store, first } = await twoVehicles();
    const { id: fitting } = rightOf(
      await fitDevice(ledger)(requestOf(1), since(first, morning.at)),
    );
    const removal = { vehicle: first, fitting, reason: 'broken', at: noon.at } as const;
    const request = requestOf('remove', 'remove');
    const about = { vehicle: first, id: fitting, at: noon.at };
    rightOf(
      await onVehicle(ledger)(request, about, (_known, when) => {
        return { type: 'RemoveDevice', vehicle: first, fitting, reason: 'broken', when };
      }),
    );
    rightOf(await removeDevice(ledger)(request, removal));
    expect((await typesIn(store)).at(-1)).toBe('ClaimReleased');
  });
});
