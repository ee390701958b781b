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

const at = (time: string, date = '2026-03-02') => `${date}T${time}:00.000Z`;

const typesOf = (api: TestApi) => api.log.records.map(({ type }) => type);
const codes = (reply: { body: { reasons: { code: string }[] } }) =>
  reply.body.reasons.map(({ code }) => code);

const severities = (reply: { body: { reasons: { code: string; severity: string }[] } }) =>
  reply.body.reasons.map(({ code, severity }) => [code, severity]);

describe('the status of access', () => {
  let api: TestApi;
  let ids: { park: string; vehicle: string; driver: string };
  beforeAll(async () => {
    api = await testApi();
    ids = await fleet(api);
  });
  const status = (query = '', headers = {}) =>
    call(api, 'GET', `/access/${ids.driver}/status?${query}`, undefined, headers);

  it('tells of the driver alone while they have no vehicle', async () => {
    const reply = await status(`true_at=${at('07:00')}`);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      driver_id: ids.driver,
      vehicle_id: null,
      at: at('07:00'),
      local_date: '2026-03-02',
      known_position: null,
      verdict: 'allowed_with_warnings',
      rental_status: 'none',
      rental_id: null,
      rules: { scope: 'built_in', park_id: null, version: 0 },
      revisions: {
        driver: '0',
        standing: null,
        vehicle: null,
        tenant_rules: null,
        park_rules: null,
      },
    });
    expect(codes(reply)).toEqual(['licence_missing', 'driver_insurance_missing']);
  });

  it('finds the vehicle that the driver has, as true and as known at any moment', async () => {
    const asked = { vehicle_id: ids.vehicle, driver_id: ids.driver, occurred_at: at('08:00') };
    const before = String(api.log.records.length);
    const rented = await call(api, 'POST', '/rentals', asked);
    expect(rented.status).toBe(201);
    const now = await status(`true_at=${at('09:00')}`);
    expect(now.body).toMatchObject({
      vehicle_id: ids.vehicle,
      rental_status: 'active',
      rental_id: rented.body.id,
      revisions: { driver: '0', vehicle: '2' },
    });
    expect((await status()).body.vehicle_id).toBe(ids.vehicle);
    const earlier = await status(`true_at=${at('07:59')}`);
    expect(earlier.body).toMatchObject({ vehicle_id: null, rental_status: 'none' });
    const unaware = await status(`true_at=${at('09:00')}&known_at=${before}`);
    expect(unaware.body).toMatchObject({ vehicle_id: null, known_position: before });
    const instant = await status(`true_at=${at('09:00')}&known_at=2030-01-01T00:00:00Z`);
    expect(instant.body.known_position).toBe(String(api.log.records.length));
    const ancient = await status('known_at=2020-01-01T00:00:00Z');
    expect(ancient.body.code).toBe('driver_unknown');
  });

  it('says that somebody else has a vehicle', async () => {
    const other = await call(api, 'POST', '/drivers', aDriver(ids.park));
    const url = `/access/${other.body.id}/status?vehicle=${ids.vehicle}&true_at=${at('09:00')}`;
    const reply = await call(api, 'GET', url);
    expect(reply.body).toMatchObject({ verdict: 'denied', rental_status: 'of_another' });
    expect(codes(reply)).toContain('rented_by_another');
    const started = api.log.records.find(({ type }) => type === 'RentalStarted');
    const reason = reply.body.reasons.find(
      ({ code }: { code: string }) => code === 'rented_by_another',
    );
    expect(reason.event_ids).toEqual([JSON.parse(started?.text ?? '').id]);
  });

  it('only warns of little rest', async () => {
    expect(codes(await status('rest_s=3600'))).toContain('rest_short');
    expect((await status('rest_s=3600')).body.verdict).toBe('allowed_with_warnings');
    expect((await status('rest_s=-1')).status).toBe(400);
    expect((await status('rest_s=86401')).status).toBe(400);
  });

  it('takes the rest that is known at that time and by that knowledge, unless it is told', async () => {
    const questions: object[] = [];
    const resting = await testApi(api.log, {
      knownRest: async (question) => {
        questions.push(question);
        return 7_200;
      },
    });
    const ask = (query: string) =>
      call(resting, 'GET', `/access/${ids.driver}/status?true_at=${at('09:00')}&${query}`);
    const known = await ask('known_at=5');
    expect(known.body.rest_s).toBe(7_200);
    expect(codes(known)).toContain('rest_short');
    const told = await ask('rest_s=86400');
    expect(told.body.rest_s).toBe(86_400);
    expect(codes(told)).not.toContain('rest_short');
    const { driver } = ids;
    expect(questions).toEqual([{ tenant: 'acme', driver, at: at('09:00'), known: 5n }]);
    expect((await status()).body.rest_s).toBe(null);
  });

  it('is for those whom it concerns', async () => {
    const own = { role: 'driver', driver: ids.driver } as const;
    expect((await status('', await api.bearer(own))).status).toBe(200);
    const other = await call(api, 'POST', '/drivers', aDriver(ids.park));
    const stranger = await api.bearer({ role: 'driver', driver: other.body.id });
    expect((await status('', stranger)).status).toBe(404);
    expect((await status('', await api.bearer({ role: 'investor' }))).status).toBe(403);
    expect((await status('', await api.bearer({ tenant: 'other' }))).body.code).toBe(
      'driver_unknown',
    );
    const elsewhere = await call(api, 'POST', '/parks', {
      ...aPark,
      code: 'X',
      occurred_at: START,
    });
    const bound = await api.bearer({ role: 'operator', parks: [elsewhere.body.id] });
    expect((await status('', bound)).body.code).toBe('driver_unknown');
    const strange = await call(api, 'POST', '/transport_registry', aVehicle(elsewhere.body.id));
    const here = await api.bearer({ role: 'operator', parks: [ids.park] });
    const asked = await status(`vehicle=${strange.body.id}`, here);
    expect(asked.body.code).toBe('vehicle_unknown');
  });

  it('is a 503 while the log is away', async () => {
    api.log.up = false;
    const reply = await status(`vehicle=${ids.vehicle}`);
    api.log.up = true;
    expect(reply.body.code).toBe('store_unavailable');
  });
});

describe('rules of access', () => {
  const strict = { effects: { licence_missing: 'denies' } };

  it('are published with versions, for a park or for all, and looked up as of any moment', async () => {
    const api = await testApi();
    const { park } = await fleet(api);
    const first = await call(api, 'PUT', '/access/rules', {
      rules: strict,
      occurred_at: at('08:00'),
    });
    expect(first).toMatchObject({ status: 200, body: { id: 'access', revision: '0' } });
    const own = { park_id: park, rules: {}, occurred_at: at('10:00') };
    expect((await call(api, 'PUT', '/access/rules', own)).body.id).toBe(`access-${park}`);
    const lookUp = (query: string) => call(api, 'GET', `/access/rules?${query}`);
    expect((await lookUp(`true_at=${at('07:00')}`)).body).toMatchObject({
      in_force: { scope: 'built_in', version: 0 },
      since: null,
      event_id: null,
      rules: { rest_min_s: 39_600 },
    });
    expect((await lookUp(`park_id=${park}&true_at=${at('09:00')}`)).body).toMatchObject({
      in_force: { scope: 'tenant', park_id: null, version: 1 },
      since: at('08:00'),
      rules: strict,
    });
    expect((await lookUp(`park_id=${park}&true_at=${at('11:00')}`)).body.in_force).toEqual({
      scope: 'park',
      park_id: park,
      version: 1,
    });
    const known = `park_id=${park}&true_at=${at('11:00')}&known_at=${first.body.position}`;
    expect((await lookUp(known)).body.in_force.scope).toBe('tenant');
    const late = { rules: {}, occurred_at: at('07:00') };
    expect((await call(api, 'PUT', '/access/rules', late)).body).toMatchObject({
      code: 'rules_outdated',
      about: { since: at('08:00') },
    });
    const ahead = { rules: {}, occurred_at: '2999-01-01T00:00:00Z' };
    expect((await call(api, 'PUT', '/access/rules', ahead)).body.code).toBe('fact_in_the_future');
    expect((await call(api, 'PUT', '/access/rules', { rules: { speed: 1 } })).status).toBe(400);
    const nowhere = { park_id: uuid8(0x77), rules: {} };
    expect((await call(api, 'PUT', '/access/rules', nowhere)).body.code).toBe('park_unknown');
  });

  it('are for an admin of all parks, or of the park', async () => {
    const api = await testApi();
    const { park } = await fleet(api);
    const bound = await api.bearer({ role: 'admin', parks: [park] });
    const publish = (body: object, headers: Record<string, string>) =>
      call(api, 'PUT', '/access/rules', { rules: strict, ...body }, headers);
    expect((await publish({}, bound)).body.code).toBe('role_not_allowed');
    expect((await publish({ park_id: park }, bound)).status).toBe(200);
    expect((await publish({}, await api.bearer({ role: 'operator' }))).status).toBe(403);
    const foreign = await publish({ park_id: park }, await api.bearer({ tenant: 'other' }));
    expect(foreign.body.code).toBe('park_unknown');
    const other = await call(api, 'POST', '/parks', { ...aPark, code: 'X', occurred_at: START });
    const elsewhere = await api.bearer({ role: 'admin', parks: [other.body.id] });
    expect((await publish({ park_id: park }, elsewhere)).body.code).toBe('park_unknown');
    const look = await call(api, 'GET', `/access/rules?park_id=${park}`, undefined, elsewhere);
    expect(look.body.code).toBe('park_unknown');
  });
});

describe('handing over a vehicle', () => {
  it('writes the decision down first, and is refused where that denies', async () => {
    const api = await testApi();
    const { park, vehicle, driver } = await fleet(api);
    const rules = { effects: { licence_missing: 'denies' } };
    await call(api, 'PUT', '/access/rules', { park_id: park, rules, occurred_at: at('07:00') });
    const asked = { vehicle_id: vehicle, driver_id: driver, occurred_at: at('08:00') };
    const refused = await call(api, 'POST', '/rentals', asked, { 'idempotency-key': 'k' });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'access_denied', about: { decision_id: expect.any(String) } },
    });
    expect(severities(refused)).toEqual([
      ['licence_missing', 'denies'],
      ['driver_insurance_missing', 'warns'],
      ['registration_missing', 'warns'],
      ['vehicle_insurance_missing', 'warns'],
    ]);
    expect(typesOf(api).at(-1)).toBe('AccessDecided');
    const event = JSON.parse(api.log.records.at(-1)?.text ?? '');
    expect(event).toMatchObject({
      stream: `access-acme.${driver}`,
      occurredAt: at('08:00'),
      zone: 'Europe/Berlin',
      localDate: '2026-03-02',
      data: {
        decision: refused.body.about.decision_id,
        driver,
        vehicle,
        park,
        effect: 'rental',
        verdict: 'denied',
        rules: { scope: 'park', park, version: 1 },
        revisions: { driver: '0', standing: null, vehicle: '1', tenantRules: null, parkRules: '0' },
        rest_s: null,
      },
    });
    // The same request gets the same answer; another one, once things have changed, another.
    const licence = { kind: 'licence', digest: 'a'.repeat(64), occurred_at: at('07:30') };
    await call(api, 'POST', `/drivers/${driver}/documents`, licence);
    const again = await call(api, 'POST', '/rentals', asked, { 'idempotency-key': 'k' });
    expect(again.body.about).toEqual(refused.body.about);
    expect(again.body.reasons).toEqual(refused.body.reasons);
    const after = await call(api, 'POST', '/rentals', asked, { 'idempotency-key': 'l' });
    expect(after.status).toBe(201);
    expect(typesOf(api).filter((type) => type === 'AccessDecided')).toHaveLength(2);
    const once = await call(api, 'POST', '/rentals', asked, { 'idempotency-key': 'l' });
    expect(once.body).toEqual(after.body);
    expect(typesOf(api).filter((type) => type === 'AccessDecided')).toHaveLength(2);
  });

  it('goes by the rest that is known, which never denies', async () => {
    const api = await testApi(undefined, { knownRest: async () => 0 });
    const { vehicle, driver } = await fleet(api);
    const asked = { vehicle_id: vehicle, driver_id: driver, occurred_at: at('08:00') };
    expect((await call(api, 'POST', '/rentals', asked)).status).toBe(201);
    const decided = api.log.records.find(({ type }) => type === 'AccessDecided');
    const { data } = JSON.parse(decided?.text ?? '');
    expect([data.rest_s, data.verdict]).toEqual([0, 'allowed_with_warnings']);
    expect(codes({ body: data })).toContain('rest_short');
  });

  it('is not gated when it is long over', async () => {
    const api = await testApi();
    const { park, vehicle, driver } = await fleet(api);
    const rules = { effects: { licence_missing: 'denies' } };
    await call(api, 'PUT', '/access/rules', { park_id: park, rules, occurred_at: at('07:00') });
    const told = { vehicle_id: vehicle, driver_id: driver };
    const past = { ...told, occurred_at: at('08:00'), ended_at: at('09:00') };
    expect((await call(api, 'POST', '/rentals/record', past)).status).toBe(201);
    expect(typesOf(api)).not.toContain('AccessDecided');
  });
});
