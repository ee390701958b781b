import { z } from 'zod';
import { Reference } from '#domain/kernel/fields.ts';

const CORNERS_MAX = 500;

const Corner = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
});

/**
 * A part of the ground: everything nearer to a place than a radius, or what lies within some corners, joined
 * in order and the last with the first. A polygon must not cross the 180th meridian. Coordinates never enter
 * an event: it names a fence by its reference and the digest of this.
 */
export const Fence = z.discriminatedUnion('shape', [
  z.strictObject({
    shape: z.literal('circle'),
    fence: Reference,
    centre: Corner,
    radius_m: z.number().min(1).max(1_000_000),
  }),
  z.strictObject({
    shape: z.literal('polygon'),
    fence: Reference,
    corners: z.array(Corner).min(3).max(CORNERS_MAX),
  }),
]);
export type Fence = z.infer<typeof Fence>;
