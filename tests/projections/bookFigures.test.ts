import { isLeft, right } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { FareShareCredited } from '#domain/driverAccounts/events.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { EntryPosted } from '#domain/finance/journal/events.ts';
import { Period, periodOf } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { BookId, EntryId, VehicleId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { closingOn } from '#main/closing.ts';
import { accountDays } from '#projections/accountDays.ts';
import { assetFigures } from '#projections/assetFigures.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import { bookFigures } from '#projections/bookFigures.ts';
import { bookMonths } from '#projections/bookMonths.ts';
import { driverAccountEntries } from '#projections/driverAccountEntries.ts';
import { journalEntries } from '#projections/journalEntries.ts';
import { parks } from '#projections/parks.ts';
import type { Database } from '#projections/ports.ts';
import { rentals } from '#projections/rentals.ts';
import { repairs } from '#projections/repairs.ts';
import { trips } from '#projections/trips.ts';
import { vehicles } from '#projections/vehicles.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { logOf, show, told } from '#tests/support/projectedEvents.ts';
import {
  acme,
  ann,
  basis,
  berlin,
  day,
  euro,
  instant,
  izmir,
  lira,
  moment,
  money,
  noon,
  rentalOfAnn,
  uuid8,
  van,
} from '#tests/support/samples.ts';
import { testPool } from '#tests/support/testProjections.ts';

let database: TestDatabase | undefined;
let sql: Database | undefined;
const pool = (): Database => {
  if (!sql) throw new Error('not started');
  return sql;
};

/** Insurance that was paid, of the van or of the park. */
const paid = (n: number, date: string, amount: string, vehicle: typeof van | null = van) => {
  const book = BookId.parse(vehicle ?? berlin);
  const on = day(date);
  return fact(EntryPosted, noon, {
    entry: EntryId.parse(`${book}-${date.slice(0, 7).replace('-', '')}~${uuid8(n)}`),
    ...{ book, park: berlin, vehicle, period: Period.parse(periodOf(on)), date: on },
    ...{ transaction: `T-${n}`, rule: null, reason: 'insurance', basis, about: null },
    ...{ reverses: null, exchange: null },
    lines: [debit(ACCOUNTS.insurance, money(amount)), credit(ACCOUNTS.bank, money(amount))],
  });
};
const log = logOf([
  told.parkOpened(),
  told.registered(),
  paid(1, '2026-03-01', '100'),
  paid(2, '2026-03-01', '20'),
  paid(3, '2026-03-02', '3', null),
  paid(4, '2026-04-01', '5000'),
  fact(FareShareCredited, noon, {
    ...{ driver: ann, park: berlin, vehicle: van, rental: rentalOfAnn, transaction: 'F-1' },
    ...{ gross: money('2000'), driverShare: money('800'), plan: 'STD', planVersion: 1 },
  }),
  told.rentalStarted(moment('2026-03-03T08:00:00.000Z')),
  told.rentalEnded(moment('2026-03-04T08:00:00.000Z')),
  told.repairOpened(moment('2026-03-05T08:00:00.000Z')),
  told.tripRecorded(moment('2026-03-03T09:00:00.000Z'), instant('2026-03-03T10:00:00.000Z')),
]);

beforeAll(async () => {
  database = await testDatabase();
  sql = testPool(database.url);
  const others = [
    assetTimeline,
    bookMonths,
    vehicles,
    parks,
    rentals,
    repairs,
    trips,
    driverAccountEntries,
  ];
  await show(sql, [journalEntries, accountDays, ...others], log);
});
afterAll(async () => {
  await sql?.end({ timeout: 5 });
  await database?.drop();
});

const march = { tenant: acme, parks: null, from: day('2026-03-01'), to: day('2026-03-31') };
const euros = { currency: 'EUR', credit: '0' };

describe('the figures of the books', () => {
  it('add up accounts over days, of all parks or of some', async () => {
    const { totals } = bookFigures(pool());
    const spent = { ...euros, account: '5020', debit: '123' };
    const bank = { currency: 'EUR', account: '1000', debit: '0', credit: '123' };
    expect(await totals(march)).toEqual([bank, spent]);
    expect(await totals({ ...march, parks: [berlin] })).toEqual([bank, spent]);
    expect(await totals({ ...march, parks: [izmir] })).toEqual([]);
    const [, all] = await totals({ ...march, from: null, to: day('2026-04-01') });
    expect(all).toEqual({ ...spent, debit: '5123' });
  });

  it('say what each day and each vehicle had, and what belongs to none', async () => {
    const { byDay, byVehicle } = bookFigures(pool());
    const days = (await byDay(march)).filter(({ account }) => account === '5020');
    expect(days.map(({ date, debit: spent }) => [date, spent])).toEqual([
      ['2026-03-01', '120'],
      ['2026-03-02', '3'],
    ]);
    const each = (await byVehicle(march)).filter(({ account }) => account === '5020');
    expect(each.map(({ vehicle, debit: spent }) => [vehicle, spent])).toEqual([
      [van, '120'],
      [null, '3'],
    ]);
  });
});

describe('the figures of an asset', () => {
  const of = { tenant: acme, vehicle: van, from: march.from, to: march.to };

  it('add its entries up by month, rule and account', async () => {
    const { totals } = assetFigures(pool());
    const none = { period: '2026-03', rule: null, currency: 'EUR' };
    expect(await totals(of)).toEqual([
      { ...none, account: '1000', debit: '0', credit: '120' },
      { ...none, account: '5020', debit: '120', credit: '0' },
    ]);
    expect(await totals({ ...of, vehicle: VehicleId.parse(uuid8(0x77)) })).toEqual([]);
  });

  it('tell when it was rented and in repair, and how far it went', async () => {
    const { doings } = assetFigures(pool());
    const rental = { from: '2026-03-03T08:00:00.000Z', to: '2026-03-04T08:00:00.000Z' };
    const repair = { from: '2026-03-05T08:00:00.000Z', to: null };
    const since = instant('2026-03-01T00:00:00.000Z');
    const all = await doings({ ...of, since, until: instant('2026-04-01T00:00:00.000Z') });
    expect(all).toEqual({ rented: [rental], down: [repair], trips: 1, distance_m: 12_000 });
    const first = { ...of, to: day('2026-03-02') };
    const until = instant('2026-03-03T08:00:00.000Z');
    expect(await doings({ ...first, since, until })).toEqual({
      ...{ rented: [], down: [], trips: 0, distance_m: 0 },
    });
  });
});

describe('closing on a database', () => {
  it('finds every book, and the last event of a key', async () => {
    const store = memoryEventStore(memoryLog());
    const waiter = { waitFor: async () => right(0n), nudge: () => {} };
    const closing = closingOn({ store, sql: pool() }, waiter);
    const zone = 'Europe/Berlin';
    expect(await closing.booksOf(acme, '2026-03-31')).toEqual(
      right([
        { park: berlin, vehicle: van, zone },
        { park: berlin, vehicle: null, zone },
      ]),
    );
    expect(await closing.booksOf(acme, '2020-01-01')).toEqual(
      right([{ park: berlin, vehicle: null, zone }]),
    );
    const asked = { park: berlin, own: lira, until: Period.parse('2026-03') };
    const months = await closing.foreignMonths(acme, asked);
    const march2026 = { period: '2026-03' };
    expect(isLeft(months) ? [] : new Set(months.right)).toEqual(
      new Set([
        { vehicle: van, ...march2026 },
        { vehicle: null, ...march2026 },
      ]),
    );
    expect(await closing.foreignMonths(acme, { ...asked, own: euro })).toEqual(right([]));
    expect(await closing.lastOf(acme, assetKey(van))).toEqual(right(log.at(-1)?.id));
    expect(await closing.posted()).toEqual(right(null));
  });

  it('finds the drivers who earned in a park', async () => {
    const store = memoryEventStore(memoryLog());
    const waiter = { waitFor: async () => right(0n), nudge: () => {} };
    const { driversOf } = closingOn({ store, sql: pool() }, waiter);
    expect(await driversOf(acme, berlin)).toEqual(right([ann]));
    expect(await driversOf(acme, izmir)).toEqual(right([]));
  });
});
