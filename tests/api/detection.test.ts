import { describe, expect, it } from 'vitest';
import { parseEvent } from '#domain/kernel/event.ts';
import { defaultSettings } from '#domain/parks/detection.ts';
import { uuid8 } from '#tests/support/samples.ts';
import { call, fleet, type TestApi, testApi } from './apiHarness.ts';

const yard = {
  shape: 'circle',
  fence: 'yard',
  centre: { lat: 52.520_008, lon: 13.404_954 },
  radius_m: 120,
};
const forbidden = { fence: yard, rule: 'forbidden' };
const configured = ({ log }: TestApi) =>
  log.records
    .map(({ text }) => parseEvent(text))
    .filter(({ type }) => type === 'DetectionConfigured');

describe('how telemetry is judged', () => {
  it('is by the defaults until something is said, then by what was said last for that time', async () => {
    const api = await testApi();
    const { park } = await fleet(api);
    const url = `/parks/${park}/detection`;
    const before = await call(api, 'GET', url);
    expect(before.body).toEqual({
      from: null,
      settings: defaultSettings,
      fences: [],
      sequence: [],
    });

    const said = { settings: { parking_min_s: 120 }, fences: [forbidden] };
    const first = await call(api, 'PUT', url, said);
    expect([first.status, first.body.id]).toEqual([200, park]);
    const again = await call(api, 'PUT', url, said);
    expect([again.status, configured(api).length]).toEqual([200, 1]);
    const settings = { ...defaultSettings, parking_min_s: 120 };
    const seen = await call(api, 'GET', url);
    expect(seen.body).toMatchObject({
      from: configured(api)[0]?.occurredAt,
      settings,
      fences: [forbidden],
      sequence: [{ settings, fences: [{ fence: 'yard', rule: 'forbidden' }] }],
    });

    await call(api, 'PUT', url, { occurred_at: '2026-03-02T09:00:00+01:00' });
    const both = await call(api, 'GET', url);
    expect(both.body).toMatchObject({ settings, fences: [forbidden] });
    expect(both.body.sequence.map(({ from }: { from: string }) => from)).toEqual([
      configured(api)[0]?.occurredAt,
      '2026-03-02T08:00:00.000Z',
    ]);
    expect(api.log.records.map(({ text }) => text).join()).not.toContain('52.52');
  });

  it('is refused where it makes no sense, and to whom it does not concern', async () => {
    const api = await testApi();
    const { park } = await fleet(api);
    const url = `/parks/${park}/detection`;
    const wrong = [
      { settings: { parking_min_s: 1 } },
      { settings: { parking_min_s: 60.5 } },
      { settings: { parking: 60 } },
      { fences: [forbidden, { ...forbidden, rule: 'noted' }] },
      { fences: [{ ...forbidden, rule: 'maybe' }] },
      { fences: [{ ...forbidden, fence: { ...yard, fence: 'no name' } }] },
    ];
    for (const body of wrong) expect((await call(api, 'PUT', url, body)).status).toBe(400);
    const elsewhere = await api.bearer({ role: 'operator', parks: [uuid8(0x99)] });
    for (const method of ['GET', 'PUT'] as const) {
      const payload = method === 'PUT' ? {} : undefined;
      const hidden = await call(api, method, url, payload, elsewhere);
      expect([hidden.status, hidden.body.code]).toEqual([404, 'park_unknown']);
    }
    const investor = await api.bearer({ role: 'investor' });
    expect((await call(api, 'GET', url, undefined, investor)).status).toBe(403);
    expect(configured(api)).toEqual([]);
  });
});
