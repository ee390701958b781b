import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foldRows } from '#ingest/detection/foldRows.ts';
import type { WatchKey } from '#ingest/detection/watch.ts';
import { unwatched } from '#ingest/detection/watch.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import {
  DAY_US,
  type Device,
  HOUR_US,
  MINUTE_US,
  NOON_US,
  randomDevice,
  randomVehicle,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';
import { detectionHarness, plain, settingsWith } from './support.ts';

type Harness = Awaited<ReturnType<typeof detectionHarness>>;
const RUNS = 25;
const METRES_PER_DEGREE = 111_195;

let running: Harness | undefined;
const harness = (): Harness => {
  if (!running) throw new Error('the harness has not been started');
  return running;
};
beforeAll(async () => {
  running = await detectionHarness();
});
afterAll(() => running?.close());

const keyOf = ({ tenant, vehicle, ident }: Device): WatchKey => ({ tenant, vehicle, ident });

const kept = async (device: Device) =>
  rightOf(await harness().memory.concluded(keyOf(device), { after_us: null, ids: [] })());

const conclusionsOf = async (device: Device) =>
  plain((await kept(device)).map(({ conclusion }) => conclusion));

const append = async (rows: readonly TelemetryRow[]) =>
  rightOf(await harness().store.append({ rows, quarantined: [] })());

/**
 * Readings every five seconds from a moment on, one for each speed in km/h, that lead to the north; `null` is
 * a reading that did not come.
 */
const drive = (device: Device, from_us: number, speeds: readonly (number | null)[]) => {
  let lat = 48;
  return speeds.flatMap((speed_kmh, index) => {
    if (speed_kmh === null) return [];
    lat += ((speed_kmh / 3.6) * 5) / METRES_PER_DEGREE;
    const device_time_us = from_us + index * 5 * SECOND_US;
    return [device.row({ device_time_us, lat, lon: 11, speed_kmh, limit_kmh: 50 })];
  });
};

const times = (count: number, speed: number | null): readonly (number | null)[] =>
  Array.from({ length: count }, () => speed);

/** What all rows say, in their order, and silence after them. */
const asOneFold = (rows: readonly TelemetryRow[], silent_to_us: number) => {
  const sorted = rows.toSorted((one, other) => one.device_time_us - other.device_time_us);
  const begin = { base: unwatched, segment: { from: unwatched, kept_until_us: null } };
  const fold = foldRows(begin, [{ from_us: 0, settings: settingsWith(300) }], 7 * DAY_US);
  for (const row of sorted) fold.settle(row);
  fold.foresee([], silent_to_us);
  return plain(fold.end().words.map(({ conclusion }) => conclusion));
};

describe('detection on stored rows', () => {
  it('concludes a trip while it goes on, when it is over, and that the vehicle is parked', async () => {
    const device = randomDevice();
    const rows = drive(device, NOON_US, [...times(3, 0), ...times(90, 40), ...times(20, 0)]);
    const halfway = rows.slice(0, 80);
    await append(halfway);
    harness().at(NOON_US + 8 * MINUTE_US);
    await harness().lookAround();
    expect((await conclusionsOf(device)).map(({ kind, to_us }) => [kind, to_us])).toEqual([
      ['trip', null],
      ['unrented_movement', null],
    ]);
    await append(rows.slice(80));
    harness().at(NOON_US + 30 * MINUTE_US);
    await harness().lookAround();
    const stop_us = NOON_US + 93 * 5 * SECOND_US;
    expect((await conclusionsOf(device)).map(({ kind, to_us }) => [kind, to_us])).toEqual([
      ['parking', null],
      ['trip', stop_us],
      ['unrented_movement', stop_us - 5 * SECOND_US],
    ]);
  });

  it('takes back what silence seemed to say when what was silent comes late', async () => {
    const device = randomDevice();
    const rows = drive(device, NOON_US, times(1_000, 40));
    harness().at(NOON_US + 20 * MINUTE_US);
    await append(rows.slice(0, 100));
    await harness().lookAround();
    harness().at(NOON_US + 3 * HOUR_US);
    await harness().lookAround();
    const silent = await kept(device);
    expect(silent.map(({ conclusion }) => conclusion.kind).toSorted()).toEqual([
      'offline',
      'parking',
      'trip',
      'unrented_movement',
    ]);
    const trip = silent.find(({ conclusion }) => conclusion.kind === 'trip');
    expect(trip?.conclusion.to_us).not.toBeNull();
    const late = rows.slice(100).map((row) => ({ ...row, received_at_us: harness().now_us() }));
    await append(late);
    harness().at(NOON_US + 3 * HOUR_US + MINUTE_US);
    await harness().lookAround();
    const after = await kept(device);
    expect(after.map(({ conclusion }) => conclusion.kind).toSorted()).toEqual([
      'trip',
      'unrented_movement',
    ]);
    expect(after.find(({ conclusion }) => conclusion.kind === 'trip')).toMatchObject({
      id: trip?.id,
      conclusion: { to_us: null },
    });
  });

  it('comes to the same in whatever order rows come, however often it looks, once or twice', async () => {
    const pace = fc.constantFrom(0, 0, 30, 45, 70, null);
    const stretch = fc.tuple(fc.integer({ min: 1, max: 90 }), pace);
    const plan = fc.record({
      stretches: fc.array(stretch, { minLength: 3, maxLength: 14 }),
      cuts: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
      seed: fc.integer(),
      disorder: fc.constantFrom(0, 3, 400),
    });
    let met = 0;
    await fc.assert(
      fc.asyncProperty(plan, async ({ stretches, cuts, seed, disorder }) => {
        const device = randomDevice();
        const begin_us = NOON_US - 5 * HOUR_US;
        const speeds = stretches.flatMap(([count, speed]) => times(count, speed));
        const told = drive(device, begin_us, speeds);
        if (told.length === 0) return;
        const ranks = new Map(
          told.map((row, index) => [row, index + Math.abs((seed * (index + 7)) % (disorder + 1))]),
        );
        const order = told.toSorted(
          (one, other) => (ranks.get(one) ?? 0) - (ranks.get(other) ?? 0),
        );
        const ends = [...cuts.map((cut) => cut % order.length), order.length].toSorted(
          (one, other) => one - other,
        );
        let from = 0;
        let moment_us = NOON_US;
        const came: TelemetryRow[] = [];
        for (const end of ends) {
          const batch = order
            .slice(from, end)
            .map((row) => ({ ...row, received_at_us: moment_us }));
          from = end;
          harness().at(moment_us + 2 * SECOND_US);
          await append(batch);
          await append(batch);
          came.push(...batch);
          await harness().lookAround();
          moment_us += MINUTE_US;
        }
        harness().at(moment_us + HOUR_US);
        await harness().lookAround();
        const last = came
          .toSorted((one, other) => one.device_time_us - other.device_time_us)
          .at(-1);
        const silent_to_us =
          (last?.device_time_us ?? 0) +
          harness().now_us() -
          (last?.received_at_us ?? 0) -
          MINUTE_US;
        const found = await conclusionsOf(device);
        met += found.length;
        expect(found).toEqual(asOneFold(came, silent_to_us));
      }),
      { numRuns: RUNS, seed: 20_260_101 },
    );
    expect(met).toBeGreaterThan(RUNS);
  });

  it('keeps the id of a conclusion whose opening reading turns out to be an earlier one', async () => {
    const device = randomDevice();
    const rows = drive(device, NOON_US, [...times(200, 40), ...times(80, 0)]);
    harness().at(NOON_US + HOUR_US);
    await append(rows.slice(50));
    await harness().lookAround();
    const tripOf = async () =>
      (await kept(device)).find(({ conclusion }) => conclusion.kind === 'trip');
    const before = await tripOf();
    expect(before?.conclusion.from_us).toBe(NOON_US + 250 * SECOND_US);
    await append(rows.slice(0, 50));
    await harness().lookAround();
    const after = await tripOf();
    expect(after?.conclusion.from_us).toBe(NOON_US);
    expect(after?.id).toBe(before?.id);
    await append(drive(device, NOON_US + 2 * HOUR_US, times(100, 0)));
    harness().at(NOON_US + 3 * HOUR_US);
    await harness().lookAround();
    expect((await kept(device)).filter(({ conclusion }) => conclusion.kind === 'trip')).toEqual([
      after,
    ]);
  });

  it('begins again before a night, when what was driven the day after comes out of order', async () => {
    const device = randomDevice();
    harness().at(NOON_US + 3 * DAY_US);
    const days = [0, 1, 2].map((day) =>
      drive(device, NOON_US + day * DAY_US, [...times(120, 40), ...times(80, 0)]),
    );
    for (const [one, other] of [
      [60, 61],
      [0, 1],
      [100, 200],
      [0, 200],
    ] as const) {
      for (const rows of days.toReversed()) {
        await append(rows.slice(one, other));
        await harness().lookAround();
      }
    }
    const came = days.flat();
    const silent_to_us =
      (came.at(-1)?.device_time_us ?? 0) + harness().now_us() - (came.at(-1)?.received_at_us ?? 0);
    expect(await conclusionsOf(device)).toEqual(asOneFold(came, silent_to_us - MINUTE_US));
  });

  it('passes over a reading from the future, which would end every trip before its time', async () => {
    const device = randomDevice();
    const rows = drive(device, NOON_US, times(200, 40));
    harness().at(NOON_US + 18 * MINUTE_US);
    const received_at_us = NOON_US + MINUTE_US;
    const ahead = device.row({ device_time_us: NOON_US + HOUR_US, received_at_us, speed_kmh: 0 });
    await append([...rows, ahead]);
    await harness().lookAround();
    const found = await kept(device);
    expect(found.find(({ conclusion }) => conclusion.kind === 'trip')).toMatchObject({
      conclusion: { to_us: null },
    });
    expect(found.map(({ conclusion }) => conclusion.kind)).not.toContain('parking');
  });

  it('moves what it concluded when it turns out that the device was in another vehicle', async () => {
    const device = randomDevice();
    harness().at(NOON_US + HOUR_US);
    await append(drive(device, NOON_US, [...times(200, 40), ...times(80, 0)]));
    await harness().lookAround();
    const before = await conclusionsOf(device);
    expect(before.map(({ kind }) => kind)).toContain('trip');
    const other = { ...device, vehicle: randomVehicle() };
    const { tenant, ident } = device;
    const bindings = [{ vehicle: other.vehicle, from_us: 0, to_us: null }];
    expect(rightOf(await harness().store.bind({ tenant, ident, bindings })())).toBe(280);
    await harness().lookAround();
    expect(await conclusionsOf(device)).toEqual([]);
    expect(await conclusionsOf(other)).toEqual(before);
  });

  it('says which late readings it ignored, once their time is gone, and concludes nothing', async () => {
    const device = randomDevice();
    harness().at(NOON_US + HOUR_US);
    await append(drive(device, NOON_US, [...times(200, 40), ...times(80, 0)]));
    expect(await harness().lookAround()).toEqual([]);
    const before = await conclusionsOf(device);
    harness().at(NOON_US + 8 * DAY_US);
    await harness().lookAround();
    const settled = await conclusionsOf(device);
    expect(settled.map(({ kind }) => kind)).toEqual(['offline', ...before.map(({ kind }) => kind)]);
    const received_at_us = harness().now_us();
    const late = drive(device, NOON_US + SECOND_US, times(3, 40)).map((row) => ({
      ...row,
      received_at_us,
    }));
    await append(late);
    const [first, , last] = late;
    expect(await harness().lookAround()).toEqual([
      {
        key: keyOf(device),
        from_us: first?.device_time_us,
        to_us: last?.device_time_us,
        readings: 3,
      },
    ]);
    expect(await conclusionsOf(device)).toEqual(settled);
    expect(await harness().lookAround()).toEqual([]);
  });
});
