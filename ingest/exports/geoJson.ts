/** Something that may have been told at a place; degrees, WGS 84, metres. */
interface Placed {
  readonly lat: number | null;
  readonly lon: number | null;
  readonly altitude_m?: number | null;
}

/** A point and what was told there. Source: RFC 7946, sections 3.1.2 and 3.2. */
interface Feature {
  readonly type: 'Feature';
  readonly geometry: { readonly type: 'Point'; readonly coordinates: readonly number[] };
  readonly properties: Readonly<Record<string, unknown>>;
}

const featureOf = ({ lat, lon, altitude_m = null, ...properties }: Placed): Feature[] => {
  if (lat === null || lon === null) return [];
  const coordinates = altitude_m === null ? [lon, lat] : [lon, lat, altitude_m];
  return [{ type: 'Feature', geometry: { type: 'Point', coordinates }, properties }];
};

/** What has a place, as GeoJSON; everything else that is known of it becomes the properties. */
export const featureCollection = (items: readonly Placed[]) => ({
  type: 'FeatureCollection' as const,
  features: items.flatMap(featureOf),
});
