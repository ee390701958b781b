import { beforeAll, describe, expect, it } from 'vitest';
import { uuid8 } from '#tests/support/samples.ts';
import {
  aDriver,
  aPark,
  aVehicle,
  call,
  fleet,
  START,
  type TestApi,
  testApi,
} from './apiHarness.ts';

const at = (time: string) => `2026-03-02T${time}:00Z`;

describe('reads', () => {
  let api: TestApi;
  let park = '';
  let vehicle = '';
  let driver = '';
  let rental = '';
  let trip = '';
  let atNoon = '';

  beforeAll(async () => {
    api = await testApi();
    ({ park, vehicle, driver } = await fleet(api));
    const make = async (url: string, body: unknown) => {
      const reply = await call(api, 'POST', url, body);
      expect([url, reply.status, reply.body]).toEqual([url, 201, expect.anything()]);
      return reply.body.id;
    };
    const rented = { vehicle_id: vehicle, driver_id: driver, odometer_m: 1_000 };
    rental = await make('/rentals', { ...rented, occurred_at: at('08:00') });
    const measured = { distance_m: 9_000, max_speed_kmh: 80 };
    trip = await make('/trips', {
      vehicle_id: vehicle,
      occurred_at: at('09:00'),
      ended_at: at('09:30'),
      ...measured,
    });
    const money = { amount: '5000', currency: 'EUR' };
    const fined = { offence: 'speeding', reference: 'AZ-1', amount: money };
    const fine = await make('/fines', { vehicle_id: vehicle, ...fined, occurred_at: at('09:10') });
    const found = { vehicle_id: vehicle, reason: 'wear', severity: 'minor' };
    await make('/repairs', { ...found, begun: true, occurred_at: at('10:00') });
    await make('/incidents', { vehicle_id: vehicle, kind: 'damage', occurred_at: at('09:20') });
    atNoon = String(api.log.records.length);
    await call(api, 'POST', `/rentals/${rental}/end`, {
      reason: 'returned',
      occurred_at: at('18:00'),
    });
    await call(api, 'POST', `/fines/${fine}/void`, { reason: 'appeal_upheld' });
    await call(api, 'POST', `/trips/${trip}/amend`, {
      ...measured,
      distance_m: 9_500,
      ended_at: at('09:45'),
      reason: 'late_data',
    });
  });

  it('show vehicles, with VIN and plate for those who may', async () => {
    const seen = await call(api, 'GET', `/transport_registry/${vehicle}`);
    expect(seen.body).toMatchObject({
      vehicle_id: vehicle,
      park_id: park,
      make: 'Renault',
      status: 'in_repair',
      odometer_m: 1_000,
      rental: null,
      identity: { vin: expect.stringMatching(/^VF1/), plate: null },
    });
    const analyst = await api.bearer({ role: 'analyst' });
    const bare = await call(api, 'GET', `/transport_registry/${vehicle}`, undefined, analyst);
    expect(bare.status).toBe(200);
    expect(bare.body).not.toHaveProperty('identity');
  });

  it('show personal data only to some, and write down who looked', async () => {
    const before = api.accesses.length;
    const operator = await api.bearer({ role: 'operator' });
    const seen = await call(api, 'GET', `/drivers/${driver}`, undefined, operator);
    expect(seen.body.personal.identity).toEqual({
      given_name: 'Ann',
      family_name: 'Example',
      birth_date: null,
    });
    expect(api.accesses.slice(before)).toEqual([
      expect.objectContaining({
        purpose: 'personal_data_read',
        tenant: 'acme',
        role: 'operator',
        subject: driver,
        classes: ['identity', 'contact', 'document', 'bank_account'],
        requestId: seen.headers['request-id'],
      }),
    ]);
    const auditor = await api.bearer({ role: 'auditor' });
    const bare = await call(api, 'GET', `/drivers/${driver}`, undefined, auditor);
    expect(bare.body).toMatchObject({ driver_id: driver, status: 'active' });
    expect(bare.body).not.toHaveProperty('personal');
    expect((await call(api, 'GET', '/drivers')).body.items[0]).not.toHaveProperty('personal');
    expect(api.accesses.length).toBe(before + 1);
  });

  it('show nothing personal that cannot be written down', async () => {
    const deaf = await testApi(api.log, {
      accessRecords: {
        record: () => async () => ({ _tag: 'Left', left: { code: 'Unavailable', detail: '' } }),
      },
    });
    expect((await call(deaf, 'GET', `/drivers/${driver}`)).status).toBe(503);
    expect((await call(deaf, 'GET', '/events')).status).toBe(503);
  });

  it('show every kind of record, and lists of them by filter', async () => {
    for (const [url, field, value] of [
      [`/parks/${park}`, 'name', 'Berlin'],
      [`/rentals/${rental}`, 'status', 'ended'],
      [`/trips/${trip}`, 'status', 'amended'],
    ] as const) {
      expect((await call(api, 'GET', url)).body).toHaveProperty(field, value);
    }
    const place = `vehicle_id=${vehicle}&park_id=${park}`;
    const custody = `${place}&driver_id=${driver}`;
    for (const [url, count] of [
      ['/parks', 1],
      ['/transport_registry?status=in_repair', 1],
      ['/transport_registry?status=available', 0],
      [`/drivers?park_id=${park}&status=active`, 1],
      [`/rentals?vehicle_id=${vehicle}`, 1],
      [`/trips?driver_id=${driver}`, 1],
      [`/trips?from=${at('09:00')}&to=${at('09:01')}`, 1],
      [`/trips?to=${at('09:00')}`, 0],
      ['/fines?status=voided', 1],
      ['/fines?reference=AZ-1', 1],
      ['/incidents?kind=damage&class=incident', 1],
      ['/repairs?severity=minor&status=open', 1],
      ['/parks?status=open', 1],
      [`/transport_registry?park_id=${park}&owner_id=${uuid8(0x30)}`, 1],
      [`/rentals?${custody}&status=ended&from=${at('08:00')}&to=${at('08:01')}`, 1],
      [`/trips?${custody}&status=amended`, 1],
      [`/fines?${custody}&from=${at('09:10')}&to=${at('09:11')}`, 1],
      [`/fines?${custody}&to=${at('09:10')}`, 0],
      [`/incidents?${custody}&status=recorded&from=${at('09:20')}&to=${at('09:21')}`, 1],
      [`/incidents?${custody}&to=${at('09:20')}`, 0],
      [`/repairs?${place}&from=${at('10:00')}&to=${at('10:01')}`, 1],
      [`/repairs?${place}&to=${at('10:00')}`, 0],
    ] as const) {
      const reply = await call(api, 'GET', url);
      expect([url, reply.body.items?.length]).toEqual([url, count]);
    }
  });

  it('show the standing of a driver, or that there is none', async () => {
    expect((await call(api, 'GET', `/drivers/${driver}/standing`)).body).toEqual({
      standing: null,
    });
    const amount = { amount: '1', currency: 'EUR' };
    await call(api, 'POST', `/drivers/${driver}/standing/deposit`, { amount });
    const seen = await call(api, 'GET', `/drivers/${driver}/standing`);
    expect(seen.body.standing).toMatchObject({ driver_id: driver, deposit: { amount } });
  });

  it('show a driver’s day, where it was', async () => {
    const day = await call(api, 'GET', `/event_log/driver/${driver}?date=2026-03-02`);
    expect(day.body.events.map((each: { type: string }) => each.type)).toEqual([
      'RentalStarted',
      'TripAmended',
      'TripRecorded',
      'FineIssued',
      'IncidentRecorded',
      'RentalEnded',
    ]);
    expect(day.body.events[2]).toMatchObject({
      driver_id: driver,
      vehicle_id: vehicle,
      summary: { distance_m: 9_500 },
    });
    const other = await call(api, 'GET', `/event_log/driver/${driver}?date=2026-03-03`);
    expect(other.body).toEqual({ driver_id: driver, date: '2026-03-03', events: [], next: null });
  });

  it('show a vehicle’s events between two instants, without our own bookkeeping', async () => {
    const url = `/event_log/vehicle/${vehicle}?from=${at('08:00')}&to=${at('09:20')}`;
    const seen = await call(api, 'GET', url);
    expect(seen.body.events.map((each: { type: string }) => each.type)).toEqual([
      'AccessDecided',
      'RentalStarted',
      'TripRecorded',
      'TripAmended',
      'FineIssued',
    ]);
    expect(seen.body.events[0].data).toMatchObject({ vehicle, driver });
  });

  it('wait for what their caller knows of, but not for ever', async () => {
    const here = { 'ledger-position': String(api.log.records.length) };
    expect((await call(api, 'GET', '/parks', undefined, here)).status).toBe(200);
    const ahead = { 'ledger-position': '99999' };
    const reply = await call(api, 'GET', '/parks', undefined, ahead);
    expect(reply.body).toMatchObject({ status: 503, code: 'projection_behind' });
    expect(reply.headers['retry-after']).toBeDefined();
  });

  it('tell a history as known and as true at any moment', async () => {
    const history = async (query: string) =>
      (await call(api, 'GET', `/assets/${vehicle}/history?limit=500${query}`)).body;
    const now = await history('');
    expect(now.state).toMatchObject({
      status: 'in_repair',
      custody: null,
      open_trip: null,
      totals: { trips: 1, distance_m: 9_500, rentals: 1, fines: 0, incidents: 1, fined: [] },
    });
    expect(now.events_in_all).toBe(now.events.length);
    const known = await history(`&known_at=${atNoon}`);
    expect(known).toMatchObject({ known_position: atNoon });
    expect(known.state).toMatchObject({
      custody: { driver_id: driver, rental_id: rental, since: '2026-03-02T08:00:00.000Z' },
      totals: { distance_m: 9_000, fines: 1, fined: [{ amount: '5000', currency: 'EUR' }] },
    });
    const driving = await history(`&true_at=${at('09:40')}`);
    expect(driving.state).toMatchObject({
      status: 'rented',
      open_trip: { trip_id: trip, driver_id: driver },
      totals: { trips: 0, fines: 0 },
    });
    const before = await history(`&true_at=2026-02-01T00:00:00Z`);
    expect(before).toMatchObject({ state: null, events: [] });
    const recorded = await history(`&known_at=${new Date(Date.now() + 60_000).toISOString()}`);
    expect(recorded.state).toEqual(now.state);
  });

  it('tell a long history page by page', async () => {
    const events: unknown[] = [];
    let after = '0';
    for (let page = 0; page < 20; page += 1) {
      const { body } = await call(api, 'GET', `/assets/${vehicle}/history?limit=3&after=${after}`);
      events.push(...body.events);
      if (body.next === null) break;
      after = body.next;
    }
    const whole = await call(api, 'GET', `/assets/${vehicle}/history?limit=500`);
    expect(events).toEqual(whole.body.events);
  });

  it('go on from page to page, and see only what lies in the caller’s parks', async () => {
    const parks = [park];
    for (const code of ['B2', 'B3']) {
      const { body } = await call(api, 'POST', '/parks', { ...aPark, code, occurred_at: START });
      parks.push(body.id);
    }
    for (let n = 0; n < 12; n += 1) {
      await call(api, 'POST', '/transport_registry', aVehicle(parks[n % 3] ?? park));
      await call(api, 'POST', '/drivers', aDriver(parks[n % 3] ?? park));
    }
    const all = async (url: string, headers = {}) => {
      const items: { park_id: string }[] = [];
      let after = '';
      for (let page = 0; page < 30; page += 1) {
        const { body } = await call(api, 'GET', `${url}?limit=2${after}`, undefined, headers);
        items.push(...body.items);
        if (body.next === null) return items;
        after = `&after=${body.next}`;
      }
      throw new Error('there is no end to it');
    };
    expect((await all('/transport_registry')).length).toBe(13);
    const two = await api.bearer({ parks: parks.slice(1) });
    const seen = await all('/transport_registry', two);
    expect(seen.length).toBe(8);
    expect(seen.every(({ park_id }) => park_id !== park)).toBe(true);
    const one = await api.bearer({ parks: parks.slice(2) });
    expect((await all('/drivers', one)).length).toBe(4);
    expect((await all('/parks', one)).length).toBe(1);
    const none = await api.bearer({ parks: [] });
    expect(await all('/parks', none)).toEqual([]);
  });

  it('are no way to a person’s figures for an investor', async () => {
    const investor = await api.bearer({ role: 'investor' });
    for (const path of ['features', 'features/live']) {
      const url = `/${path}?subject=driver:${driver}`;
      expect((await call(api, 'GET', url, undefined, investor)).status).toBe(403);
    }
    const fleetwide = await call(api, 'GET', `/features?subject=park:${park}`, undefined, investor);
    expect(fleetwide.body).toEqual({ subject: `park:${park}`, values: [] });
    const unknown = `/features/idle_rate/explain?subject=park:${park}`;
    expect((await call(api, 'GET', unknown)).body.code).toBe('feature_unknown');
    const nothingYet = await call(api, 'GET', `/features/live?subject=park:${park}`);
    expect(nothingYet.body.code).toBe('feature_unknown');
  });
});
