import type { VehicleId } from '#domain/kernel/ids.ts';
import { microInstant } from '#ingest/microInstant.ts';

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Equinomix ledger" xmlns="http://www.topografix.com/GPX/1/1"
  xmlns:tp="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">`;
/** A tenth of a millimetre on the ground; receivers err by metres. */
const DEGREES_DECIMALS = 9;
const DECIMALS = 3;

/** A point of a track: microseconds since 1970, degrees of WGS 84. Null is: not told. */
export interface TrackPoint {
  readonly at_us: number;
  readonly lat: number;
  readonly lon: number;
  readonly altitude_m: number | null;
  readonly satellites: number | null;
  readonly hdop: number | null;
  readonly speed_kmh: number | null;
  readonly course_deg: number | null;
}

/** A number as XML Schema's decimal, which knows no exponent. */
const decimal = (value: number, decimals: number): string =>
  value
    .toFixed(decimals)
    .replace(/\.?0+$/, '')
    .replace(/^-0$/, '0');

const element = (name: string, value: number | null): string =>
  value === null ? '' : `<${name}>${decimal(value, DECIMALS)}</${name}>`;

/** Speed in metres a second and course, for which GPX itself has no place. Source: TrackPointExtension v2. */
const extensions = ({ speed_kmh, course_deg }: TrackPoint): string => {
  const speed = element('tp:speed', speed_kmh === null ? null : speed_kmh / 3.6);
  const told = `${speed}${element('tp:course', course_deg)}`;
  if (told === '') return '';
  return `<extensions><tp:TrackPointExtension>${told}</tp:TrackPointExtension></extensions>`;
};

/** The children of a point come in the order that the schema wants; longitude 180 is none there. */
const pointText = (point: TrackPoint): string => {
  const lat = decimal(point.lat, DEGREES_DECIMALS);
  const lon = decimal(point.lon === 180 ? -180 : point.lon, DEGREES_DECIMALS);
  const told =
    element('ele', point.altitude_m) +
    `<time>${microInstant(point.at_us)}</time>` +
    element('sat', point.satellites) +
    element('hdop', point.hdop) +
    extensions(point);
  return `<trkpt lat="${lat}" lon="${lon}">${told}</trkpt>`;
};

const segmentsOf = (points: readonly TrackPoint[], gap_max_us: number): readonly TrackPoint[][] => {
  const segments: TrackPoint[][] = [];
  let last_us = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    if (point.at_us - last_us > gap_max_us) segments.push([]);
    segments.at(-1)?.push(point);
    last_us = point.at_us;
  }
  return segments;
};

/**
 * The way of a vehicle as GPX 1.1: one track of points, oldest first, in a segment of its own wherever more
 * than `gap_max_us` lies between two. Source: https://www.topografix.com/GPX/1/1/
 */
export const gpxTrack = (track: {
  readonly vehicle: VehicleId;
  readonly points: readonly TrackPoint[];
  readonly gap_max_us: number;
}): string => {
  const segments = segmentsOf(track.points, track.gap_max_us).map(
    (points) => `<trkseg>\n${points.map(pointText).join('\n')}\n</trkseg>`,
  );
  const parts = [`<name>${track.vehicle}</name>`, ...segments];
  return `${HEAD}\n<trk>\n${parts.join('\n')}\n</trk>\n</gpx>\n`;
};
