import { setTimeout as sleep } from 'node:timers/promises';
import { isLeft } from 'fp-ts/lib/Either.js';
import { fingerprintOf } from '#ingest/fingerprint.ts';
import { begin } from '#ingest/formats/draft.ts';
import type { TelemetryStore } from '#ingest/store.ts';
import type { TelemetryRow } from '#ingest/telemetryRow.ts';
import { acme } from '#tests/support/samples.ts';
import type { BenchVehicle } from './immobilizeFleet.ts';

const REPORT_MS = 10_000;
/** Far more than a look at a vehicle has to read. */
const HISTORY_MS = 20 * 60_000;
const SILENT_SINCE_MS = 300_000;
const ROWS_MAX = 5_000;
const MOVING_KMH = 45;
const TICKS = 20;

/** A reading that was received the moment it was made. */
const rowOf = ({ vehicle, ident, conduct }: BenchVehicle, at_ms: number): TelemetryRow => {
  const moves = conduct === 'moving';
  const reading = {
    ...begin(ident, at_ms * 1_000).reading,
    ...{ lat: 33.98, lon: -6.87, satellites: 9, valid: true },
    ...{ speed_kmh: moves ? MOVING_KMH : 0, ignition: moves },
  };
  const about = { tenant: acme, vehicle, received_at_us: at_ms * 1_000, source: 'bench/native' };
  return { ...reading, ...about, flags: [], fingerprint: fingerprintOf(reading) };
};

const write = async (
  store: Pick<TelemetryStore, 'append'>,
  rows: readonly TelemetryRow[],
): Promise<void> => {
  for (let from = 0; from < rows.length; from += ROWS_MAX) {
    const batch = { rows: rows.slice(from, from + ROWS_MAX), quarantined: [] };
    const kept = await store.append(batch)();
    if (isLeft(kept)) throw new Error(`telemetry: ${kept.left.detail}`);
  }
};

/** Whether a device is heard at a moment; those that are lost are so from `lost_ms` on. */
const isHeard = (
  { conduct }: BenchVehicle,
  { at_ms, begun_ms, lost_ms }: { at_ms: number; begun_ms: number; lost_ms: number },
): boolean => {
  if (conduct === 'lost') return at_ms < lost_ms;
  return conduct !== 'silent' || at_ms < begun_ms - SILENT_SINCE_MS;
};

/**
 * Readings of vehicles in the store: twenty minutes of them, and from then on one every ten seconds, a
 * twentieth of the fleet at a time.
 */
export const benchReadings = async (
  store: Pick<TelemetryStore, 'append'>,
  fleet: readonly BenchVehicle[],
) => {
  const begun_ms = Date.now();
  let lost_ms = Number.POSITIVE_INFINITY;
  const offset_ms = (index: number): number => ((index % TICKS) * REPORT_MS) / TICKS;
  for (let back_ms = HISTORY_MS; back_ms > 0; back_ms -= REPORT_MS) {
    const rows = fleet.flatMap((each, index) => {
      const at_ms = begun_ms - back_ms + offset_ms(index);
      return isHeard(each, { at_ms, begun_ms, lost_ms }) ? [rowOf(each, at_ms)] : [];
    });
    await write(store, rows);
  }
  const stopping = new AbortController();
  const report = async (): Promise<void> => {
    for (let tick = 0; !stopping.signal.aborted; tick += 1) {
      const due_ms = begun_ms + tick * (REPORT_MS / TICKS);
      await sleep(Math.max(0, due_ms - Date.now()));
      const at_ms = Date.now();
      const rows = fleet.flatMap((each, index) => {
        const heard = index % TICKS === tick % TICKS && isHeard(each, { at_ms, begun_ms, lost_ms });
        return heard ? [rowOf(each, at_ms)] : [];
      });
      await write(store, rows);
    }
  };
  const reporting = report();
  return {
    /** From now on the lost ones are; or, false, they are heard again. */
    lose: (lost: boolean): void => {
      lost_ms = lost ? Date.now() : Number.POSITIVE_INFINITY;
    },
    stop: async (): Promise<void> => {
      stopping.abort();
      await reporting;
    },
  };
};
