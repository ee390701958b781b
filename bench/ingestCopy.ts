import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { perSecond } from './measure.ts';
import { rawPool } from './rig.ts';

const WRITERS = 2;
const ROWS_A_COPY = 2_500;
const VEHICLE = '00000000-0000-8000-8000-000000000001';
const NULL = '\\N';

let copied = 0;

/** A row of the load, in the text that COPY reads, in the order of the columns named below. */
const rowText = (): string => {
  copied += 1;
  const at = new Date(1_700_000_000_000 + copied * 1_000).toISOString();
  const place = [33.95 + (copied % 5_000) * 1e-5, -6.87 + (copied % 7_000) * 1e-5, 75];
  const rest = [`bench-${copied % 64}`, 'mqtt/flespi', NULL, NULL];
  const drive = [copied % 120, copied % 360, 61.5, 14.1, 45_000_000 + copied, 1_850, 11, 't', 'f'];
  return `${[at, at, -copied, ...place, ...drive, VEHICLE, ...rest].join('\t')}\n`;
};

/**
 * Raw COPY into a table of the same columns and the same key as ours, committed as durably: what there is to
 * gain by doing nothing else. Answers how many rows a second.
 */
export const copyPeer = async (url: string) => {
  const sql = rawPool(url, WRITERS);
  await sql`create table raw_telemetry (like telemetry_late including all)`;
  const copy = async (text: string): Promise<void> => {
    const writable = await sql`
      copy raw_telemetry (device_time, received_at, fingerprint, lat, lon, altitude_m, speed_kmh, course_deg,
        fuel_level_pct, external_v, odometer_m, engine_rpm, satellites, ignition, buffered, vehicle, ident, source,
        rest, flags) from stdin`.writable();
    if (!writable.write(text)) await once(writable, 'drain');
    writable.end();
    await finished(writable);
  };
  return {
    copy: (rows: number): Promise<number> => {
      const copies = Array.from({ length: Math.ceil(rows / ROWS_A_COPY) }, () =>
        Array.from({ length: ROWS_A_COPY }, rowText).join(''),
      );
      return perSecond(copies.length * ROWS_A_COPY, async () => {
        const work = async (): Promise<void> => {
          for (let next = copies.pop(); next !== undefined; next = copies.pop()) await copy(next);
        };
        await Promise.all(Array.from({ length: WRITERS }, work));
      });
    },
    end: () => sql.end(),
  };
};
