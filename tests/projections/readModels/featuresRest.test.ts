import { describe, expect, it } from 'vitest';
import { DeviceFitted } from '#domain/devices/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { fact } from '#domain/kernel/registry.ts';
import { driverKey } from '#domain/kernel/subjects.ts';
import { knownRest } from '#projections/features/knownRest.ts';
import { liveFeatures } from '#projections/features/live.ts';
import { materialise } from '#projections/features/materialise.ts';
import { type AsOf, explainFeature } from '#projections/features/query.ts';
import { intervals } from '#projections/intervals.ts';
import { deviceNo, logOf, show, told, tripNo } from '#tests/support/projectedEvents.ts';
import { acme, ann, bob, instant, moment, operation, rentalOfBob } from '#tests/support/samples.ts';
import { driver, featureDatabase, opened, reckoner, shown, thursday } from './featureHarness.ts';

const features = featureDatabase();
const march = (text: string) => moment(`2026-03-${text}:00.000Z`);

/** Ann has the van, with a device, from Monday on; on Tuesday she drives from 18:00 to midnight. */
const history: readonly LedgerFact[] = [
  told.parkOpened(opened),
  told.driverRegistered(opened),
  told.registered(opened),
  told.commissioned(opened),
  fact(DeviceFitted, opened, { ...deviceNo(1), operation }),
  told.rentalStarted(march('02T06:00')),
  told.tripRecorded(march('03T17:00'), march('03T23:00').at, { trip: tripNo(1) }),
];

const rested = (
  name: Parameters<ReturnType<typeof features.ask>['valueOn']>[0],
  date: string,
  asOf: AsOf = 'latest',
  subject = driver,
) => features.ask().valueOn(name, date, asOf, subject);

describe('materialised rest', () => {
  it('has a value for every local day of a driver, beside the months', async () => {
    const { settle, values } = features.ask();
    await settle({ facts: history });
    expect(await values('driver_sleep_index', 'latest', driver)).toHaveLength(28 + 5);
    expect(await values('driver_penalty_rate', 'latest', driver)).toHaveLength(2);
    expect(await rested('driver_sleep_index', '2026-03-03')).toMatchObject({
      windowTo: '2026-03-04',
      value: '100',
      unit: 'index',
      inputs: {
        sleep_max_s: 36_000,
        overhead_s: 7_200,
        // They were there from 1 February on.
        known_s: 172_800,
        look_back_s: 172_800,
        unattributed_trips: 0,
      },
      closed: true,
      evaluatedAt: '2026-03-03T22:59:59.999Z',
    });
    expect((await rested('driving_24h', '2026-03-03'))?.inputs).toEqual({
      driving_24h_s: 6 * 3_600,
    });
    expect((await rested('driver_sleep_coverage', '2026-02-01'))?.value).toBe('0.354167');
    expect((await rested('driver_sleep_index', '2026-02-01'))?.value).toBe(null);
  });

  it('tells of the day under way, of drivers once an hour', async () => {
    const { settle } = features.ask();
    await settle({ facts: history });
    const since = async () => (await rested('hours_since_rest_end', '2026-03-05'))?.value;
    // It goes on since Tuesday's trip.
    expect(await since()).toBe('0.000000');
    const driving = [...history, told.tripStarted(march('05T07:30'), { trip: tripNo(2) })];
    await settle({ facts: driving, now: instant('2026-03-05T08:59:59.999Z') });
    expect(await since()).toBe('0.000000');
    await settle({ facts: driving, now: instant('2026-03-05T09:00:00.000Z') });
    expect(await since()).toBe('1.500000');
    expect(await rested('continuous_driving_min', '2026-03-05')).toMatchObject({
      value: '90',
      closed: false,
    });
  });

  it('restates the days on whose look-back a late fact bears, and those alone', async () => {
    const { settle } = features.ask();
    await settle({ facts: history });
    const offline = told.conditionNoted('offline', march('02T12:00'), march('03T00:00').at);
    const late = [...history, offline];
    // The coverage and the index of Monday, of Tuesday, and of Wednesday, whose look-back has the last hour;
    // and Monday's figures of the fleet, of which one vehicle was not heard of when it ended.
    expect(await settle({ facts: late })).toBe(3 * 2 + 2);
    const coverage = (date: string, asOf: AsOf = 'latest') =>
      rested('driver_sleep_coverage', date, asOf);
    expect(await coverage('2026-03-01')).toMatchObject({ value: '1.000000', asOf: '7' });
    expect(await coverage('2026-03-02')).toMatchObject({ value: '0.770833', asOf: '8' });
    expect(await coverage('2026-03-03')).toMatchObject({ value: '0.750000', asOf: '8' });
    expect(await coverage('2026-03-04')).toMatchObject({ value: '0.979167', asOf: '8' });
    expect(await coverage('2026-03-02', { position: '7' })).toMatchObject({ value: '1.000000' });
    const index = await rested('driver_sleep_index', '2026-03-02');
    expect(index?.value).toBe(null);
    // It was not so: everything is as it was, said anew.
    const voided = [...late, told.conditionVoided('offline', march('02T12:00'))];
    expect(await settle({ facts: voided })).toBe(3 * 2 + 2);
    expect((await rested('driver_sleep_index', '2026-03-02'))?.value).toBe('100');
    expect((await rested('driver_sleep_index', '2026-03-02', { position: '8' }))?.value).toBe(null);
  });

  it('goes over to whoever a trip goes to, and explains both by intervals and events', async () => {
    const sql = features.sql();
    const { settle } = features.ask();
    const both = [...history, told.driverRegistered(opened, { driver: bob })];
    await settle({ facts: both });
    const end = march('03T23:00').at;
    const toBob = { trip: tripNo(1), driver: bob, rental: rentalOfBob, startedAt: null };
    await settle({ facts: [...both, told.tripAmended(march('03T17:00'), end, toBob)] });
    const driving = (subject: typeof driver, asOf: AsOf) =>
      rested('driving_24h', '2026-03-03', asOf, subject);
    const bobs = driverKey(bob);
    const before = await driving(driver, { position: '8' });
    const after = await driving(bobs, 'latest');
    expect([before?.value, (await driving(driver, 'latest'))?.value]).toEqual([
      '6.000000',
      '0.000000',
    ]);
    expect([(await driving(bobs, { position: '8' }))?.value, after?.value]).toEqual([
      '0.000000',
      '6.000000',
    ]);
    for (const [value, events] of [
      [before, 1],
      [after, 2],
    ] as const) {
      if (!value) throw new Error('no value');
      const explained = await explainFeature(reckoner(sql))(value);
      expect(explained.agrees).toBe(true);
      expect(explained.intervals).toMatchObject([{ kind: 'trip' }]);
      expect(explained.intervals[0]?.events).toHaveLength(events);
    }
  });

  it('says so while something is parked', async () => {
    const { settle } = features.ask();
    await settle({ facts: history, parkedKeys: 1 });
    const incomplete = async () => (await rested('driver_sleep_index', '2026-03-03'))?.incomplete;
    expect(await incomplete()).toBe(true);
    await settle({ facts: history });
    expect(await incomplete()).toBe(false);
  });

  it('is told of this moment without being kept, unless the intervals are of another version', async () => {
    const sql = features.sql();
    const { settle, values } = features.ask();
    await settle({ facts: history });
    const asked = { tenant: acme, subject: driver, at: march('03T20:30').at };
    const live = () => liveFeatures(reckoner(sql))(asked);
    const at = (position: number, version: number) =>
      sql.begin(async (tx) => {
        await tx`update read_model_checkpoints set position = ${position} where name = 'intervals'`;
        await tx`update read_models set version = ${version} where name = 'intervals'`;
      });
    expect(await live()).toBe(null);
    await at(7, intervals.version);
    const now = await live();
    expect([now?.asOf, now?.incomplete]).toEqual(['7', false]);
    const driving = now?.features.find(({ name }) => name === 'continuous_driving_min');
    expect(driving?.value).toBe('210');
    const kept = await values('continuous_driving_min', 'latest', driver);
    expect(kept.map(({ value }) => value)).not.toContain('210');
    await at(7, intervals.version - 1);
    expect(await live()).toBe(null);
    await at(-1, intervals.version);
  });

  it('is known for a decision as of any knowledge, and null where the index would be', async () => {
    const sql = features.sql();
    const { settle } = features.ask();
    await settle({ facts: history });
    const at = march('03T20:30').at;
    const known = (asked: object = {}) =>
      knownRest(reckoner(sql))({ tenant: acme, driver: ann, at, known: null, ...asked });
    const live = (position: number) =>
      sql`update read_model_checkpoints set position = ${position} where name = 'intervals'`;
    expect(await known()).toBe(null);
    await live(7);
    // From 20:30 of Monday until the trip of Tuesday, at 17:00.
    expect(await known()).toBe(20.5 * 3_600);
    expect(await known({ known: 8n })).toBe(20.5 * 3_600);
    expect(await known({ known: 6n })).toBe(24 * 3_600);
    expect(await known({ at: moment('2026-02-02T06:00:00.000Z').at })).toBe(null);
    expect(await known({ driver: bob })).toBe(null);
    await live(-1);
  });

  it('is reckoned anew when what is no sleep is set otherwise, and explained as it was set', async () => {
    const sql = features.sql();
    const { settle } = features.ask();
    const night = told.tripRecorded(march('02T23:00'), march('03T09:00').at, { trip: tripNo(3) });
    const early = told.tripRecorded(march('01T23:00'), march('02T15:30').at, { trip: tripNo(4) });
    const facts = [...history, night, early];
    await settle({ facts });
    const index = () => rested('driver_sleep_index', '2026-03-03');
    const before = await index();
    // From 15:30 to 23:00, and from 9:00 to 17:00: eight hours, less two.
    expect(before).toMatchObject({ value: '77', inputs: { sleep_max_s: 6 * 3_600 } });
    await show(sql, shown, logOf(facts));
    const request = { tenant: acme, now: thursday, checkpoint: '9', parkedKeys: 0 };
    await materialise({ ...reckoner(sql), sleepOverhead_s: 3_600 })(request);
    const after = await index();
    expect(after).toMatchObject({ value: '100', inputs: { overhead_s: 3_600 } });
    if (!before || !after) throw new Error('no values');
    expect((await explainFeature(reckoner(sql))(before)).agrees).toBe(true);
    expect((await explainFeature(reckoner(sql))(after)).agrees).toBe(true);
  });
});
