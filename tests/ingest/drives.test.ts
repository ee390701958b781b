import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registerDriver } from '#commands/drivers.ts';
import { openPark } from '#commands/parks.ts';
import { registerVehicle } from '#commands/vehicles.ts';
import type { Workspace } from '#commands/workspace.ts';
import { Zone } from '#domain/kernel/instant.ts';
import { readDriveFile } from '#ingest/drives/driveFile.ts';
import { importDrive } from '#ingest/drives/importDrive.ts';
import { summariseDrive } from '#ingest/drives/summariseDrive.ts';
import {
  allEvents,
  fleetVehicle,
  requestOf,
  rightOf,
  smallFleet,
  testLedger,
} from '#tests/support/ledger.ts';
import { euro, instant, owner } from '#tests/support/samples.ts';

const berlin = Zone.parse('Europe/Berlin');
const rabat = Zone.parse('Africa/Casablanca');
const sample = readFileSync(join(import.meta.dirname, 'fixtures', 'sampleDrive.csv'));
const TWIZY = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'twizy');

const textOf = (lines: readonly string[]): Buffer => Buffer.from(lines.join('\n'));
const HEADER = 'Date,Time,Speed,LAT,LON,SpeedLimit';

describe('a drive file', () => {
  it('gives its good rows and sets the others aside, with line and reason', () => {
    const { rows, rejected } = rightOf(readDriveFile(sample, berlin));
    expect(rows).toHaveLength(60);
    expect(rejected).toEqual([
      { line: 32, reason: 'impossible LON' },
      { line: 33, reason: 'impossible Speed' },
      { line: 34, reason: 'time does not go on' },
    ]);
    expect(rows[0]).toMatchObject({ line: 2, at: '2026-03-02T07:00:00.000Z', limit_kmh: 50 });
  });

  it('is refused where it is none', () => {
    const refusal = (bytes: Buffer) => readDriveFile(bytes, berlin);
    expect(refusal(textOf(['a,b', '1,2']))).toMatchObject({ left: { code: 'ColumnsMissing' } });
    expect(refusal(textOf([HEADER]))).toMatchObject({ left: { code: 'NoRows' } });
    expect(refusal(textOf(['"']))).toMatchObject({ left: { code: 'NoCsv' } });
    expect(refusal(Buffer.from([0, 255, 1]))).toMatchObject({ left: {} });
  });

  it('judges a row at a time by bounds that no drive breaks', () => {
    const reasons = (row: string) => {
      const file = rightOf(
        readDriveFile(textOf([HEADER, '3/2/2026,08:00:00,30,45,7,50', row]), berlin),
      );
      return file.rejected.map(({ reason }) => reason);
    };
    expect(reasons('3/2/2026,08:00:01,30,45.0001,7,50')).toEqual([]);
    expect(reasons('3/2/2026,08:00:01,-1,45,7,50')).toEqual(['impossible Speed']);
    expect(reasons('3/2/2026,08:00:01,30,0,0,50')).toEqual(['no position']);
    expect(reasons('3/2/2026,08:00:01,30,46,7,50')).toEqual(['impossible jump']);
    expect(reasons('2/30/2026,08:00:01,30,45,7,50')).toEqual(['no such local time']);
    expect(reasons('garbage')).toHaveLength(1);
  });
});

describe('what a drive comes to', () => {
  it('is distance, duration, top speed, time above the limit and a violation per long stretch', () => {
    const { rows } = rightOf(readDriveFile(sample, berlin));
    const summary = summariseDrive(rows);
    // 59 steps of 0.0001 degrees of latitude: 59 × 11.1195 m.
    expect(summary?.report).toEqual({ distance_m: 656, max_speed_kmh: 72, over_limit_s: 22 });
    // Twelve seconds are a violation, ten are not.
    expect(summary?.speedings).toEqual([
      {
        at: '2026-03-02T07:00:10.000Z',
        endedAt: '2026-03-02T07:00:22.000Z',
        max_speed_kmh: 72,
        limit_kmh: 50,
      },
    ]);
  });

  it('does not know what lies in a gap: a row speaks for five seconds at most', () => {
    const row = (time: string, speed: number) => `3/2/2026,${time},${speed},45,7,50`;
    const lines = [HEADER, row('08:00:00', 60), row('08:01:00', 60), row('08:01:02', 40)];
    const { rows } = rightOf(readDriveFile(textOf(lines), berlin));
    expect(summariseDrive(rows)?.report.over_limit_s).toBe(7);
  });
});

describe('importing a drive', () => {
  it('writes a rental, a trip and its violation, once', async () => {
    const { ledger, store } = testLedger();
    const { vehicle, ann } = await smallFleet(ledger);
    const asked = { bytes: sample, vehicle, driver: ann, zone: berlin };
    const first = rightOf(await importDrive(ledger)(requestOf('import'), asked));
    expect(first.added).toBe(3);
    const types = (await allEvents(store)).slice(-3).map(({ type }) => type);
    expect(types).toEqual(['RentalRecorded', 'TripRecorded', 'IncidentRecorded']);
    const again = rightOf(await importDrive(ledger)(requestOf('again'), asked));
    expect([again.added, again.trip]).toEqual([0, first.trip]);
  });

  it('is refused for a vehicle that is not there', async () => {
    const { ledger } = testLedger();
    const { park, ann } = await smallFleet(ledger);
    const vehicle = await fleetVehicle(ledger, park, 'VF1ACVYB087654321');
    const { ledger: other } = testLedger();
    const asked = { bytes: sample, vehicle, driver: ann, zone: berlin };
    expect(await importDrive(other)(requestOf('import'), asked)).toMatchObject({
      left: { code: 'VehicleUnknown' },
    });
  });
});

const twizyOf = async (ledger: Workspace) => {
  const at = instant('2021-01-01T00:00:00.000Z');
  const park = { code: 'RBA', name: 'Rabat', currency: euro, zone: rabat, at };
  const { id } = rightOf(await openPark(ledger)(requestOf(park), park));
  const details = { identity: { name: 'A' }, contact: {} };
  const asked = { park: id, details, at };
  const { id: driver } = rightOf(await registerDriver(ledger)(requestOf('driver'), asked));
  const master = { park: id, owner, vin: 'VF1ACVYB012345678', plate: null, odometer_m: 0, at };
  const twizy = { ...master, make: 'Renault', model: 'Twizy', year: 2017 };
  const { id: vehicle } = rightOf(await registerVehicle(ledger)(requestOf(twizy), twizy));
  return { vehicle, driver };
};

/**
 * Counted from the files by another program: metres, top speed in km/h, seconds above the limit,
 * stretches of more than ten seconds above it.
 */
const EXPECTED: Readonly<Record<string, readonly [number, number, number, number]>> = {
  'T3_04_22_2021_1.csv': [14_613, 82, 105, 4],
  'T3_04_22_2021_2.csv': [16_248, 83, 179, 7],
  'T3_04_26_2021_1.csv': [14_626, 81, 52, 3],
  'T3_04_26_2021_2.csv': [16_280, 83, 149, 5],
  'T3_05_25_2021_04.csv': [30_321, 82, 168, 5],
  'T3_05_25_2021_1.csv': [14_704, 80, 64, 2],
  'T3_05_25_2021_2.csv': [16_384, 79, 86, 2],
  'T3_05_25_2021_3.csv': [14_595, 80, 48, 1],
  'T3_05_31_2021.csv': [16_291, 80, 46, 1],
  'T3_06_07_2021.csv': [20_515, 84, 155, 6],
};

const haveTwizy = existsSync(TWIZY);
if (!haveTwizy)
  process.stderr.write('SKIPPED: the ten real drives are not at hand (../shared/data/twizy)\n');

describe.skipIf(!haveTwizy)('the ten real drives of the RSK Twizy data set', () => {
  it('are ten trips with the violations that are in them, however often they are imported', async () => {
    const { ledger, store } = testLedger();
    const { vehicle, driver } = await twizyOf(ledger);
    const files = readdirSync(TWIZY)
      .filter((name) => name.endsWith('.csv'))
      .sort();
    expect(files).toEqual(Object.keys(EXPECTED));
    for (const name of files) {
      const bytes = readFileSync(join(TWIZY, name));
      const asked = { bytes, vehicle, driver, zone: rabat };
      const { summary, rejected } = rightOf(await importDrive(ledger)(requestOf(name), asked));
      const { distance_m, max_speed_kmh, over_limit_s } = summary.report;
      const found = [distance_m, max_speed_kmh, over_limit_s, summary.speedings.length];
      expect([name, ...found]).toEqual([name, ...(EXPECTED[name] ?? [])]);
      const lines = name === 'T3_06_07_2021.csv' ? [1096, 1097, 1098] : [];
      expect(rejected).toEqual(lines.map((line) => ({ line, reason: 'impossible LON' })));
    }
    const before = await allEvents(store);
    const ofType = (type: string) => before.filter((event) => event.type === type);
    expect(ofType('TripRecorded')).toHaveLength(10);
    expect(ofType('IncidentRecorded')).toHaveLength(36);
    expect(ofType('TripRecorded').every(({ data }) => data['driver'] === driver)).toBe(true);
    for (const name of files) {
      const bytes = readFileSync(join(TWIZY, name));
      const again = await importDrive(ledger)(requestOf(`${name} again`), {
        bytes,
        vehicle,
        driver,
        zone: rabat,
      });
      expect(rightOf(again).added).toBe(0);
    }
    expect(await allEvents(store)).toHaveLength(before.length);
  });
});
