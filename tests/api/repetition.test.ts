import { describe, expect, it } from 'vitest';
import { parseEvent } from '#domain/kernel/event.ts';
import { aDriver, aPark, aVehicle, call, fleet, type TestApi, testApi } from './apiHarness.ts';

const at = (hour: string, day = '02') => `2026-03-${day}T${hour}:00+01:00`;
const eventsOf = ({ log }: TestApi) => log.records.map(({ text }) => parseEvent(text));
describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-1' };

  it('has a request carried out once and answered the same', async () => {
    const api = await testApi();
    const { park, vehicle, driver } = await fleet(api);
    const rented = { vehicle_id: vehicle, driver_id: driver, occurred_at: at('08:00') };
    const fined = { offence: 'x', reference: 'R', amount: { amount: '1', currency: 'EUR' } };
    for (const [url, body] of [
      ['/parks', aPark],
      ['/transport_registry', { ...aVehicle(park), plate: 'B-A 1' }],
      ['/drivers', aDriver(park)],
      ['/rentals', rented],
      ['/trips', { vehicle_id: vehicle }],
      ['/fines', { vehicle_id: vehicle, ...fined, occurred_at: at('08:00') }],
      ['/repairs', { vehicle_id: vehicle, reason: 'wear', severity: 'minor' }],
      [`/transport_registry/${vehicle}/plate`, { plate: 'B-C 2' }],
      [`/drivers/${driver}/ratings`, { source: 'operator', score: 3 }],
    ] as const) {
      const first = await call(api, 'POST', url, body, key);
      const events = api.log.records.length;
      const again = await call(api, 'POST', url, body, key);
      expect([url, again.status, again.body]).toEqual([url, first.status, first.body]);
      expect([200, 201]).toContain(first.status);
      expect(again.headers['command-id']).toBe(first.headers['command-id']);
      expect(api.log.records.length).toBe(events);
    }
  });

  it('is not to be used for anything else', async () => {
    const api = await testApi();
    const { park, vehicle } = await fleet(api);
    const second = (await call(api, 'POST', '/transport_registry', aVehicle(park))).body.id;
    const fined = { offence: 'x', reference: 'R', amount: { amount: '1', currency: 'EUR' } };
    const trip = { vehicle_id: vehicle, occurred_at: at('10:00') };
    const car = aVehicle(park);
    for (const [url, body, other] of [
      ['/parks', aPark, { ...aPark, name: 'Elsewhere' }],
      ['/trips', trip, { ...trip, vehicle_id: second }],
      ['/fines', { ...trip, ...fined }, { ...trip, ...fined, reference: 'S' }],
      ['/transport_registry', car, { ...car, vin: aVehicle(park).vin }],
    ] as const) {
      expect((await call(api, 'POST', url, body, key)).status).toBe(201);
      const events = api.log.records.length;
      const reused = await call(api, 'POST', url, other, key);
      expect([url, reused.body]).toEqual([
        url,
        expect.objectContaining({ status: 422, code: 'idempotency_key_reused' }),
      ]);
      expect(api.log.records.length).toBe(events);
    }
  });

  it('that was refused may be used again once the mistake is mended', async () => {
    const api = await testApi();
    expect((await call(api, 'POST', '/parks', { ...aPark, zone: 'X' }, key)).status).toBe(400);
    expect((await call(api, 'POST', '/parks', aPark, key)).status).toBe(201);
  });

  it('of two people is two keys', async () => {
    const api = await testApi();
    const one = await call(api, 'POST', '/parks', aPark, key);
    const headers = { ...key, ...(await api.bearer({ subject: 'somebody-else' })) };
    const other = await call(api, 'POST', '/parks', aPark, headers);
    expect(other.body.id).not.toBe(one.body.id);
  });

  it('gives no two events one id, whatever it is used for', async () => {
    const api = await testApi();
    const { park, vehicle } = await fleet(api);
    const second = (await call(api, 'POST', '/transport_registry', aVehicle(park))).body.id;
    const forgetful = await testApi(api.log);
    for (const [one, vehicle_id] of [
      [api, vehicle],
      [forgetful, second],
    ] as const) {
      await call(one, 'POST', '/trips', { vehicle_id }, key);
      await call(
        one,
        'POST',
        `/transport_registry/${vehicle_id}/withdraw`,
        { reason: 'other' },
        key,
      );
    }
    const ids = eventsOf(api).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('without one, a request sent twice is two', async () => {
    const api = await testApi();
    const one = await call(api, 'POST', '/parks', aPark);
    const other = await call(api, 'POST', '/parks', aPark);
    expect(other.body.id).not.toBe(one.body.id);
  });
});

describe('the store away', () => {
  it('is told as such, with nothing half done, and recovered from', async () => {
    const api = await testApi();
    const { vehicle, driver } = await fleet(api);
    const events = api.log.records.length;
    api.log.up = false;
    const rental = { vehicle_id: vehicle, driver_id: driver, occurred_at: at('08:00') };
    for (const [method, url, body] of [
      ['POST', '/rentals', rental],
      ['POST', '/parks', aPark],
      ['GET', '/parks', undefined],
      ['GET', `/drivers/${driver}`, undefined],
      ['GET', '/events', undefined],
    ] as const) {
      const reply = await call(api, method, url, body);
      expect([url, reply.body]).toEqual([
        url,
        expect.objectContaining({ status: 503, code: 'store_unavailable' }),
      ]);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    }
    api.log.up = true;
    expect(api.log.records.length).toBe(events);
    expect((await call(api, 'POST', '/rentals', rental)).status).toBe(201);
    expect((await call(api, 'GET', '/parks')).status).toBe(200);
  });
});

describe('too many requests', () => {
  it('are told when to come again', async () => {
    const api = await testApi(undefined, { requests_per_s_max: 3 });
    const statuses: number[] = [];
    let told = null;
    for (let n = 0; n < 8; n += 1) {
      const reply = await call(api, 'GET', '/parks');
      statuses.push(reply.status);
      if (reply.status === 429) told = reply;
    }
    expect(statuses).toContain(200);
    expect(told?.body).toMatchObject({ status: 429, code: 'too_many_requests' });
    expect(told?.headers['retry-after']).toBe('1');
  });
});
