import { describe, expect, it } from 'vitest';
import { DeviceFitted, DeviceFittingVoided, DeviceRemoved } from '#domain/devices/events.ts';
import { DEVICES_MAX } from '#domain/devices/fitting.ts';
import { devicesAtOnce } from '#domain/devices/fittingState.ts';
import { replay } from '#domain/kernel/decider.ts';
import { CommandId, DeviceIdent, FittingId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { VehicleClaimAbandoned, VehicleMoved, VehicleRetired } from '#domain/registry/events.ts';
import { vehicleDecider } from '#domain/registry/vehicle.ts';
import { told } from '#tests/support/projectedEvents.ts';
import {
  berlin,
  euro,
  evening,
  izmir,
  moment,
  morning,
  noon,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { spec } from '#tests/support/spec.ts';

const { given } = spec(vehicleDecider);

const start = moment('2026-03-01T06:00:00.000Z');
const tracker = DeviceIdent.parse('000000000000017');
const camera = DeviceIdent.parse('CAM-4');
const fittingNo = (n: number) => FittingId.parse(`${van}~${uuid8(0x800 + n)}`);
const operationNo = (n: number) => CommandId.parse(uuid8(0x900 + n));

const registered = told.registered(start);
const about = { fitting: fittingNo(1), vehicle: van, park: berlin, ident: tracker };
const fitted = fact(DeviceFitted, morning, { ...about, operation: operationNo(1) });
const removed = fact(DeviceRemoved, noon, { ...about, reason: 'moved' });
const voided = fact(DeviceFittingVoided, evening, { ...about, reason: 'wrong_device' });

const fit = {
  type: 'FitDevice',
  vehicle: van,
  fitting: fittingNo(1),
  ident: tracker,
  operation: operationNo(1),
  when: morning,
} as const;
const second = { ...fit, fitting: fittingNo(2), operation: operationNo(2) } as const;
/** What the fact of the second fitting says otherwise than that of the first. */
const again = { ...fitted.data, fitting: second.fitting, operation: second.operation };
const remove = {
  type: 'RemoveDevice',
  vehicle: van,
  fitting: fittingNo(1),
  reason: 'moved',
  when: noon,
} as const;
const strike = {
  type: 'VoidFitting',
  vehicle: van,
  fitting: fittingNo(1),
  reason: 'wrong_device',
  when: evening,
} as const;

describe('a device', () => {
  it('is fitted once', () => {
    given(registered).when(fit).yields(fitted);
    given(registered, fitted).when(fit).yields();
    given(registered, fitted).when(second).refuses('DeviceAlreadyFitted');
    given(registered, fitted)
      .when({ ...second, ident: camera })
      .yields(fact(DeviceFitted, morning, { ...again, ident: camera }));
  });

  it('needs a vehicle that is there, and of that time', () => {
    given().when(fit).refuses('VehicleUnknown');
    given(registered)
      .when({ ...fit, when: moment('2026-02-01T00:00:00.000Z') })
      .refuses('FactBeforeRegistration');
  });

  it('is not fitted by an operation that was given up', () => {
    const data = { vehicle: van, operation: operationNo(1), reason: 'x' };
    given(registered, fact(VehicleClaimAbandoned, noon, data))
      .when(fit)
      .refuses('OperationAbandoned');
  });

  it('is removed once, and never before it was fitted', () => {
    given(registered, fitted).when(remove).yields(removed);
    given(registered, fitted, removed).when(remove).yields();
    given(registered, fitted, removed)
      .when({ ...remove, when: evening })
      .refuses('FittingAlreadyEnded');
    given(registered, fitted)
      .when({ ...remove, when: start })
      .refuses('EndBeforeStart');
    given(registered).when(remove).refuses('FittingUnknown');
    given(registered, fitted, voided).when(remove).refuses('FittingIsVoid');
  });

  it('comes back where it was, from the moment on at which it left', () => {
    given(registered, fitted, removed)
      .when({ ...second, when: noon })
      .yields(fact(DeviceFitted, noon, again));
  });

  it('can be struck out whenever it turns out that it never was', () => {
    given(registered, fitted).when(strike).yields(voided);
    given(registered, fitted, removed).when(strike).yields(voided);
    given(registered, fitted, voided).when(strike).yields();
    given(registered).when(strike).refuses('FittingUnknown');
    given(registered, fitted, voided)
      .when(second)
      .yields(fact(DeviceFitted, morning, again));
  });

  it('may have been in there before what is known, but not at the same time', () => {
    const record = { ...second, type: 'RecordFitting', reason: 'replaced' } as const;
    const earlier = { ...record, when: start, removed: morning } as const;
    const data = { ...about, fitting: fittingNo(2) };
    given(registered, fitted)
      .when(earlier)
      .yields(
        fact(DeviceFitted, start, { ...data, operation: operationNo(2) }),
        fact(DeviceRemoved, morning, { ...data, reason: 'replaced' }),
      );
    given(registered, fitted)
      .when({ ...earlier, removed: noon })
      .refuses('DeviceAlreadyFitted');
    given(registered)
      .when({ ...earlier, when: noon, removed: morning })
      .refuses('EndBeforeStart');
  });

  it('shares a vehicle with few others', () => {
    const others = Array.from({ length: DEVICES_MAX }, (_, n) =>
      fact(DeviceFitted, n % 2 === 0 ? morning : noon, {
        ...about,
        fitting: fittingNo(10 + n),
        ident: DeviceIdent.parse(`DEV-${n}`),
        operation: operationNo(10 + n),
      }),
    );
    given(registered, ...others.slice(1))
      .when(fit)
      .yields(fitted);
    given(registered, ...others)
      .when(fit)
      .refuses('DevicesExceeded');
    // Half of them came at noon: before that there is room.
    const record = { ...fit, type: 'RecordFitting', reason: 'moved', removed: noon } as const;
    given(registered, ...others)
      .when(record)
      .yields(fitted, removed);
    const { vehicle } = replay(vehicleDecider, [registered, ...others]);
    const during = (from: typeof noon, to: typeof noon) =>
      vehicle && devicesAtOnce(vehicle.fittings, { from: from.at, to: to.at });
    expect(during(morning, noon)).toBe(DEVICES_MAX / 2);
    expect(during(morning, evening)).toBe(DEVICES_MAX);
  });

  it('outlives the service of its vehicle: late facts are told, new ones are not', () => {
    const retired = fact(VehicleRetired, noon, { vehicle: van, park: berlin, reason: 'stolen' });
    given(registered, fitted, retired).when(remove).yields(removed);
    given(registered, fitted, retired).when(strike).yields(voided);
    given(registered, retired).when(fit).refuses('VehicleRetired');
    const record = { ...fit, type: 'RecordFitting', reason: 'moved', removed: noon } as const;
    given(registered, retired).when(record).yields(fitted, removed);
  });

  it('is told of where the vehicle is', () => {
    const data = { vehicle: van, from: berlin, to: izmir, currency: euro };
    given(registered, fitted, fact(VehicleMoved, morning, data))
      .when(remove)
      .yields(fact(DeviceRemoved, noon, { ...removed.data, park: izmir }));
  });
});
