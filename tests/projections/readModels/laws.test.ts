import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeviceFitted, DeviceFittingVoided, DeviceRemoved } from '#domain/devices/events.ts';
import { DriverDeactivated, DriverRated, PeerFeedbackGiven } from '#domain/drivers/events.ts';
import type { LedgerFact } from '#domain/events.ts';
import { FineConfirmed, FineDisputed, FineReattributed, FineVoided } from '#domain/fines/events.ts';
import {
  IncidentAmended,
  IncidentReattributed,
  IncidentRecorded,
  IncidentVoided,
  unmeasured,
} from '#domain/incidents/events.ts';
import { DeviceIdent, FittingId, RentalId, TripId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { RepairCompleted, RepairCostAdded } from '#domain/maintenance/events.ts';
import { SubjectErased } from '#domain/privacy/events.ts';
import {
  OdometerRead,
  VehicleMoved,
  VehicleRetired,
  VehicleWithdrawn,
} from '#domain/registry/events.ts';
import { RentalVoided } from '#domain/rentals/events.ts';
import { ArrearsStated, StandingFineCopied } from '#domain/standing/events.ts';
import { LogbookClosed, TripAmended } from '#domain/trips/events.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import type { AnyProjection, ProjectedEvent } from '#projections/projection.ts';
import { readModels } from '#projections/readModels.ts';
import {
  about,
  annDrives,
  logOf,
  recordedAt,
  repairNo,
  rowsOf,
  told,
} from '#tests/support/projectedEvents.ts';
import {
  ann,
  basis,
  berlin,
  bob,
  car,
  digest,
  euro,
  evening,
  fine,
  incident,
  izmir,
  moment,
  money,
  morning,
  noon,
  operation,
  rentalOfBob,
  trip,
  uuid8,
  van,
} from '#tests/support/samples.ts';

const ofCar = { vehicle: car, rental: RentalId.parse(`${car}~${uuid8(0x59)}`) };
const tripOfCar = { ...ofCar, trip: TripId.parse(`${car}~${uuid8(0x58)}`) };
const toBob = { driver: bob, rental: rentalOfBob } as const;
const measure = { distance_m: 900, duration_s: 60, max_speed_kmh: 50, over_limit_s: null };
const line = { kind: 'part', reference: 'X', quantity_milli: 1, amount: money('5') } as const;
const copy = { driver: ann, fine, amount: money('3000'), points: 1, basis } as const;

const answered = { incident, ...annDrives, kind: 'geofence', trip } as const;
const measured = { ...unmeasured, duration_s: 9, evidence: null } as const;

const device = {
  fitting: FittingId.parse(`${van}~${uuid8(0x57)}`),
  ...about,
  ident: DeviceIdent.parse('000000000000017'),
};

/** What comes first in any log: without it nothing else could have been said. */
const founding: readonly LedgerFact[] = [
  told.parkOpened(morning),
  told.driverRegistered(morning),
  told.driverRegistered(morning, { driver: bob }),
  told.registered(morning),
  told.registered(morning, { vehicle: car }),
  told.commissioned(morning),
];

const times = [morning, noon, evening, moment('2026-03-02T23:30:00.000Z')];

const factsAt = (when: typeof noon, other: typeof noon): readonly LedgerFact[] => [
  told.rentalStarted(when),
  told.rentalEnded(when),
  told.rentalStarted(when, ofCar),
  told.rentalEnded(when, ofCar),
  told.rentalRecorded(when, other.at, toBob),
  fact(RentalVoided, when, { ...annDrives, reason: 'wrong_driver' }),
  told.tripStarted(when),
  told.tripEnded(when, other.at),
  told.tripRecorded(when, other.at, tripOfCar),
  fact(TripAmended, when, {
    trip,
    ...about,
    ...toBob,
    endedAt: other.at,
    startedAt: null,
    evidence: null,
    measure,
    reason: 'late_data',
  }),
  told.tripAmended(when, other.at, { startedAt: when.at }),
  told.tripVoided(when),
  fact(LogbookClosed, when, { ...about, openTrip: null }),
  told.fineIssued(when),
  fact(FineDisputed, when, { fine, ...annDrives, reason: 'other' }),
  fact(FineConfirmed, when, { fine, ...annDrives }),
  fact(FineReattributed, when, { fine, ...about, ...toBob, fromDriver: ann, basis }),
  fact(FineVoided, when, { fine, ...about, ...toBob, reason: 'appeal_upheld' }),
  told.repairRequested(when, { severity: 'critical' }),
  told.repairOpened(when),
  fact(RepairCostAdded, when, { ...about, repair: repairNo(1), line }),
  fact(RepairCompleted, when, { ...about, repair: repairNo(1), odometer_m: 4_000 }),
  fact(OdometerRead, when, { ...about, odometer_m: 3_000 }),
  fact(VehicleMoved, when, { vehicle: van, from: berlin, to: izmir, currency: euro }),
  fact(VehicleWithdrawn, when, { ...about, reason: 'other' }),
  fact(VehicleRetired, when, { ...about, reason: 'sold' }),
  fact(DriverRated, when, { driver: ann, park: berlin, source: 'customer', score: 3 }),
  fact(PeerFeedbackGiven, when, { driver: ann, park: berlin, by: bob, score: 1, topics: [] }),
  fact(DriverDeactivated, when, { driver: ann, park: berlin, reason: 'conduct' }),
  fact(SubjectErased, when, {
    subject: { kind: 'driver', id: ann },
    erased: ['contact'],
    held: [],
  }),
  fact(IncidentRecorded, when, {
    ...answered,
    ...measured,
    endedAt: other.at,
    factHash: digest(7),
  }),
  fact(IncidentAmended, when, {
    ...{ incident, ...about, ...toBob, trip: null },
    ...measured,
    startedAt: when.at,
    endedAt: other.at,
    reason: 'late_data',
  }),
  fact(IncidentVoided, when, { incident, ...about, ...toBob, reason: 'late_data' }),
  fact(IncidentReattributed, when, { incident, ...about, ...toBob, fromDriver: ann, basis }),
  fact(ArrearsStated, when, { driver: ann, arrears: money('700') }),
  fact(DeviceFitted, when, { ...device, operation }),
  fact(DeviceRemoved, when, { ...device, reason: 'moved' }),
  fact(DeviceFittingVoided, when, { ...device, reason: 'wrong_times' }),
  fact(StandingFineCopied, when, { ...copy, status: 'confirmed' }),
];

const anyFact: fc.Arbitrary<LedgerFact> = fc
  .record({
    when: fc.constantFrom(...times),
    other: fc.constantFrom(...times),
    which: fc.nat({ max: factsAt(noon, noon).length - 1 }),
  })
  .map(({ when, other, which }) => factsAt(when, other)[which] ?? told.parkOpened());

/** Each law is held for every read model, so a few dozen logs each come to hundreds. */
const runs = { numRuns: 30 };

const anyLog: fc.Arbitrary<readonly ProjectedEvent[]> = fc
  .array(anyFact, { maxLength: 30, size: 'max' })
  .map((facts) => logOf([...founding, ...facts]));

/** The same events in another order that keeps the order of each stream, and other positions accordingly. */
const interleaved = (
  log: readonly ProjectedEvent[],
  draws: readonly number[],
): readonly ProjectedEvent[] => {
  const waiting = Map.groupBy(log.slice(founding.length), ({ stream }) => stream);
  const order = [...log.slice(0, founding.length)];
  for (let turn = 0; order.length < log.length; turn += 1) {
    const streams = [...waiting.values()].filter((events) => events.length > 0);
    const next = streams[(draws[turn % draws.length] ?? 0) % streams.length]?.shift();
    if (next) order.push(next);
  }
  return order.map((event, index) => ({
    ...event,
    position: BigInt(index + 1),
    recordedAt: recordedAt(index + 1),
  }));
};

/** When and where in the log something was recorded: all that may depend on the order of streams. */
const RECORDING = new Set([
  'updatedAt',
  'recordedAt',
  'position',
  'known',
  'firstKnown',
  'lastKnown',
]);

const withoutRecording = (projection: AnyProjection, log: readonly ProjectedEvent[]): unknown =>
  JSON.parse(JSON.stringify([...rowsOf(projection, log)].sort()), (name: string, value: unknown) =>
    RECORDING.has(name) ? 0 : value,
  );

describe.each(readModels.map((projection) => ({ name: projection.name, projection })))(
  'the law of $name',
  ({ projection }) => {
    it('rows survive JSON, are parsed again, and stay small', () => {
      let rows = 0;
      fc.assert(
        fc.property(anyLog, (log) => {
          for (const [, row] of rowsOf<unknown>(projection, log)) {
            const text = JSON.stringify(row);
            expect(projection.row.parse(JSON.parse(text))).toEqual(row);
            expect(text.length).toBeLessThan(20_000);
            rows += 1;
          }
        }),
        runs,
      );
      expect(rows).toBeGreaterThan(0);
    });

    it('the history of its subject holds every event of a row', () => {
      fc.assert(
        fc.property(anyLog, (log) => {
          const { handles } = projection;
          for (const event of log) {
            if (handles !== 'all' && !handles.includes(event.fact.type)) continue;
            for (const key of projection.keys(event)) {
              expect(event.keys).toContain(projection.subject(key));
            }
          }
        }),
        runs,
      );
    });

    // The timeline is the order of the log itself.
    if (projection.name !== assetTimeline.name) {
      it('does not depend on the order in which different streams were written', () => {
        const anyDraws = fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 20 });
        fc.assert(
          fc.property(anyLog, anyDraws, (log, draws) => {
            const other = withoutRecording(projection, interleaved(log, draws));
            expect(other).toEqual(withoutRecording(projection, log));
          }),
          runs,
        );
      });
    }

    it('has columns and indexes that its machinery can make', () => {
      expect(projection.name).toMatch(/^[a-z][a-z0-9_]{0,47}$/);
      for (const members of projection.indexes) {
        for (const member of members) expect(projection.columns).toHaveProperty(member);
      }
    });
  },
);

describe('the asset timeline', () => {
  it('holds every event under every one of its keys, in order', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const rows = [...rowsOf(assetTimeline, log)].sort(([left], [right]) =>
          left < right ? -1 : 1,
        );
        const subjects = new Set(log.flatMap(({ keys }) => keys));
        for (const subject of subjects) {
          const listed = rows.filter(([key]) => key.startsWith(`${subject}/`));
          const events = log.filter(({ keys }) => keys.includes(subject));
          expect(listed.map(([, { event }]) => event)).toEqual(events.map(({ id }) => id));
        }
        expect(rows.length).toBe(log.reduce((sum, { keys }) => sum + keys.length, 0));
      }),
      runs,
    );
  });

  it('says what happened, where it stands, and when it became known', () => {
    const rows = rowsOf(assetTimeline, logOf([told.parkOpened(noon)]));
    expect([...rows]).toEqual([
      [
        `park:${berlin}/00000000000000000001`,
        {
          subject: `park:${berlin}`,
          position: '1',
          event: uuid8(0x1_001),
          type: 'ParkOpened',
          stream: `park-acme.${berlin}`,
          revision: '0',
          occurredAt: noon.at,
          recordedAt: recordedAt(1),
        },
      ],
    ]);
  });
});
