import type { Instant } from '#domain/kernel/instant.ts';
import { epochUs, instantAt } from '#ingest/microInstant.ts';
import type { DriveRow } from './driveFile.ts';
import { reportOf, type Sample, unmeasured, withSample } from './measure.ts';
import { isViolation, noHysteresis, type OverLimit, overLimitAt, worstOf } from './overLimit.ts';

/** A stretch above the posted limit. The speeds are those of its worst second. */
export interface Speeding {
  readonly at: Instant;
  readonly endedAt: Instant;
  readonly max_speed_kmh: number;
  readonly limit_kmh: number;
}

/** What a drive comes to. */
export interface DriveSummary {
  readonly at: Instant;
  readonly endedAt: Instant;
  readonly report: {
    readonly distance_m: number;
    readonly max_speed_kmh: number;
    readonly over_limit_s: number;
  };
  readonly speedings: readonly Speeding[];
}

const sampleOf = ({ at, ...row }: DriveRow): Sample => ({
  time_us: epochUs(at),
  ...row,
});

const told = (stretch: OverLimit, to_us: number): readonly Speeding[] => {
  if (!isViolation(stretch, to_us)) return [];
  const at = instantAt(stretch.from_us);
  return [{ at, endedAt: instantAt(to_us), ...worstOf(stretch) }];
};

/** The violations: a stretch ends with the first sample that is not in it, the last one with the drive. */
const speedingsIn = (samples: readonly Sample[]): readonly Speeding[] => {
  const found: Speeding[] = [];
  let stretch: OverLimit | null = null;
  for (const sample of samples) {
    const next = overLimitAt(noHysteresis)(stretch, sample);
    if (stretch !== null && next === null) found.push(...told(stretch, sample.time_us));
    stretch = next;
  }
  return stretch === null ? found : [...found, ...told(stretch, stretch.last_us)];
};

/**
 * Distance by positions, top speed and time above the posted limit by the vehicle's own speed, and a
 * violation for every stretch above the limit of more than ten seconds. Speeds are rounded to whole km/h, the
 * limit's excess is judged before rounding. Null for a drive of fewer than two rows.
 */
export const summariseDrive = (rows: readonly DriveRow[]): DriveSummary | null => {
  const first = rows[0];
  const last = rows.at(-1);
  if (!first || !last || rows.length < 2) return null;
  const samples = rows.map(sampleOf);
  const { over_limit_s, ...report } = reportOf(samples.reduce(withSample, unmeasured));
  return {
    at: first.at,
    endedAt: last.at,
    report: { ...report, over_limit_s: over_limit_s ?? 0 },
    speedings: speedingsIn(samples),
  };
};
