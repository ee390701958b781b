import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TelemetryStore } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { vehiclesNow } from '#ingest/vehicleNow.ts';
import {
  type Device,
  HOUR_US,
  MINUTE_US,
  NOON_US,
  randomDevice,
  randomVehicle,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';

const RUNS = 40;

/** What is known of vehicles by now, whatever the order in which things come. */
export const telemetryNowContract = (store: () => TelemetryStore): void => {
  const append = async (...rows: TelemetryRow[]) =>
    rightOf(await store().append({ rows, quarantined: [] })());
  const nowOf = async ({ tenant, vehicle }: Device) =>
    rightOf(await store().now({ tenant, vehicles: [vehicle] })())[0];

  it('knows nothing of a vehicle that told nothing', async () => {
    expect(await nowOf(randomDevice())).toBeUndefined();
  });

  it('keeps the newest of position, speed and ignition, each with its time', async () => {
    const device = randomDevice();
    await append(
      device.row({ lat: 45, lon: 7, speed_kmh: 50, ignition: true, course_deg: 90 }),
      device.row({ device_time_us: NOON_US + SECOND_US, speed_kmh: 40 }),
    );
    await append(device.row({ device_time_us: NOON_US + 2 * SECOND_US, ignition: false }));
    expect(await nowOf(device)).toEqual({
      tenant: device.tenant,
      vehicle: device.vehicle,
      ident: device.ident,
      seen_at_us: NOON_US + 2 * SECOND_US,
      received_at_us: NOON_US + 2 * SECOND_US,
      fix_at_us: NOON_US,
      lat: 45,
      lon: 7,
      altitude_m: null,
      course_deg: 90,
      speed_at_us: NOON_US + SECOND_US,
      speed_kmh: 40,
      ignition_at_us: NOON_US + 2 * SECOND_US,
      ignition: false,
    });
  });

  it('lets nothing older or buffered take the place of what is newer', async () => {
    const device = randomDevice();
    await append(device.row({ lat: 45, lon: 7, speed_kmh: 50 }));
    const before = await nowOf(device);
    const late = { received_at_us: NOON_US + MINUTE_US, buffered: true, lat: 1, lon: 1 };
    await append(device.row({ ...late, device_time_us: NOON_US - HOUR_US, speed_kmh: 1 }));
    await append(device.row({ ...late, device_time_us: NOON_US, speed_kmh: 2 }));
    expect(await nowOf(device)).toEqual(before);
    const filled = device.row({ ...late, device_time_us: NOON_US - 1, ignition: true });
    await append(filled);
    expect(await nowOf(device)).toEqual({
      ...before,
      ignition_at_us: NOON_US - 1,
      ignition: true,
    });
  });

  it('does not freeze when a clock is an hour ahead', async () => {
    const device = randomDevice();
    const ahead = { device_time_us: NOON_US + HOUR_US, received_at_us: NOON_US };
    await append(device.row({ ...ahead, speed_kmh: 1, flags: ['clock_ahead'] }));
    expect(await nowOf(device)).toMatchObject({ seen_at_us: NOON_US, speed_kmh: 1 });
    await append(device.row({ device_time_us: NOON_US + SECOND_US, speed_kmh: 2 }));
    expect(await nowOf(device)).toMatchObject({ seen_at_us: NOON_US + SECOND_US, speed_kmh: 2 });
  });

  it('shows no position that is none', async () => {
    const device = randomDevice();
    await append(device.row({ lat: 45, lon: 7 }));
    const next = { device_time_us: NOON_US + SECOND_US, lat: 60, lon: 60 };
    await append(
      device.row({ ...next, valid: false }),
      device.row({ ...next, flags: ['position_jump'] }),
      device.row({ ...next, flags: ['fix_outdated'] }),
    );
    expect(await nowOf(device)).toMatchObject({
      lat: 45,
      lon: 7,
      fix_at_us: NOON_US,
      seen_at_us: NOON_US + SECOND_US,
    });
  });

  it('comes to the same in whatever order and groups rows come', async () => {
    const told = fc.uniqueArray(
      fc.record({
        after_s: fc.integer({ min: -50, max: 50 }),
        speed_kmh: fc.option(fc.integer({ min: 0, max: 99 })),
        ignition: fc.option(fc.boolean()),
        lat: fc.option(fc.integer({ min: 1, max: 80 })),
      }),
      { minLength: 1, maxLength: 8, selector: ({ after_s }) => after_s },
    );
    await fc.assert(
      fc.asyncProperty(told, fc.integer({ min: 1, max: 8 }), async (list, size) => {
        const device = randomDevice();
        const rows = list.map(({ after_s, lat, ...rest }) => {
          const device_time_us = NOON_US + after_s * SECOND_US;
          return device.row({ device_time_us, lat, lon: lat, ...rest });
        });
        for (let first = 0; first < rows.length; first += size) {
          await append(...rows.slice(first, first + size));
        }
        const sorted = rows.toSorted((one, two) => one.device_time_us - two.device_time_us);
        expect(await nowOf(device)).toEqual(vehiclesNow(sorted)[0]);
      }),
      { numRuns: RUNS },
    );
  });

  it('lists all vehicles of a tenant, and no others', async () => {
    const device = randomDevice();
    const second = randomVehicle();
    await append(device.row(), device.row({ vehicle: second, seq: 1 }), randomDevice().row());
    const all = rightOf(await store().now({ tenant: device.tenant, vehicles: null })());
    expect(all.map(({ vehicle }) => vehicle)).toEqual([device.vehicle, second].sort());
    const none = await store().now({ tenant: randomDevice().tenant, vehicles: [device.vehicle] })();
    expect(rightOf(none)).toEqual([]);
    expect(rightOf(await store().now({ ...device, vehicles: [] })())).toEqual([]);
  });

  it('tells which vehicles changed since a mark, however their transactions overlap', async () => {
    const [device, other] = [randomDevice(), randomDevice()];
    const of = async (since: bigint | null, tenant: Device['tenant'] | null = device.tenant) => {
      const found = await store().changedNow({ tenant, vehicles: null, since })();
      const ours = [device.vehicle, other.vehicle];
      const { mark, states } = rightOf(found);
      return { mark, states: states.filter(({ vehicle }) => ours.includes(vehicle)) };
    };
    expect((await of(null)).states).toEqual([]);
    const before = await of(null);
    const rows = Array.from({ length: 20 }, (_, n) =>
      device.row({ device_time_us: NOON_US + n * SECOND_US, speed_kmh: n }),
    );
    const writing = Promise.all([...rows, other.row()].map((row) => append(row)));
    const speeds: unknown[] = [];
    let { mark } = before;
    let written = false;
    void writing.then(() => {
      written = true;
    });
    for (let last = false; !last; ) {
      last = written;
      const found = await of(mark);
      mark = found.mark;
      speeds.push(...found.states.map(({ speed_kmh }) => speed_kmh));
    }
    await writing;
    expect(speeds.at(-1)).toBe(19);
    const all = await of(before.mark, null);
    expect(all.states.map(({ vehicle }) => vehicle).toSorted()).toEqual(
      [device.vehicle, other.vehicle].toSorted(),
    );
    const one = { tenant: null, vehicles: [other.vehicle], since: before.mark };
    expect(rightOf(await store().changedNow(one)())).toMatchObject({
      states: [{ vehicle: other.vehicle }],
    });
    const foreign = await of(9_000_000_000_000_000_000n);
    expect(foreign.states).toEqual((await of(null)).states);
    expect(foreign.states).toHaveLength(1);
  });

  it('tells nothing again once everybody is done', async () => {
    const device = randomDevice();
    await append(device.row());
    const asked = { tenant: device.tenant, vehicles: null };
    for (let tries = 0; ; tries += 1) {
      const { mark } = rightOf(await store().changedNow({ ...asked, since: null })());
      const { states } = rightOf(await store().changedNow({ ...asked, since: mark })());
      if (states.length === 0) break;
      // Others on the same server may be in the middle of something, for seconds even.
      expect(tries).toBeLessThan(500);
      await sleep(20);
    }
  }, 30_000);
};
