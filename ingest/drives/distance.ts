/** The mean radius of the earth. Source: IUGG, Geodetic Reference System 1980. */
const EARTH_RADIUS_M = 6_371_008.8;
/** Two fixes in a row that lie further apart than that are no drive but a fault of the receiver. */
const JUMP_MAX_M = 5_000;
/** Nothing on a road is faster: after a long silence that much distance is no fault. */
const FASTEST_KMH = 400;
const US_PER_H = 3_600_000_000;

/** A place in degrees, WGS 84. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** The length of the great circle between two places in metres, on a sphere. */
export const distanceBetween = (from: Place, to: Place): number => {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const half = (degrees: number) => Math.sin(radians(degrees) / 2) ** 2;
  const chord =
    half(to.lat - from.lat) +
    Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * half(to.lon - from.lon);
  // Of opposite ends of the earth rounding can make a little more than a diameter.
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(chord)));
};

/** Whether nobody can have driven that far in that time, so that one of the two places is wrong. */
export const isImpossibleJump = (distance_m: number, elapsed_us: number): boolean => {
  const reach_m = (elapsed_us / US_PER_H) * FASTEST_KMH * 1_000;
  return distance_m > Math.max(JUMP_MAX_M, reach_m);
};
