import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { amendCondition, noteCondition } from '#commands/conditions.ts';
import { issueFine, onFine } from '#commands/fines.ts';
import { amendIncident, recordIncident } from '#commands/incidents.ts';
import { endRental, startRental } from '#commands/rentals.ts';
import { reportRepair } from '#commands/repairs.ts';
import { amendTrip, endTrip, recordTrip, startTrip, voidTrip } from '#commands/trips.ts';
import { unmeasured } from '#domain/incidents/events.ts';
import { ConclusionId, type VehicleId } from '#domain/kernel/ids.ts';
import { parkKey } from '#domain/kernel/subjects.ts';
import { driverDay } from '#projections/driverDay.ts';
import { materialise } from '#projections/features/materialise.ts';
import { featureValues } from '#projections/features/query.ts';
import { parks } from '#projections/parks.ts';
import { readPage, readRow } from '#projections/query.ts';
import { readModels } from '#projections/readModels.ts';
import { vehicles } from '#projections/vehicles.ts';
import {
  expectFaithful,
  reached,
  started,
  type TestLedger,
  testLedger,
} from '#tests/projections/harness.ts';
import { requestOf, rightOf, smallFleet, testLedger as writeSide } from '#tests/support/ledger.ts';
import {
  acme,
  digest,
  evening,
  instant,
  money,
  morning,
  noon,
  uuid8,
} from '#tests/support/samples.ts';
import { reckoner } from './featureHarness.ts';

const report = { distance_m: 12_000, max_speed_kmh: 61, over_limit_s: null };

/** A working day of a small fleet, by way of its commands. */
const workingDay = async ({ store }: TestLedger) => {
  const { ledger } = writeSide(store);
  const fleet = await smallFleet(ledger);
  const { vehicle, ann } = fleet;
  const agreed = { vehicle, driver: ann, plan: null, rate: null, odometer_m: 1, rest_s: null };
  const { id: rental } = rightOf(
    await startRental(ledger)(requestOf('rental'), { ...agreed, at: morning.at }),
  );
  const started = { vehicle, odometer_m: 2, at: morning.at };
  const { id: trip } = rightOf(await startTrip(ledger)(requestOf('start'), started));
  rightOf(await endTrip(ledger)(requestOf('end'), { trip, report, odometer_m: 3, at: noon.at }));
  const whole = {
    vehicle,
    at: instant('2026-03-02T13:00:00.000Z'),
    endedAt: evening.at,
    report,
    concluded: null,
  };
  rightOf(await recordTrip(ledger)(requestOf('trip'), whole));
  rightOf(
    await endRental(ledger)(requestOf('back'), {
      rental,
      reason: 'returned',
      odometer_m: 9_000,
      at: evening.at,
    }),
  );
  const offence = { offence: 'speeding', reference: 'B-1', amount: money('3000'), points: 1 };
  const fined = { vehicle, named: null, ...offence, at: morning.at };
  const { id: fine } = rightOf(await issueFine(ledger)(requestOf('fine'), fined));
  const decided = { fine, at: evening.at };
  rightOf(
    await onFine(ledger)(requestOf('confirm'), decided, (when) => ({
      type: 'ConfirmFine',
      fine,
      when,
    })),
  );
  const defect = { reason: 'defect', severity: 'critical', begun: false } as const;
  rightOf(await reportRepair(ledger)(requestOf('repair'), { vehicle, ...defect, at: evening.at }));
  return fleet;
};

/** What a detector concludes on the next day, and thinks better of. */
const concludedDay = async ({ store }: TestLedger, vehicle: VehicleId) => {
  const { ledger } = writeSide(store);
  const [from, upTo, end] = ['06:00', '06:30', '07:00'].map((time) =>
    instant(`2026-03-03T${time}:00.000Z`),
  );
  if (!from || !upTo || !end) throw new Error('three times');
  const conclusion = (n: number) => {
    return { id: ConclusionId.parse(uuid8(0xc0 + n)), evidence: digest(n) };
  };
  const driven = { vehicle, at: upTo, endedAt: end, report, concluded: conclusion(1) };
  const { id: trip } = rightOf(await recordTrip(ledger)(requestOf('c1'), driven));
  const moved = { trip, at: from, endedAt: end, report, evidence: digest(8) };
  const late = { reason: 'late_data' } as const;
  rightOf(await amendTrip(ledger)(requestOf('c2'), { ...moved, ...late }));
  const earlier = { ...driven, at: instant('2026-03-03T05:00:00.000Z'), endedAt: from };
  const other = { ...earlier, concluded: conclusion(2) };
  const { id: never } = rightOf(await recordTrip(ledger)(requestOf('c3'), other));
  rightOf(await voidTrip(ledger)(requestOf('c4'), { trip: never, ...late }));
  const times = { ...unmeasured, at: upTo, endedAt: upTo, trip };
  const about = { vehicle, named: null, kind: 'harsh_driving', concluded: conclusion(3) } as const;
  const { id: incident } = rightOf(
    await recordIncident(ledger)(requestOf('c5'), { ...about, ...times }),
  );
  const longer = { ...times, incident, at: from, evidence: null, ...late };
  rightOf(await amendIncident(ledger)(requestOf('c6'), longer));
  const parked = { concluded: conclusion(4), vehicle, kind: 'parking', matter: null } as const;
  const open = { ...parked, ident: null, at: end, endedAt: null };
  const { id: condition } = rightOf(await noteCondition(ledger)(requestOf('c7'), open));
  const over = { condition, at: end, endedAt: instant('2026-03-03T09:00:00.000Z') };
  const ended = { ...over, evidence: null, reason: 'went_on' } as const;
  rightOf(await amendCondition(ledger)(requestOf('c8'), ended));
};

describe('the read models behind the runner', () => {
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await testLedger();
  });
  afterAll(() => ledger.close());

  it('come to what the log says, and serve the features', async () => {
    const { sql, store } = ledger;
    const running = started(ledger, readModels);
    const { park, vehicle, ann } = await workingDay(ledger);
    await concludedDay(ledger, vehicle);
    const head = rightOf(await store.head()()) ?? 0n;
    await reached(sql, head, readModels);
    await running.stop();
    await expectFaithful(ledger, readModels);

    const row = await readRow(sql)(vehicles, { tenant: acme, key: vehicle });
    expect(row).toMatchObject({ status: 'out_of_service', rental: null, odometer_m: 9_000 });
    expect(await readRow(sql)(parks, { tenant: acme, key: park })).toMatchObject({ code: 'BER-1' });
    const today = await readPage(sql)(driverDay, {
      tenant: acme,
      filters: [
        { column: 'driver', is: ann },
        { column: 'local_date', is: '2026-03-02' },
      ],
      order: { column: 'occurred_at', direction: 'rising' },
      cursor: null,
      limit: 100,
    });
    expect(today.rows.map((each) => each.row.type).sort()).toEqual([
      'FineConfirmed',
      'FineIssued',
      'RentalEnded',
      'RentalStarted',
      'TripEnded',
      'TripRecorded',
      'TripStarted',
    ]);

    const now = instant('2026-03-04T08:00:00.000Z');
    const request = { tenant: acme, now, checkpoint: head.toString(), parkedKeys: 0 };
    await materialise(reckoner(sql))(request);
    const asked = { tenant: acme, from: null, below: null, asOf: 'latest', limit: 10 } as const;
    const sizes = await featureValues(sql)({
      ...asked,
      subject: parkKey(park),
      names: ['fleet_size'],
    });
    expect(sizes.map(({ windowFrom, value }) => [windowFrom, value])).toEqual([
      ['2026-03-04', '1'],
      ['2026-03-03', '1'],
      ['2026-03-02', '1'],
      ['2026-03-01', '1'],
    ]);
  });
});
