import { describe, expect, it } from 'vitest';
import { uuid8 } from '#tests/support/samples.ts';
import { aDriver, aPark, aVehicle, call, fleet, START, testApi } from './apiHarness.ts';

const api = await testApi();
const { park, vehicle, driver } = await fleet(api);
const other = await call(api, 'POST', '/transport_registry', aVehicle(park));
const retired = other.body.id;
await call(api, 'POST', `/transport_registry/${retired}/retire`, {
  reason: 'scrapped',
  occurred_at: START,
});

const LATER = '2026-03-02T08:00:00+01:00';
const trip = {
  vehicle_id: vehicle,
  occurred_at: LATER,
  ended_at: '2026-03-02T09:00:00+01:00',
  distance_m: 12_000,
  max_speed_kmh: 70,
};
const fine = {
  vehicle_id: vehicle,
  offence: 'speeding',
  reference: 'AZ-1',
  amount: { amount: '5000', currency: 'EUR' },
  occurred_at: LATER,
};
const without = (body: Record<string, unknown>, field: string) => {
  const { [field]: _, ...rest } = body;
  return rest;
};

/** What is sent, and what must come back. */
const cases: readonly (readonly [string, string, unknown, number, string])[] = [
  ['a field that is missing', '/trips', without(trip, 'vehicle_id'), 400, 'malformed_request'],
  ['a field nobody knows', '/trips', { ...trip, colour: 'red' }, 400, 'malformed_request'],
  ['a number as text', '/trips', { ...trip, distance_m: '12000' }, 400, 'malformed_request'],
  ['a fraction of a metre', '/trips', { ...trip, distance_m: 1.5 }, 400, 'malformed_request'],
  ['a negative distance', '/trips', { ...trip, distance_m: -1 }, 400, 'malformed_request'],
  ['an absurd distance', '/trips', { ...trip, distance_m: 1e9 }, 400, 'malformed_request'],
  [
    'a time without offset',
    '/trips',
    { ...trip, ended_at: '2026-03-02T09:00:00' },
    400,
    'malformed_request',
  ],
  [
    '30 February',
    '/trips',
    { ...trip, ended_at: '2026-02-30T09:00:00Z' },
    400,
    'malformed_request',
  ],
  [
    'a whole trip without its distance',
    '/trips',
    without(trip, 'distance_m'),
    400,
    'malformed_request',
  ],
  ['an end without a trip’s end', '/trips', without(trip, 'ended_at'), 400, 'malformed_request'],
  ['an array', '/trips', [trip], 400, 'malformed_request'],
  ['null', '/trips', null, 400, 'malformed_request'],
  ['an id that is none', '/trips', { ...trip, vehicle_id: 'x' }, 400, 'malformed_request'],
  ['an end before the start', '/trips', { ...trip, ended_at: START }, 422, 'end_before_start'],
  [
    'a trip of three weeks',
    '/trips',
    { ...trip, ended_at: '2026-03-24T00:00:00Z' },
    422,
    'trip_too_long',
  ],
  [
    'a trip of a retired vehicle',
    '/trips',
    { ...trip, vehicle_id: retired },
    409,
    'vehicle_retired',
  ],
  ['a trip of no vehicle', '/trips', { ...trip, vehicle_id: uuid8(999) }, 404, 'vehicle_unknown'],
  [
    'a trip before the vehicle was',
    '/trips',
    { ...trip, occurred_at: '2026-02-28T23:00:00Z' },
    422,
    'fact_before_registration',
  ],
  [
    'a trip of the year 2100',
    '/trips',
    { vehicle_id: vehicle, occurred_at: '2100-01-01T00:00:00Z' },
    422,
    'fact_in_the_future',
  ],
  [
    'foreign money',
    '/fines',
    { ...fine, amount: { amount: '1', currency: 'TRY' } },
    422,
    'foreign_currency',
  ],
  [
    'money that does not exist',
    '/fines',
    { ...fine, amount: { amount: '1', currency: 'XXY' } },
    400,
    'malformed_request',
  ],
  [
    'money as a number',
    '/fines',
    { ...fine, amount: { amount: 50, currency: 'EUR' } },
    400,
    'malformed_request',
  ],
  [
    'negative money',
    '/fines',
    { ...fine, amount: { amount: '-1', currency: 'EUR' } },
    400,
    'malformed_request',
  ],
  [
    'a fine before the driver was',
    '/fines',
    { ...fine, driver_id: driver, occurred_at: '2026-02-01T00:00:00Z' },
    422,
    'fact_before_registration',
  ],
  [
    'a fine of a driver who did not drive',
    '/fines',
    { ...fine, driver_id: driver },
    409,
    'driver_not_in_custody',
  ],
  ['a fine of nobody', '/fines', { ...fine, driver_id: uuid8(998) }, 404, 'driver_unknown'],
  [
    'speeding without speeds',
    '/incidents',
    { vehicle_id: vehicle, kind: 'speeding', occurred_at: LATER },
    422,
    'measure_missing',
  ],
  [
    'a rental of a retired vehicle',
    '/rentals',
    { vehicle_id: retired, driver_id: driver },
    409,
    'vehicle_retired',
  ],
  [
    'a rental by nobody',
    '/rentals',
    { vehicle_id: vehicle, driver_id: uuid8(997) },
    404,
    'driver_unknown',
  ],
  ['a vehicle of no park', '/transport_registry', aVehicle(uuid8(996)), 404, 'park_unknown'],
  [
    'a VIN with an O',
    '/transport_registry',
    { ...aVehicle(park), vin: 'VF1OCVYB012345678' },
    400,
    'malformed_request',
  ],
  [
    'a North American VIN that does not add up',
    '/transport_registry',
    { ...aVehicle(park), vin: '1M8GDM9A0KP042788' },
    422,
    'vin_check_digit_wrong',
  ],
  [
    'a zone that does not exist',
    '/parks',
    { ...aPark, zone: 'Europe/Atlantis' },
    400,
    'malformed_request',
  ],
  [
    'a name with half a character',
    '/drivers',
    { ...aDriver(park), identity: { given_name: '\ud800', family_name: 'X' } },
    400,
    'malformed_request',
  ],
  [
    'a plate for a retired vehicle',
    `/transport_registry/${retired}/plate`,
    { plate: 'B-X 1' },
    409,
    'vehicle_retired',
  ],
  [
    'a trip that has not begun',
    `/trips/${uuid8(1)}~${uuid8(2)}/end`,
    { distance_m: 1, max_speed_kmh: 1 },
    404,
    'vehicle_unknown',
  ],
  ['a fine that is not there', `/fines/${uuid8(1)}/confirm`, {}, 404, 'fine_unknown'],
  ['an address that is none', '/nothing', {}, 404, 'not_found'],
];

describe('bad input', () => {
  it.each(cases)('%s', async (_name, url, body, status, code) => {
    const before = api.log.records.length;
    const reply = await call(api, 'POST', url, body);
    expect(reply.body).toMatchObject({ status, code });
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toContain('application/problem+json');
    expect(reply.body.instance).toBe(`urn:uuid:${reply.headers['request-id']}`);
    expect(api.log.records.length).toBe(before);
  });

  it('names the flaw and never the value', async () => {
    const reply = await call(api, 'POST', '/drivers', { ...aDriver(park), secret: 'hunter2' });
    expect(reply.body.errors).toEqual([
      { at: 'body', what: expect.stringContaining('Unrecognized key') },
    ]);
    const named = await call(api, 'POST', '/trips', { ...trip, vehicle_id: 'hunter2' });
    expect(named.body.errors).toEqual([{ at: 'body/vehicle_id', what: expect.any(String) }]);
    expect(JSON.stringify(named.body)).not.toContain('hunter2');
  });

  it('that is no JSON, or a trick', async () => {
    const before = api.log.records.length;
    const headers = { ...(await api.bearer()), 'content-type': 'application/json' };
    for (const payload of ['{', '', '{"__proto__": {"x": 1}}', '{"a": undefined}', '\u0000']) {
      const reply = await api.app.inject({
        method: 'POST',
        url: '/api/v1/trips',
        headers,
        payload,
      });
      expect(reply.statusCode).toBe(400);
      expect(['broken_json', 'malformed_request']).toContain(reply.json().code);
    }
    expect(api.log.records.length).toBe(before);
  });

  it('of the wrong kind or size', async () => {
    const url = '/api/v1/trips';
    const bearer = await api.bearer();
    const text = await api.app.inject({
      method: 'POST',
      url,
      headers: { ...bearer, 'content-type': 'text/plain' },
      payload: 'x',
    });
    expect([text.statusCode, text.json().code]).toEqual([415, 'unsupported_media_type']);
    const long = await api.app.inject({
      method: 'POST',
      url,
      headers: { ...bearer, 'content-type': 'application/json' },
      payload: JSON.stringify({ ...trip, colour: 'x'.repeat(300_000) }),
    });
    expect([long.statusCode, long.json().code]).toEqual([413, 'body_too_large']);
  });

  it('in a query or a path', async () => {
    for (const url of [
      '/trips?colour=red',
      '/trips?limit=0',
      '/trips?limit=501',
      '/trips?after=x',
      '/trips/x',
      '/event_log/driver/x?date=2026-13-01',
      '/events?after=99999999999999999999',
      '/events?types=Nothing',
      '/features?subject=x:y',
    ]) {
      const reply = await call(api, 'GET', url);
      expect([url, reply.status, reply.body.code]).toEqual([url, 400, 'malformed_request']);
    }
    const long = await call(api, 'GET', `/trips/${'x'.repeat(200)}`);
    expect(long.body.code).toBe('uri_too_long');
  });

  it('in an Idempotency-Key or a Ledger-Position', async () => {
    const key = await call(api, 'POST', '/parks', aPark, { 'idempotency-key': 'x'.repeat(200) });
    expect(key.body).toMatchObject({ status: 400, code: 'malformed_request' });
    const at = await call(api, 'GET', '/parks', undefined, { 'ledger-position': 'soon' });
    expect(at.body).toMatchObject({ status: 400, code: 'malformed_request' });
  });

  it('that a reply schema must not turn into a 500', async () => {
    const reply = await call(api, 'POST', '/parks', {});
    expect(reply.status).toBe(400);
    expect(reply.body.errors.length).toBe(4);
  });
});
