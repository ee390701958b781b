import { describe, expect, it } from 'vitest';
import { call } from './apiHarness.ts';
import { type BlockingScene, lockdown, withScene } from './immobilizationScene.ts';

const arrears = { method: 'vialon_relay', reason: 'arrears', legal_basis: 'contract-17' };
const DAY_S = 86_400;
const ladder = {
  jurisdiction: 'nowhere-1',
  notices: [{ step: 'warning', modes_min: 2, before_s: 3 * DAY_S }],
  emergency_start_s: 2 * DAY_S,
};

/** A release was sent, and the device's output shows it. */
const released = [
  { type: 'StartReleaseSeries', series: 1, sends: 16, every_s: 4 },
  { type: 'NoteConfirmed', by: 'relay_output' },
] as const;

const publish = async (
  { api, as }: BlockingScene,
  rules: object,
  change: object = {},
  who?: Readonly<Record<string, string>>,
) => {
  const admin = who ?? (await as('root', { role: 'admin' }));
  const url = '/access/immobilization/rules';
  return call(api, 'PUT', url, { rules, ...change }, admin);
};

const rent = async ({ api, ids }: BlockingScene): Promise<string> => {
  const asked = { vehicle_id: ids.vehicle, driver_id: ids.driver };
  const { status, body } = await call(api, 'POST', '/rentals', asked);
  expect(status).toBe(201);
  return body.id;
};

const notice = ({ ask, of, ids }: BlockingScene, mode: string, step = 'warning') =>
  ask('POST', `${of(ids.vehicle)}/notices`, { step, mode, reference: `N-${mode}` });

/** Somebody has the vehicle, there is a ladder, and every step of it was taken. */
const noticed = async (scene: BlockingScene): Promise<string> => {
  expect((await publish(scene, { ladder })).status).toBe(200);
  const rental = await rent(scene);
  for (const mode of ['letter', 'sms']) expect((await notice(scene, mode)).status).toBe(200);
  scene.pass(3 * DAY_S + 1);
  return rental;
};

/** A block for money that waits for a second person, and the hash that it is to repeat. */
const proposed = async (scene: BlockingScene) => {
  const asked = await scene.block(arrears);
  expect([asked.status, asked.body.status]).toEqual([202, 'waiting_approval']);
  const { approval } = (await scene.look(asked.body.job_id)).body;
  return { job: asked.body.job_id, approval_hash: approval.approval_hash };
};

describe('a block for money', () => {
  it(
    'is refused without a ladder, a rental, or the notices in time',
    withScene(async (scene) => {
      const told = async () => {
        const { status, body } = await scene.block(arrears);
        return [status, body.code, body.about];
      };
      expect(await told()).toEqual([409, 'ladder_missing', undefined]);
      expect((await notice(scene, 'sms')).body.code).toBe('nobody_to_block_for');
      await publish(scene, { ladder });
      expect(await told()).toEqual([409, 'nobody_to_block_for', undefined]);
      await rent(scene);
      const missing = [409, 'notices_missing', { step: 'warning' }];
      expect(await told()).toEqual(missing);
      await notice(scene, 'sms');
      await notice(scene, 'letter', 'another_step');
      scene.pass(3 * DAY_S + 1);
      expect(await told()).toEqual(missing);
      await notice(scene, 'letter');
      scene.pass(3 * DAY_S - 60);
      expect(await told()).toEqual(missing);
      scene.pass(61);
      expect((await told())[0]).toBe(202);
    }),
  );

  it(
    'needs a second person, for exactly this, once',
    withScene(async (scene) => {
      const { approve, look, as, types } = scene;
      await noticed(scene);
      const { job, approval_hash } = await proposed(scene);
      const [ann, bob] = [await as('ann'), await as('bob')];
      const told = async (hash: string, who: Record<string, string>) => {
        const { status, body } = await approve(job, { approval_hash: hash }, who);
        return [status, body.code];
      };
      const other = 'a'.repeat(64);
      const stale = { auth_time_s: Math.floor(Date.now() / 1_000) };
      expect(await told(approval_hash, ann)).toEqual([409, 'approval_of_oneself']);
      expect(await told(other, bob)).toEqual([409, 'approval_of_something_else']);
      expect(await told('short', bob)).toEqual([400, 'malformed_request']);
      expect(await told(approval_hash, await as('bob', stale))).toEqual([401, 'step_up_required']);
      const plain = await as('bob', { permissions: [] });
      expect(await told(approval_hash, plain)).toEqual([403, 'permission_missing']);
      expect(types()).not.toContain('BlockApproved');
      const key = { ...bob, 'idempotency-key': 'agreed' };
      expect(await told(approval_hash, key)).toEqual([200, undefined]);
      expect(await told(approval_hash, key)).toEqual([200, undefined]);
      const replayed = [409, 'approval_not_awaited'];
      expect(await told(approval_hash, bob)).toEqual(replayed);
      expect(await told(approval_hash, await as('carol'))).toEqual(replayed);
      expect(types().filter((type) => type === 'BlockApproved')).toHaveLength(1);
      const { status, approval } = (await look(job)).body;
      expect(status).toBe('pending');
      expect(approval).toMatchObject({ needed: true, approval_hash });
      expect(approval.approved_by).toMatch(/^[0-9a-f-]{36}$/);
    }),
  );

  it(
    'is not approved too late, nor with the hash of another request',
    withScene(async (scene) => {
      const { approve, as } = scene;
      await noticed(scene);
      const first = await proposed(scene);
      const again = await scene.block({ ...arrears, reason: 'contract_ended' });
      const { job_id: second } = again.body;
      const { approval_hash } = first;
      const replayed = await approve(second, { approval_hash }, await as('bob'));
      expect([replayed.status, replayed.body.code]).toEqual([409, 'approval_of_something_else']);
      const gone = await approve(first.job, { approval_hash }, await as('bob'));
      expect([gone.status, gone.body.code]).toEqual([409, 'job_has_ended']);
      const { approve_by, approval_hash: right } = (await scene.look(second)).body.approval;
      scene.pass(601);
      const late = await approve(second, { approval_hash: right }, await as('bob'));
      expect([late.status, late.body.code, late.body.about]).toEqual([
        409,
        'approval_expired',
        { approve_by },
      ]);
    }),
  );

  it(
    'is not approved once the vehicle is back, or the immobilizer another',
    withScene(async (scene) => {
      const { api, approve, as, ask, ids, install, of } = scene;
      const rental = await noticed(scene);
      const { job, approval_hash } = await proposed(scene);
      const busy = await install(ids.vehicle, { unit: '1002' });
      expect([busy.status, busy.body.code]).toEqual([409, 'immobilizer_in_use']);
      const seen = await ask('GET', `${of(ids.vehicle)}/immobilizer`, undefined, await as('ann'));
      expect(seen.body).toMatchObject({ current: job, engine: 'free' });
      const { installation } = seen.body.installation;
      const out = await ask('POST', `${of(ids.vehicle)}/immobilizer/remove`, { installation });
      expect([out.status, out.body.code]).toEqual([409, 'immobilizer_in_use']);
      const returned = { reason: 'returned', occurred_at: scene.inSeconds(0) };
      const back = await call(api, 'POST', `/rentals/${rental}/end`, returned);
      expect(back.status).toBe(200);
      const changed = await approve(job, { approval_hash }, await as('bob'));
      expect([changed.status, changed.body.code]).toEqual([409, 'snapshot_changed']);
      expect(changed.body.about.changed.split(', ')).toEqual([
        'status',
        'rental',
        'driver',
        'notices',
      ]);
    }),
  );

  it(
    'rests while an emergency start holds, which frees the engine and has its own end',
    withScene(async (scene) => {
      const { as, ask, block, complete, ids, look, of } = scene;
      await noticed(scene);
      const { job_id: job } = (await block()).body;
      await complete(job);
      const plain = await as('eve', { permissions: [], amr: [], acr: 'silver' });
      const granted = await ask('POST', `${of(ids.vehicle)}/emergency_start`, {}, plain);
      expect([granted.status, granted.body.status]).toEqual([202, 'pending']);
      expect((await look(granted.body.job_id)).body).toMatchObject({
        action: 'release',
        reason: 'emergency_start',
      });
      const seen = await ask('GET', `${of(ids.vehicle)}/immobilizer`, undefined, plain);
      const until = seen.body.grace_until;
      expect(Math.abs(Date.parse(until) - Date.parse(scene.inSeconds(2 * DAY_S)))).toBeLessThan(
        5_000,
      );
      await scene.drive(granted.body.job_id, ...released);
      const held = await block(arrears);
      expect([held.status, held.body.code, held.body.about]).toEqual([
        409,
        'emergency_start_holds',
        { until },
      ]);
      expect((await block(lockdown)).status).toBe(202);
      scene.pass(2 * DAY_S + 1);
      expect((await block(arrears)).body.status).toBe('waiting_approval');
    }),
  );
});

describe('a block for safety', () => {
  it(
    'is reviewed by somebody else, once',
    withScene(async ({ block, look, review, as }) => {
      const { job_id: job } = (await block(lockdown, await as('root', { role: 'admin' }))).body;
      const { approval, review: due } = (await look(job)).body;
      expect(approval).toMatchObject({ needed: false, approve_by: null });
      expect(due).toMatchObject({ due_by: expect.stringMatching(/Z$/), done: false });
      const told = async (who: Record<string, string>) => {
        const { status, body } = await review(job, { finding: 'justified' }, who);
        return [status, body.code];
      };
      expect(await told(await as('ann'))).toEqual([403, 'role_not_allowed']);
      const root = await as('root', { role: 'admin' });
      expect(await told(root)).toEqual([409, 'review_of_oneself']);
      const auditor = await as('ada', { role: 'auditor' });
      expect(await told(auditor)).toEqual([200, undefined]);
      expect(await told(auditor)).toEqual([409, 'review_not_due']);
      expect((await look(job)).body.review.done).toBe(true);
      const parked = await block({ ...lockdown, reason: 'parking' });
      const idle = await review(parked.body.job_id, { finding: 'justified' }, auditor);
      expect([idle.status, idle.body.code]).toEqual([409, 'review_not_due']);
    }),
  );
});

describe('the rules of every park', () => {
  it(
    'are not published by somebody who is bound to some',
    withScene(async (scene) => {
      const bound = await scene.as('bea', { role: 'admin', parks: [scene.ids.park] });
      const refused = await publish(scene, {}, {}, bound);
      expect([refused.status, refused.body.code]).toEqual([403, 'role_not_allowed']);
      const own = { park_id: scene.ids.park };
      expect((await publish(scene, {}, own, bound)).status).toBe(200);
    }),
  );
});

describe('the switch of a tenant', () => {
  it(
    'stops new blocks, and no release',
    withScene(async (scene) => {
      const { api, ids, as, block, release, look, complete, drive } = scene;
      const admin = await as('root', { role: 'admin' });
      const turn = async (allowed: boolean, who = admin) =>
        (await call(api, 'PUT', '/access/new_blocks', { allowed, reason: 'drill' }, who)).status;
      const { job_id: job } = (await block()).body;
      await complete(job);
      expect(await turn(false, await as('ann'))).toBe(403);
      const bound = await as('bea', { role: 'admin', parks: [ids.park] });
      expect(await turn(true, bound)).toBe(403);
      expect(await turn(false, bound)).toBe(200);
      expect(await turn(true)).toBe(200);
      expect(await turn(false)).toBe(200);
      const shown = await call(api, 'GET', '/access/new_blocks', undefined, admin);
      expect(shown.body).toMatchObject({
        tenant: { allowed: false, reason: 'drill' },
        platform: { allowed: true },
      });
      const refused = await block();
      expect([refused.status, refused.body.code]).toEqual([409, 'new_blocks_forbidden']);
      const off = { allowed: false, reason: 'drill' };
      const elsewhere = await as('root', { role: 'admin', tenant: 'other' });
      await call(api, 'PUT', '/access/new_blocks', { ...off, allowed: true }, elsewhere);
      expect((await block()).body.code).toBe('new_blocks_forbidden');
      const plain = await as('eve', { permissions: [], amr: [], acr: 'silver' });
      const freed = await release(undefined, plain);
      expect([freed.status, Object.keys(freed.body)]).toEqual([202, ['job_id', 'status']]);
      expect((await look(freed.body.job_id)).body).toMatchObject({ action: 'release' });
      await drive(freed.body.job_id, ...released);
      expect((await block()).body.code).toBe('new_blocks_forbidden');
      expect(await turn(true)).toBe(200);
      expect((await block()).status).toBe(202);
    }),
  );
});
