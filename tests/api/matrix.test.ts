import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '#api/caller.ts';
import { secondFactor } from '#api/demoTokens.ts';
import { POLICY, type Row } from '#api/policy.ts';
import { rightsInForce } from '#api/rightsInForce.ts';
import { ActorId } from '#domain/kernel/ids.ts';
import { Permission, Role } from '#domain/users/rights.ts';
import { testLedger } from '#tests/support/ledger.ts';
import { acme, uuid8 } from '#tests/support/samples.ts';
import { aPark, call, fleet, START, testApi } from './apiHarness.ts';
import { type Ids, requestOfRoute } from './requestOfRoute.ts';

const routes = Object.entries(POLICY);
const guarded = routes.filter(([, { who }]) => who !== 'everybody' && who !== 'devices');
const STALE_S = 301;
const TEST_MAX_MS = 60_000;

/** What the table alone says that somebody in one role is told; null: they are let in. */
const told = (
  { who, needs, stepUp }: Row,
  bearer: { role: Role; isPermitted: boolean; isFresh: boolean; isOwn: boolean },
): readonly [number, string] | null => {
  const grant = typeof who === 'string' ? undefined : who[bearer.role];
  if (grant === undefined) return [403, 'role_not_allowed'];
  if (needs !== undefined && bearer.role !== 'admin' && !bearer.isPermitted)
    return [403, 'permission_missing'];
  if (grant === 'own' && !bearer.isOwn) return [404, 'not_found'];
  return stepUp && !bearer.isFresh ? [401, 'step_up_required'] : null;
};
const REFUSALS = new Set(['role_not_allowed', 'permission_missing', 'not_found']);

/** Where being let in is not the end of it: the handler itself refuses a role with the same code. */
const REFUSED_WITHIN: Readonly<Record<string, Role>> = {
  'GET /api/v1/features': 'investor',
  'GET /api/v1/features/live': 'investor',
  'POST /api/v1/drivers/:driver_id/feedback': 'driver',
};

let started: Awaited<ReturnType<typeof scene>> | undefined;
const here = () => {
  if (!started) throw new Error('not started');
  return started;
};

const asUser = ActorId.parse(uuid8(0x90));

/** One of each thing there is, in a park, and another park that has nothing in it. */
const scene = async () => {
  const api = await testApi();
  const { park, vehicle, driver } = await fleet(api);
  const made = async (url: string, body: unknown): Promise<string> => {
    const reply = await call(api, 'POST', url, body);
    expect([url, reply.status < 300, reply.body]).toEqual([url, true, expect.anything()]);
    return reply.body.id ?? reply.body.ident;
  };
  const of = { vehicle_id: vehicle };
  const at = { occurred_at: '2026-03-02T08:00:00Z' };
  const amount = { amount: '500', currency: 'EUR' };
  const rental_id = await made('/rentals', { ...of, driver_id: driver, plan: 'P', ...at });
  const trip_id = await made('/trips', { ...of, occurred_at: '2026-03-02T09:00:00Z' });
  const fine_id = await made('/fines', {
    ...of,
    ...at,
    offence: 'speeding',
    reference: 'A-1',
    amount,
  });
  const incident_id = await made('/incidents', { ...of, ...at, kind: 'damage' });
  const repair = { ...of, ...at, reason: 'defect', severity: 'minor' };
  const repair_id = await made('/repairs', repair);
  const fitting_id = await made(`/transport_registry/${vehicle}/devices`, { ident: 'D-1', ...at });
  await made('/devices', { ident: 'D-1' });
  const party_id = await made('/parties', {
    kind: 'investor',
    identity: { name: 'A' },
    contact: {},
  });
  const shares = { effective_from: '2026-03-01', to: [{ party_id, shares: 10 }] };
  await made(`/assets/${vehicle}/shares/issue`, shares);
  const other = await made('/parks', { ...aPark, code: 'B2', occurred_at: START });
  const caller: Caller = {
    tenant: acme,
    actor: asUser,
    roles: ['operator'],
    permissions: new Set(),
    parks: '*',
    driver: null,
    auth: { acr: null, amr: [], auth_time_s: null },
    until_ms: 0,
  };
  await rightsInForce(testLedger(api.store).ledger, 'urn:issuer')(caller, { reads: false });
  const ids = { park_id: park, vehicle_id: vehicle, driver_id: driver, rental_id, trip_id };
  const more = { fine_id, incident_id, repair_id, fitting_id, user_id: asUser, ident: 'D-1' };
  return {
    api,
    other,
    ids: { ...ids, ...more, party_id, investor_id: party_id, subject_id: driver },
    ask: await requestOfRoute(api),
  };
};

beforeAll(async () => {
  started = await scene();
});
afterAll(async () => started?.api.app.close());

/** The same kinds of ids as in the scene, of things that are nowhere. */
const nowhere = (ids: Ids): Ids =>
  Object.fromEntries(
    Object.entries(ids).map(([name, id], n) => {
      const some = uuid8(0xdead_00 + n);
      if (name === 'ident') return [name, 'D-9'];
      return [name, id.includes('~') ? `${some}~${uuid8(0xbeef_00 + n)}` : some];
    }),
  );

/** What schemas do not say about requests of some routes. */
const more = (route: string, ids: Ids): { body?: object; query?: Ids } => {
  if (route.includes('/features')) return { query: { subject: `park:${ids['park_id']}` } };
  return /users.*rights/.test(route) ? { body: { roles: ['auditor'] } } : {};
};

/** Devices may lie in a store, and in no park; prices hold in every park. */
const OF_NO_PARK = ['/devices', '/plans'];
/** An ident is one over all tenants, so that whoever wants a taken one has to be told. */
const ONE_FOR_ALL = 'POST /api/v1/devices';
/** What the harness has no store for: the answer is the same for anybody. They have tests of their own. */
const AWAY = ['/telemetry/evidence/', '/telemetry/quarantine'];

const isListed = (route: string, parts: readonly string[]): boolean =>
  parts.some((part) => route.includes(`/api/v1${part}`));

const send = async (route: string, ids: Ids, headers: Readonly<Record<string, string>>) => {
  const { api, ask } = here();
  const { method, url, payload } = ask(route, ids, more(route, ids));
  const reply = await api.app.inject({
    method: method === 'PUT' || method === 'POST' || method === 'DELETE' ? method : 'GET',
    url,
    headers,
    ...(payload && { payload }),
  });
  const isJson = /json/.test(String(reply.headers['content-type']));
  return { status: reply.statusCode, text: reply.body, code: isJson ? reply.json().code : null };
};

describe('every route with every role', () => {
  it(
    'lets in and refuses as the policy says',
    async () => {
      const { api, ids } = here();
      const away = nowhere(ids);
      let asked = 0;
      const wrong: unknown[] = [];
      const now_ms = Date.now();
      const factors = [
        { isFresh: false, shown: {} },
        { isFresh: false, shown: secondFactor(now_ms - STALE_S * 1_000) },
        { isFresh: true, shown: secondFactor(now_ms) },
      ];
      for (const role of Role.options) {
        for (const permissions of [[], [...Permission.options]]) {
          for (const { isFresh, shown } of factors) {
            const driver = away['driver_id'] ?? '';
            for (const isOwn of role === 'driver' ? [true, false] : [false]) {
              const whose = isOwn ? { driver } : {};
              const headers = await api.bearer({ role, permissions, ...shown, ...whose });
              // A second factor is of no account where none is asked for: shown once is enough there.
              for (const [route, row] of guarded.filter(([, { stepUp }]) => stepUp || isFresh)) {
                const isPermitted = permissions.length > 0;
                const isAboutDriver = route.includes(':driver_id');
                const bearer = { role, isPermitted, isFresh, isOwn: isOwn && isAboutDriver };
                const expected = told(row, bearer);
                const { status, code } = await send(route, away, headers);
                asked += 1;
                const isRefused = status === 401 || REFUSALS.has(code);
                const isRight = expected
                  ? status === expected[0] && code === expected[1]
                  : !isRefused || REFUSED_WITHIN[route] === role;
                if (!isRight) wrong.push([route, bearer, expected, status, code]);
              }
            }
          }
        }
      }
      expect(wrong).toEqual([]);
      const stepUps = guarded.filter(([, { stepUp }]) => stepUp).length;
      expect(asked).toBe((guarded.length + 2 * stepUps) * 14);
    },
    TEST_MAX_MS,
  );

  it('wants a token that is still good', async () => {
    const { api, ids } = here();
    const away = nowhere(ids);
    const expired = await api.bearer({ life_s: -60, ...secondFactor(Date.now()) });
    for (const [route] of guarded) {
      for (const headers of [{}, expired]) {
        const { status, code } = await send(route, away, headers);
        expect([route, status, code]).toEqual([route, 401, 'unauthenticated']);
      }
    }
    const devices = routes.filter(([, { who }]) => who === 'devices');
    expect(devices.length).toBeGreaterThan(0);
    for (const [route] of devices) {
      const { status } = await send(route, away, await api.bearer({}));
      expect([route, status]).toEqual([route, 401]);
    }
  });
});

describe('a stranger with every right', () => {
  const mighty = { permissions: [...Permission.options], ...secondFactor(Date.now()) };

  it.each(['of another tenant', 'of another park'])('%s finds nothing there', async (which) => {
    const { api, ask, ids, other } = here();
    const away = nowhere(ids);
    const before = api.log.records.length;
    const isTenant = which === 'of another tenant';
    const stranger = isTenant ? { tenant: 'other' } : { parks: [other] };
    const wrong: unknown[] = [];
    let compared = 0;
    for (const [route, { who }] of guarded) {
      const role = Role.options.find((one) => typeof who === 'object' && who[one] === 'yes');
      if (role === undefined || route === ONE_FOR_ALL) continue;
      if (!isTenant && isListed(route, OF_NO_PARK)) continue;
      const request = JSON.stringify(ask(route, ids, more(route, ids)));
      const namesOne = Object.values(ids).some((id) => request.includes(id));
      // What names nothing can only be a list, or make something new.
      if (!namesOne && !route.startsWith('GET')) continue;
      const headers = await api.bearer({ role, ...mighty, ...stranger });
      const there = await send(route, ids, headers);
      const not = await send(route, away, headers);
      compared += 1;
      const isSame = there.status === not.status && there.code === not.code;
      const isNothing =
        there.status === 404 ||
        (there.status === 503 && isListed(route, AWAY)) ||
        (!route.includes(':') && there.status === 200);
      const isToldOf =
        there.status === 200 && Object.values(ids).some((id) => there.text.includes(id));
      if (!isSame || !isNothing || isToldOf) wrong.push([route, role, there, not]);
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(80);
    expect(api.log.records.length).toBe(before);
  });
});
