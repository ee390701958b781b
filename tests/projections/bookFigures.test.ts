import { right } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { EntryPosted } from '#domain/finance/journal/events.ts';
import { Period, periodOf } from '#domain/finance/period.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { BookId, EntryId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { assetKey } from '#domain/kernel/subjects.ts';
import { closingOn } from '#main/closing.ts';
import { accountDays } from '#projections/accountDays.ts';
import { assetTimeline } from '#projections/assetTimeline.ts';
import { bookFigures } from '#projections/bookFigures.ts';
import { journalEntries } from '#projections/journalEntries.ts';
import { parks } from '#projections/parks.ts';
import type { Database } from '#projections/ports.ts';
import { vehicles } from '#projections/vehicles.ts';
import { type TestDatabase, testDatabase } from '#tests/support/database.ts';
import { logOf, show, told } from '#tests/support/projectedEvents.ts';
import {
  acme,
  basis,
  berlin,
  day,
  izmir,
  money,
  noon,
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
]);

beforeAll(async () => {
  database = await testDatabase();
  sql = testPool(database.url);
  await show(sql, [journalEntries, accountDays, assetTimeline, vehicles, parks], log);
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
    expect(await closing.lastOf(acme, assetKey(van))).toEqual(right(log.at(-1)?.id));
    expect(await closing.posted()).toEqual(right(null));
  });
});
