import { describe, expect, it } from 'vitest';
import type { LedgerFact } from '#domain/events.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { EntryPosted } from '#domain/finance/journal/events.ts';
import { credit, debit } from '#domain/finance/postingRule.ts';
import { RentalId } from '#domain/kernel/ids.ts';
import { fact } from '#domain/kernel/registry.ts';
import { explainFeature } from '#projections/features/query.ts';
import { anEntry } from '#tests/support/books.ts';
import { told } from '#tests/support/projectedEvents.ts';
import { car, instant, moment, money, uuid8, van } from '#tests/support/samples.ts';
import { featureDatabase, history, reckoner, thursday } from './featureHarness.ts';

const features = featureDatabase();
const later = instant('2026-04-02T08:00:00.000Z');

const earned = (n: number, date: string, net: string, currency = 'EUR'): LedgerFact =>
  fact(
    EntryPosted,
    moment(`${date}T12:00:00.000Z`),
    anEntry(n, date, [
      debit(ACCOUNTS.receivable, money(String(BigInt(net) + 190n), currency)),
      credit(ACCOUNTS.rentals, money(net, currency)),
      credit(ACCOUNTS.taxes, money('190', currency)),
    ]),
  );
const takenBack = fact(
  EntryPosted,
  moment('2026-03-04T12:00:00.000Z'),
  anEntry(9, '2026-03-04', [
    debit(ACCOUNTS.rentals, money('40000')),
    credit(ACCOUNTS.receivable, money('40000')),
  ]),
);
const joined = told.registered(moment('2026-03-16T08:00:00.000Z'), { vehicle: car });
const rented = told.rentalRecorded(
  moment('2026-02-10T08:00:00.000Z'),
  instant('2026-02-16T08:00:00.000Z'),
  { rental: RentalId.parse(`${van}~${uuid8(0x59)}`) },
);

describe('the months of a park', () => {
  it('have a value once they are over, and one so far, and late entries mend them', async () => {
    const { settle, valueOn } = features.ask();
    const facts = [...history, rented, earned(1, '2026-02-12', '56000')];
    await settle({ facts });
    // One van on 28 days, rented on seven of them.
    expect(await valueOn('avg_rev_vehicle', '2026-02-01')).toMatchObject({
      ...{ value: '56000.000000', unit: 'minor_units', closed: true, windowTo: '2026-03-01' },
      inputs: { revenue_minor: 56_000, entries: 1, currencies: 1, days: 28, vehicle_days: 28 },
    });
    expect(await valueOn('utilisation_rate', '2026-02-01')).toMatchObject({ value: '0.250000' });
    expect(await valueOn('avg_rev_vehicle', '2026-03-01')).toMatchObject({
      ...{ value: '0.000000', closed: false, inputs: { days: 5, vehicle_days: 5 } },
    });
    const more = [...facts, earned(2, '2026-02-28', '1000'), takenBack, joined];
    await settle({ facts: more, now: thursday });
    const february = await valueOn('avg_rev_vehicle', '2026-02-01');
    expect(february).toMatchObject({ value: '57000.000000', inputs: { entries: 2 } });
    await settle({ facts: more, now: later });
    // What was taken back, by one and a half vehicles: 31 days and 16.
    expect(await valueOn('avg_rev_vehicle', '2026-03-01')).toMatchObject({
      ...{ value: '-26382.978723', closed: true, inputs: { days: 31, vehicle_days: 47 } },
    });
    if (!february) throw new Error('no value');
    const told = await explainFeature(reckoner(features.sql()))(february);
    expect(told.agrees).toBe(true);
    expect(told.intervals.map(({ kind }) => kind).sort()).toEqual([
      'lifecycle',
      'membership',
      'revenue',
      'revenue',
    ]);
  });

  it('have no value where revenue is in two currencies', async () => {
    const { settle, valueOn } = features.ask();
    const facts = [
      ...history,
      earned(1, '2026-02-12', '56000'),
      earned(2, '2026-02-13', '7', 'USD'),
    ];
    await settle({ facts });
    expect(await valueOn('avg_rev_vehicle', '2026-02-01')).toMatchObject({
      ...{ value: null, inputs: { currencies: 2 } },
    });
  });
});
