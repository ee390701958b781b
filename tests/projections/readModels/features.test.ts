import { describe, expect, it } from 'vitest';
import { FineConfirmed, FineReattributed, FineVoided } from '#domain/fines/events.ts';
import { TripId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { driverKey } from '#domain/kernel/subjects.ts';
import { type AsOf, explainFeature, positionAt } from '#projections/features/query.ts';
import {
  about,
  annDrives,
  eventAt,
  recordedAt,
  told,
  tripNo,
} from '#tests/support/projectedEvents.ts';
import {
  acme,
  ann,
  basis,
  bob,
  fine,
  instant,
  moment,
  rentalOfBob,
  trip,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import {
  driver,
  featureDatabase,
  history,
  opened,
  otherTenant,
  park,
  reckoner,
  rentalOfTheDay,
  thursday,
} from './featureHarness.ts';

const features = featureDatabase();

describe('materialised features', () => {
  it('have a value for every closed day, and one for the day under way', async () => {
    const { settle, values, valueOn } = features.ask();
    await settle({ facts: history });
    const sizes = await values('fleet_size');
    expect(sizes).toHaveLength(28 + 5);
    expect(sizes.map(({ value }) => value)).toEqual(sizes.map(() => '1'));
    expect(sizes.filter(({ closed }) => !closed).map(({ windowFrom }) => windowFrom)).toEqual([
      '2026-03-05',
    ]);
    expect(await valueOn('fleet_size', '2026-03-02')).toEqual({
      tenant: acme,
      name: 'fleet_size',
      subject: park,
      windowFrom: '2026-03-02',
      windowTo: '2026-03-03',
      value: '1',
      unit: 'vehicles',
      formulaVersion: 1,
      inputs: { fleet: 1 },
      incomplete: false,
      asOf: '5',
      evaluatedAt: '2026-03-02T22:59:59.999Z',
      closed: true,
      computedAt: thursday,
    });
  });

  it('add nothing when nothing has changed', async () => {
    const { settle } = features.ask();
    expect(await settle({ facts: history })).toBeGreaterThan(100);
    expect(await settle({ facts: history })).toBe(0);
  });

  it('keep yesterday askable after a late fact has changed it', async () => {
    const { settle, valueOn } = features.ask();
    await settle({ facts: history });
    const before = await valueOn('idle_rate', '2026-03-02');
    expect([before?.value, before?.asOf]).toEqual(['1.000000', '5']);
    // One day of the fleet changes, and that day alone; the others are looked at and stay. Of the driver the
    // three days whose look-back touches the rental: nobody can tell what they did in a van without a device.
    expect(await settle({ facts: [...history, rentalOfTheDay] })).toBe(1 + 3 * 2);
    const coverage = async (day: string) =>
      (await valueOn('driver_sleep_coverage', day, 'latest', driver))?.value;
    expect(await coverage('2026-03-01')).toBe('1.000000');
    expect(await coverage('2026-03-02')).toBe('0.645833');
    expect(await coverage('2026-03-03')).toBe('0.375000');
    expect(await coverage('2026-03-04')).toBe('0.729167');
    const after = await valueOn('idle_rate', '2026-03-02');
    expect([after?.value, after?.asOf]).toEqual(['0.000000', '6']);
    expect(await valueOn('idle_rate', '2026-03-02', { position: '5' })).toEqual(before);
    expect(await valueOn('idle_rate', '2026-03-02', { recordedAt: recordedAt(5) })).toEqual(before);
    expect(await valueOn('idle_rate', '2026-03-02', { recordedAt: recordedAt(6) })).toEqual(after);
    expect(await valueOn('idle_rate', '2026-03-02', { position: '4' })).toBe(undefined);
    expect((await valueOn('idle_rate', '2026-03-01'))?.asOf).toBe('5');
  });

  it('change with time alone', async () => {
    const { settle, valueOn } = features.ask();
    const driving = [
      ...history,
      told.rentalStarted(moment('2026-03-05T06:00:00.000Z')),
      told.tripRecorded(moment('2026-03-05T06:30:00.000Z'), moment('2026-03-05T07:30:00.000Z').at, {
        trip: TripId.parse(`${van}~${uuid8(0x57)}`),
      }),
    ];
    await settle({ facts: driving });
    const now = await valueOn('fleet_active_count', '2026-03-05');
    expect([now?.value, now?.closed]).toEqual(['1', false]);
    await settle({ facts: driving, now: instant('2026-03-05T09:00:00.000Z') });
    expect((await valueOn('fleet_active_count', '2026-03-05'))?.value).toBe('0');
    expect((await valueOn('idle_rate', '2026-03-05'))?.value).toBe('0.000000');
    await settle({ facts: driving, now: instant('2026-03-06T09:00:00.000Z') });
    expect(await valueOn('idle_rate', '2026-03-06')).toMatchObject({ value: '1.000000' });
    expect(await valueOn('idle_rate', '2026-03-05')).toMatchObject({
      value: '0.000000',
      closed: true,
    });
  });

  it('explain themselves by intervals and events, as of then and as of now', async () => {
    const sql = features.sql();
    const { settle, valueOn } = features.ask();
    await settle({ facts: history });
    const before = await valueOn('idle_rate', '2026-03-02');
    await settle({ facts: [...history, rentalOfTheDay] });
    const after = await valueOn('idle_rate', '2026-03-02');
    if (!before || !after) throw new Error('no values');
    const old = await explainFeature(reckoner(sql))(before);
    expect(old.agrees).toBe(true);
    expect(old.intervals).toEqual([
      { interval: `asset:${van}/commissioned`, kind: 'commissioned', events: [eventAt(4)] },
      { interval: `asset:${van}/lifecycle`, kind: 'lifecycle', events: [eventAt(3)] },
      {
        interval: `asset:${van}/membership/${eventAt(3)}`,
        kind: 'membership',
        events: [eventAt(3)],
      },
      { interval: `trip:${trip}/trip`, kind: 'trip', events: [eventAt(5)] },
    ]);
    const fresh = await explainFeature(reckoner(sql))(after);
    expect(fresh.agrees).toBe(true);
    expect(fresh.intervals.map(({ kind }) => kind)).toContain('rental');
    expect((await explainFeature(reckoner(sql))({ ...after, value: '0.500000' })).agrees).toBe(
      false,
    );
  });

  it('count the fines of a closed month, and restate it when one falls away', async () => {
    const { settle, valueOn } = features.ask();
    const concerned = { fine, ...annDrives };
    const confirmed = [
      ...history,
      told.fineIssued(moment('2026-02-15T10:00:00.000Z')),
      fact(FineConfirmed, moment('2026-02-20T10:00:00.000Z'), concerned),
    ];
    await settle({ facts: confirmed });
    const rate = (asOf: AsOf) => valueOn('driver_penalty_rate', '2026-02-01', asOf, driver);
    expect(await rate('latest')).toMatchObject({
      value: '1',
      closed: true,
      windowTo: '2026-03-01',
    });
    const voiding = moment('2026-03-04T10:00:00.000Z');
    const reason = 'appeal_upheld';
    const voided = [...confirmed, fact(FineVoided, voiding, { ...concerned, reason })];
    expect(await settle({ facts: voided })).toBe(2);
    expect((await rate('latest'))?.value).toBe('0');
    expect((await rate({ position: '7' }))?.value).toBe('1');
    const points = 'penalty_points_per_1000km' as const;
    expect((await valueOn(points, '2026-02-01', 'latest', driver))?.value).toBe(null);
  });

  it('let a trip go over to the month in which it turns out to have begun', async () => {
    const sql = features.sql();
    const { settle, valueOn } = features.ask();
    const end = moment('2026-03-01T06:00:00.000Z').at;
    const own = { trip: tripNo(7) };
    const begun = moment('2026-03-01T05:00:00.000Z');
    const recorded = [...history, told.tripRecorded(begun, end, own)];
    const april = instant('2026-04-02T08:00:00.000Z');
    await settle({ facts: recorded, now: april });
    const points = 'penalty_points_per_1000km' as const;
    const inputs = async (month: string) =>
      (await valueOn(points, month, 'latest', driver))?.inputs['trips'];
    const before = await valueOn(points, '2026-03-01', 'latest', driver);
    if (!before) throw new Error('no value');
    expect([await inputs('2026-02-01'), await inputs('2026-03-01')]).toEqual([0, 1]);
    const start = moment('2026-02-28T20:00:00.000Z');
    const amended = told.tripAmended(start, end, { ...own, startedAt: start.at });
    await settle({ facts: [...recorded, amended], now: april });
    expect([await inputs('2026-02-01'), await inputs('2026-03-01')]).toEqual([1, 0]);
    expect((await explainFeature(reckoner(sql))(before)).agrees).toBe(true);
  });

  it('go over to the driver to whom a fine goes, and still explain what was held before', async () => {
    const sql = features.sql();
    const { settle, valueOn } = features.ask();
    const offence = moment('2026-02-15T10:00:00.000Z');
    const toBob = { driver: bob, rental: rentalOfBob, fromDriver: ann, basis };
    const confirmed = [
      ...history,
      told.driverRegistered(opened, { driver: bob }),
      told.fineIssued(offence),
      fact(FineConfirmed, offence, { fine, ...annDrives }),
    ];
    await settle({ facts: confirmed });
    await settle({
      facts: [...confirmed, fact(FineReattributed, offence, { fine, ...about, ...toBob })],
    });
    const rate = (subject: typeof driver, asOf: AsOf) =>
      valueOn('driver_penalty_rate', '2026-02-01', asOf, subject);
    const before = await rate(driver, { position: '8' });
    expect([before?.value, (await rate(driver, 'latest'))?.value]).toEqual(['1', '0']);
    expect((await rate(driverKey(bob), { position: '8' }))?.value).toBe('0');
    expect((await rate(driverKey(bob), 'latest'))?.value).toBe('1');
    if (!before) throw new Error('no value');
    const { agrees, intervals } = await explainFeature(reckoner(sql))(before);
    expect(agrees).toBe(true);
    expect(intervals).toEqual([
      { interval: `fine:${fine}/fine`, kind: 'fine', events: [eventAt(7), eventAt(8)] },
    ]);
  });

  it('know which position an instant of recording stands for', async () => {
    const sql = features.sql();
    const { settle, values } = features.ask();
    await settle({ facts: history });
    expect(await positionAt(sql)(acme, recordedAt(3))).toBe('3');
    expect(await positionAt(sql)(acme, recordedAt(99))).toBe('5');
    expect(await positionAt(sql)(acme, recordedAt(0))).toBe(null);
    expect(await positionAt(sql)(otherTenant, recordedAt(99))).toBe(null);
    expect(await values('fleet_size', { recordedAt: recordedAt(0) })).toEqual([]);
  });
});
