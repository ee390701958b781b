import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { DeviceIdent } from '#domain/kernel/ids.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { readDriveFile } from '#ingest/drives/driveFile.ts';
import { summariseDrive } from '#ingest/drives/summariseDrive.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { driveReadings, replayReadings } from '#ingest/simulator/driveReplay.ts';
import { httpUplink } from '#ingest/simulator/httpUplink.ts';
import { ipsUplink } from '#ingest/simulator/ipsUplink.ts';
import { mqttUplink } from '#ingest/simulator/mqttUplink.ts';
import type { DeviceLogin, Uplink } from '#ingest/simulator/uplink.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { portOf, startedFleet } from '#tests/support/startedFleet.ts';
import { rightOf } from '#tests/support/telemetrySamples.ts';

const TWIZY = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'twizy');
/** Half of a hundred-thousandth of a minute of arc. */
const ANGLE_ERROR_DEG = 1e-7;
const SPEED_ERROR_KMH = 0.000_51;
const REST_US = 600_000_000;
/** A drive begins and ends with up to a minute at rest, which is no part of a trip. */
const AT_REST_MAX_MS = 60_000;
const nobody = DeviceIdent.parse('nobody');

const haveTwizy = existsSync(TWIZY);
if (!haveTwizy)
  process.stderr.write('SKIPPED: the ten real drives are not at hand (../shared/data/twizy)\n');

/** The drives as they followed each other, each with what its import would tell the ledger. */
const drives = () =>
  readdirSync(TWIZY)
    .filter((name) => name.endsWith('.csv'))
    .flatMap((name) => {
      const bytes = readFileSync(join(TWIZY, name));
      const { rows } = rightOf(readDriveFile(bytes, Zone.parse('Africa/Casablanca')));
      const summary = summariseDrive(rows);
      return summary ? [{ readings: driveReadings(nobody, rows), summary }] : [];
    })
    .toSorted((one, other) => Date.parse(one.summary.at) - Date.parse(other.summary.at));

/** A tracker goes on speaking after the ignition is off: the last drive is over for certain. */
const atRest = (last: Reading | undefined): readonly Reading[] =>
  last
    ? [{ ...last, device_time_us: last.device_time_us + REST_US, speed_kmh: 0, limit_kmh: null }]
    : [];

type Told = Omit<Reading, 'flags'>;

/** What a row says of the drive, as far as no rounding is declared for it. */
const gistOf = ({ device_time_us, limit_kmh, buffered, ignition, rest }: Told) => ({
  ...{ device_time_us, limit_kmh, buffered, ignition, rest },
});

interface Rounding {
  readonly speed_kmh: number;
  readonly angle_deg: number;
}

/** Each reading is there, once, and nothing else is; speeds and places are as near as was declared. */
const expectStored = (
  rows: readonly TelemetryRow[],
  readings: readonly Reading[],
  error: Rounding,
): void => {
  expect(rows.map(gistOf)).toEqual(readings.map(gistOf));
  const far = rows.filter((row, index) => {
    const told = readings[index];
    const apart = (column: 'lat' | 'lon' | 'speed_kmh') =>
      Math.abs((row[column] ?? Number.NaN) - (told?.[column] ?? 0));
    const isNear =
      apart('speed_kmh') <= error.speed_kmh &&
      apart('lat') <= error.angle_deg &&
      apart('lon') <= error.angle_deg;
    return !isNear;
  });
  expect(far).toEqual([]);
};

const Trip = z.object({
  started_at: z.string(),
  ended_at: z.string(),
  evidence: z.string(),
  measure: z.object({
    distance_m: z.number(),
    max_speed_kmh: z.number(),
    over_limit_s: z.number(),
  }),
});
const Speeding = z.object({
  started_at: z.string(),
  ended_at: z.string(),
  max_speed_kmh: z.number(),
  limit_kmh: z.number(),
});

const byStart = (one: { started_at: string }, other: { started_at: string }): number =>
  Date.parse(one.started_at) - Date.parse(other.started_at);

type Driven = ReturnType<typeof drives>;

/** The ledger tells of the drives as if they had been imported. */
const expectConcluded = async (
  listOf: (path: string) => Promise<readonly unknown[]>,
  vehicle: string,
  driven: Driven,
): Promise<void> => {
  const trips = await vi.waitUntil(
    async () => {
      const found = await listOf(`trips?vehicle_id=${vehicle}`);
      return found.length >= driven.length ? z.array(Trip).parse(found) : null;
    },
    { timeout: 60_000, interval: 500 },
  );
  expect(trips).toHaveLength(driven.length);
  const sorted = trips.toSorted(byStart);
  for (const [index, { measure, started_at, ended_at }] of sorted.entries()) {
    const summary = driven[index]?.summary;
    if (!summary) throw new Error('one trip too many');
    const { report } = summary;
    expect(Math.abs(measure.distance_m / report.distance_m - 1)).toBeLessThanOrEqual(0.01);
    expect(measure.max_speed_kmh).toBe(report.max_speed_kmh);
    expect(measure.over_limit_s).toBe(report.over_limit_s);
    expect(Date.parse(started_at) - Date.parse(summary.at)).toBeLessThanOrEqual(AT_REST_MAX_MS);
    expect(Date.parse(summary.endedAt) - Date.parse(ended_at)).toBeLessThanOrEqual(AT_REST_MAX_MS);
  }
  const violations = await vi.waitUntil(
    async () => {
      const found = await listOf(`incidents?vehicle_id=${vehicle}&kind=speeding`);
      const wanted = driven.flatMap(({ summary }) => summary.speedings);
      return found.length >= wanted.length
        ? { found: z.array(Speeding).parse(found), wanted }
        : null;
    },
    { timeout: 30_000, interval: 500 },
  );
  expect(violations.found.toSorted(byStart)).toEqual(
    violations.wanted.map(({ at, endedAt, max_speed_kmh, limit_kmh }) => ({
      ...{ started_at: at, ended_at: endedAt, max_speed_kmh, limit_kmh },
    })),
  );
};

describe.skipIf(!haveTwizy)('the ten real drives, replayed into the whole product', () => {
  it('give the same rows by MQTT, Wialon IPS and Traccar’s forwarder, once, also cut and begun again', async () => {
    const fleet = await startedFleet({
      ...{ MQTT_PORT: '0', IPS_PORT: '0', TELEMETRY_SAMPLING_MS: '0' },
    });
    onTestFinished(async () => {
      await fleet.first.terminate();
      await fleet.close();
    });
    const { first, fitted, rowsOf, listOf, configure } = fleet;
    await configure({ parking_min_s: 120 });
    const [mqtt, ips, forwarded] = [await fitted(1), await fitted(2), await fitted(3)];
    const driven = drives();
    const readings = driven.flatMap((drive) => drive.readings);
    const told = [...readings, ...atRest(readings.at(-1))];
    expect(told.length).toBeGreaterThan(10_000);
    const named = ({ ident }: DeviceLogin): readonly Reading[] =>
      told.map((reading) => ({ ...reading, ident }));
    const pace = { speed_up: null, readings_per_message: 1, waiting_max: 256 };
    const all = { acknowledged: told.length, postponed: 0, refused: 0, lost: 0 };

    const broker = `mqtt://127.0.0.1:${await portOf(first, 'mqtt')}`;
    const cutShort = async ({ login }: typeof mqtt): Promise<void> => {
      const uplink = await mqttUplink(broker, login);
      const tally = await replayReadings(named(login), {
        ...{ shape: 'flespi', uplink, ...pace },
        progress: (readings) => {
          if (readings >= told.length / 2) uplink.cut();
        },
      });
      await uplink.close();
      expect(tally.lost).toBeGreaterThan(0);
      expect(tally.acknowledged).toBeLessThan(told.length);
    };
    const whole = async (
      { login }: { readonly login: DeviceLogin },
      uplink: Uplink,
      how: { readonly shape: 'flespi' | 'ips' | 'traccar'; readonly readings_per_message: number },
    ): Promise<number> => {
      const tally = await replayReadings(named(login), { ...pace, ...how, uplink });
      await uplink.close();
      expect({ ...tally, acknowledged: 0 }).toEqual({ ...all, acknowledged: 0 });
      return tally.acknowledged;
    };
    const address = { host: '127.0.0.1', port: await portOf(first, 'ips_tcp') };
    const [, byIps, byHttp] = await Promise.all([
      cutShort(mqtt),
      whole(ips, await ipsUplink(address, ips.login), { shape: 'ips', readings_per_message: 1 }),
      whole(forwarded, httpUplink(first.address, forwarded.login), {
        ...{ shape: 'traccar', readings_per_message: 20 },
      }),
    ]);
    const again = await mqttUplink(broker, mqtt.login);
    const byMqtt = await whole(mqtt, again, { shape: 'flespi', readings_per_message: 1 });
    expect([byMqtt, byIps]).toEqual([told.length, told.length]);
    expect(byHttp).toBe(Math.ceil(told.length / 20));

    expectStored(await rowsOf(mqtt.vehicle), told, { speed_kmh: 0, angle_deg: 0 });
    const inKnots = { speed_kmh: SPEED_ERROR_KMH, angle_deg: 0 };
    expectStored(await rowsOf(forwarded.vehicle), told, inKnots);
    const inWhole = { speed_kmh: 0.5, angle_deg: ANGLE_ERROR_DEG };
    expectStored(await rowsOf(ips.vehicle), told, inWhole);

    for (const { vehicle } of [mqtt, forwarded]) await expectConcluded(listOf, vehicle, driven);
  }, 120_000);
});
