import { isLeft, left } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessRecords } from '#adapters/accessRecords.ts';
import { actorSurrogates } from '#adapters/actorSurrogates.ts';
import { memoryVault, memoryVaultData } from '#adapters/memoryVault.ts';
import { postgresEventStore } from '#adapters/postgresEventStore.ts';
import { isOutage } from '#adapters/postgresFailure.ts';
import { postgresPool } from '#adapters/postgresPool.ts';
import { authenticate } from '#api/authenticate.ts';
import { demoIssuer } from '#api/demoTokens.ts';
import { digestOf } from '#commands/digest.ts';
import { stateCache } from '#commands/stateCache.ts';
import { workspace } from '#commands/workspace.ts';
import { SLEEP_OVERHEAD_S } from '#domain/features/rest.ts';
import { instantOf, Zone } from '#domain/kernel/instant.ts';
import { calendar } from '#main/calendar.ts';
import { liveFeatures } from '#projections/features/live.ts';
import { explainFeature, featureValues } from '#projections/features/query.ts';
import { readModelStatus } from '#projections/lag.ts';
import { logEntries, projectedEvent } from '#projections/logEntry.ts';
import { readPage, readRow } from '#projections/query.ts';
import { readModels } from '#projections/readModels.ts';
import { projectionRunner } from '#projections/runner.ts';
import { positionWaiter } from '#projections/waitFor.ts';
import { testDatabase } from '#tests/support/database.ts';
import { faultProxy } from '#tests/support/faultProxy.ts';
import { acme } from '#tests/support/samples.ts';
import { aPark, call, fleet, START, type TestApi, testApi } from './apiHarness.ts';
import { blocking, lockdown } from './immobilizationScene.ts';

const at = (time: string) => `2026-03-02T${time}:00Z`;

/** The server on a real database, behind a wire that can be cut. */
const onPostgres = async () => {
  const database = await testDatabase();
  const proxy = await faultProxy(Number(new URL(database.url).port));
  const moved = new URL(database.url);
  moved.port = String(proxy.port);
  const url = moved.href;
  const sql = postgresPool({
    url,
    connections_max: 6,
    statement_timeout_ms: 5_000,
    application: 'ledger-api-tests',
  });
  const store = postgresEventStore({ url, append_timeout_ms: 2_000, read_timeout_ms: 2_000 });
  const waiter = positionWaiter(sql);
  const stop = new AbortController();
  const runner = projectionRunner({
    sql,
    source: store,
    projections: readModels,
    observe: () => {},
    progressed: waiter.nudge,
  });
  const running = runner.run(stop.signal);
  const claimHash = { of: (claimed: { kind: string; value: string }) => digestOf(claimed) };
  const book = accessRecords({ url });
  const surrogates = actorSurrogates({ url, claimHash });
  const issuer = await demoIssuer(null);
  const ledger = workspace({
    store,
    vault: memoryVault(memoryVaultData(), { isLogged: async (events) => new Set(events) }),
    claimHash,
    cache: stateCache({ entries_max: 1_000 }),
    now: () => instantOf(Date.now()),
    platformZone: Zone.parse('UTC'),
    observeConflict: () => {},
  });
  const api = await testApi(undefined, {
    workspace: ledger,
    authenticate: authenticate(issuer, surrogates),
    accessRecords: book,
    readings: { row: readRow(sql), page: readPage(sql), waitFor: waiter.waitFor },
    eventsOfSubject: async (tenant, subject, upTo) => {
      const page = await store.readAll({ after: null, limit: 5_000 })();
      if (isLeft(page)) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
      return logEntries(page.right, 0)
        .map(({ record, recorded_ms }) => projectedEvent(record, recorded_ms))
        .filter((each) => each.tenant === tenant && each.keys.includes(subject))
        .filter(({ position }) => position <= upTo);
    },
    features: {
      values: featureValues(sql),
      explain: explainFeature({ sql, calendar }),
      live: liveFeatures({ sql, calendar, sleepOverhead_s: SLEEP_OVERHEAD_S }),
    },
    readModelStatus: readModelStatus({ sql, source: store, densePositions: true }),
    isOutage,
  });
  const bearer: TestApi['bearer'] = async (who = {}) => ({
    authorization: `Bearer ${await issuer.issue({ role: 'admin', tenant: 'acme', parks: '*', ...who })}`,
  });
  return {
    api: { ...api, bearer },
    ledger,
    book,
    proxy,
    close: async () => {
      await api.app.close();
      stop.abort();
      await running;
      await Promise.all([store.close(), book.close(), surrogates.close()]);
      await sql.end({ timeout: 5 });
      await proxy.close();
      await database.drop();
    },
  };
};

describe('the API on Postgres', () => {
  let ground: Awaited<ReturnType<typeof onPostgres>>;
  beforeAll(async () => {
    ground = await onPostgres();
  });
  afterAll(() => ground.close());

  it('reads what it wrote, when it is told how far', async () => {
    const { api } = ground;
    const { park, vehicle, driver } = await fleet(api);
    const rented = { vehicle_id: vehicle, driver_id: driver, occurred_at: at('08:00') };
    await call(api, 'POST', '/rentals', rented);
    const told = { distance_m: 9_000, max_speed_kmh: 80, occurred_at: at('09:00') };
    const trip = await call(api, 'POST', '/trips', {
      vehicle_id: vehicle,
      ...told,
      ended_at: at('09:30'),
    });
    const here = { 'ledger-position': trip.body.position };
    const get = async (url: string) => (await call(api, 'GET', url, undefined, here)).body;
    expect(await get(`/transport_registry/${vehicle}`)).toMatchObject({
      status: 'rented',
      rental: { driver_id: driver },
    });
    expect((await get(`/transport_registry?park_id=${park}&status=rented`)).items.length).toBe(1);
    expect((await get(`/trips?vehicle_id=${vehicle}`)).items[0]).toMatchObject({
      trip_id: trip.body.id,
      driver_id: driver,
    });
    const day = await get(`/event_log/driver/${driver}?date=2026-03-02`);
    expect(day.events.map((each: { type: string }) => each.type)).toEqual([
      'RentalStarted',
      'TripRecorded',
    ]);
    const log = await get(`/event_log/vehicle/${vehicle}?from=${at('00:00')}`);
    expect(log.events.map((each: { type: string }) => each.type)).toEqual([
      'AccessDecided',
      'RentalStarted',
      'TripRecorded',
    ]);
    const history = await get(`/assets/${vehicle}/history?true_at=${at('09:10')}`);
    expect(history.state).toMatchObject({ status: 'rented', open_trip: { trip_id: trip.body.id } });
    expect(await get(`/features?subject=park:${park}`)).toMatchObject({ values: [] });
    const live = async (subject: string) => {
      const { values, ...about } = await get(`/features/live?subject=${subject}`);
      const told = Object.fromEntries(
        values.map(({ name, value }: { name: string; value: unknown }) => [name, value]),
      );
      return { ...about, ...told };
    };
    // There is no telemetry of that van: long ago it was rented, and nobody knows what was done with it.
    expect(await live(`park:${park}`)).toMatchObject({
      incomplete: false,
      as_of: expect.stringMatching(/^\d+$/),
      fleet_size: '1',
      fleet_active_count: '0',
      idle_rate: '1.000000',
    });
    expect(await live(`driver:${driver}`)).toMatchObject({
      driver_sleep_index: null,
      driver_sleep_coverage: '0.000000',
      driving_24h: '0.000000',
    });
    expect((await get('/parks')).items[0]).toMatchObject({ park_id: park, name: 'Berlin' });
    expect(await get(`/drivers/${driver}`)).toMatchObject({ rental: { vehicle_id: vehicle } });
    const status = await get('/etl/status');
    expect(status.read_models.length).toBe(readModels.length);
    expect(
      status.read_models.every((each: { account: { closes: boolean } }) => each.account.closes),
    ).toBe(true);
  });

  it('decides on access by its own read models and streams', async () => {
    const { api } = ground;
    const { park, vehicle, driver } = await fleet(api);
    const url = `/access/${driver}`;
    const rented = { vehicle_id: vehicle, driver_id: driver, occurred_at: at('08:00') };
    const rental = (await call(api, 'POST', '/rentals', rented)).body;
    const lockout = { reason_code: 'conduct', occurred_at: at('09:00') };
    const locked = (await call(api, 'POST', `${url}/lockouts`, lockout)).body;
    const here = { 'ledger-position': locked.position };
    const get = async (path: string) => (await call(api, 'GET', path, undefined, here)).body;
    const status = (query: string) => get(`${url}/status?true_at=${at('10:00')}${query}`);
    const now = await status('');
    expect(now).toMatchObject({
      vehicle_id: vehicle,
      verdict: 'denied',
      rental_status: 'active',
      rental_id: rental.id,
    });
    expect(now.reasons[0]).toMatchObject({
      code: 'driver_locked_out',
      since: `2026-03-02T09:00:00.000Z`,
    });
    const unaware = await status(`&known_at=${rental.position}`);
    expect(unaware).toMatchObject({ vehicle_id: vehicle, verdict: 'allowed_with_warnings' });
    const ahead = await status(`&known_at=2999-01-01T00:00:00Z`);
    expect([ahead.verdict, ahead.known_position]).toEqual(['denied', locked.position]);
    expect((await status('&known_at=2020-01-01T00:00:00Z')).code).toBe('driver_unknown');
    expect((await get(`${url}/lockouts`)).lockout_log).toMatchObject([{ lockout_id: locked.id }]);
    const period = { from: at('00:00'), to: at('12:00'), park_id: park };
    const rules = { effects: { licence_missing: 'denies', driver_locked_out: 'ignored' } };
    const asked = { rules, ...period };
    const strict = await call(api, 'POST', '/access/rules/simulate', asked, here);
    expect(strict.body.counts).toMatchObject({ decided: 1, newly_refused: 1, vehicles_locked: 0 });
    const lax = await call(api, 'POST', '/access/rules/simulate', { ...asked, rules: {} }, here);
    expect(lax.body.vehicles_locked).toMatchObject([
      { vehicle_id: vehicle, from: '2026-03-02T09:00:00.000Z', newly: false },
    ]);
  });

  it('blocks an engine once, however often it is clicked', async () => {
    const { as, block, complete, look, release } = await blocking(
      ground.api,
      ground.ledger,
      Date.now,
    );
    const key = { ...(await as('ann')), 'idempotency-key': 'click' };
    const clicks = await Promise.all([1, 2, 3].map(() => block(lockdown, key)));
    const job = clicks[0]?.body.job_id;
    const accepted = { job_id: job, status: 'pending' };
    expect(clicks.map(({ status, body }) => [status, body])).toEqual(
      clicks.map(() => [202, accepted]),
    );
    await complete(job);
    expect((await look(job)).body).toMatchObject({ status: 'completed', result: 'success' });
    expect((await block()).body.code).toBe('vehicle_blocked');
    expect((await release()).status).toBe(202);
  });

  it('waits a bounded time for what never comes', async () => {
    const { api } = ground;
    const started = Date.now();
    const reply = await call(api, 'GET', '/parks', undefined, { 'ledger-position': '999999' });
    expect(reply.body).toMatchObject({ status: 503, code: 'projection_behind' });
    expect(Date.now() - started).toBeGreaterThan(1_500);
    expect(Date.now() - started).toBeLessThan(4_000);
  });

  it('keeps the book of who looked', async () => {
    const { api, book } = ground;
    const { driver } = await fleet(api);
    const last = await call(api, 'POST', `/drivers/${driver}/ratings`, {
      source: 'operator',
      score: 4,
    });
    const here = { 'ledger-position': last.body.position };
    expect((await call(api, 'GET', `/drivers/${driver}`, undefined, here)).body).toHaveProperty(
      'personal',
    );
    expect((await call(api, 'GET', '/events?limit=1')).status).toBe(200);
    const page = await book.list({ tenant: acme, subject: null, before: null, limit: 2 })();
    expect(isLeft(page) ? left(page) : page.right.map(({ purpose }) => purpose)).toEqual([
      'events_exported',
      'personal_data_read',
    ]);
  });

  it('says that a store is away, and goes on when it is back', async () => {
    const { api, proxy } = ground;
    const { park } = await fleet(api);
    await proxy.refuse();
    const write = await call(api, 'POST', `/parks/${park}/close`, { occurred_at: START });
    expect([write.status, write.headers['retry-after']]).toEqual([503, '2']);
    const read = await call(api, 'GET', '/parks');
    expect([read.status, read.body.code]).toEqual([503, 'store_unavailable']);
    await proxy.heal();
    let again = await call(api, 'POST', '/parks', { ...aPark, code: 'AFTER' });
    for (let n = 0; again.status === 503 && n < 40; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      again = await call(api, 'POST', '/parks', { ...aPark, code: 'AFTER' });
    }
    expect(again.status).toBe(201);
    for (let n = 0; n < 10; n += 1) {
      const here = { 'ledger-position': again.body.position };
      const seen = await call(api, 'GET', `/parks/${again.body.id}`, undefined, here);
      if (seen.status === 200) return;
      expect(seen.status).toBe(503);
    }
    throw new Error('the read models do not come back');
  });
});
