import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceFitted, DeviceFittingVoided, DeviceRemoved } from '#domain/devices/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { type Evaluated, FeatureName } from '#domain/features/feature.ts';
import { SLEEP_OVERHEAD_S } from '#domain/features/rest.ts';
import { FineConfirmed, FineReattributed, FineVoided } from '#domain/fines/events.ts';
import { epochMs, instantOf, type Moment } from '#domain/kernel/instant.ts';
import { fact } from '#domain/kernel/registry.ts';
import { driverKey, parkKey } from '#domain/kernel/subjects.ts';
import { RepairCompleted } from '#domain/maintenance/events.ts';
import {
  VehicleMoved,
  VehicleReinstated,
  VehicleRetired,
  VehicleWithdrawn,
} from '#domain/registry/events.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { TripAmended } from '#domain/trips/events.ts';
import { cadenceOf, evaluate } from '#projections/features/evaluate.ts';
import { materialise } from '#projections/features/materialise.ts';
import { featureValues } from '#projections/features/query.ts';
import type { Database } from '#projections/ports.ts';
import {
  about,
  annDrives,
  deviceNo,
  logOf,
  repairNo,
  show,
  told,
  tripNo,
} from '#tests/support/projectedEvents.ts';
import {
  acme,
  ann,
  basis,
  berlin,
  bob,
  euro,
  fine,
  instant,
  izmir,
  moment,
  noon,
  operation,
  rentalOfBob,
  van,
} from '#tests/support/samples.ts';
import {
  driver,
  featureDatabase,
  history,
  otherTenant,
  park,
  reckoner,
  rentalOfTheDay,
  shown,
  thursday,
} from './featureHarness.ts';

const features = featureDatabase();

/** The values of all features of all subjects as of a position. */
const allValues = async (sql: Database, position: string) => {
  const names = FeatureName.options;
  const asked = { tenant: acme, names, below: null, asOf: { position }, limit: 1_000 };
  const values = await Promise.all(
    [park, parkKey(izmir)].map((subject) => featureValues(sql)({ ...asked, subject, from: null })),
  );
  const months = await Promise.all(
    [driver, driverKey(bob)].map((subject) =>
      featureValues(sql)({ ...asked, subject, from: null }),
    ),
  );
  return [...values, ...months].flat();
};

const measure = { distance_m: 900, duration_s: 60, max_speed_kmh: 50, over_limit_s: null };
const toBob = { driver: bob, rental: rentalOfBob } as const;

/** Moments of the last days, some beside the midnight of Berlin, and one before any window was closed. */
const times = [
  moment('2026-02-27T22:59:59.999Z'),
  moment('2026-02-28T23:30:00.000Z'),
  moment('2026-03-01T10:00:00.000Z'),
  moment('2026-03-02T22:30:00.000Z'),
  moment('2026-03-02T23:00:00.000Z'),
  moment('2026-03-04T12:00:00.000Z'),
  moment('2026-03-05T07:00:00.000Z'),
];

const factsAt = (when: Moment, other: Moment): readonly LedgerFact[] => [
  told.rentalStarted(when),
  told.rentalEnded(when),
  fact(RentalVoided, when, { ...annDrives, reason: 'wrong_driver' }),
  told.rentalRecorded(when, other.at, toBob),
  told.tripStarted(when, { trip: tripNo(1) }),
  told.tripEnded(when, other.at, { trip: tripNo(1) }),
  told.tripRecorded(when, other.at, { trip: tripNo(2) }),
  fact(TripAmended, when, {
    trip: tripNo(2),
    ...about,
    ...toBob,
    endedAt: other.at,
    startedAt: null,
    evidence: null,
    measure,
    reason: 'late_data',
  }),
  told.tripAmended(when, other.at, { trip: tripNo(2), startedAt: when.at }),
  told.tripVoided(when, { trip: tripNo(1) }),
  told.repairRequested(when, { severity: 'critical' }),
  told.repairOpened(when, { severity: 'critical' }),
  fact(RepairCompleted, when, { ...about, repair: repairNo(1), odometer_m: null }),
  fact(VehicleWithdrawn, when, { ...about, reason: 'other' }),
  fact(VehicleReinstated, when, about),
  fact(VehicleMoved, when, { vehicle: van, from: berlin, to: izmir, currency: euro }),
  fact(VehicleMoved, when, { vehicle: van, from: izmir, to: berlin, currency: euro }),
  told.fineIssued(when),
  fact(FineConfirmed, when, { fine, ...annDrives }),
  fact(FineReattributed, when, { fine, ...about, ...toBob, fromDriver: ann, basis }),
  fact(FineVoided, when, { fine, ...about, ...toBob, reason: 'appeal_upheld' }),
  fact(VehicleRetired, when, { ...about, reason: 'sold' }),
  told.tripRecorded(when, other.at, { trip: tripNo(3), driver: null, rental: null }),
  ...[deviceNo(1), deviceNo(2)].flatMap((device) => [
    fact(DeviceFitted, when, { ...device, operation }),
    fact(DeviceRemoved, when, { ...device, reason: 'moved' }),
    fact(DeviceFittingVoided, when, { ...device, reason: 'wrong_times' }),
  ]),
  ...(['offline', 'idling'] as const).flatMap((kind) => [
    told.conditionNoted(kind, when),
    told.conditionAmended(kind, when, other.at),
    told.conditionVoided(kind, when),
  ]),
];

const anyFact = fc
  .record({
    when: fc.constantFrom(...times),
    other: fc.constantFrom(...times),
    which: fc.nat({ max: factsAt(noon, noon).length - 1 }),
  })
  .map(({ when, other, which }) => factsAt(when, other)[which] ?? told.parkOpened(when));

const founded = moment('2026-02-25T06:00:00.000Z');
const istanbul = moment('2026-02-25T06:00:00.000Z', 'Europe/Istanbul');
const founding: readonly LedgerFact[] = [
  told.parkOpened(founded),
  told.parkOpened(istanbul, { park: izmir, code: 'IZM-1' }),
  told.driverRegistered(founded),
  told.driverRegistered(istanbul, { driver: bob, park: izmir }),
  told.registered(founded),
  told.commissioned(founded),
  fact(DeviceFitted, founded, { ...deviceNo(1), operation }),
];

describe('materialising', () => {
  it('says so while something is parked, and takes it in when it is released', async () => {
    const sql = features.sql();
    const { settle, valueOn } = features.ask();
    const rented = [...history, rentalOfTheDay];
    // The rental waits: it is in the log, and the view is past it, but without it.
    await settle({ facts: history });
    await settle({ facts: history, parkedKeys: 1, now: instant('2026-03-06T08:00:00.000Z') });
    expect(await valueOn('idle_rate', '2026-03-05')).toMatchObject({ incomplete: true });
    const request = { tenant: acme, now: instant('2026-03-07T08:00:00.000Z') };
    await materialise(reckoner(sql))({ ...request, checkpoint: '9', parkedKeys: 1 });
    await show(sql, shown, logOf(rented));
    await materialise(reckoner(sql))({ ...request, checkpoint: '10', parkedKeys: 0 });
    expect(await valueOn('idle_rate', '2026-03-02')).toMatchObject({
      value: '0.000000',
      asOf: '10',
      incomplete: false,
    });
    expect(await valueOn('idle_rate', '2026-03-05')).toMatchObject({
      value: '1.000000',
      incomplete: false,
    });
  });

  it('keeps to each tenant’s own, whatever ids another uses', async () => {
    const { settle, values, valueOn } = features.ask();
    await settle({ facts: history });
    await settle({ facts: history.slice(0, 2), tenant: otherTenant });
    const theirs = await values('fleet_size', 'latest', park, otherTenant);
    expect(new Set(theirs.map(({ value }) => value))).toEqual(new Set(['0']));
    expect((await valueOn('fleet_size', '2026-03-02'))?.value).toBe('1');
  });

  it('works in bounded steps that add up to the same', async () => {
    const sql = features.sql();
    const { settle, values } = features.ask();
    const early = moment('2025-06-01T06:00:00.000Z');
    const facts = [told.parkOpened(early), told.registered(early)];
    await show(sql, shown, logOf(facts));
    const request = { tenant: acme, now: thursday, checkpoint: '2', parkedKeys: 0 };
    const first = await materialise(reckoner(sql))(request);
    expect(first.isMore).toBe(true);
    expect(first.windows).toBeLessThanOrEqual(101);
    await settle({ facts });
    // From 1 June to 5 March are 278 days.
    expect(await values('fleet_size')).toHaveLength(278);
  });

  it('comes to what a fresh reckoning gives, however late facts come and in whatever portions', async () => {
    const sql = features.sql();
    const { clear, settle } = features.ask();
    const anyPortions = fc.array(fc.array(anyFact, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    });
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(anyPortions, async (portions) => {
        await clear();
        const facts = [...founding];
        const ends: number[] = [];
        for (const [days, portion] of [[], ...portions].entries()) {
          facts.push(...portion);
          ends.push(facts.length);
          await settle({ facts, now: instantOf(epochMs(thursday) + days * 86_400_000) });
        }
        const reckoned = new Map<string, readonly Evaluated[]>();
        for (const position of ends) {
          for (const value of await allValues(sql, String(position))) {
            const { tenant, subject, windowFrom: from, windowTo: to, closed } = value;
            if (!closed) continue;
            const cadence = cadenceOf(value.name);
            // All features of a window come of one reckoning.
            const { evaluatedAt: at } = value;
            const place = `${subject} ${cadence} ${from} ${at} ${position}`;
            const fresh =
              reckoned.get(place) ??
              (await evaluate(reckoner(sql))({
                ...{ tenant, subject, cadence, window: { from, to } },
                ...{ at, asOf: String(position) },
                sleepOverhead_s: SLEEP_OVERHEAD_S,
              }));
            reckoned.set(place, fresh);
            const same = fresh.find(({ name }) => name === value.name);
            expect({ ...value, value: same?.value, inputs: same?.inputs }).toEqual(value);
            compared += 1;
          }
        }
      }),
      { numRuns: 10 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});
