import type { Fence } from '#domain/parks/fence.ts';
import { distanceBetween, type Place } from '#ingest/drives/distance.ts';

type Polygon = Extract<Fence, { shape: 'polygon' }>;

const sides = ({ corners }: Polygon): readonly (readonly [Place, Place])[] =>
  corners.flatMap((from, index) => {
    const to = corners[(index + 1) % corners.length];
    return to ? [[from, to] as const] : [];
  });

/**
 * Whether a place lies in a polygon: whether a ray to the east crosses its sides an odd number of times. A
 * side has its lower end and lacks its upper one, and a place on a side lies to the west of it: so each place
 * on a border that two polygons share lies in one of them, never in both and never in none.
 */
const isWithin = (polygon: Polygon, { lat, lon }: Place): boolean => {
  let odd = false;
  for (const [from, to] of sides(polygon)) {
    if (from.lat > lat === to.lat > lat) continue;
    const [low, high] = from.lat < to.lat ? [from, to] : [to, from];
    const crossing = low.lon + ((lat - low.lat) / (high.lat - low.lat)) * (high.lon - low.lon);
    if (lon < crossing) odd = !odd;
  }
  return odd;
};

/** The place on a side that is nearest to a place, the ground between them taken as flat. */
const nearestOn = ([from, to]: readonly [Place, Place], place: Place): Place => {
  const east = Math.cos((place.lat * Math.PI) / 180);
  const along = { x: (to.lon - from.lon) * east, y: to.lat - from.lat };
  const away = { x: (place.lon - from.lon) * east, y: place.lat - from.lat };
  const length2 = along.x ** 2 + along.y ** 2;
  const share = length2 === 0 ? 0 : (along.x * away.x + along.y * away.y) / length2;
  const part = Math.min(1, Math.max(0, share));
  return {
    lat: from.lat + part * (to.lat - from.lat),
    lon: from.lon + part * (to.lon - from.lon),
  };
};

/**
 * Whether a place lies in a fence, whose border is half in and half out, and how far it is from the border.
 */
export const placeIn = (fence: Fence, place: Place) => {
  if (fence.shape === 'circle') {
    const from_centre_m = distanceBetween(fence.centre, place);
    const within = from_centre_m < fence.radius_m;
    return { within, border_m: Math.abs(from_centre_m - fence.radius_m) };
  }
  const distances = sides(fence).map((side) => distanceBetween(nearestOn(side, place), place));
  return { within: isWithin(fence, place), border_m: Math.min(...distances) };
};
