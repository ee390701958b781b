import { distanceBetween } from '#ingest/drives/distance.ts';
import type { Sample } from '#ingest/drives/measure.ts';
import type { Observed } from './observed.ts';

const US_PER_H = 3_600_000_000;

/** Whether a reading's place is one that its device was at when it told it. */
const isPlaced = ({ valid, flags }: Observed): boolean =>
  valid !== false && !flags.includes('fix_outdated') && !flags.includes('fix_mocked');

/** A reading as the measure of drives takes it; a limit that is not posted is the one that is configured. */
export const sampleOf = (reading: Observed, unposted_limit_kmh: number | null = null): Sample => {
  const { device_time_us: time_us, lat, lon, speed_kmh, limit_kmh } = reading;
  const place = isPlaced(reading) ? { lat, lon } : { lat: null, lon: null };
  return { time_us, ...place, speed_kmh, limit_kmh: limit_kmh ?? unposted_limit_kmh };
};

interface Fix {
  readonly time_us: number;
  readonly lat: number;
  readonly lon: number;
}

/** The mean speed from one place to the next in km/h; null where either, or the time between, is wanting. */
export const meanSpeed_kmh = (from: Fix | null, { time_us, lat, lon }: Sample): number | null => {
  if (from === null || lat === null || lon === null || time_us <= from.time_us) return null;
  return distanceBetween(from, { lat, lon }) / 1_000 / ((time_us - from.time_us) / US_PER_H);
};
