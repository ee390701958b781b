import { describe, expect, it } from 'vitest';
import { fitDevice } from '#commands/devices.ts';
import { installImmobilizer, removeImmobilizer } from '#commands/immobilization/requests.ts';
import { openPark } from '#commands/parks.ts';
import type { Request } from '#commands/workspace.ts';
import { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { starter } from '#tests/support/immobilizer.ts';
import {
  fleetVehicle,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { euro } from '#tests/support/samples.ts';

const inTenant = (name: string, request: Request): Request => ({
  ...request,
  origin: { ...request.origin, tenant: Tenant.parse(name) },
});

describe('what a relay calls a device', () => {
  it('is of one vehicle at a time, until its immobilizer is out', async () => {
    const { ledger } = testLedger();
    const { vehicle, park } = await smallFleet(ledger);
    const second = await fleetVehicle(ledger, park, 'VF1ACVYB012345679');
    const install = installImmobilizer(ledger);
    const first = rightOf(await install(requestOf('a'), { vehicle, ...starter }));
    const other = { vehicle: second, ...starter };
    expect(await install(requestOf('b'), other)).toMatchObject({ left: { code: 'ClaimHeld' } });
    expect(await install(requestOf('c'), { ...other, unit: 'unit-2' })).toMatchObject({
      _tag: 'Right',
    });
    const anew = { vehicle, ...starter, certificate: 'C-2' };
    const renewed = rightOf(await install(requestOf('anew'), anew));
    expect(renewed.id).not.toBe(first.id);
    expect(await install(requestOf('b2'), other)).toMatchObject({ left: { code: 'ClaimHeld' } });
    const out = { vehicle, installation: renewed.id };
    rightOf(await removeImmobilizer(ledger)(requestOf('d'), out));
    expect(await install(requestOf('e'), other)).toMatchObject({ _tag: 'Right' });
  });

  it('cannot be taken by another tenant', async () => {
    const { ledger } = testLedger();
    const { vehicle } = await smallFleet(ledger);
    rightOf(await installImmobilizer(ledger)(requestOf('a'), { vehicle, ...starter }));
    const zone = Zone.parse('Europe/Berlin');
    const opened = { code: 'X', name: 'X', currency: euro, zone, at: springMorning };
    const theirs = (what: string) => inTenant('other', requestOf(what));
    const { id: park } = rightOf(await openPark(ledger)(theirs('park'), opened));
    expect(park).toBeTruthy();
    const asked = { vehicle, ...starter };
    expect(await installImmobilizer(ledger)(theirs('take'), asked)).toMatchObject({
      left: { code: 'VehicleUnknown' },
    });
  });

  it('by MQTT is of its own tenant, and of a device that is in the vehicle', async () => {
    const { ledger } = testLedger();
    const { vehicle } = await smallFleet(ledger);
    const asked = { vehicle, ...starter, method: 'mqtt_relay' } as const;
    const install = (unit: string) =>
      installImmobilizer(ledger)(requestOf(unit), { ...asked, unit });
    expect(await install('other/d1')).toMatchObject({ left: { code: 'ImmobilizerUnitOfAnother' } });
    expect(await install('acme/d1')).toMatchObject({
      left: { code: 'ImmobilizerDeviceNotFitted' },
    });
    const ident = DeviceIdent.parse('d1');
    const fitting = { vehicle, ident, at: springMorning, removed: null };
    rightOf(await fitDevice(ledger)(requestOf('fit'), fitting));
    const again = installImmobilizer(ledger)(requestOf('again'), { ...asked, unit: 'acme/d1' });
    expect(await again).toMatchObject({ _tag: 'Right' });
  });
});
