import { eventOf } from '#commands/eventOf.ts';
import { deriveUuid } from '#commands/identity.ts';
import type { LedgerFact } from '#domain/events.ts';
import { ACCOUNTS } from '#domain/finance/accounts.ts';
import { type Balances, entered, totalsOf } from '#domain/finance/journal/balance.ts';
import { AssetPeriodClosed, EntryPosted, monthOfBook } from '#domain/finance/journal/events.ts';
import type { Period } from '#domain/finance/period.ts';
import { credit, debit, type EntryLine } from '#domain/finance/postingRule.ts';
import type { LedgerEvent } from '#domain/kernel/event.ts';
import { BookId, DriverId, EntryId, EventId, type ParkId, VehicleId } from '#domain/kernel/ids.ts';
import { LocalDate, Moment } from '#domain/kernel/instant.ts';
import { Currency, moneyOf } from '#domain/kernel/money.ts';
import { fact } from '#domain/kernel/registry.ts';
import { journalStream, type StreamName } from '#domain/kernel/streams.ts';
import { requestOf } from '#tests/support/ledger.ts';
import { acme } from '#tests/support/samples.ts';

/** The currency of every park of the benchmarks. */
export const euro = Currency.parse('EUR');
/** The moment at which all of it becomes known. */
export const sampleMoment = Moment.parse({
  at: '2026-03-01T06:00:00.000Z',
  zone: 'Europe/Berlin',
  localDate: '2026-03-01',
});
/** Entries are spread over so many days of a month. */
const DAYS = 28;
const TAX_PCT = 19;

/** A month of the book of the n-th vehicle, in a park. */
export interface SampleMonth {
  readonly park: ParkId;
  readonly vehicle: number;
  readonly period: Period;
}

/** The n-th vehicle. */
export const sampleVehicle = (n: number): VehicleId =>
  VehicleId.parse(deriveUuid('bench', 'vehicle', String(n)));

/** The event of a fact, by a command of its own, which the names tell apart. */
export const sampleEvent = (
  stream: StreamName,
  said: LedgerFact,
  ...names: readonly string[]
): LedgerEvent => eventOf(requestOf(names, names.join(' ')).origin, stream, said, 0);

/** What an entry says, and the name of the rule that it follows from. */
interface Sample {
  readonly lines: readonly EntryLine[];
  readonly rule: string;
}

const cents = (minor: number) => moneyOf(BigInt(minor), euro);

const netOf = (vehicle: number, n: number): number => 1_000 + ((vehicle * 31 + n * 17) % 997);
const isCharge = (n: number): boolean => n % 10 < 6;

/** What so many entries of a month bring in, net of tax, in minor units. */
export const sampleRevenue = (vehicle: number, count: number): number => {
  let revenue = 0;
  for (let n = 0; n < count; n += 1) revenue += isCharge(n) ? netOf(vehicle, n) : 0;
  return revenue;
};

/** The n-th entry of a book: of ten, six charge a driver with tax, two are paid, two are costs. */
const sampleOf = (driver: DriverId, n: number, vehicle: number): Sample => {
  const net = netOf(vehicle, n);
  const tax = Math.round((net * TAX_PCT) / 100);
  if (isCharge(n)) {
    const lines = [
      debit(ACCOUNTS.receivable, cents(net + tax), { driver }),
      credit(ACCOUNTS.rentals, cents(net), { driver }),
      credit(ACCOUNTS.taxes, cents(tax), { driver }),
    ];
    return { lines, rule: 'driver_charged' };
  }
  if (n % 10 < 8) {
    const lines = [
      debit(ACCOUNTS.providers, cents(net), { driver }),
      credit(ACCOUNTS.receivable, cents(net), { driver }),
    ];
    return { lines, rule: 'driver_paid' };
  }
  const cost = n % 10 === 8 ? ACCOUNTS.repairs : ACCOUNTS.fuel;
  const lines = [debit(cost, cents(net)), credit(ACCOUNTS.suppliers, cents(net))];
  return { lines, rule: 'repair_completed' };
};

/** An entry of a book with given lines, its n-th of the month. */
export const sampleEntry = (
  { park, vehicle: number, period }: SampleMonth,
  n: number,
  { lines, rule }: Sample,
) => {
  const vehicle = sampleVehicle(number);
  const book = BookId.parse(vehicle);
  const local = deriveUuid('bench', 'entry', String(number), period, String(n));
  const day = String(1 + (n % DAYS)).padStart(2, '0');
  return fact(EntryPosted, sampleMoment, {
    entry: EntryId.parse(`${monthOfBook({ book, period })}~${local}`),
    ...{ book, park, vehicle, period },
    date: LocalDate.parse(`${period}-${day}`),
    transaction: local,
    rule: { name: rule, version: 1 },
    basis: EventId.parse(deriveUuid('bench', 'basis', local)),
    ...{ reason: null, about: null, reverses: null, exchange: null },
    lines: [...lines],
  });
};

/** So many entries of a month of a book. */
export const sampleEntries = (month: SampleMonth, count: number) => {
  const driver = DriverId.parse(deriveUuid('bench', 'driver', String(month.vehicle)));
  return Array.from({ length: count }, (_, n) =>
    sampleEntry(month, n, sampleOf(driver, n, month.vehicle)),
  );
};

/** The events of a month of a book, by the facts that it is to hold. */
export const monthEvents = (
  { vehicle, period }: SampleMonth,
  facts: readonly LedgerFact[],
): readonly LedgerEvent[] => {
  const book = BookId.parse(sampleVehicle(vehicle));
  const stream = journalStream(acme, monthOfBook({ book, period }));
  return facts.map((said, n) => sampleEvent(stream, said, stream, String(n)));
};

/** That a month of a book with these entries was closed. */
export const closingOf = (
  { park, vehicle: number, period }: SampleMonth,
  entries: ReturnType<typeof sampleEntries>,
) => {
  const vehicle = sampleVehicle(number);
  let totals: Balances = new Map();
  for (const { data } of entries) totals = entered(totals, data.lines);
  return fact(AssetPeriodClosed, sampleMoment, {
    ...{ book: BookId.parse(vehicle), park, vehicle, period },
    ...{ entries: entries.length, last: [], totals: totalsOf(totals) },
  });
};
