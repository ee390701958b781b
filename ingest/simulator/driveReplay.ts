import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceIdent } from '#domain/kernel/ids.ts';
import { inGroups } from '#domain/kernel/inGroups.ts';
import type { DriveRow } from '#ingest/drives/driveFile.ts';
import { begin } from '#ingest/formats/draft.ts';
import type { Reading } from '#ingest/formats/reading.ts';
import { epochUs } from '#ingest/microInstant.ts';
import { encoded, type WireShape } from './encode.ts';
import type { Answer, Uplink } from './uplink.ts';

const US_PER_MS = 1_000;
const POSTPONED_TRIES_MAX = 60;
const POSTPONED_PAUSE_MS = 1_000;

/** What a device in the vehicle of a recorded drive would have told, a reading a row. */
export const driveReadings = (ident: DeviceIdent, rows: readonly DriveRow[]): readonly Reading[] =>
  rows.map(({ at, lat, lon, speed_kmh, limit_kmh }) => ({
    ...begin(ident, epochUs(at)).reading,
    lat,
    lon,
    speed_kmh,
    limit_kmh,
  }));

/** How many messages came to what. */
export type Tally = Readonly<Record<Answer, number>>;

interface Replay {
  readonly shape: WireShape;
  readonly uplink: Uplink;
  /** How many times as fast as it happened; null: as fast as it is acknowledged. */
  readonly speed_up: number | null;
  /** Readings in a message; in Wialon IPS more than one says that they were kept back. */
  readonly readings_per_message: number;
  /** Messages that may wait for their answers at once. */
  readonly waiting_max: number;
  /** Told how many readings have been answered, now and then. */
  readonly progress?: (readings: number) => void;
}

/** Sends until it is kept, or will not be. */
const persist = async ({ send }: Uplink, message: Buffer): Promise<Answer> => {
  for (let tries = 1; ; tries += 1) {
    const answer = await send(message);
    if (answer !== 'postponed' || tries >= POSTPONED_TRIES_MAX) return answer;
    await sleep(POSTPONED_PAUSE_MS);
  }
};

/**
 * Sends readings over an uplink in their order, at the pace at which they happened or faster, until all of
 * them are answered or the connection ends. To begin in the middle, leave out the first ones: what is sent
 * twice is stored once.
 */
export const replayReadings = async (
  readings: readonly Reading[],
  { shape, uplink, speed_up, readings_per_message, waiting_max, progress }: Replay,
): Promise<Tally> => {
  const tally = { acknowledged: 0, postponed: 0, refused: 0, lost: 0 };
  const waiting = new Set<Promise<void>>();
  const begun_ms = performance.now();
  const first_us = readings[0]?.device_time_us ?? 0;
  let answered = 0;
  for (const part of inGroups(readings, readings_per_message)) {
    const since_ms = ((part.at(-1)?.device_time_us ?? first_us) - first_us) / US_PER_MS;
    const early_ms = speed_up === null ? 0 : begun_ms + since_ms / speed_up - performance.now();
    if (early_ms > 0) await sleep(early_ms);
    while (waiting.size >= waiting_max) await Promise.race(waiting);
    if (tally.lost > 0) break;
    const sent = persist(uplink, encoded(shape)(part)).then((answer) => {
      tally[answer] += 1;
      answered += part.length;
      waiting.delete(sent);
      progress?.(answered);
    });
    waiting.add(sent);
  }
  await Promise.all(waiting);
  return tally;
};
