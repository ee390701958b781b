import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { Reading } from '#ingest/formats/reading.ts';
import type { RowPlace, TelemetryStore } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { anyReading } from '#tests/support/telemetryArbitrary.ts';
import {
  DAY_US,
  HOUR_US,
  NOON_US,
  randomDevice,
  randomIdent,
  rightOf,
  SECOND_US,
} from '#tests/support/telemetrySamples.ts';
import type { TelemetryHarness } from './telemetryHarness.ts';

const RUNS = 60;
const SIDE_BY_SIDE = 8;
const away = { _tag: 'Left', left: { code: 'Unavailable' } };

const byPlace = (one: TelemetryRow, other: TelemetryRow): number =>
  one.device_time_us - other.device_time_us ||
  (one.ident < other.ident ? -1 : Number(one.ident > other.ident)) ||
  Number(one.fingerprint - other.fingerprint);

const placeOf = ({ device_time_us, ident, fingerprint }: TelemetryRow): RowPlace => ({
  device_time_us,
  ident,
  fingerprint,
});

/** What a store keeps, and that it keeps it once. */
export const telemetryKeepingContract = (
  harness: () => TelemetryHarness,
  store: () => TelemetryStore,
): void => {
  const append = async (rows: readonly TelemetryRow[], to = store()) =>
    rightOf(await to.append({ rows, quarantined: [] })());
  afterEach(() => harness().up());

  it('gives back whatever a reading can say, to the microsecond', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyReading, { maxLength: 4 }), async (told) => {
        const device = randomDevice();
        const rows = told.map((each, index) => {
          const at_us = NOON_US + index * SECOND_US + 123_457;
          return device.row({ ...each, ident: device.ident, device_time_us: at_us });
        });
        expect(await append(rows)).toEqual({ repeated: [] });
        const found = rightOf(await store().rows(device.all)());
        expect(found).toEqual(rows);
        for (const { flags: _, ...row } of found) {
          const { tenant, vehicle, received_at_us, source, fingerprint, ...read } = row;
          Reading.parse({ ...read, flags: [] });
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('stores a row once, however often it comes, and says which came again', async () => {
    const device = randomDevice();
    const rows = [0, 1, 2, 3].map((n) => device.row({ device_time_us: NOON_US + n, seq: n }));
    expect(await append(rows.slice(0, 2))).toEqual({ repeated: [] });
    const mixed = [rows[2], rows[0], rows[3], rows[2], rows[1]].filter((row) => row !== undefined);
    const { repeated } = await append(mixed);
    expect([...repeated].sort()).toEqual([1, 3, 4]);
    expect((await append(mixed)).repeated).toHaveLength(5);
    expect(rightOf(await store().rows(device.all)())).toEqual(rows);
  });

  it('takes readings of one time for different ones where they count or say differently', async () => {
    const device = randomDevice();
    const rows = [
      device.row({ speed_kmh: 10 }),
      device.row({ speed_kmh: 11 }),
      device.row({ seq: 1 }),
      device.row({ seq: 2 }),
    ];
    expect(await append(rows)).toEqual({ repeated: [] });
    const other = randomDevice();
    expect(await append([other.row({ seq: 1 })])).toEqual({ repeated: [] });
    expect(rightOf(await store().rows(device.all)())).toEqual(rows.sort(byPlace));
  });

  it('stores a row once when many bring it side by side', async () => {
    const device = randomDevice();
    const rows = Array.from({ length: 50 }, (_, n) =>
      device.row({ device_time_us: NOON_US + n, seq: n }),
    );
    const outcomes = await Promise.all(
      Array.from({ length: SIDE_BY_SIDE }, (_, n) => append(n % 2 ? rows : rows.toReversed())),
    );
    const repeated = outcomes.reduce((sum, each) => sum + each.repeated.length, 0);
    expect(repeated).toBe(50 * (SIDE_BY_SIDE - 1));
    expect(rightOf(await store().rows(device.all)())).toEqual(rows);
  });

  it('keeps what is too old or too far ahead apart, once, and reads both', async () => {
    const device = randomDevice();
    const times = [0, 200 * DAY_US, NOON_US - 9 * DAY_US, NOON_US, NOON_US + 400 * DAY_US];
    const rows = times.map((device_time_us) =>
      device.row({ device_time_us, received_at_us: NOON_US }),
    );
    expect(await append(rows)).toEqual({ repeated: [] });
    expect((await append(rows)).repeated).toHaveLength(rows.length);
    expect(rightOf(await store().rows(device.all)())).toEqual(rows);
    const [newest] = rightOf(await store().lastRows({ ...device, limit: 1 })());
    expect(newest).toEqual(rows.at(-1));
  });

  it('stores a row once although the window has moved over it meanwhile', async () => {
    const device = randomDevice();
    let now_us = NOON_US;
    const moving = harness().open({ now_us: () => now_us });
    const ahead = device.row({ device_time_us: NOON_US + 2 * DAY_US, received_at_us: NOON_US });
    const oldest = device.row({ device_time_us: NOON_US - 7 * DAY_US, received_at_us: NOON_US });
    expect(await append([ahead, oldest], moving)).toEqual({ repeated: [] });
    now_us += 26 * HOUR_US;
    const fresh = device.row({ device_time_us: now_us });
    expect((await append([fresh, ahead, oldest], moving)).repeated.toSorted()).toEqual([1, 2]);
    await moving.close();
    expect(rightOf(await store().rows(device.all)())).toEqual([oldest, fresh, ahead]);
  });

  it('reads a stretch page by page, over several devices of a vehicle', async () => {
    const device = randomDevice();
    const second = randomIdent();
    const rows = Array.from({ length: 40 }, (_, n) =>
      device.row({
        ident: n % 3 === 0 ? second : device.ident,
        device_time_us: NOON_US + Math.floor(n / 4) * SECOND_US,
        seq: n,
      }),
    ).sort(byPlace);
    await append(rows);
    const stretch = { ...device.all, from_us: NOON_US + SECOND_US, to_us: NOON_US + 9 * SECOND_US };
    const found: TelemetryRow[] = [];
    let after: RowPlace | null = null;
    for (;;) {
      const page: readonly TelemetryRow[] = rightOf(
        await store().rows({ ...stretch, after, limit: 7 })(),
      );
      found.push(...page);
      const last = page.at(-1);
      if (!last) break;
      after = placeOf(last);
    }
    const within = ({ device_time_us: at_us }: TelemetryRow) =>
      at_us >= stretch.from_us && at_us < stretch.to_us;
    expect(found).toEqual(rows.filter(within));
    const last = rightOf(await store().lastRows({ ...device, limit: 5 })());
    expect(last).toEqual(rows.slice(-5).reverse());
  });

  it('reads what came lately of many at once, each its own, newest first and from its moment on', async () => {
    const fleet = Array.from({ length: 30 }, () => randomDevice());
    const rowsOf = (device: (typeof fleet)[number], n: number) =>
      Array.from({ length: 3 + (n % 3) }, (_, age) =>
        device.row({ device_time_us: NOON_US - age * SECOND_US, speed_kmh: n }),
      );
    const rows = fleet.map(rowsOf);
    await append(rows.flat());
    const found = await Promise.all(
      fleet.map((device, n) =>
        store().recentRows({ ...device, from_us: NOON_US - (n % 5) * SECOND_US })(),
      ),
    );
    expect(found.map(rightOf)).toEqual(rows.map((each, n) => each.slice(0, 1 + (n % 5))));
    const [one, other] = fleet;
    if (!one || !other) throw new Error('there are devices');
    const foreign = { ...one, tenant: other.tenant, from_us: 0 };
    expect(rightOf(await store().recentRows(foreign)())).toEqual([]);
  });

  it('reads lately the newest where there is too much, and what is stored when it is asked', async () => {
    const device = randomDevice();
    const asked = { ...device, from_us: 0 };
    const rows = Array.from({ length: 405 }, (_, n) =>
      device.row({ device_time_us: NOON_US + n * SECOND_US }),
    );
    await append(rows);
    expect(rightOf(await store().recentRows(asked)())).toEqual(rows.slice(-400).reverse());
    const before = Array.from({ length: 20 }, () => store().recentRows(asked)());
    const newer = device.row({ device_time_us: NOON_US + 500 * SECOND_US });
    await append([newer]);
    const [newest] = rightOf(await store().recentRows(asked)());
    expect(newest).toEqual(newer);
    await Promise.all(before);
  });

  it('does not take for lately what came before, whatever time it tells', async () => {
    const device = randomDevice();
    const ahead = device.row({
      device_time_us: NOON_US + 900 * SECOND_US,
      received_at_us: NOON_US - SECOND_US,
    });
    const late = device.row({ device_time_us: NOON_US - SECOND_US, received_at_us: NOON_US });
    const now = device.row({ device_time_us: NOON_US, received_at_us: NOON_US });
    await append([ahead, late, now]);
    expect(rightOf(await store().recentRows({ ...device, from_us: NOON_US })())).toEqual([now]);
  });

  it('keeps vehicles and tenants apart', async () => {
    const [one, other] = [randomDevice(), randomDevice()];
    await append([one.row(), other.row()]);
    expect(rightOf(await store().rows({ ...one.all, tenant: other.tenant })())).toEqual([]);
    expect(rightOf(await store().lastRows({ ...one, tenant: other.tenant, limit: 9 })())).toEqual(
      [],
    );
    const moved = one.row({ vehicle: other.vehicle, device_time_us: NOON_US + 1 });
    await append([{ ...moved, tenant: other.tenant }]);
    expect(rightOf(await store().rows(one.all)())).toHaveLength(1);
    expect(rightOf(await store().rows(other.all)())).toHaveLength(2);
  });

  it('takes idents and tags for what they are, not for what they look like', async () => {
    const device = randomDevice();
    const rows = ['NULL', 'null', '{}', 'a"b\\c,(d)\n', ' '].map((driver_tag, n) =>
      device.row({ driver_tag, device_time_us: NOON_US + n, dtcs: ['NULL', 'P0301'] }),
    );
    const named = randomDevice();
    const ident = DeviceIdent.parse('NULL');
    await append([...rows, named.row({ ident, seq: Math.floor(Math.random() * 1e15) })]);
    expect(rightOf(await store().rows(device.all)())).toEqual(rows);
    expect(rightOf(await store().rows(named.all)())).toMatchObject([{ ident }]);
  });

  it('stores all of a batch or nothing', async () => {
    const device = randomDevice();
    const bad = device.row({ device_time_us: NOON_US + 1, satellites: 1e9 });
    await expect(append([device.row(), bad])).rejects.toThrow();
    expect(rightOf(await store().rows(device.all)())).toEqual([]);
    expect(rightOf(await store().now({ ...device, vehicles: null })())).toEqual([]);
  });

  it('says that it does not know when the answer is lost; sent again, it is stored once', async () => {
    const opened = harness().open();
    const device = randomDevice();
    const rows = [device.row(), device.row({ device_time_us: NOON_US + 1 })];
    await append([device.row({ device_time_us: NOON_US - 1 })], opened);
    harness().swallowAnswers();
    const lost = await opened.append({ rows, quarantined: [] })();
    expect(lost).toMatchObject({ _tag: 'Left', left: { code: 'Unknown' } });
    await harness().up();
    expect((await append(rows, opened)).repeated).toHaveLength(2);
    expect(rightOf(await opened.rows(device.all)())).toHaveLength(3);
    await opened.close();
  });

  it('says that it is away, and goes on when it is back', async () => {
    const opened = harness().open();
    const device = randomDevice();
    await append([device.row()], opened);
    await harness().down();
    const batch = { rows: [device.row({ seq: 1 })], quarantined: [] };
    expect(await opened.append(batch)()).toMatchObject({ _tag: 'Left' });
    expect(await opened.rows(device.all)()).toMatchObject(away);
    expect(await opened.now({ ...device, vehicles: null })()).toMatchObject(away);
    expect(await opened.rollUp()()).toMatchObject(away);
    expect(await opened.tidy()()).toMatchObject(away);
    await harness().up();
    expect(await append(batch.rows, opened)).toEqual({ repeated: [] });
    expect(rightOf(await opened.rows(device.all)())).toHaveLength(2);
    await opened.close();
  });
};
