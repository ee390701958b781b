import { left } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { memoryEventStore, memoryLog } from '#adapters/memoryEventStore.ts';
import { issueFine, onFine } from '#commands/fines.ts';
import { openPark } from '#commands/parks.ts';
import type { EventStore } from '#commands/ports.ts';
import { endRental, startRental } from '#commands/rentals.ts';
import { onVehicle } from '#commands/vehicles.ts';
import { Zone } from '#domain/kernel/instant.ts';
import {
  allEvents,
  requestOf,
  rightOf,
  smallFleet,
  springMorning,
  testLedger,
} from '#tests/support/ledger.ts';
import { berlin, euro, instant, money } from '#tests/support/samples.ts';

const at = instant('2026-03-02T08:00:00.000Z');
const park = {
  code: 'BER-1',
  name: 'Berlin',
  currency: euro,
  zone: Zone.parse('Europe/Berlin'),
  at: springMorning,
};

/** A store whose appends first go wrong as told: the answer gets lost, or the store is away. */
const faulty = (store: EventStore, faults: ('lost' | 'unsent' | 'away')[]): EventStore => ({
  ...store,
  append: (request) => async () => {
    const fault = faults.shift();
    if (fault === 'away') return left({ code: 'Unavailable', detail: 'test' });
    if (fault === 'lost') await store.append(request)();
    if (fault) return left({ code: 'Unknown', detail: 'test' });
    return store.append(request)();
  },
});

describe('a command that comes again', () => {
  it('is answered as it was, and writes nothing', async () => {
    const { ledger, store } = testLedger();
    const first = rightOf(await openPark(ledger)(requestOf(park, 'key'), park));
    const again = rightOf(await openPark(ledger)(requestOf(park, 'key'), park));
    expect([again.id, again.revision, again.position]).toEqual([
      first.id,
      first.revision,
      first.position,
    ]);
    expect(await allEvents(store)).toHaveLength(1);
  });

  it('with another content is refused', async () => {
    const { ledger } = testLedger();
    rightOf(await openPark(ledger)(requestOf(park, 'key'), park));
    const other = await openPark(ledger)(requestOf({ ...park, code: 'X' }, 'key'), park);
    expect(other).toMatchObject({ left: { code: 'IdempotencyKeyReused' } });
  });

  it('is recognised by another process, and after things went on', async () => {
    const log = memoryLog();
    const here = testLedger(memoryEventStore(log)).ledger;
    const there = testLedger(memoryEventStore(log)).ledger;
    const { vehicle, ann } = await smallFleet(here);
    const asked = {
      vehicle,
      driver: ann,
      plan: null,
      rate: null,
      odometer_m: null,
      rest_s: null,
      at,
    };
    const request = requestOf(asked, 'take');
    const first = rightOf(await startRental(here)(request, asked));
    const end = { rental: first.id, reason: 'returned', odometer_m: null, at } as const;
    rightOf(
      await endRental(here)(requestOf(end), { ...end, at: instant('2026-03-02T09:00:00.000Z') }),
    );
    const again = rightOf(await startRental(there)(request, asked));
    expect(again).toMatchObject({
      id: first.id,
      revision: first.revision,
      position: first.position,
    });
    // It did not take the driver's claim back either: she may take the vehicle anew.
    const later = { ...asked, at: instant('2026-03-02T10:00:00.000Z') };
    rightOf(await startRental(there)(requestOf(later), later));
  });
});

describe('an outcome that cannot be told', () => {
  it('is settled by the same append, whichever way it went', async () => {
    for (const fault of ['lost', 'unsent'] as const) {
      const store = memoryEventStore(memoryLog());
      const { ledger } = testLedger(faulty(store, [fault, fault]));
      const done = rightOf(await openPark(ledger)(requestOf(park, 'key'), park));
      expect(done.revision).toBe(0n);
      expect(await allEvents(store)).toHaveLength(1);
    }
  });

  it('stays unknown when the store goes away for good, and the same key settles it later', async () => {
    const store = memoryEventStore(memoryLog());
    const faults: ('lost' | 'away')[] = [
      'lost',
      ...Array.from({ length: 7 }, () => 'away' as const),
    ];
    const { ledger } = testLedger(faulty(store, faults));
    const unknown = await openPark(ledger)(requestOf(park, 'key'), park);
    expect(unknown).toMatchObject({ left: { code: 'Unknown' } });
    const done = rightOf(await openPark(ledger)(requestOf(park, 'key'), park));
    expect(done.revision).toBe(0n);
    expect(await allEvents(store)).toHaveLength(1);
  }, 30_000);

  it('is no outcome at all where nothing was sent', async () => {
    const store = memoryEventStore(memoryLog());
    const { ledger } = testLedger(faulty(store, ['away']));
    const away = await openPark(ledger)(requestOf(park), park);
    expect(away).toMatchObject({ left: { code: 'Unavailable' } });
    expect(await allEvents(store)).toEqual([]);
  });
});

describe('writers on one stream', () => {
  it('take turns by deciding again', async () => {
    const log = memoryLog();
    const ledgers = Array.from({ length: 4 }, () => testLedger(memoryEventStore(log)));
    const [first] = ledgers;
    if (!first) throw new Error('there are four');
    const { vehicle } = await smallFleet(first.ledger);
    const readings = Array.from({ length: 40 }, (_, index) => index);
    const outcomes = await Promise.all(
      readings.map((index) => {
        const ledger = ledgers[index % ledgers.length]?.ledger ?? first.ledger;
        const when = instant(`2026-03-02T08:00:${String(index).padStart(2, '0')}.000Z`);
        return onVehicle(ledger)(
          requestOf(index),
          { vehicle, id: vehicle, at: when },
          (_, moment) => ({
            type: 'ReadOdometer',
            vehicle,
            odometer_m: 1_000 + index,
            when: moment,
          }),
        );
      }),
    );
    const written = outcomes.filter((outcome) => outcome._tag === 'Right').length;
    const refused = outcomes.filter((outcome) => outcome._tag === 'Left');
    for (const { left: refusal } of refused) expect(refusal.code).toBe('OdometerBackwards');
    const events = await allEvents(first.store);
    expect(events.filter(({ type }) => type === 'OdometerRead')).toHaveLength(written);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });
});

describe('who asks', () => {
  it('sees nothing of a park out of scope', async () => {
    const { ledger } = testLedger();
    const { vehicle } = await smallFleet(ledger);
    const outside = requestOf('x', 'x', [berlin]);
    const asked = { vehicle, named: null, offence: 'speeding', reference: 'R1', points: 1 };
    const fine = { ...asked, amount: money('100'), at };
    expect(await issueFine(ledger)(outside, fine)).toMatchObject({
      left: { code: 'VehicleUnknown' },
    });
  });
});

describe('a fine', () => {
  it('that is told twice is one fine, and belongs to the driver of that time', async () => {
    const { ledger, store } = testLedger();
    const { vehicle, ann, bob } = await smallFleet(ledger);
    const agreed = { vehicle, plan: null, rate: null, odometer_m: null, rest_s: null };
    const byAnn = { ...agreed, driver: ann, at };
    const { id: rental } = rightOf(await startRental(ledger)(requestOf(1), byAnn));
    const noon = instant('2026-03-02T12:00:00.000Z');
    rightOf(
      await endRental(ledger)(requestOf(2), {
        rental,
        reason: 'returned',
        odometer_m: null,
        at: noon,
      }),
    );
    rightOf(await startRental(ledger)(requestOf(3), { ...agreed, driver: bob, at: noon }));
    const told = {
      vehicle,
      named: null,
      offence: 'speeding',
      reference: 'R1',
      amount: money('100'),
      points: 1,
      at: instant('2026-03-02T09:00:00.000Z'),
    };
    const first = rightOf(await issueFine(ledger)(requestOf(told), told));
    const again = rightOf(await issueFine(ledger)(requestOf(told), told));
    expect(again.id).toBe(first.id);
    const fines = (await allEvents(store)).filter(({ type }) => type === 'FineIssued');
    expect(fines).toMatchObject([{ data: { driver: ann, rental } }]);
    const named = { ...told, reference: 'R2', named: bob };
    expect(await issueFine(ledger)(requestOf(named), named)).toMatchObject({
      left: { code: 'DriverNotInCustody', inCustody: ann },
    });
    const early = { ...told, named: ann, at: instant('2026-02-01T00:00:00.000Z') };
    expect(await issueFine(ledger)(requestOf(early), early)).toMatchObject({
      left: { code: 'FactBeforeRegistration' },
    });
    const confirmed = rightOf(
      await onFine(ledger)(requestOf('c'), { fine: first.id, at: noon }, (when) => ({
        type: 'ConfirmFine',
        fine: first.id,
        when,
      })),
    );
    expect(confirmed.revision).toBe(1n);
  });
});
