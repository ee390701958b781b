import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { Unavailable } from '#commands/ports.ts';
import { DeviceIdent, Tenant } from '#domain/kernel/ids.ts';
import { vehicleAt } from '#ingest/bindings.ts';
import { cachedBindings } from '#ingest/cachedBindings.ts';
import type { Binding, Bindings, Device } from '#ingest/ports.ts';
import { acme, car, van } from '#tests/support/samples.ts';

const ident = DeviceIdent.parse('000000000000017');
const other = DeviceIdent.parse('000000000000018');
const device = { tenant: acme, ident };
const inVan: readonly Binding[] = [{ vehicle: van, from_us: 10, to_us: 20 }];
const inBoth: readonly Binding[] = [...inVan, { vehicle: car, from_us: 20, to_us: null }];

/** A source that says what it is told to say, counts how often it was asked, and a clock beside it. */
const source = (said: Either<Unavailable, readonly Binding[]> = right(inVan)) => {
  const held = { said, asked: 0, now_ms: 0 };
  const bindingsOf = (_: Device) => async () => {
    held.asked += 1;
    return held.said;
  };
  return { held, options: { bindingsOf, now_ms: () => held.now_ms, age_max_ms: 1_000 } };
};

/** Which vehicle a device was in, by bindings that are remembered. */
const asked =
  ({ ofDevices }: Pick<Bindings, 'ofDevices'>) =>
  async ({ device_time_us, ...which }: Device & { readonly device_time_us: number }) => {
    const known = await ofDevices([which])();
    return isLeft(known) ? known : right(vehicleAt(known.right(which), device_time_us));
  };

describe('remembered bindings', () => {
  it('cover their beginning and not their end', async () => {
    const { options } = source(right(inBoth));
    const vehicleOf = asked(cachedBindings(options));
    const at = (device_time_us: number) => vehicleOf({ ...device, device_time_us });
    expect(await Promise.all([9, 10, 19, 20, 1e15].map(at))).toEqual(
      [null, van, van, car, car].map((vehicle) => right(vehicle)),
    );
  });

  it('are asked for once at a time, and again when they have aged or are to be forgotten', async () => {
    const { held, options } = source();
    const cached = cachedBindings(options);
    const vehicleOf = asked(cached);
    const at = (device_time_us: number) => vehicleOf({ ...device, device_time_us });
    await Promise.all([at(1), at(11), at(12)]);
    held.now_ms = 999;
    expect(await at(30)).toEqual(right(null));
    expect(held.asked).toBe(1);
    held.said = right(inBoth);
    held.now_ms = 1_000;
    expect(await at(30)).toEqual(right(car));
    expect(held.asked).toBe(2);
    held.said = right([]);
    cached.forget(device);
    expect(await at(30)).toEqual(right(null));
    expect(held.asked).toBe(3);
  });

  it('are those of one tenant’s one device', async () => {
    const { held, options } = source();
    const vehicleOf = asked(cachedBindings(options));
    await vehicleOf({ ...device, device_time_us: 1 });
    await vehicleOf({ ...device, ident: other, device_time_us: 1 });
    await vehicleOf({ ...device, tenant: Tenant.parse('rival'), device_time_us: 1 });
    expect(held.asked).toBe(3);
  });

  it('do not remember that the source was away', async () => {
    const { held, options } = source(left({ code: 'Unavailable', detail: 'x' }));
    const vehicleOf = asked(cachedBindings(options));
    const at = () => vehicleOf({ ...device, device_time_us: 11 });
    expect(await at()).toMatchObject({ left: { code: 'Unavailable' } });
    held.said = right(inVan);
    expect(await at()).toEqual(right(van));
  });

  it('are of so many devices and no more', async () => {
    const { held, options } = source();
    const vehicleOf = asked(cachedBindings({ ...options, devices_max: 1 }));
    const of = (which: DeviceIdent) => vehicleOf({ tenant: acme, ident: which, device_time_us: 1 });
    for (const which of [ident, other, ident]) await of(which);
    expect(held.asked).toBe(3);
  });
});
