import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Zone } from '#domain/kernel/instant.ts';
import type { Conclusion } from '#ingest/detectors/conclusion.ts';
import {
  atStart,
  type Detector,
  foldReadings,
  lastWords,
  progressOf,
} from '#ingest/detectors/detector.ts';
import { matchConclusions } from '#ingest/detectors/matchConclusions.ts';
import { parking } from '#ingest/detectors/parking.ts';
import { speeding } from '#ingest/detectors/speeding.ts';
import { trips } from '#ingest/detectors/trips.ts';
import { type DriveRow, readDriveFile } from '#ingest/drives/driveFile.ts';
import { summariseDrive } from '#ingest/drives/summariseDrive.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { epochUs } from '#ingest/microInstant.ts';
import { readingWith } from '#tests/ingest/formats/support.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { concluded } from './support.ts';

const TWIZY = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'twizy');
/** A drive begins and ends with up to a minute at rest, which is no part of a trip. */
const AT_REST_MAX_US = 60_000_000;
const BATCH = 97;
const settings = { parking_min_s: 120 };

const readingOf = ({ at, lat, lon, speed_kmh, limit_kmh }: DriveRow): Reading =>
  readingWith({ device_time_us: epochUs(at), lat, lon, speed_kmh, limit_kmh });

const drive = (name: string) => {
  const bytes = readFileSync(join(TWIZY, name));
  const { rows } = rightOf(readDriveFile(bytes, Zone.parse('Africa/Casablanca')));
  const summary = summariseDrive(rows);
  if (summary === null) throw new Error(`${name} is no drive`);
  return { name, summary, readings: rows.map(readingOf) };
};

/** The fold as it goes on in life: cut into batches, and begun again from what was kept after each. */
const restarted = <State, Settings>(
  detector: Detector<State, Settings>,
  readings: readonly Reading[],
  wanted: unknown = settings,
) => {
  const fold = foldReadings(detector, detector.settings.parse(wanted));
  const kept = progressOf(detector);
  const conclusions: Conclusion[] = [];
  let progress = kept.parse(atStart(detector));
  for (let from = 0; from < readings.length; from += BATCH) {
    const folded = fold(progress, readings.slice(from, from + BATCH));
    conclusions.push(...folded.conclusions);
    progress = kept.parse(JSON.parse(JSON.stringify(folded.progress)));
  }
  return lastWords(conclusions);
};

const haveTwizy = existsSync(TWIZY);
if (!haveTwizy)
  process.stderr.write('SKIPPED: the ten real drives are not at hand (../shared/data/twizy)\n');

describe.skipIf(!haveTwizy)('the ten real drives, read as telemetry', () => {
  const drives = !haveTwizy
    ? []
    : readdirSync(TWIZY)
        .filter((name) => name.endsWith('.csv'))
        .map(drive)
        .sort((one, other) => (one.summary.at < other.summary.at ? -1 : 1));
  const readings = drives.flatMap((each) => each.readings);
  // The last trip is over once its vehicle is heard of again, or long enough not.
  const later = readingWith({ device_time_us: (readings.at(-1)?.device_time_us ?? 0) + 1e12 });
  const told = [...readings, { ...later, speed_kmh: 0 }];

  it('are ten trips, as long, as fast and as much above the limit as the import has them', () => {
    const found = restarted(trips, told);
    expect(drives).toHaveLength(10);
    expect(found).toHaveLength(10);
    for (const [index, { name, summary }] of drives.entries()) {
      const trip = found[index];
      if (trip?.kind !== 'trip' || trip.to_us === null) throw new Error(`${name} is no trip`);
      const { distance_m, max_speed_kmh, over_limit_s } = summary.report;
      expect([name, Math.abs(trip.distance_m / distance_m - 1) < 0.01]).toEqual([name, true]);
      expect([name, trip.max_speed_kmh, trip.over_limit_s]).toEqual([
        name,
        max_speed_kmh,
        over_limit_s,
      ]);
      expect(trip.from_us).toBeGreaterThanOrEqual(epochUs(summary.at));
      expect(trip.from_us - epochUs(summary.at)).toBeLessThan(AT_REST_MAX_US);
      expect(trip.to_us).toBeLessThanOrEqual(epochUs(summary.endedAt));
      expect(epochUs(summary.endedAt) - trip.to_us).toBeLessThan(AT_REST_MAX_US);
    }
  });

  it('hold the very violations that the import finds', () => {
    const expected = drives.flatMap(({ summary }) =>
      summary.speedings.map(({ at, endedAt, ...speeds }) => ({
        from_us: epochUs(at),
        to_us: epochUs(endedAt),
        ...speeds,
      })),
    );
    const found = restarted(speeding, told, {});
    expect(expected).toHaveLength(36);
    expect(found).toMatchObject(expected);
    expect(found).toHaveLength(36);
  });

  it('leave the vehicle parked in between', () => {
    const found = restarted(parking, told);
    const between = trips.settings.parse(settings).parking_min_s * 1e6;
    expect(found).toHaveLength(10);
    for (const { from_us, to_us } of found.slice(0, 9)) {
      expect((to_us ?? 0) - from_us).toBeGreaterThanOrEqual(between);
    }
    expect(found.at(-1)?.to_us).toBeNull();
  });

  it('merge where parking has to last longer', () => {
    expect(concluded(trips, told, { parking_min_s: 300 })).toHaveLength(8);
  });

  it('come to the same when a stretch of them comes late, each trip under the id it had', () => {
    const lost = readings[600]?.device_time_us ?? 0;
    const isLost = ({ device_time_us }: Reading) =>
      device_time_us >= lost && device_time_us < lost + 200e6;
    const before = concluded(
      trips,
      told.filter((reading) => !isLost(reading)),
      settings,
    );
    const now = concluded(trips, told, settings);
    const verdicts = matchConclusions(before, now);
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([
      'amended',
      ...Array.from({ length: 9 }, () => 'same'),
    ]);
    expect(verdicts.map((each) => ('now' in each ? each.now.id : ''))).toEqual(
      before.map(({ id }) => id),
    );
  });
});
