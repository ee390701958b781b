/** The ident of the messages below. */
export const IDENT = '000000000000017';
/** Their time, and the same in seconds. */
export const AT = '2026-03-02T11:59:58.000Z';
export const AT_S = Date.parse(AT) / 1_000;

/** A message of flespi with these fields. */
export const flespi = (fields: Readonly<Record<string, unknown>> = {}) => ({
  ident: IDENT,
  timestamp: AT_S,
  ...fields,
});

/** What Traccar forwards, with these fields of the position and these attributes. */
export const forwarded = (
  position: Readonly<Record<string, unknown>> = {},
  attributes: Readonly<Record<string, unknown>> = {},
) => ({
  device: { id: 4, uniqueId: IDENT, name: 'Van', phone: '555' },
  position: {
    id: 9,
    deviceId: 4,
    deviceTime: '2026-03-02T11:59:58.000+00:00',
    fixTime: '2026-03-02T11:59:58.000+00:00',
    serverTime: '2026-03-02T11:59:59.000+00:00',
    outdated: false,
    valid: true,
    latitude: 45.5,
    longitude: 7.25,
    speed: 0,
    attributes,
    ...position,
  },
});

/** What a phone sends, with these fields of the coordinates and of the location. */
export const phone = (
  coords: Readonly<Record<string, unknown>> = {},
  location: Readonly<Record<string, unknown>> = {},
) => ({
  device_id: IDENT,
  location: {
    timestamp: AT,
    coords: { latitude: 45.5, longitude: 7.25, ...coords },
    ...location,
  },
});

/** A query of OsmAnd with these fields. */
export const query = (fields: Readonly<Record<string, string>>): string =>
  new URLSearchParams({ id: IDENT, timestamp: String(AT_S), ...fields }).toString();

/** A message of our own with these fields. */
export const native = (fields: Readonly<Record<string, unknown>> = {}) => ({
  ident: IDENT,
  device_time: AT,
  ...fields,
});
