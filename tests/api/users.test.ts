import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { authenticate } from '#api/authenticate.ts';
import type { Caller } from '#api/caller.ts';
import { type DemoBearer, demoIssuer, secondFactor } from '#api/demoTokens.ts';
import { rightsInForce } from '#api/rightsInForce.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { EventStore } from '#commands/ports.ts';
import { parseEvent } from '#domain/kernel/event.ts';
import { ActorId, ParkId } from '#domain/kernel/ids.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { aPark, call, START, testApi } from './apiHarness.ts';

const surrogates = {
  of: (person: { readonly issuer: string; readonly subject: string }) => async () =>
    right(ActorId.parse(deriveUuid('actor', person.issuer, person.subject))),
};

/** Time passes: what was looked up a moment ago is looked up again. */
const aMoment = () => new Promise((passed) => setTimeout(passed, 1_050));

/** A server that records rights, on a log in memory. */
const recordingApi = async () => {
  const log = memoryLog();
  const issuer = await demoIssuer(null);
  const { ledger } = testLedger(memoryEventStore(log));
  const api = await testApi(log, {
    authenticate: authenticate(issuer, surrogates, rightsInForce(ledger, issuer.issuer)),
  });
  const bearer = async (who: Partial<DemoBearer> = {}) => {
    const token = await issuer.issue({ role: 'admin', tenant: 'acme', parks: '*', ...who });
    return { authorization: `Bearer ${token}` };
  };
  const idOf = (subject: string) => deriveUuid('actor', issuer.issuer, subject);
  return { ...api, issuer, bearer, idOf };
};
const typesIn = ({ log }: { log: ReturnType<typeof memoryLog> }) =>
  log.records.map(({ type }) => type);
const mighty = async (api: Awaited<ReturnType<typeof recordingApi>>) =>
  api.bearer({ subject: 'chief', ...secondFactor(Date.now()) });

describe('the rights of a token', () => {
  it('are in the log before they are of any use, and once', async () => {
    const api = await recordingApi();
    const headers = await api.bearer({ role: 'analyst', subject: 'ann' });
    for (let n = 0; n < 3; n += 1) await call(api, 'GET', '/parks', undefined, headers);
    expect(typesIn(api)).toEqual(['UserRightsObserved']);
    const event = parseEvent(api.log.records[0]?.text ?? '');
    expect(event).toMatchObject({
      stream: `user-acme.${api.idOf('ann')}`,
      keys: [`user:${api.idOf('ann')}`],
      actor: { kind: 'system', role: 'platform' },
      data: { roles: ['analyst'], permissions: [], parks: { kind: 'all' }, driver: null },
    });
    expect(api.log.records[0]?.text).not.toContain('ann"');
  });

  it('are in the log even where the policy then refuses', async () => {
    const api = await recordingApi();
    const headers = await api.bearer({ role: 'analyst' });
    expect((await call(api, 'POST', '/parks', aPark, headers)).status).toBe(403);
    expect(typesIn(api)).toEqual(['UserRightsObserved']);
  });

  it('are told by their digest where they name more parks than an event holds', async () => {
    const log = memoryLog();
    const observe = rightsInForce(testLedger(memoryEventStore(log)).ledger, 'urn:issuer');
    const parks = (count: number) =>
      Array.from({ length: count }, (_, n) => ParkId.parse(uuid8(n + 1)));
    for (const count of [500, 501]) {
      const caller: Caller = {
        tenant: acme,
        actor: ActorId.parse(uuid8(3)),
        roles: ['operator'],
        permissions: new Set(),
        parks: new Set(parks(count)),
        driver: null,
        auth: { acr: null, amr: [], auth_time_s: null },
        until_ms: 0,
      };
      expect(await observe(caller, { reads: false })).toMatchObject({ right: caller });
    }
    const [listed, digested] = log.records.map(({ text }) => parseEvent(text).data);
    expect(listed).toMatchObject({ parks: { kind: 'listed', parks: parks(500) } });
    expect(digested).toMatchObject({ parks: { kind: 'digest', count: 501 } });
  });

  it('let nobody command while they cannot be recorded, and read only who is known', async () => {
    const log = memoryLog();
    const store = memoryEventStore(log);
    let isAway = false;
    const shaky: EventStore = {
      ...store,
      readStream: (request) => async () =>
        isAway ? left({ code: 'Unavailable', detail: '' }) : store.readStream(request)(),
    };
    const issuer = await demoIssuer(null);
    const { ledger } = testLedger(shaky);
    const ask = authenticate(issuer, surrogates, rightsInForce(ledger, issuer.issuer));
    const who = { role: 'admin', tenant: 'acme', parks: '*' } as const;
    const known = `Bearer ${await issuer.issue(who)}`;
    const stranger = `Bearer ${await issuer.issue({ ...who, subject: 'new' })}`;
    expect(isLeft(await ask(known, { reads: false }))).toBe(false);
    isAway = true;
    await aMoment();
    expect(await ask(known, { reads: false })).toMatchObject({ left: { code: 'Unavailable' } });
    expect(isLeft(await ask(known, { reads: true }))).toBe(false);
    expect(await ask(stranger, { reads: true })).toMatchObject({ left: { code: 'Unavailable' } });
    isAway = false;
    expect(isLeft(await ask(known, { reads: false }))).toBe(false);
    expect(isLeft(await ask(stranger, { reads: false }))).toBe(false);
    expect(log.records.map(({ type }) => type)).toEqual([
      'UserRightsObserved',
      'UserRightsObserved',
    ]);
  });
});

describe('an admin', () => {
  it('grants and takes back what a user may do, within a second or so', async () => {
    const api = await recordingApi();
    const admin = await mighty(api);
    const ann = await api.bearer({ role: 'analyst', subject: 'ann' });
    const events = () => call(api, 'POST', '/parks', { ...aPark, occurred_at: START }, ann);
    expect((await events()).status).toBe(403);
    const url = `/users/${api.idOf('ann')}`;
    const rights = { roles: ['admin'], permissions: ['immobilize'] };
    expect((await call(api, 'POST', `${url}/rights`, rights, admin)).status).toBe(200);
    const before = (await call(api, 'GET', url, undefined, admin)).body;
    expect(before).toMatchObject({
      roles: ['admin', 'analyst'],
      permissions: ['immobilize'],
      granted: { roles: ['admin'], permissions: ['immobilize'] },
      carried: [{ roles: ['analyst'], permissions: [] }],
      suspended: null,
    });
    await aMoment();
    expect((await events()).status).toBe(201);
    expect((await call(api, 'POST', `${url}/rights/revoke`, rights, admin)).status).toBe(200);
    await aMoment();
    expect((await events()).status).toBe(403);
    const after = (await call(api, 'GET', url, undefined, admin)).body;
    expect(after.roles).toEqual(['analyst']);
    const then = `${url}?known_at=${before.known_position}`;
    expect((await call(api, 'GET', then, undefined, admin)).body).toEqual(before);
    const longAgo = await call(api, 'GET', `${url}?true_at=2001-01-01T00:00:00Z`, undefined, admin);
    expect(longAgo.body).toMatchObject({ roles: [], carried: [] });
  });

  it('suspends a user whose token stays good', async () => {
    const api = await recordingApi();
    const admin = await mighty(api);
    const ann = await api.bearer({ role: 'operator', subject: 'ann' });
    expect((await call(api, 'GET', '/parks', undefined, ann)).status).toBe(200);
    const url = `/users/${api.idOf('ann')}`;
    const reason = { reason: 'phone_lost' };
    expect((await call(api, 'POST', `${url}/suspend`, reason, admin)).status).toBe(200);
    await aMoment();
    const refused = await call(api, 'GET', '/parks', undefined, ann);
    expect([refused.status, refused.body.code]).toEqual([403, 'user_suspended']);
    const said = (await call(api, 'GET', url, undefined, admin)).body;
    expect(said).toMatchObject({ roles: [], suspended: { reason: 'phone_lost' } });
    const list = await call(api, 'GET', '/users?status=suspended', undefined, admin);
    expect(list.body.items).toMatchObject([{ user_id: api.idOf('ann'), status: 'suspended' }]);
    expect((await call(api, 'POST', `${url}/reinstate`, {}, admin)).status).toBe(200);
    await aMoment();
    expect((await call(api, 'GET', '/parks', undefined, ann)).status).toBe(200);
  });

  it('ends what a suspended user follows live', async () => {
    const api = await recordingApi();
    const admin = await mighty(api);
    const address = await api.app.listen({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => api.app.close());
    const ann = await api.bearer({ role: 'auditor', subject: 'ann' });
    const live = await fetch(`${address}/api/v1/events`, {
      headers: { ...ann, accept: 'text/event-stream' },
    });
    expect(live.status).toBe(200);
    const url = `/users/${api.idOf('ann')}/suspend`;
    expect((await call(api, 'POST', url, { reason: 'left' }, admin)).status).toBe(200);
    // Read to its end, which only comes if the server closes it.
    expect(await live.text()).toContain('UserSuspended');
  });

  it('shows a second factor to make anybody mightier, and none to stop them', async () => {
    const api = await recordingApi();
    const plain = await api.bearer({ subject: 'chief' });
    await call(api, 'GET', '/parks', undefined, await api.bearer({ subject: 'ann' }));
    const url = `/users/${api.idOf('ann')}`;
    const grant = await call(api, 'POST', `${url}/rights`, { roles: ['auditor'] }, plain);
    expect([grant.status, grant.body.code]).toEqual([401, 'step_up_required']);
    expect(grant.headers['www-authenticate']).toContain('insufficient_user_authentication');
    const stop = await call(api, 'POST', `${url}/suspend`, { reason: 'left' }, plain);
    expect(stop.status).toBe(200);
    expect((await call(api, 'POST', `${url}/reinstate`, {}, plain)).status).toBe(401);
  });

  it('changes neither their own rights nor those of nobody', async () => {
    const api = await recordingApi();
    const admin = await mighty(api);
    for (const step of ['suspend', 'reinstate', 'rights', 'rights/revoke']) {
      const body = step.startsWith('rights') ? { roles: ['auditor'] } : { reason: 'x' };
      const payload = step === 'reinstate' ? {} : body;
      const own = await call(api, 'POST', `/users/${api.idOf('chief')}/${step}`, payload, admin);
      expect([step, own.status, own.body.code]).toEqual([step, 422, 'own_rights']);
      const nobody = await call(api, 'POST', `/users/${uuid8(0x99)}/${step}`, payload, admin);
      expect([step, nobody.status, nobody.body.code]).toEqual([step, 404, 'user_unknown']);
    }
  });

  it('grants only parks that there are, and something at all', async () => {
    const api = await recordingApi();
    const admin = await mighty(api);
    await call(api, 'GET', '/parks', undefined, await api.bearer({ subject: 'ann' }));
    const url = `/users/${api.idOf('ann')}/rights`;
    const nowhere = await call(api, 'POST', url, { parks: [uuid8(0xabc)] }, admin);
    expect([nowhere.status, nowhere.body.code]).toEqual([404, 'park_unknown']);
    expect((await call(api, 'POST', url, {}, admin)).status).toBe(400);
    expect((await call(api, 'POST', url, { parks: '*' }, admin)).status).toBe(200);
  });

  it('of another tenant or of some parks only finds nobody', async () => {
    const api = await recordingApi();
    await call(api, 'GET', '/parks', undefined, await api.bearer({ subject: 'ann' }));
    const url = `/users/${api.idOf('ann')}`;
    const fresh = secondFactor(Date.now());
    for (const who of [{ tenant: 'other' }, { parks: [uuid8(1)], subject: 'bound' }]) {
      const headers = await api.bearer({ ...who, ...fresh });
      expect((await call(api, 'GET', url, undefined, headers)).status).toBe(404);
      const listed = (await call(api, 'GET', '/users', undefined, headers)).body.items;
      expect(JSON.stringify(listed)).not.toContain(api.idOf('ann'));
      const reason = { reason: 'x' };
      expect((await call(api, 'POST', `${url}/suspend`, reason, headers)).status).toBe(404);
    }
  });
});
