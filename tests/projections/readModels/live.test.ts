import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueFine, onFine } from '#commands/fines.ts';
import { plusDays, startOfDay } from '#commands/localDate.ts';
import { endRental, startRental } from '#commands/rentals.ts';
import { reportRepair } from '#commands/repairs.ts';
import { endTrip, recordTrip, startTrip } from '#commands/trips.ts';
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
import { acme, evening, instant, money, morning, noon } from '#tests/support/samples.ts';

const report = { distance_m: 12_000, max_speed_kmh: 61, over_limit_s: null };

/** A working day of a small fleet, by way of its commands. */
const workingDay = async ({ store }: TestLedger) => {
  const { ledger } = writeSide(store);
  const fleet = await smallFleet(ledger);
  const { vehicle, ann } = fleet;
  const agreed = { vehicle, driver: ann, plan: null, rate: null, odometer_m: 1 };
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
    await materialise({ sql, calendar: { startOfDay, plusDays } })(request);
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
