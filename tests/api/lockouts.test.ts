import { beforeAll, describe, expect, it } from 'vitest';
import { uuid8 } from '#tests/support/samples.ts';
import { aDriver, aPark, call, fleet, START, type TestApi, testApi } from './apiHarness.ts';

const at = (time: string) => `2026-03-02T${time}:00.000Z`;

describe('lockouts', () => {
  let api: TestApi;
  let ids: { park: string; vehicle: string; driver: string };
  let url: string;
  beforeAll(async () => {
    api = await testApi();
    ids = await fleet(api);
    url = `/access/${ids.driver}/lockouts`;
  });
  const lockOut = (body: object = {}, headers = {}) =>
    call(api, 'POST', url, { reason_code: 'conduct', occurred_at: at('08:00'), ...body }, headers);
  const lift = (lockout: string, headers = {}) => {
    const body = { reason_code: 'appeal_upheld', occurred_at: at('10:00') };
    return call(api, 'POST', `${url}/${lockout}/lift`, body, headers);
  };

  it('keep a driver from a vehicle, until they are lifted, and are told of', async () => {
    const imposed = await lockOut({}, { 'idempotency-key': 'once' });
    expect(imposed.status).toBe(201);
    expect(imposed.headers.location).toBe(`/api/v1${url}/${imposed.body.id}`);
    const again = await lockOut({}, { 'idempotency-key': 'once' });
    expect(again.body).toEqual(imposed.body);
    const asked = { vehicle_id: ids.vehicle, driver_id: ids.driver, occurred_at: at('09:00') };
    const refused = await call(api, 'POST', '/rentals', asked);
    expect(refused.body.code).toBe('access_denied');
    const lockedOut = api.log.records.find(({ type }) => type === 'DriverLockedOut');
    expect(refused.body.reasons[0]).toEqual({
      code: 'driver_locked_out',
      severity: 'denies',
      event_ids: [JSON.parse(lockedOut?.text ?? '').id],
      since: at('08:00'),
      until: null,
      last_day: null,
    });
    const status = await call(api, 'GET', `/access/${ids.driver}/status?true_at=${at('09:00')}`);
    expect(status.body.reasons[0]).toMatchObject({
      code: 'driver_locked_out',
      severity: 'denies',
      since: at('08:00'),
      until: null,
    });
    expect((await lift(imposed.body.id)).status).toBe(200);
    expect((await lift(imposed.body.id)).status).toBe(200);
    const later = await call(api, 'POST', '/rentals', { ...asked, occurred_at: at('11:00') });
    expect(later.status).toBe(201);
    const log = await call(api, 'GET', url);
    expect(log.body).toMatchObject({
      driver_id: ids.driver,
      lockout_log: [
        {
          lockout_id: imposed.body.id,
          driver_id: ids.driver,
          park_id: ids.park,
          status: 'lifted',
          reason_code: 'conduct',
          started_at: at('08:00'),
          until: null,
          lifted_at: at('10:00'),
          lift_reason_code: 'appeal_upheld',
        },
      ],
      next: null,
    });
  });

  it('come newest first, a page at a time', async () => {
    await lockOut({ occurred_at: at('12:00'), until: at('13:00') });
    const first = await call(api, 'GET', `${url}?limit=1`);
    expect(first.body.lockout_log[0]).toMatchObject({ status: 'imposed', until: at('13:00') });
    const rest = await call(api, 'GET', `${url}?limit=5&after=${first.body.next}`);
    expect(rest.body.lockout_log).toHaveLength(1);
  });

  it('refuse what makes no sense', async () => {
    const early = { until: at('08:00') };
    expect((await lockOut(early)).body.code).toBe('end_before_start');
    expect((await lockOut({ reason_code: 'He was rude to me' })).status).toBe(400);
    expect((await lockOut({ occurred_at: '2999-01-01T00:00:00Z' })).body.code).toBe(
      'fact_in_the_future',
    );
    expect((await lift(uuid8(0x99))).body.code).toBe('lockout_unknown');
    const nobody = { reason_code: 'conduct' };
    const unknown = await call(api, 'POST', `/access/${uuid8(0x98)}/lockouts`, nobody);
    expect(unknown.body.code).toBe('driver_unknown');
    const none = await call(api, 'GET', `/access/${uuid8(0x98)}/lockouts`);
    expect(none.body.code).toBe('driver_unknown');
  });

  it('are for those whom they concern', async () => {
    const look = async (headers: Record<string, string>) =>
      (await call(api, 'GET', url, undefined, headers)).status;
    const own = await api.bearer({ role: 'driver', driver: ids.driver });
    const other = await call(api, 'POST', '/drivers', aDriver(ids.park));
    const stranger = await api.bearer({ role: 'driver', driver: other.body.id });
    expect(await look(own)).toBe(200);
    expect(await look(stranger)).toBe(404);
    expect((await lockOut({}, own)).status).toBe(403);
    const auditor = await api.bearer({ role: 'auditor' });
    expect(await look(auditor)).toBe(200);
    expect((await lockOut({}, auditor)).status).toBe(403);
    expect((await lift(uuid8(1), auditor)).status).toBe(403);
    const foreign = await api.bearer({ tenant: 'other' });
    expect(await look(foreign)).toBe(404);
    expect((await lockOut({}, foreign)).body.code).toBe('driver_unknown');
    const elsewhere = await call(api, 'POST', '/parks', {
      ...aPark,
      code: 'X',
      occurred_at: START,
    });
    const bound = await api.bearer({ role: 'operator', parks: [elsewhere.body.id] });
    expect(await look(bound)).toBe(404);
    expect((await lockOut({}, bound)).body.code).toBe('driver_unknown');
    expect((await lift(uuid8(1), bound)).body.code).toBe('driver_unknown');
  });

  it('stay to be seen when the driver has moved to another park', async () => {
    const next = await call(api, 'POST', '/parks', { ...aPark, code: 'Y', occurred_at: START });
    await call(api, 'POST', `/drivers/${ids.driver}/move`, { park_id: next.body.id });
    const bound = await api.bearer({ role: 'operator', parks: [next.body.id] });
    const log = await call(api, 'GET', url, undefined, bound);
    expect(log.body.lockout_log).toHaveLength(2);
  });
});
