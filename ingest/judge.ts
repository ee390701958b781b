import { z } from 'zod';
import { distanceBetween } from './drives/distance.ts';
import { BOUNDS, type Reading } from './formats/reading.ts';

/**
 * What looks wrong about a reading in the light of those before it. The reading is kept all the same.
 * `position_jump`: the vehicle cannot have got there from its last position.
 * `odometer_back`: the odometer tells less than before. `odometer_jump`: more than can have been driven.
 * `arrived_late`: it came long after its time and does not say that it was kept back.
 */
export const Judgement = z.enum([
  'position_jump',
  'odometer_back',
  'odometer_jump',
  'arrived_late',
]);
export type Judgement = z.infer<typeof Judgement>;

interface Fix {
  readonly at_us: number;
  readonly lat: number;
  readonly lon: number;
}

/**
 * What is known about a device from its readings so far. `suspect`: where the last jump led to; the next
 * reading shows whether that was a mistake or whether the vehicle was carried there.
 */
export interface Known {
  readonly fix: Fix | null;
  readonly suspect: Fix | null;
  readonly odometer: { readonly at_us: number; readonly m: number } | null;
}

/** The state of a device of which nothing has been heard. */
export const nothingKnown: Known = { fix: null, suspect: null, odometer: null };

/** Faster than any road vehicle tells that it is, none is. */
const SPEED_MAX_KMH = BOUNDS.speed_kmh.max;
/** What receivers err by at worst between houses, and odometers by rounding to the kilometre. */
const POSITION_ERROR_M = 500;
const ODOMETER_ERROR_M = 1_000;
/** Radio gaps and resending take minutes; devices that buffer longer say so. */
const LATE_AFTER_US = 600 * 1_000_000;

/** How far a vehicle gets at most between two times, either of which may be the earlier. */
const reach_m = (from_us: number, to_us: number): number =>
  (Math.abs(to_us - from_us) / 1e6) * (SPEED_MAX_KMH / 3.6);

const isReachable = (from: Fix, to: Fix): boolean =>
  distanceBetween(from, to) <= reach_m(from.at_us, to.at_us) + POSITION_ERROR_M;

/** The position of a reading, if the device vouches for it and it is of the reading's time. */
const fixOf = ({ lat, lon, valid, flags, device_time_us }: Reading): Fix | null => {
  if (lat === null || lon === null || valid === false) return null;
  return flags.includes('fix_outdated') ? null : { at_us: device_time_us, lat, lon };
};

const judgeFix = (known: Known, fix: Fix | null, remarks: Judgement[]): Known => {
  if (!fix) return known;
  const { fix: last, suspect } = known;
  if (last && fix.at_us < last.at_us) return known;
  if (!last || isReachable(last, fix)) return { ...known, fix, suspect: null };
  if (suspect && fix.at_us >= suspect.at_us && isReachable(suspect, fix)) {
    return { ...known, fix, suspect: null };
  }
  remarks.push('position_jump');
  return { ...known, suspect: fix };
};

const judgeOdometer = (known: Known, reading: Reading, remarks: Judgement[]): Known => {
  const { odometer_m: m, device_time_us: at_us } = reading;
  if (m === null) return known;
  const last = known.odometer;
  if (last && at_us < last.at_us) return known;
  if (last && m < last.m - ODOMETER_ERROR_M) remarks.push('odometer_back');
  if (last && m > last.m + reach_m(last.at_us, at_us) + ODOMETER_ERROR_M) {
    remarks.push('odometer_jump');
  }
  return { ...known, odometer: { at_us, m } };
};

/**
 * Judges a reading by those before it. Readings of a device are to come in the order of their times; one
 * that is older than what is known is not compared, and one whose clock is wrong is not remembered.
 * `live`: it came from the device just now, and not from a file or out of quarantine.
 */
export const judge = (
  before: Known,
  reading: Reading,
  arrival: { readonly received_at_us: number; readonly live: boolean },
): { readonly remarks: readonly Judgement[]; readonly known: Known } => {
  const remarks: Judgement[] = [];
  const { flags, device_time_us, buffered } = reading;
  if (flags.includes('clock_ahead') || flags.includes('clock_unset')) {
    return { remarks, known: before };
  }
  if (arrival.live && !buffered && device_time_us < arrival.received_at_us - LATE_AFTER_US) {
    remarks.push('arrived_late');
  }
  const known = judgeFix(before, fixOf(reading), remarks);
  return { remarks, known: judgeOdometer(known, reading, remarks) };
};
