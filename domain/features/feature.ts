import { z } from 'zod';
import type { IntervalKind, Known } from './interval.ts';

const DECIMALS = 6;
const SCALE = 10n ** BigInt(DECIMALS);

/** Every feature that is reckoned from intervals. */
export const FeatureName = z.enum([
  'fleet_size',
  'fleet_active_count',
  'repair_rate',
  'idle_rate',
  'driver_penalty_rate',
  'penalty_points_per_1000km',
  'driver_sleep_index',
  'driver_sleep_coverage',
  'continuous_driving_min',
  'driving_24h',
  'hours_since_rest_end',
  'night_share',
  'rest_48h',
  'avg_rev_vehicle',
  'utilisation_rate',
]);
export type FeatureName = z.infer<typeof FeatureName>;

/** `points_per_1000km`: penalty points per 1,000 km driven; `index`: at most 100, the best. */
export const FeatureUnit = z.enum([
  'vehicles',
  'ratio',
  'fines',
  'points_per_1000km',
  'index',
  'min',
  'h',
  'minor_units',
]);
export type FeatureUnit = z.infer<typeof FeatureUnit>;

/** How many of what went into a value. */
export const FeatureInputs = z.record(z.string().regex(/^[a-z][a-z0-9_]{0,47}$/), z.int());
export type FeatureInputs = z.infer<typeof FeatureInputs>;

/**
 * How a feature is reckoned from what was counted. Another meaning is another `version`. `window` is the
 * stretch it looks at: `instant` is one moment, the others reach back from it; `month` is a calendar month by
 * local dates. `kinds` are those of the intervals that it rests on.
 */
export interface Formula<Count extends string> {
  readonly name: FeatureName;
  readonly version: number;
  readonly unit: FeatureUnit;
  readonly window: 'instant' | '60 min' | '24 h' | '48 h' | 'month';
  readonly kinds: readonly IntervalKind[];
  readonly inputs: readonly Count[];
  readonly value: (counts: Readonly<Record<Count, number>>) => string | null;
}

/** A feature at work: its value as exact decimal text, null where it has none, and what it rests on. */
export interface Evaluated {
  readonly name: FeatureName;
  readonly formulaVersion: number;
  readonly unit: FeatureUnit;
  readonly value: string | null;
  readonly inputs: FeatureInputs;
  readonly basis: readonly Known[];
}

/** A formula applied to what was counted among the intervals of `basis`. */
export const evaluated = <Count extends string>(
  { name, version, unit, kinds, inputs, value }: Formula<Count>,
  counts: Readonly<Record<Count, number>>,
  basis: readonly Known[],
): Evaluated => ({
  name,
  formulaVersion: version,
  unit,
  value: value(counts),
  inputs: Object.fromEntries(inputs.map((input) => [input, counts[input]])),
  basis: basis.filter(({ interval }) => kinds.includes(interval.kind)),
});

/**
 * The quotient of two whole numbers that are not negative, with six decimals, half a unit rounded away from
 * zero; null where there is nothing to divide by.
 */
export const exactRatio = (numerator: bigint, denominator: bigint): string | null => {
  if (numerator < 0n || denominator < 0n) throw new Error('a ratio of counts is not negative');
  if (denominator === 0n) return null;
  const scaled = (2n * numerator * SCALE + denominator) / (2n * denominator);
  return `${scaled / SCALE}.${(scaled % SCALE).toString().padStart(DECIMALS, '0')}`;
};
