import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epochMs, Zone } from '#domain/kernel/instant.ts';
import { type DriveRow, readDriveFile } from '#ingest/drives/driveFile.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { datagramOf } from '#ingest/formats/wialonIps/datagram.ts';
import { blackBoxFrame } from '#ingest/formats/wialonIps/encode.ts';
import { rightOf } from '#tests/support/ledger.ts';
import { bytesOf, ident, readingWith, understood } from './support.ts';

const TWIZY = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'twizy');
const BATCH = 50;
/** Half of a hundred-thousandth of a minute of arc. */
const ANGLE_ERROR_DEG = 1e-7;

const readingOf = ({ at, lat, lon, speed_kmh, limit_kmh }: DriveRow): Reading =>
  readingWith({ device_time_us: epochMs(at) * 1_000, lat, lon, speed_kmh, limit_kmh });

const asFlespi = ({ at, lat, lon, speed_kmh, limit_kmh }: DriveRow) => ({
  ident,
  timestamp: epochMs(at) / 1_000,
  'position.latitude': lat,
  'position.longitude': lon,
  'position.speed': speed_kmh,
  'custom.speed_limit': limit_kmh,
});

const asForwarded = ({ at, lat, lon, speed_kmh, limit_kmh }: DriveRow) => ({
  device: { uniqueId: ident },
  position: {
    deviceTime: at.replace('Z', '+00:00'),
    fixTime: at.replace('Z', '+00:00'),
    latitude: lat,
    longitude: lon,
    speed: speed_kmh / 1.852,
    attributes: { speedLimit: limit_kmh / 1.852 },
  },
});

const batches = <Item>(items: readonly Item[]): readonly (readonly Item[])[] =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );

const readAll = (messages: readonly Buffer[]): readonly Reading[] =>
  messages.flatMap((message) => {
    const { readings, rejects } = understood(message);
    expect(rejects).toEqual([]);
    return readings;
  });

/** The readings with the speeds of the others, so that the rest of them can be compared exactly. */
const speedsApart = (found: readonly Reading[], expected: readonly Reading[], error_kmh: number) =>
  found.map((reading, index) => {
    const told = expected[index]?.speed_kmh ?? -1;
    expect(Math.abs((reading.speed_kmh ?? -1) - told)).toBeLessThanOrEqual(error_kmh);
    return { ...reading, speed_kmh: told };
  });

const haveTwizy = existsSync(TWIZY);
if (!haveTwizy)
  process.stderr.write('SKIPPED: the ten real drives are not at hand (../shared/data/twizy)\n');

describe.skipIf(!haveTwizy)('the ten real drives give the same readings', () => {
  const rows = !haveTwizy
    ? []
    : readdirSync(TWIZY)
        .filter((name) => name.endsWith('.csv'))
        .flatMap((name) => {
          const bytes = readFileSync(join(TWIZY, name));
          return rightOf(readDriveFile(bytes, Zone.parse('Africa/Casablanca'))).rows;
        });
  const expected = rows.map(readingOf);

  it('and there are some', () => {
    expect(rows.length).toBeGreaterThan(10_000);
  });

  it('as flespi sends them', () => {
    expect(readAll(batches(rows.map(asFlespi)).map(bytesOf))).toEqual(expected);
  });

  it('as Traccar forwards them, to a thousandth of a km/h', () => {
    const found = readAll(rows.map((row) => bytesOf(asForwarded(row))));
    expect(speedsApart(found, expected, 0.000_51)).toEqual(expected);
  });

  it('as Wialon IPS carries them, in whole km/h and about two centimetres', () => {
    const frames = batches(expected).map((batch) => blackBoxFrame('2.0', batch));
    const found = readAll(frames.map((frame) => datagramOf({ version: '2.0', ident }, frame)));
    const placed = speedsApart(found, expected, 0.5).map((reading, index) => {
      const { lat, lon } = expected[index] ?? reading;
      expect(Math.abs((reading.lat ?? 0) - (lat ?? 0))).toBeLessThan(ANGLE_ERROR_DEG);
      expect(Math.abs((reading.lon ?? 0) - (lon ?? 0))).toBeLessThan(ANGLE_ERROR_DEG);
      return { ...reading, lat, lon, buffered: false };
    });
    expect(placed).toEqual(expected);
  });
});
