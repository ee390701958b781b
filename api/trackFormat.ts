import { z } from 'zod';
import { acceptedOf } from './mediaTypes.ts';

/** In which form a track is told. */
export const TrackFormat = z.enum(['json', 'geojson', 'gpx']);
type TrackFormat = z.infer<typeof TrackFormat>;

/** The media type of each form. Source: RFC 8259, RFC 7946, and for GPX what its makers recommend. */
export const MEDIA_TYPES = {
  json: 'application/json',
  geojson: 'application/geo+json',
  gpx: 'application/gpx+xml',
} as const satisfies Readonly<Record<TrackFormat, string>>;

/** The form of a track that an `Accept` header wants most; JSON where it does not say. */
export const acceptedFormat = (accept: string | undefined): TrackFormat =>
  acceptedOf<TrackFormat>('json', MEDIA_TYPES)(TrackFormat.options, accept);
