import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuid8 } from '#tests/support/samples.ts';
import { call } from './apiHarness.ts';
import { blockingScene, lockdown, withScene } from './immobilizationScene.ts';

type Scene = Awaited<ReturnType<typeof blockingScene>>;
const SPECIFIED = '{"method":"vialon_relay","reason":"safety_lockdown"}';

describe('the two calls of the specification', () => {
  it(
    'are answered in its words, and only a proof makes it a success',
    withScene(async ({ api, ids, as, look, dispatch, drive }) => {
      const asked = await api.app.inject({
        method: 'POST',
        url: `/api/v1/access/${ids.vehicle}/immobilize`,
        headers: { ...(await as('ann')), 'content-type': 'application/json' },
        payload: SPECIFIED,
      });
      const { job_id: job } = asked.json();
      expect(asked.statusCode).toBe(202);
      expect(asked.body).toBe(`{"job_id":"${job}","status":"pending"}`);
      expect(asked.headers.location).toBe(`/api/v1/access/${ids.vehicle}/immobilize/${job}`);
      expect((await look(job)).body).toMatchObject({ status: 'pending', result: null });
      await dispatch(job);
      const accepted = { outcome: 'accepted', code: null, again: false } as const;
      await drive(job, { type: 'AnswerBlock', attempt: 1, ...accepted });
      await drive(job, { type: 'NoteExecuted', by: 'relay' });
      const sent = (await look(job)).body;
      expect(sent).toMatchObject({ status: 'dispatching', result: null });
      expect(sent.evidence).toMatchObject({ level: 'executed', confirmed_at: null });
      await drive(job, { type: 'NoteConfirmed', by: 'relay_output' });
      const done = (await look(job)).body;
      expect(done).toMatchObject({ job_id: job, status: 'completed', result: 'success' });
      expect(Object.keys(done)).toEqual(expect.arrayContaining(['status', 'result', 'history']));
      expect(done.evidence.level).toBe('confirmed');
      for (const clock of ['decision_ms', 'accepted_ms', 'executed_ms', 'confirmed_ms']) {
        expect([clock, typeof done.clocks[clock]]).toEqual([clock, 'number']);
      }
      const told = done.history.map(({ event }: { event: string }) => event);
      expect(told).toEqual([
        'block_requested',
        'block_dispatch_started',
        'block_answered',
        'order_executed',
        'block_confirmed',
        'block_ended',
      ]);
      for (const step of done.history) {
        expect(step).toMatchObject({
          user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
          vehicle_id: ids.vehicle,
          reason: 'safety_lockdown',
        });
      }
    }),
  );

  it(
    'know no other words',
    withScene(async ({ block, types }) => {
      const before = types().length;
      for (const body of [
        {},
        { method: 'vialon_relay' },
        { reason: 'safety_lockdown' },
        { method: 'wialon_relay', reason: 'safety_lockdown' },
        { method: 'vialon_relay', reason: 'because' },
        { ...lockdown, force: true },
        { ...lockdown, wait: 'no' },
      ]) {
        const { status, body: problem } = await block(body);
        expect([body, status, problem.code]).toEqual([body, 400, 'malformed_request']);
      }
      expect(types().length).toBe(before);
    }),
  );
});

describe('who may block an engine', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await blockingScene();
  });
  afterAll(() => scene.api.app.close());
  const asked = async (headers: Record<string, string>) => {
    const { status, body, headers: sent } = await scene.block(lockdown, headers);
    return { told: [status, body.code], challenge: sent['www-authenticate'] };
  };

  it('is a specialist with a second factor at hand, and nobody else', async () => {
    const { as, types } = scene;
    const before = types().length;
    for (const role of ['driver', 'investor', 'auditor', 'analyst'] as const) {
      const { told } = await asked(await as('eve', { role }));
      expect([role, ...told]).toEqual([role, 403, 'role_not_allowed']);
    }
    const plain = await asked(await as('eve', { permissions: [] }));
    expect(plain.told).toEqual([403, 'permission_missing']);
    const stale_s = Math.floor(Date.now() / 1_000) - 301;
    for (const factor of [
      { auth_time_s: stale_s },
      { acr: 'silver', amr: ['pwd'] },
      { acr: 'silver', amr: [] },
    ]) {
      const weak = await asked(await as('ann', factor));
      expect(weak.told).toEqual([401, 'step_up_required']);
      expect(weak.challenge).toMatch(
        /^Bearer error="insufficient_user_authentication", .*acr_values="urn:equinomix:mfa", max_age="300"$/,
      );
    }
    // Who somebody is may be written down at their first request; about engines nothing is.
    expect(
      types()
        .slice(before)
        .filter((type) => type.startsWith('Block')),
    ).toEqual([]);
    expect((await asked(await as('ann'))).told).toEqual([202, undefined]);
    const admin = await as('root', { role: 'admin', permissions: [] });
    expect((await asked(admin)).told).toEqual([202, undefined]);
  });

  it('sees nothing of another tenant or park', async () => {
    const { as, ids, block, look, release, cancel, approve } = scene;
    const { job_id: job } = (await block()).body;
    const { approval_hash } = (await look(job)).body.approval;
    for (const who of [{ tenant: 'other' }, { parks: [uuid8(0x99)] }]) {
      const stranger = await as('ann', who);
      const told = await Promise.all([
        block(lockdown, stranger),
        block(lockdown, stranger, uuid8(0x98)),
        release({ reason: 'mistake' }, stranger),
        cancel(job, { reason: 'mistake' }, stranger),
        approve(job, { approval_hash }, stranger),
      ]);
      for (const { status, body } of told) {
        expect([status, body.code]).toEqual([404, 'vehicle_unknown']);
      }
      const seen = await look(job, stranger);
      expect([seen.status, seen.body.code]).toEqual([404, 'job_unknown']);
      const engine = await call(
        scene.api,
        'GET',
        `/access/${ids.vehicle}/immobilizer`,
        undefined,
        stranger,
      );
      expect([engine.status, engine.body.code]).toEqual([404, 'vehicle_unknown']);
    }
    expect((await look(job)).body.status).toBe('pending');
  });
});

describe('what may be blocked', () => {
  it(
    'is a vehicle with an immobilizer that cannot stop it, by the way it is reached',
    withScene(async ({ block, another, install, as }) => {
      const told = async (vehicle: string, body: object = lockdown) => {
        const { status, body: problem } = await block(body, undefined, vehicle);
        return [status, problem.code, problem.about];
      };
      expect(await told(uuid8(0x98))).toEqual([404, 'vehicle_unknown', undefined]);
      const van = await another();
      expect(await told(van)).toEqual([409, 'immobilizer_missing', undefined]);
      await install(van, { interrupts: 'fuel_pump' });
      const pump = { interrupts: 'fuel_pump' };
      expect(await told(van)).toEqual([409, 'immobilizer_unsafe', pump]);
      await install(van, { interrupts: 'ignition' });
      expect((await told(van))[1]).toBe('immobilizer_unsafe');
      const mqtt = { ...lockdown, method: 'mqtt_relay' };
      const other = { method: 'vialon_relay' };
      expect(await told(van, mqtt)).toEqual([409, 'immobilizer_of_another_method', other]);
      await install(van, { interrupts: 'fuel_pump', speed_guard_tested_on: '2026-01-15' });
      expect((await told(van))[0]).toBe(202);
      const odd = await install(van, { interrupts: 'starter', unit: '' });
      expect([odd.status, odd.body.code]).toEqual([400, 'malformed_request']);
      const plain = await as('eve', { permissions: [] });
      expect((await block(lockdown, plain, van)).body.code).toBe('permission_missing');
    }),
  );
});

describe('a job', () => {
  it(
    'is one for one Idempotency-Key, and gives way to a newer one that is not sent yet',
    withScene(async ({ block, look, as, types }) => {
      const once = { ...(await as('ann')), 'idempotency-key': 'click' };
      const first = await block(lockdown, once);
      const clicks = await Promise.all([block(lockdown, once), block(lockdown, once)]);
      for (const { status, body } of clicks) expect([status, body]).toEqual([202, first.body]);
      const reused = await block({ ...lockdown, reason: 'theft' }, once);
      expect([reused.status, reused.body.code]).toEqual([422, 'idempotency_key_reused']);
      const twice = { ...(await as('ann')), 'idempotency-key': 'click-again' };
      const second = await block(lockdown, twice);
      expect(second.status).toBe(202);
      expect(second.body.job_id).not.toBe(first.body.job_id);
      expect((await look(first.body.job_id)).body).toMatchObject({
        status: 'cancelled',
        result: 'superseded',
      });
      expect((await look(second.body.job_id)).body.status).toBe('pending');
      expect(types().filter((type) => type === 'BlockRequested')).toHaveLength(2);
    }),
  );

  it(
    'is alone while it is on its way, and afterwards the engine is blocked already',
    withScene(async ({ block, cancel, dispatch, drive }) => {
      const { job_id: job } = (await block()).body;
      await dispatch(job);
      const second = await block();
      expect([second.status, second.body.code, second.body.about]).toEqual([
        409,
        'block_in_flight',
        { job },
      ]);
      const off = await cancel(job, { reason: 'mistake' });
      expect([off.status, off.body.code]).toEqual([409, 'block_in_flight']);
      await drive(job, { type: 'NoteConfirmed', by: 'telemetry_output' });
      const third = await block();
      expect([third.status, third.body.code]).toEqual([409, 'vehicle_blocked']);
      const late = await cancel(job, { reason: 'mistake' });
      expect([late.status, late.body.code, late.body.about]).toEqual([
        409,
        'job_has_ended',
        { status: 'completed' },
      ]);
    }),
  );

  it(
    'may be called off before it is sent, once or twice, by whoever works there',
    withScene(async ({ block, look, cancel, as }) => {
      const { job_id: job } = (await block()).body;
      const plain = await as('eve', { permissions: [], amr: [], acr: 'silver' });
      expect((await cancel(job, { reason: 'resolved' }, plain)).status).toBe(200);
      expect((await cancel(job, { reason: 'resolved' })).status).toBe(200);
      expect((await look(job)).body).toMatchObject({ status: 'cancelled', result: 'resolved' });
      expect((await cancel(job, { reason: 'no reason' })).body.code).toBe('malformed_request');
    }),
  );

  it(
    'is only known with its own vehicle',
    withScene(async ({ ids, block, another, look, cancel, ask, jobUrl, as }) => {
      const { job_id: job } = (await block()).body;
      const van = await another();
      const none = `${ids.vehicle}~${uuid8(0x77)}`;
      const seen = await ask('GET', jobUrl(job, van), undefined, await as('ann'));
      expect([seen.status, seen.body.code]).toEqual([404, 'job_unknown']);
      for (const [url, body] of [
        [`${jobUrl(job, van)}/cancel`, { reason: 'mistake' }],
        [`${jobUrl(job, van)}/approve`, { approval_hash: 'a'.repeat(64) }],
        [`${jobUrl(none)}/cancel`, { reason: 'mistake' }],
      ] as const) {
        const { status, body: problem } = await ask('POST', url, body);
        expect([url, status, problem.code]).toEqual([url, 404, 'job_unknown']);
      }
      expect((await look(none)).body.code).toBe('job_unknown');
      expect((await cancel('nothing', { reason: 'mistake' })).status).toBe(400);
      expect((await look(job)).body.status).toBe('pending');
    }),
  );
});
