import { isRight, right } from 'fp-ts/lib/Either.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Readings } from '#api/reading.ts';
import { rentalsToReplay } from '#api/replayedRentals.ts';
import { DriverId } from '#domain/kernel/ids.ts';
import { rentals } from '#projections/rentals.ts';
import { logOf, rowsOf, told } from '#tests/support/projectedEvents.ts';
import { acme, berlin, morning, noon, uuid8 } from '#tests/support/samples.ts';
import { aDriver, aPark, aVehicle, call, START, type TestApi, testApi } from './apiHarness.ts';

const at = (day: string, time = '08:00') => `2026-03-${day}T${time}:00.000Z`;

/** What a strict operator might have in mind, who trusts lockouts to be forgotten. */
const rules = {
  effects: {
    licence_missing: 'denies',
    licence_expired: 'denies',
    arrears_exceeded: 'denies',
    driver_locked_out: 'ignored',
  },
  arrears_max: [{ amount: '10000', currency: 'EUR' }],
};

describe('a month under other rules', () => {
  let api: TestApi;
  let park: string;
  const cars: string[] = [];
  const who: Record<string, string> = {};
  const car = (n: number) => cars[n] ?? '';
  const driver = (name: string) => who[name] ?? '';

  const hire = async (name: string, n: number, from: string) => {
    const asked = { vehicle_id: car(n), driver_id: driver(name), occurred_at: from };
    return (await call(api, 'POST', '/rentals', asked)).body;
  };
  const bringBack = (rental: { id: string }, when: string) => {
    const body = { reason: 'returned', occurred_at: when };
    return call(api, 'POST', `/rentals/${rental.id}/end`, body);
  };
  const licence = (name: string, expires_on: string | null) => {
    const paper = { kind: 'licence', digest: 'a'.repeat(64), expires_on, occurred_at: START };
    return call(api, 'POST', `/drivers/${driver(name)}/documents`, paper);
  };
  const simulate = (body: object = {}, headers = {}) => {
    const asked = { rules, from: at('08', '00:00'), to: '2026-04-01T00:00:00Z', ...body };
    return call(api, 'POST', '/access/rules/simulate', asked, headers);
  };

  beforeAll(async () => {
    api = await testApi();
    park = (await call(api, 'POST', '/parks', { ...aPark, occurred_at: START })).body.id;
    for (let n = 0; n < 4; n += 1) {
      const { body } = await call(api, 'POST', '/transport_registry', aVehicle(park));
      const url = `/transport_registry/${body.id}/commission`;
      await call(api, 'POST', url, { occurred_at: START });
      cars.push(body.id);
    }
    for (const name of ['ann', 'bob', 'cem', 'eve']) {
      who[name] = (await call(api, 'POST', '/drivers', aDriver(park))).body.id;
    }
    await licence('ann', '2026-03-20');
    await licence('cem', null);
    // Bob, without a licence, has had a car since before the period; Eve takes one in it.
    await hire('bob', 1, at('05'));
    await hire('eve', 3, at('09'));
    // Cem had Ann's car for a morning, which became known only afterwards.
    const past = { vehicle_id: car(0), driver_id: driver('cem') };
    const hours = { occurred_at: at('09'), ended_at: at('09', '12:00') };
    await call(api, 'POST', '/rentals/record', { ...past, ...hours });
    // Ann's licence expires while she has the car; then she takes it once more.
    const first = await hire('ann', 0, at('10'));
    await bringBack(first, at('25'));
    await hire('ann', 0, at('26'));
    // Cem is locked out and refused, comes again, and owes too much in the end.
    const lockout = { reason_code: 'conduct', until: at('14'), occurred_at: at('12') };
    await call(api, 'POST', `/access/${driver('cem')}/lockouts`, lockout);
    expect(await hire('cem', 2, at('13'))).toMatchObject({ code: 'access_denied' });
    await hire('cem', 2, at('15'));
    for (const [amount, day] of [
      ['10000', '17'],
      ['10001', '18'],
    ] as const) {
      const owed = { amount: { amount, currency: 'EUR' }, occurred_at: at(day, '10:00') };
      await call(api, 'POST', `/drivers/${driver('cem')}/standing/arrears`, owed);
    }
    // A rental that never was, of whoever.
    const wrong = await call(api, 'POST', '/rentals/record', {
      ...{ vehicle_id: car(2), driver_id: driver('eve') },
      ...{ occurred_at: at('10'), ended_at: at('11') },
    });
    const never = { reason: 'recorded_in_error' };
    await call(api, 'POST', `/rentals/${wrong.body.id}/void`, never);
  });

  it('comes to what is worked out by hand', async () => {
    const reply = await simulate();
    expect(reply.status).toBe(200);
    expect(reply.body.counts).toEqual({
      decided: 6,
      refused: 2,
      newly_refused: 2,
      newly_allowed: 1,
      vehicles_locked: 3,
    });
    const short = (each: {
      driver_id: string;
      vehicle_id: string;
      reasons: { code: string }[];
    }) => [
      each.driver_id,
      each.vehicle_id,
      each.reasons.map(({ code }) => code).filter((code) => !/insurance|registration/.test(code)),
    ];
    const { refused, newly_refused, newly_allowed, vehicles_locked } = reply.body;
    expect(refused.map(short)).toEqual([
      [driver('eve'), car(3), ['licence_missing']],
      [driver('ann'), car(0), ['licence_expired']],
    ]);
    expect(refused.map((each: { at: string }) => each.at)).toEqual([at('09'), at('26')]);
    expect(newly_refused).toEqual(refused);
    expect(newly_allowed.map(short)).toEqual([[driver('cem'), car(2), ['driver_locked_out']]]);
    expect(newly_allowed[0].at).toBe(at('13'));
    expect(vehicles_locked.map(short)).toEqual([
      [driver('bob'), car(1), ['licence_missing']],
      [driver('ann'), car(0), ['licence_expired']],
      [driver('cem'), car(2), ['arrears_exceeded']],
    ]);
    // The day after 20 March begins at 23:00 in Berlin's winter time.
    const begins = vehicles_locked.map((each: { from: string; newly: boolean }) => [
      each.from,
      each.newly,
    ]);
    expect(begins).toEqual([
      [at('08', '00:00'), true],
      [at('20', '23:00'), true],
      [at('18', '10:00'), true],
    ]);
    expect(reply.body.truncated).toBe(false);
  });

  it('is as it was under the rules that were in force, and writes nothing', async () => {
    const before = api.log.records.length;
    const reply = await simulate({ rules: {} });
    expect(reply.body.counts).toMatchObject({ refused: 1, newly_refused: 0, newly_allowed: 0 });
    expect(reply.body.vehicles_locked).toEqual([]);
    expect(api.log.records.length).toBe(before);
  });

  it('is that of one park where one is asked for', async () => {
    const other = await call(api, 'POST', '/parks', { ...aPark, code: 'X', occurred_at: START });
    expect((await simulate({ park_id: park })).body.counts.decided).toBe(6);
    expect((await simulate({ park_id: other.body.id })).body.counts.decided).toBe(0);
    const bound = await api.bearer({ role: 'analyst', parks: [other.body.id] });
    expect((await simulate({}, bound)).body.counts.decided).toBe(0);
    expect((await simulate({ park_id: park }, bound)).body.code).toBe('park_unknown');
  });

  it('is for staff, auditors and analysts of the tenant', async () => {
    for (const role of ['admin', 'auditor', 'analyst', 'operator'] as const) {
      expect((await simulate({}, await api.bearer({ role }))).body.counts.decided).toBe(6);
    }
    for (const role of ['driver', 'investor'] as const) {
      expect((await simulate({}, await api.bearer({ role }))).status).toBe(403);
    }
    const foreign = await api.bearer({ tenant: 'other' });
    expect((await simulate({}, foreign)).body.counts.decided).toBe(0);
  });

  it('has a beginning, an end and a length', async () => {
    expect((await simulate({ to: at('08', '00:00') })).status).toBe(400);
    expect((await simulate({ from: '2025-12-01T00:00:00Z' })).status).toBe(400);
    expect((await simulate({ rules: { effects: { weather: 'denies' } } })).status).toBe(400);
    const ahead = { from: '2998-12-01T00:00:00Z', to: '2999-01-01T00:00:00Z' };
    expect((await simulate(ahead)).body.counts.decided).toBe(0);
  });
});

describe('what there is to replay', () => {
  it('is cut off where it is too much, and says so', async () => {
    const [row] = rowsOf(rentals, logOf([told.rentalStarted(noon)])).values();
    let pages = 0;
    const page: Readings['page'] = async (projection) => {
      pages += 1;
      if (projection.name !== rentals.name || pages > 11) return { rows: [], next: null };
      const rows = Array.from({ length: 1_000 }, (_, n) => {
        const driver = DriverId.parse(uuid8(pages * 1_000 + n));
        return { key: driver, row: projection.row.parse({ ...row, driver }) };
      });
      return { rows, next: 'on' };
    };
    const period = { tenant: acme, from: morning.at, to: noon.at, park: berlin };
    const replayed = rentalsToReplay(
      { page, row: async () => null, waitFor: async () => right(0n) },
      async () => right([]),
    );
    const found = await replayed({ ...period, mayActIn: () => true });
    if (!isRight(found)) throw new Error('the log is there');
    expect(found.right.truncated).toBe(true);
    expect(found.right.replayed).toHaveLength(10_000);
  });
});
