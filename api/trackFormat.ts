import { z } from 'zod';

/** In which form a track is told. */
export const TrackFormat = z.enum(['json', 'geojson', 'gpx']);
export type TrackFormat = z.infer<typeof TrackFormat>;

/** The media type of each form. Source: RFC 8259, RFC 7946, and for GPX what its makers recommend. */
export const MEDIA_TYPES = {
  json: 'application/json',
  geojson: 'application/geo+json',
  gpx: 'application/gpx+xml',
} as const satisfies Readonly<Record<TrackFormat, string>>;

const RANGES_MAX = 20;

/** How much a form is wanted, from 0 to 1, and how exactly it was named. Source: RFC 9110, section 12.5.1. */
const wantOf = (ranges: readonly string[], media: string): readonly [number, number] => {
  let found: readonly [number, number] = [0, -1];
  for (const range of ranges) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const exactness = [name === '*/*', name === 'application/*', name === media].lastIndexOf(true);
    if (exactness <= found[1]) continue;
    const told = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = told === undefined ? 1 : Number(told.slice(2));
    found = [weight >= 0 && weight <= 1 ? weight : 0, exactness];
  }
  return found;
};

/**
 * The form that an `Accept` header wants most; JSON where it wants several equally or, as nobody is sent
 * away for it, none of them.
 */
export const acceptedFormat = (accept: string | undefined): TrackFormat => {
  const ranges = (accept ?? '').split(',', RANGES_MAX);
  let best: { readonly format: TrackFormat; readonly weight: number } = {
    format: 'json',
    weight: wantOf(ranges, MEDIA_TYPES.json)[0],
  };
  for (const format of ['geojson', 'gpx'] as const) {
    const [weight] = wantOf(ranges, MEDIA_TYPES[format]);
    if (weight > best.weight) best = { format, weight };
  }
  return best.format;
};
