import { chance } from '#ingest/demo/chance.ts';
import type { Place } from '#ingest/drives/distance.ts';

/** A crossing of the grid: so many blocks east and north of the first. */
export interface Crossing {
  readonly east: number;
  readonly north: number;
}

/** A town of square blocks around a place: its lights and its limits follow from where they are. */
export interface City {
  readonly origin: Place;
  readonly blocks: number;
}

/** The side of a block. */
export const BLOCK_M = 240;
/** Every so many streets one is a main road. */
const MAIN_EVERY = 4;
const MAIN_LIMIT_KMH = 70;
const SIDE_LIMIT_KMH = 50;
const LIGHTS_PERIOD_S = 70;
const GREEN_S = 38;
const METRES_PER_DEGREE = 111_195;

/** Where that many metres east and north of the first crossing are. */
export const placeIn = (
  { origin }: City,
  east_m: number,
  north_m: number,
): { readonly lat: number; readonly lon: number } => {
  const lat = origin.lat + north_m / METRES_PER_DEGREE;
  const lon = origin.lon + east_m / (METRES_PER_DEGREE * Math.cos((origin.lat * Math.PI) / 180));
  return { lat: Math.round(lat * 1e6) / 1e6, lon: Math.round(lon * 1e6) / 1e6 };
};

/** The limit posted on the street between two neighbouring crossings, in km/h. */
export const limitBetween = (from: Crossing, to: Crossing): number => {
  const street = from.east === to.east ? from.east : from.north;
  return street % MAIN_EVERY === 0 ? MAIN_LIMIT_KMH : SIDE_LIMIT_KMH;
};

/** Whether whoever comes from there may pass a crossing at that second. Only main roads have lights. */
export const isGreen = (from: Crossing, at: Crossing, at_s: number): boolean => {
  const hasLights = at.east % MAIN_EVERY === 0 || at.north % MAIN_EVERY === 0;
  if (!hasLights) return true;
  const alongNorth = from.east === at.east;
  const offset_s = (at.east * 17 + at.north * 31) % LIGHTS_PERIOD_S;
  const phase_s = (at_s + offset_s) % LIGHTS_PERIOD_S;
  return alongNorth ? phase_s < GREEN_S : phase_s >= GREEN_S;
};

/** The crossing at which a vehicle is found first. */
export const homeOf = ({ blocks }: City, seed: string): Crossing => {
  const draw = chance(`${seed}:home`);
  return { east: draw.whole(0, blocks), north: draw.whole(0, blocks) };
};

/**
 * A way from a crossing to another that is drawn, turning where it is drawn: every crossing on it, the first
 * one included. It has at least one street.
 */
export const wayFrom = (
  { blocks }: City,
  from: Crossing,
  seed: string,
): readonly [Crossing, Crossing, ...Crossing[]] => {
  const draw = chance(`${seed}:way`);
  const target = { east: draw.whole(0, blocks), north: draw.whole(0, blocks) };
  const next = (at: Crossing): Crossing => {
    const east = { ...at, east: at.east + Math.sign(target.east - at.east) };
    const north = { ...at, north: at.north + Math.sign(target.north - at.north) };
    if (at.east === target.east) return north;
    return at.north === target.north || draw.happens(0.5) ? east : north;
  };
  const isHere = from.east === target.east && from.north === target.north;
  const first = isHere ? { ...from, east: from.east === 0 ? 1 : from.east - 1 } : next(from);
  const way: [Crossing, Crossing, ...Crossing[]] = [from, first];
  for (let at = first; !isHere && (at.east !== target.east || at.north !== target.north); ) {
    at = next(at);
    way.push(at);
  }
  return way;
};
