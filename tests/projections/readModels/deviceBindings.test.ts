import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingsOfDevice } from '#adapters/deviceBindings.ts';
import { DeviceFitted, DeviceFittingVoided, DeviceRemoved } from '#domain/devices/events.ts';
import { CommandId, DeviceIdent, FittingId, Tenant, type VehicleId } from '#domain/kernel/ids.ts';
import { epochMs, type Instant, type Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { vehicleAt } from '#ingest/bindings.ts';
import { cachedBindings } from '#ingest/cachedBindings.ts';
import { bindingsOf, deviceBindings } from '#projections/deviceBindings.ts';
import { type TestLedger, testLedger } from '#tests/projections/harness.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { logOf, rowOf, show } from '#tests/support/projectedEvents.ts';
import { acme, berlin, car, evening, morning, noon, uuid8, van } from '#tests/support/samples.ts';

const tracker = DeviceIdent.parse('000000000000017');
const camera = DeviceIdent.parse('CAM-4');
const operation = CommandId.parse(uuid8(0x900));

const about = (vehicle: VehicleId, n: number, ident = tracker) => ({
  fitting: FittingId.parse(`${vehicle}~${uuid8(0x800 + n)}`),
  vehicle,
  park: berlin,
  ident,
});
const inVan = about(van, 1);
const inCar = about(car, 2);
const fitted = (when: Moment, what = inVan) => fact(DeviceFitted, when, { ...what, operation });
const removed = (when: Moment, what = inVan) =>
  fact(DeviceRemoved, when, { ...what, reason: 'moved' });
const voided = (what = inVan) =>
  fact(DeviceFittingVoided, evening, { ...what, reason: 'wrong_device' });

describe('the device bindings read model', () => {
  it('follows a device in and out of a vehicle', () => {
    const key = inVan.fitting;
    expect(rowOf(deviceBindings, key, fitted(morning))).toEqual({
      fitting: key,
      ident: tracker,
      vehicle: van,
      status: 'fitted',
      fittedAt: morning.at,
      removedAt: null,
      removalReason: null,
      voidReason: null,
      updatedAt: '2026-03-02T20:01:00.000Z',
      position: '1',
    });
    expect(rowOf(deviceBindings, key, fitted(morning), removed(noon))).toMatchObject({
      status: 'removed',
      removedAt: noon.at,
      removalReason: 'moved',
    });
    expect(rowOf(deviceBindings, key, fitted(morning), removed(noon), voided())).toMatchObject({
      status: 'voided',
      removedAt: noon.at,
      voidReason: 'wrong_device',
    });
  });
});

describe('which vehicle a device was in', () => {
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await testLedger();
    const log = [
      fitted(noon, inCar),
      fitted(morning),
      removed(noon),
      fitted(morning, about(van, 3, camera)),
      voided(about(van, 3, camera)),
    ];
    await show(ledger.sql, [deviceBindings], logOf(log));
  });
  afterAll(() => ledger.close());

  it('is told oldest first, without what never was, and to nobody else', async () => {
    const ask = bindingsOf(ledger.sql);
    const rows = await ask({ tenant: acme, ident: tracker });
    expect(rows.map(({ vehicle, fittedAt }) => [vehicle, fittedAt])).toEqual([
      [van, morning.at],
      [car, noon.at],
    ]);
    expect(await ask({ tenant: acme, ident: camera })).toEqual([]);
    expect(await ask({ tenant: Tenant.parse('rival'), ident: tracker })).toEqual([]);
  });

  it('is known to the microsecond of the device’s clock', async () => {
    const bindings = cachedBindings({ bindingsOf: bindingsOfDevice(ledger.sql) });
    const at = async (instant: Instant, off_us: number) => {
      const device_time_us = epochMs(instant) * 1_000 + off_us;
      const device = { tenant: acme, ident: tracker };
      return vehicleAt(rightOf(await bindings.ofDevices([device])())(device), device_time_us);
    };
    expect(await at(morning.at, -1)).toBeNull();
    expect(await at(morning.at, 0)).toBe(van);
    expect(await at(noon.at, -1)).toBe(van);
    expect(await at(noon.at, 0)).toBe(car);
    expect(await at(evening.at, 0)).toBe(car);
  });

  it('cannot be told while the database is away', async () => {
    const away = await testLedger();
    await away.close();
    const asked = bindingsOfDevice(away.sql)({ tenant: acme, ident: tracker });
    expect(await asked()).toMatchObject({ left: { code: 'Unavailable' } });
  });
});
