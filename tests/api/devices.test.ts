import { describe, expect, it } from 'vitest';
import { uuid8 } from '#tests/support/samples.ts';
import { aPark, aVehicle, call, fleet, START, testApi } from './apiHarness.ts';

const at = (hour: string) => `2026-03-02T${hour}:00+01:00`;
const tracker = '000000000000017';

describe('the devices of a vehicle', () => {
  it('are fitted, removed, recorded, struck out and listed', async () => {
    const api = await testApi();
    const { vehicle } = await fleet(api);
    const url = `/transport_registry/${vehicle}/devices`;
    const body = { ident: tracker, occurred_at: at('08:00') };
    const fitted = await call(api, 'POST', url, body, { 'idempotency-key': 'a' });
    expect(fitted.status).toBe(201);
    expect(fitted.headers.location).toBe(`/api/v1${url}/${fitted.body.id}`);
    const again = await call(api, 'POST', url, body, { 'idempotency-key': 'a' });
    expect(again.body).toEqual(fitted.body);
    const one = `${url}/${fitted.body.id}`;
    expect((await call(api, 'GET', one)).body).toMatchObject({
      fitting_id: fitted.body.id,
      vehicle_id: vehicle,
      ident: tracker,
      status: 'fitted',
      fitted_at: '2026-03-02T07:00:00.000Z',
      removed_at: null,
    });
    const twice = await call(api, 'POST', url, { ...body, occurred_at: at('09:00') });
    expect(twice.body).toMatchObject({ status: 409, code: 'device_already_fitted' });
    const gone = { reason: 'replaced', occurred_at: at('12:00') };
    expect((await call(api, 'POST', `${one}/remove`, gone)).status).toBe(200);
    const later = { reason: 'replaced', occurred_at: at('13:00') };
    expect((await call(api, 'POST', `${one}/remove`, later)).body).toMatchObject({
      status: 409,
      code: 'fitting_already_ended',
    });
    const past = { ident: tracker, reason: 'moved', occurred_at: at('06:00') };
    const recorded = await call(api, 'POST', `${url}/record`, { ...past, ended_at: at('07:00') });
    expect(recorded.status).toBe(201);
    const reversed = { ...past, ended_at: at('05:00') };
    expect((await call(api, 'POST', `${url}/record`, reversed)).body.code).toBe('end_before_start');
    const strike = { reason: 'wrong_times' };
    expect((await call(api, 'POST', `${url}/${recorded.body.id}/void`, strike)).status).toBe(200);
    const { body: listed } = await call(api, 'GET', url);
    expect(listed.next).toBeNull();
    expect(listed.items.map(({ status }: { status: string }) => status)).toEqual([
      'removed',
      'voided',
    ]);
    const struck = await call(api, 'GET', `${url}?status=voided&limit=1`);
    expect(struck.body.items).toMatchObject([{ fitting_id: recorded.body.id }]);
  });

  it('are one over all vehicles and tenants', async () => {
    const api = await testApi();
    const { park, vehicle } = await fleet(api);
    const body = { ident: tracker, occurred_at: at('08:00') };
    await call(api, 'POST', `/transport_registry/${vehicle}/devices`, body);
    const second = await call(api, 'POST', '/transport_registry', aVehicle(park));
    const claimed = { status: 409, code: 'claim_held', about: { kind: 'device_ident' } };
    const held = await call(api, 'POST', `/transport_registry/${second.body.id}/devices`, body);
    expect(held.body).toMatchObject(claimed);
    const headers = await api.bearer({ tenant: 'other' });
    const abroad = await call(api, 'POST', '/parks', { ...aPark, occurred_at: START }, headers);
    const theirs = await call(
      api,
      'POST',
      '/transport_registry',
      aVehicle(abroad.body.id),
      headers,
    );
    const refused = await call(
      api,
      'POST',
      `/transport_registry/${theirs.body.id}/devices`,
      body,
      headers,
    );
    expect(refused.body).toMatchObject(claimed);
    expect(JSON.stringify(refused.body)).not.toContain(vehicle);
  });

  it('are seen by whoever may see the vehicle, where it lies now', async () => {
    const api = await testApi();
    const { park, vehicle } = await fleet(api);
    const url = `/transport_registry/${vehicle}/devices`;
    const { body: made } = await call(api, 'POST', url, { ident: tracker });
    const { body: moved } = await call(api, 'POST', '/parks', { ...aPark, code: 'BER-2' });
    const status = async (path: string, parks: readonly string[]) => {
      const headers = await api.bearer({ role: 'analyst', parks: [...parks] });
      return (await call(api, 'GET', path, undefined, headers)).status;
    };
    const seen = async (parks: readonly string[]) =>
      Promise.all([status(url, parks), status(`${url}/${made.id}`, parks)]);
    expect(await seen([park])).toEqual([200, 200]);
    expect(await seen([moved.id])).toEqual([404, 404]);
    await call(api, 'POST', `/transport_registry/${vehicle}/move`, { park_id: moved.id });
    expect(await seen([park])).toEqual([404, 404]);
    expect(await seen([moved.id])).toEqual([200, 200]);
  });

  it('are not found under another vehicle, and not by what is no ident', async () => {
    const api = await testApi();
    const { park, vehicle } = await fleet(api);
    const url = `/transport_registry/${vehicle}/devices`;
    const { body: made } = await call(api, 'POST', url, { ident: tracker });
    const second = (await call(api, 'POST', '/transport_registry', aVehicle(park))).body.id;
    const foreign = `/transport_registry/${second}/devices/${made.id}`;
    expect((await call(api, 'GET', foreign)).body.code).toBe('fitting_unknown');
    const remove = await call(api, 'POST', `${foreign}/remove`, { reason: 'lost' });
    expect(remove.body).toMatchObject({ status: 404, code: 'fitting_unknown' });
    const nowhere = `/transport_registry/${uuid8(0xabc)}/devices`;
    expect((await call(api, 'POST', nowhere, { ident: tracker })).status).toBe(404);
    expect((await call(api, 'GET', nowhere)).body.code).toBe('vehicle_unknown');
    for (const ident of ['', 'a/b', 'a b', 'x'.repeat(65)]) {
      expect((await call(api, 'POST', url, { ident })).status).toBe(400);
    }
  });
});
