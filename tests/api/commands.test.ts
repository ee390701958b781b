import { describe, expect, it } from 'vitest';
import { parseEvent } from '#domain/kernel/event.ts';
import { digest, uuid8 } from '#tests/support/samples.ts';
import { aPark, call, fleet, START, type TestApi, testApi } from './apiHarness.ts';

const at = (hour: string, day = '02') => `2026-03-${day}T${hour}:00+01:00`;
const eventsOf = ({ log }: TestApi) => log.records.map(({ text }) => parseEvent(text));
const typesOf = (api: TestApi) =>
  eventsOf(api)
    .map(({ type }) => type)
    .filter((type) => !type.startsWith('Claim'));

describe('commands', () => {
  it('carry a fleet through its days', async () => {
    const api = await testApi();
    const { park, vehicle, driver } = await fleet(api);
    const ok = async (
      url: string,
      body: unknown,
      status = 200,
      method: 'POST' | 'PUT' = 'POST',
    ) => {
      const reply = await call(api, method, url, body);
      expect([url, reply.status, reply.body]).toEqual([url, status, expect.anything()]);
      return reply.body.id;
    };
    const v = `/transport_registry/${vehicle}`;
    const d = `/drivers/${driver}`;
    const other = await ok('/parks', { ...aPark, code: 'BER-2', occurred_at: START }, 201);
    await ok(`${v}/documents`, {
      kind: 'registration',
      digest: digest(1),
      expires_on: '2027-01-01',
    });
    await ok(`${v}/plate`, { plate: 'b-xy  123' });
    await ok(`${v}/odometer`, { odometer_m: 10_000, occurred_at: at('07:00') });
    await ok(`${v}/owner`, { owner_id: uuid8(0x31) });
    const identity = { given_name: 'Anna', family_name: 'Example', birth_date: '1990-05-01' };
    await ok(`${d}/details`, { identity, contact: {} }, 200, 'PUT');
    const licence = await ok(`${d}/documents`, {
      kind: 'licence',
      digest: digest(2),
      number: 'L1',
    });
    await ok(`${d}/documents/${licence}/withdraw`, { reason: 'renewed' });
    await ok(`${d}/ratings`, { source: 'customer', score: 4 });
    await ok(`${d}/standing/arrears`, { amount: { amount: '900', currency: 'EUR' } });
    await ok(`${d}/standing/deposit`, { amount: { amount: '50000', currency: 'EUR' } });
    const rental = await ok(
      '/rentals',
      { vehicle_id: vehicle, driver_id: driver, plan: 'P1', occurred_at: at('08:00') },
      201,
    );
    const trip = await ok('/trips', { vehicle_id: vehicle, occurred_at: at('08:10') }, 201);
    const measured = { distance_m: 9_000, max_speed_kmh: 80, over_limit_s: 12 };
    await ok(`/trips/${trip}/end`, { ...measured, occurred_at: at('08:40') });
    await ok(`/trips/${trip}/amend`, {
      ...measured,
      distance_m: 9_100,
      ended_at: at('08:41'),
      reason: 'measured_again',
    });
    const whole = await ok(
      '/trips',
      { vehicle_id: vehicle, occurred_at: at('09:00'), ended_at: at('09:30'), ...measured },
      201,
    );
    await ok(`/trips/${whole}/amend`, {
      ...measured,
      occurred_at: at('08:55'),
      ended_at: at('09:30'),
      reason: 'late_data',
    });
    await ok(`/trips/${whole}/void`, { reason: 'recorded_in_error' });
    const fined = {
      offence: 'speeding',
      reference: 'AZ-1',
      amount: { amount: '5000', currency: 'EUR' },
    };
    const fine = await ok(
      '/fines',
      { vehicle_id: vehicle, ...fined, occurred_at: at('08:20') },
      201,
    );
    await ok(`/fines/${fine}/dispute`, { reason: 'facts_wrong' });
    await ok(`/fines/${fine}/confirm`, {});
    await ok(`/fines/${fine}/pay`, {});
    await ok(`/fines/${fine}/void`, { reason: 'appeal_upheld' });
    const speeding = { kind: 'speeding', max_speed_kmh: 80, limit_kmh: 50, ended_at: at('08:21') };
    const incident = await ok(
      '/incidents',
      { vehicle_id: vehicle, ...speeding, occurred_at: at('08:20') },
      201,
    );
    await ok(`/incidents/${incident}/dispute`, { reason: 'facts_wrong' });
    await ok(`/incidents/${incident}/confirm`, {});
    await ok(`/incidents/${incident}/void`, { reason: 'measured_wrong' });
    await ok(`/rentals/${rental}/end`, { reason: 'returned', occurred_at: at('18:00') });
    const past = { vehicle_id: vehicle, driver_id: driver, occurred_at: at('19:00') };
    const second = await ok('/rentals/record', { ...past, ended_at: at('20:00') }, 201);
    await ok(`/rentals/${second}/void`, { reason: 'wrong_driver', occurred_at: at('20:00') });
    const repair = await ok(
      '/repairs',
      { vehicle_id: vehicle, reason: 'defect', severity: 'critical', occurred_at: at('21:00') },
      201,
    );
    await ok(`/repairs/${repair}/open`, { occurred_at: at('21:10') });
    const cost = { kind: 'part', reference: 'P-1', quantity_milli: 1_000 };
    await ok(`/repairs/${repair}/costs`, { ...cost, amount: { amount: '1200', currency: 'EUR' } });
    await ok(`/repairs/${repair}/complete`, { occurred_at: at('22:00') });
    const tyres = { vehicle_id: vehicle, reason: 'tyres', severity: 'minor', begun: true };
    const unneeded = await ok('/repairs', { ...tyres, occurred_at: at('22:10') }, 201);
    await ok(`/repairs/${unneeded}/cancel`, { reason: 'not_needed', occurred_at: at('22:20') });
    await ok(`${v}/move`, { park_id: other });
    await ok(`${d}/move`, { park_id: other });
    await ok(`${v}/withdraw`, { reason: 'accident' });
    await ok(`${v}/reinstate`, {});
    await ok(`${v}/retire`, { reason: 'sold' });
    await ok(`${d}/deactivate`, { reason: 'left' });
    await ok(`${d}/reactivate`, {});
    await ok(`/parks/${park}/close`, {});
    const erased = await call(api, 'DELETE', `/subjects/${driver}?kind=driver`);
    expect(erased.body).toEqual({
      erased: ['identity', 'contact'],
      held: [{ class: 'document', until: expect.stringMatching(/^20\d\d-/) }],
    });
    const seen = await call(api, 'GET', `/drivers/${driver}`);
    expect(seen.body.personal).toMatchObject({ identity: null, contact: null });
    expect((await call(api, 'PUT', `${d}/details`, { identity, contact: {} })).body.code).toBe(
      'driver_erased',
    );
    expect(typesOf(api)).toMatchInlineSnapshot(`
      [
        "ParkOpened",
        "VehicleRegistered",
        "VehicleCommissioned",
        "DriverRegistered",
        "ParkOpened",
        "VehicleDocumentRecorded",
        "VehiclePlateChanged",
        "OdometerRead",
        "VehicleOwnerChanged",
        "DriverDetailsChanged",
        "DriverDocumentRecorded",
        "DriverDocumentWithdrawn",
        "DriverRated",
        "ArrearsStated",
        "DepositStated",
        "AccessDecided",
        "RentalStarted",
        "TripStarted",
        "TripEnded",
        "TripAmended",
        "TripRecorded",
        "TripAmended",
        "TripVoided",
        "FineIssued",
        "FineDisputed",
        "FineConfirmed",
        "FinePaid",
        "FineVoided",
        "IncidentRecorded",
        "IncidentDisputed",
        "IncidentConfirmed",
        "IncidentVoided",
        "RentalEnded",
        "RentalRecorded",
        "RentalVoided",
        "RepairRequested",
        "RepairOpened",
        "RepairCostAdded",
        "RepairCompleted",
        "RepairOpened",
        "RepairCancelled",
        "VehicleMoved",
        "DriverMoved",
        "VehicleWithdrawn",
        "VehicleReinstated",
        "VehicleRetired",
        "DriverDeactivated",
        "DriverReactivated",
        "ParkClosed",
        "SubjectErased",
      ]
    `);
    const text = api.log.records.map((record) => record.text).join();
    for (const secret of ['Ann', 'example.org', 'XY', '1990-05', 'VF1']) {
      expect(text).not.toContain(secret);
    }
  });

  it('say where the new thing is and how far the log has got', async () => {
    const api = await testApi();
    const reply = await call(api, 'POST', '/parks', aPark);
    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({ id: expect.any(String), revision: '0', position: '1' });
    expect(reply.headers.location).toBe(`/api/v1/parks/${reply.body.id}`);
    expect(reply.headers['command-id']).toBe(eventsOf(api)[0]?.commandId);
    expect(eventsOf(api)[0]?.correlationId).toBe(reply.headers['request-id']);
  });

  it('bring every way of writing an instant to one', async () => {
    const api = await testApi();
    const body = { ...aPark, occurred_at: '2026-03-01T08:00:00.5+02:00' };
    await call(api, 'POST', '/parks', body);
    expect(eventsOf(api)[0]).toMatchObject({ occurredAt: '2026-03-01T06:00:00.500Z' });
  });

  it('bear a clock that is a little fast, and no more', async () => {
    const api = await testApi();
    const ahead = (s: number) => new Date(Date.now() + s * 1_000).toISOString();
    const reply = await call(api, 'POST', '/parks', { ...aPark, occurred_at: ahead(240) });
    expect(reply.status).toBe(201);
    const far = await call(api, 'POST', '/parks', { ...aPark, occurred_at: ahead(360) });
    expect(far.body).toMatchObject({ code: 'fact_in_the_future', about: { ahead_max_s: 300 } });
  });
});
