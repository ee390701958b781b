import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { memoryFenceShapes } from '#adapters/memoryFenceShapes.ts';
import { JobId } from '#domain/kernel/ids.ts';
import { instantOf } from '#domain/kernel/instant.ts';
import type { Fence } from '#domain/parks/fence.ts';
import { sightingOf, sightingsOf } from '#ingest/sightings.ts';
import { RECENT_ROWS_MAX } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { digest, uuid8 } from '#tests/support/samples.ts';
import { NOON_US, randomDevice, rightOf, SECOND_US } from '#tests/support/telemetrySamples.ts';

const device = randomDevice();
const noon = instantOf(NOON_US / 1_000);
const here = { lat: 48.1, lon: 11.5 };
const bridge: Fence = { shape: 'circle', fence: 'bridge', centre: here, radius_m: 100 };
const tunnel: Fence = { ...bridge, fence: 'tunnel', centre: { lat: 50, lon: 8 } };
const placed = { ...here, valid: true };

const seen = (told: Partial<TelemetryRow>, zones: readonly (Fence | null)[] = []) =>
  sightingOf(device.row(told), zones);

describe('a row as a sighting', () => {
  it('tells its times, its speed, its ignition and its outputs, as far as they were told', () => {
    const times = { device_time_us: NOON_US + 1_999, received_at_us: NOON_US + SECOND_US + 2_001 };
    const told = { speed_kmh: 1.5, ignition: false, dout: 5 };
    expect(seen({ ...placed, ...times, ...told })).toEqual({
      at: '2026-03-02T08:00:00.001Z',
      receivedAt: '2026-03-02T08:00:01.002Z',
      buffered: false,
      valid: true,
      moved: null,
      zone: null,
      ...told,
    });
    expect(seen({})).toEqual({
      at: noon,
      receivedAt: noon,
      buffered: false,
      valid: false,
      speed_kmh: null,
      ignition: null,
      moved: null,
      dout: null,
      zone: null,
    });
  });

  it('has a fix where the device vouches for it, or has the satellites for one', () => {
    const cases = [
      [{ ...here, valid: true }, true],
      [{ ...here, valid: false, satellites: 12 }, false],
      [{ ...here, valid: true, satellites: 0 }, true],
      [{ ...here, satellites: 4 }, true],
      [{ ...here, satellites: 3 }, false],
      [here, false],
      [{ valid: true, satellites: 12 }, false],
    ] as const;
    for (const [told, valid] of cases) expect([told, seen(told).valid]).toEqual([told, valid]);
  });

  it('has none where something is wrong with its place', () => {
    const untrue = ['fix_outdated', 'fix_mocked', 'position_jump', 'zero_fix'] as const;
    for (const flag of untrue) {
      expect([flag, seen({ ...placed, flags: [flag] }).valid]).toEqual([flag, false]);
    }
    expect(seen({ ...placed, flags: ['text_withheld', 'arrived_late'] }).valid).toBe(true);
  });

  it('counts as kept back where its time is not certain', () => {
    expect(seen({ buffered: true }).buffered).toBe(true);
    for (const flag of ['time_assumed', 'arrived_late', 'clock_unset'] as const) {
      expect([flag, seen({ flags: [flag] }).buffered]).toEqual([flag, true]);
    }
    expect(seen({ flags: ['fix_mocked', 'text_withheld'] }).buffered).toBe(false);
  });

  it('says whether the vehicle was felt to move, by either name; one yes is enough', () => {
    const cases = [
      [{ motion: true }, true],
      [{ motion: false }, false],
      [{ 'movement.status': true }, true],
      [{ 'movement.status': false }, false],
      [{ motion: false, 'movement.status': true }, true],
      [{ motion: 'no' }, null],
      [{ motion: 0 }, null],
      [{ moved: true }, null],
      [{}, null],
    ] as const;
    for (const [rest, moved] of cases) expect([rest, seen({ rest }).moved]).toEqual([rest, moved]);
  });

  it('is in a no-stop zone, in none, or nobody knows', () => {
    const inside = { ...here, lat: here.lat + 0.0005 };
    const outside = { ...here, lat: here.lat + 0.002 };
    expect(seen(inside, [tunnel, bridge]).zone).toBe('bridge');
    expect(seen(outside, [tunnel, bridge]).zone).toBeNull();
    expect(seen(inside, []).zone).toBeNull();
    expect(seen({}, [bridge]).zone).toBe('unknown');
    expect(seen({ lat: here.lat }, [bridge]).zone).toBe('unknown');
    expect(seen(outside, [bridge, null]).zone).toBe('unknown');
    expect(seen(inside, [null, bridge]).zone).toBe('bridge');
  });
});

/** What is asked about the vehicle; `rows` are all there are, and come as a store gives them. */
const looking = async (
  rows: readonly TelemetryRow[],
  noStop: readonly Fence[] = [],
  gone: readonly { fence: string; digest: ReturnType<typeof digest> }[] = [],
) => {
  const shapes = memoryFenceShapes();
  const digests = rightOf(await shapes.keep(device.tenant, noStop)());
  const zones = noStop.map(({ fence }, index) => ({ fence, digest: digests[index] ?? digest(0) }));
  const sightings = sightingsOf({
    shapes,
    store: {
      recentRows:
        ({ tenant, vehicle, from_us }) =>
        async () =>
          right(
            rows
              .filter((row) => row.tenant === tenant && row.vehicle === vehicle)
              .filter((row) => row.device_time_us >= from_us && row.received_at_us >= from_us)
              .toSorted((one, other) => other.device_time_us - one.device_time_us)
              .slice(0, RECENT_ROWS_MAX),
          ),
    },
  });
  return rightOf(
    await sightings.since({
      tenant: device.tenant,
      job: JobId.parse(`${device.vehicle}~${uuid8(1)}`),
      from: noon,
      noStop: [...zones, ...gone],
    })(),
  );
};

/** A row of so many seconds after noon, received so many seconds after noon. */
const rowAt = (device_s: number, received_s = device_s): TelemetryRow =>
  device.row({
    ...placed,
    device_time_us: NOON_US + device_s * SECOND_US,
    received_at_us: NOON_US + received_s * SECOND_US,
    speed_kmh: Math.abs(device_s) % 200,
  });

const speeds = (found: Awaited<ReturnType<typeof looking>>) =>
  found.map(({ speed_kmh }) => speed_kmh);

describe('what was seen of a vehicle lately', () => {
  it('comes oldest first, from the stretch on', async () => {
    const rows = [rowAt(20), rowAt(-1), rowAt(-2, 5), rowAt(0), rowAt(10)];
    expect(speeds(await looking(rows))).toEqual([0, 10, 20]);
    expect(await looking([])).toEqual([]);
  });

  it('is of this vehicle', async () => {
    const other = randomDevice();
    const strange = { device_time_us: NOON_US + SECOND_US, tenant: device.tenant };
    expect(await looking([other.row(strange)])).toEqual([]);
  });

  it('leaves out what came before the stretch, whatever time it tells', async () => {
    const ahead = [rowAt(30, -3_600), rowAt(86_400, -1), rowAt(5, -1)];
    expect(speeds(await looking([...ahead, rowAt(7)]))).toEqual([7]);
  });

  it('shows what is ahead of our clock and came just now', async () => {
    expect(speeds(await looking([rowAt(7), rowAt(90, 8)]))).toEqual([7, 90]);
  });

  it('is not hidden by all that a clock which was once ahead told', async () => {
    const ahead = Array.from({ length: 1_000 }, (_, n) => rowAt(86_400 + n, -7_200 + n));
    expect(speeds(await looking([...ahead, rowAt(7), rowAt(17)]))).toEqual([7, 17]);
  });

  it('is the newest part of the stretch where the device speaks all the time', async () => {
    const often = Array.from({ length: 1_230 }, (_, n) => rowAt(n % 200));
    expect(await looking(often)).toHaveLength(RECENT_ROWS_MAX);
  });

  it('knows its zones by their digests, and that one is gone', async () => {
    const [found] = await looking([rowAt(1)], [tunnel, bridge]);
    expect(found?.zone).toBe('bridge');
    const [elsewhere] = await looking([rowAt(1)], [tunnel]);
    expect(elsewhere?.zone).toBeNull();
    const [unsure] = await looking([rowAt(1)], [tunnel], [{ fence: 'ferry', digest: digest(9) }]);
    expect(unsure?.zone).toBe('unknown');
  });

  it('is not told where a store is away', async () => {
    const away = () => async () => left({ code: 'Unavailable', detail: 'test' } as const);
    const asked = {
      tenant: device.tenant,
      job: JobId.parse(`${device.vehicle}~${uuid8(1)}`),
      from: noon,
      noStop: [{ fence: 'bridge', digest: digest(1) }],
    };
    const shapes = memoryFenceShapes();
    const rowsAway = sightingsOf({ store: { recentRows: away }, shapes });
    const shapesAway = sightingsOf({
      store: { recentRows: () => async () => right([rowAt(1)]) },
      shapes: { read: away },
    });
    expect(isLeft(await rowsAway.since(asked)())).toBe(true);
    expect(isLeft(await shapesAway.since(asked)())).toBe(true);
  });
});
